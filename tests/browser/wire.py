"""The wire between one browser and the server: it can be cut and mended while both ends live.

A browser that is only told to be offline keeps its websocket open and silent; a cut wire ends it, as a lost network
does. What was carried is forgotten with the connection.
"""

from __future__ import annotations

import contextlib
import socket
import threading

HOST = "127.0.0.1"


class Wire:
    """Carries bytes between a port of its own and the server's port, while it is mended."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener: socket.socket | None = None
        self._ends: set[socket.socket] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """The address at which the browser finds the server."""
        return f"http://{HOST}:{self.port}"

    def mend(self) -> None:
        """Carry what comes from now on, at the same port as before."""
        self._listener = socket.create_server((HOST, self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def cut(self) -> None:
        """End every connection, and refuse new ones."""
        if self._listener is not None:
            close(self._listener)
            self._listener = None
        for end in list(self._ends):
            close(end)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._connect, args=[near], daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection((HOST, self._server_port))
        except OSError:
            close(near)
            return
        self._ends |= {near, far}
        threading.Thread(target=self._carry, args=[near, far], daemon=True).start()
        self._carry(far, near)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while received := source.recv(65536):
                target.sendall(received)
        for end in (source, target):
            self._ends.discard(end)
            close(end)


def close(end: socket.socket) -> None:
    """End a connection so that whoever waits for it wakes up."""
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
