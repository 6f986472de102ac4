"""What the tests with a real server share."""

import asyncio
import json

import pytest

from .rig import standing


@pytest.fixture(scope="session")
def standing_server(tmp_path_factory):
    """A server for all tests that need none of their own."""
    with standing(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(standing_server):
    """The same; each test has notebooks of its own, and its kernels end with it."""
    yield standing_server
    asyncio.run(end_kernels(standing_server))


async def end_kernels(server):
    for kernel in json.loads((await server.request("GET", "api/kernels")).body):
        await server.request("DELETE", f"api/kernels/{kernel['id']}")
