"""Who looks at a document."""

from jupyter_rtc.client.presence import Person, people_in


def test_people_come_in_a_steady_order_with_the_names_that_the_server_knows():
    states = {7: {"user": {"username": "bo", "name": "Bo"}}, 3: {"user": {"username": "ana", "display_name": "Ana B."}}}
    assert [(one.client, one.username, one.name) for one in people_in(states)] == [
        (3, "ana", "Ana B."),
        (7, "bo", "Bo"),
    ]


def test_what_somebody_says_of_themselves_is_there_and_nonsense_does_no_harm():
    assert people_in({1: {"user": "?", "cursor": 4}}) == [Person(1, "", "", {"user": "?", "cursor": 4})]
    assert people_in({}) == []
