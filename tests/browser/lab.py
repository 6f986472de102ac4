"""A real ``jupyter lab`` in a process of its own: started, ended, killed, and started again at the same address.

Everything that it reads and writes lies below one directory: configuration, data, runtime, settings, and the
notebooks in ``root``. It keeps one port and one log for life, as a server behind a bookmark does.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.ports import free_port

from .people import ANA, token_of

START_SECONDS = 120.0
STOP_SECONDS = 30.0
CHECKOUT = Path(__file__).resolve().parents[2]

CONFIGURATION = """
c = get_config()
c.ServerApp.identity_provider_class = "tests.browser.people.TokensOfPeople"
c.ServerApp.authorizer_class = "tests.browser.people.ReadersOnlyRead"
c.IdentityProvider.token = ""
c.ServerApp.allow_root = True
c.ServerApp.open_browser = False
c.ServerApp.port_retries = 0
c.LabApp.expose_app_in_browser = True
"""
PAGE = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
"""Nobody asks whether one wants news."""


class Lab:
    """One JupyterLab server, running or not."""

    def __init__(self, home: Path, *options: str) -> None:
        self.root = home / "root"
        self.log = home / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._home = home
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.root.mkdir(parents=True)
        (home / "config" / "labconfig").mkdir(parents=True)
        (home / "config" / "labconfig" / "page_config.json").write_text(json.dumps(PAGE))
        (home / "config" / "jupyter_server_config.py").write_text(CONFIGURATION)

    def __str__(self) -> str:
        return "the server"

    def start(self) -> None:
        """Start the server, and return when it answers.

        Raises:
            RuntimeError: it ended, did not answer in time, or answers without our extension.

        """
        command = [sys.executable, "-m", "jupyterlab", f"--port={self.port}", f"--ServerApp.root_dir={self.root}"]
        command += self._options
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.root, env=self._environment(), stdout=log, stderr=log)
        limit = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > limit:
                self.kill()
                raise RuntimeError(f"The server did not start:\n{self.last_words()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the server as an admin does, with SIGTERM.

        Raises:
            subprocess.TimeoutExpired: it did not end in time; it is killed.

        """
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def start_kernel(self, path: str) -> None:
        """Start a notebook's kernel, so that people who open it at once find it and do not each start their own."""
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        self._call("api/sessions", json.dumps(session).encode(), START_SECONDS)

    def session(self, path: str) -> dict[str, str]:
        """Ask for a notebook's room, as JupyterLab does when it opens one."""
        asked = json.dumps({"format": "json", "type": "notebook"}).encode()
        return self._call(f"api/collaboration/session/{path}", asked, method="PUT")

    def open_rooms(self) -> list[str]:
        """Return which documents the server holds in memory, besides its own room."""
        rooms = [room["room"] for room in self._call("api/rtc/status")["rooms"]]
        return [room for room in rooms if not room.startswith("server:")]

    def keep(self, folder: Path) -> None:
        """Copy the log, for whoever reads a failure."""
        shutil.copy(self.log, folder)

    def last_words(self) -> str:
        """Return the end of the log."""
        return self.log.read_text()[-4000:]

    def kill(self) -> None:
        """End the server as a power cut does: now, and without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            self._call("api/rtc/status")
        except urllib.error.HTTPError as error:
            self.kill()
            raise RuntimeError(f"The server does not know our extension: {error}\n{self.last_words()}") from error
        except OSError:
            return False
        return True

    def _call(self, address: str, body: bytes | None = None, seconds: float = 5.0, method: str | None = None) -> Any:
        headers = {"Authorization": f"token {token_of(ANA)}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/{address}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return json.load(answer)

    def _environment(self) -> dict[str, str]:
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        ours = {name: str(self._home / place) for name, place in places.items()}
        return {**os.environ, **ours, "PYTHONPATH": str(CHECKOUT), "JUPYTER_NO_CONFIG": ""}
