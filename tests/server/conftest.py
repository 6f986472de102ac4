"""What the tests with a real server share."""

import pytest

from .rig import standing


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server for all tests that need none of their own; each has notebooks of its own."""
    with standing(tmp_path_factory.mktemp("server")) as server:
        yield server
