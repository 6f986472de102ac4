"""The server's kernels, its sessions and its terminals: what can be done with them.

How they stand is in ``rtc.tables``. Each call returns when the server has done it; each raises RequestFailed.
"""

from __future__ import annotations

from typing import Any

from .requests import Requests


class ServerKernels:
    """``rtc.kernels``."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def start(self, name: str | None = None, *, path: str | None = None) -> str:
        """Start a kernel of a kind, or of the server's usual one, in the folder of a path; return its id."""
        return str((await self._requests.ask("kernels.start", **_given({"name": name, "path": path})))["id"])

    async def restart(self, kernel_id: str) -> None:
        """Restart a kernel: what runs and what waits ends."""
        await self._requests.ask("kernels.restart", kernel_id=kernel_id)

    async def interrupt(self, kernel_id: str) -> None:
        """Interrupt what a kernel runs."""
        await self._requests.ask("kernels.interrupt", kernel_id=kernel_id)

    async def shutdown(self, kernel_id: str) -> None:
        """Shut a kernel down."""
        await self._requests.ask("kernels.shutdown", kernel_id=kernel_id)


class ServerSessions:
    """``rtc.sessions``; each call returns the session's model."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def create(
        self,
        path: str,
        *,
        type: str = "notebook",
        name: str = "",
        kernel_name: str | None = None,
        kernel_id: str | None = None,
    ) -> dict[str, Any]:
        """Return the session of a path; begin one, with a new kernel or one that runs, if there is none."""
        args = {"path": path, "type": type, "name": name, "kernel_name": kernel_name, "kernel_id": kernel_id}
        return dict(await self._requests.ask("sessions.create", **_given(args)))

    async def change(self, session_id: str, **changes: str) -> dict[str, Any]:
        """Change its ``path``, ``name`` or ``type``, or its kernel: ``kernel_name`` or ``kernel_id``."""
        return dict(await self._requests.ask("sessions.change", **_given({"session_id": session_id, **changes})))

    async def delete(self, session_id: str) -> None:
        """End a session, and its kernel with it."""
        await self._requests.ask("sessions.delete", session_id=session_id)


class ServerTerminals:
    """``rtc.terminals``."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def create(self, cwd: str | None = None) -> str:
        """Start a terminal, in a folder; return its name."""
        return str((await self._requests.ask("terminals.create", **_given({"cwd": cwd})))["name"])

    async def delete(self, name: str) -> None:
        """End a terminal."""
        await self._requests.ask("terminals.delete", name=name)


def _given(args: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in args.items() if value is not None}
