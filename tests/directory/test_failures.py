"""Rules of jupyter_rtc.directory.failures."""

import pytest
from jupyter_client.kernelspec import NoSuchKernel
from tornado.web import HTTPError

from jupyter_rtc.directory.failures import OWN_FAULT, words_of
from jupyter_rtc.errors import NotAllowed


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotAllowed("You may not."), "You may not."),
        (NoSuchKernel("R"), "There is no kernel of the kind 'R' on this server."),
        (HTTPError(404, "Kernel does not exist: %s", "k"), "Kernel does not exist: k."),
        (HTTPError(404, "Kernel does not exist"), "Kernel does not exist."),
        (HTTPError(500, "Error in /home/ana/.secret"), "The server refused this with status 500."),
        (HTTPError(409), "The server refused this with status 409."),
        (RuntimeError("/home/ana"), OWN_FAULT),
    ],
    ids=repr,
)
def test_whatever_went_wrong_is_said_in_words_without_paths(error, words):
    assert words_of(error) == words
