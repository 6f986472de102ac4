"""Fixtures for the tests of an extension that was written for jupyter-collaboration, with this package in its place.

They have the names and the meaning of the ones that those tests use; this is the ``conftest.py`` beside them.
"""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

pytest_plugins = ["pytest_jupyter.jupyter_server"]
EXTENSIONS = ("jupyter_rtc", "jupyter_server_fileid", "jupyter_server_nbmodel")


@pytest.fixture
def jp_server_config():
    """Load this package, and the extension whose tests these are."""
    return {"ServerApp": {"jpserver_extensions": dict.fromkeys(EXTENSIONS, True)}}


@pytest.fixture
def jp_serverapp(jp_serverapp, jp_asyncio_loop):
    """Start the extensions, which a server does once its event loop runs."""
    jp_asyncio_loop.run_until_complete(jp_serverapp.extension_manager.start_all_extensions())
    return jp_serverapp


@pytest.fixture
def rtc_create_notebook(jp_root_dir, jp_fetch):
    """Write a notebook and open it as a frontend does."""

    async def create(path, content=None, store=False):
        (jp_root_dir / path).write_text(content)
        body = json.dumps({"format": "json", "type": "notebook"})
        await jp_fetch("api/collaboration/session", quote(path, safe=""), method="PUT", body=body)
        return path, content

    return create
