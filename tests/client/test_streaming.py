"""What is new in a cell's outputs."""

from jupyter_rtc.client.streaming import news, text_of


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


RESULT = {"output_type": "execute_result", "data": {"text/plain": "42"}, "metadata": {}, "execution_count": 1}
ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}


def test_of_a_stream_that_grows_only_what_was_added_is_new():
    assert list(news([stream("a")], [stream("ab"), RESULT])) == [stream("b"), RESULT]
    assert list(news([stream("a")], [stream("a")])) == []


def test_what_was_cleared_or_written_over_comes_as_a_whole():
    assert list(news([stream("50%")], [stream("100%")])) == [stream("100%")]
    assert list(news([stream("a"), RESULT], [])) == []
    assert list(news([stream("a")], [stream("ab", "stderr")])) == [stream("ab", "stderr")]
    assert list(news([RESULT], [ERROR])) == [ERROR]


def test_outputs_read_as_a_terminal_shows_them():
    assert text_of([stream("a\n"), RESULT, ERROR, {"output_type": "display_data", "data": {}}]) == (
        "a\n42\nValueError: no\n\n"
    )
