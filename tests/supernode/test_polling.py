"""When files are polled."""

from jupyter_rtc.supernode.polling import Polling


def due_times(polling, looks):
    now, times = 0.0, []
    for changed in looks:
        polling.looked(now, changed=changed)
        times.append(polling.due - now)
        now = polling.due
    return times


def test_a_quiet_file_is_looked_at_less_and_less_often():
    assert due_times(Polling(2, 30, watched=False), [True, False, False, False, False, False]) == [
        2,
        4,
        8,
        16,
        30,
        30,
    ]


def test_a_file_that_changes_is_looked_at_often_again():
    assert due_times(Polling(2, 30, watched=False), [False, False, True, False]) == [4, 8, 2, 4]


def test_where_changes_are_seen_polling_is_only_a_second_net():
    assert due_times(Polling(2, 30, watched=True), [True, False]) == [30, 30]


def test_without_an_interval_one_look_that_is_due_is_the_last():
    polling = Polling(None, 30, watched=True)
    polling.due = 5.0
    polling.looked(5.0, changed=False)
    assert polling.due is None


def test_without_an_interval_there_is_no_polling():
    polling = Polling(None, 30, watched=False)
    polling.looked(0, changed=True)
    assert polling.due is None
