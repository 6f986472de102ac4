"""Requests about sessions: what Jupyter's REST interface does at ``api/sessions``."""

from __future__ import annotations

from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ..documents import Author
from ..errors import DocumentMissing, KernelUnavailable
from .request import request


class SessionRequests:
    """Answers them."""

    def __init__(self, session_manager: Any, kernel_manager: Any) -> None:
        """Use these managers."""
        self._sessions = session_manager
        self._kernels = kernel_manager

    @request("sessions.create", "write", "sessions")
    async def create(
        self,
        _asker: Author,
        *,
        path: str,
        type: str = "notebook",
        name: str = "",
        kernel_name: str | None = None,
        kernel_id: str | None = None,
    ) -> Any:
        """Return the session of this path; begin one, with a new kernel or with one that runs, if there is none."""
        if await ensure_async(self._sessions.session_exists(path=path)):
            return await ensure_async(self._sessions.get_session(path=path))
        kernel = await self._kernel(kernel_name, kernel_id)
        name = name or path.rpartition("/")[2]
        return await ensure_async(self._sessions.create_session(path=path, name=name, type=type, **kernel))

    @request("sessions.change", "write", "sessions")
    async def change(
        self,
        _asker: Author,
        *,
        session_id: str,
        path: str | None = None,
        name: str | None = None,
        type: str | None = None,
        kernel_name: str | None = None,
        kernel_id: str | None = None,
    ) -> Any:
        """Change a session: its path, name or type, or its kernel, which shuts the old one down; return it."""
        before = await self._session(session_id)
        changes = {key: value for key, value in {"path": path, "name": name, "type": type}.items() if value is not None}
        if kernel_id is not None:
            changes |= await self._kernel(None, kernel_id)
        elif kernel_name is not None:
            changes["kernel_id"] = await self._start(before, kernel_name)
        await ensure_async(self._sessions.update_session(session_id, **changes))
        after = await self._session(session_id)
        if after["kernel"]["id"] != before["kernel"]["id"] and before["kernel"]["id"] in self._kernels:
            await ensure_async(self._kernels.shutdown_kernel(before["kernel"]["id"]))
        return after

    @request("sessions.delete", "write", "sessions")
    async def delete(self, _asker: Author, *, session_id: str) -> None:
        """End a session, and its kernel with it."""
        await self._session(session_id)
        await ensure_async(self._sessions.delete_session(session_id))

    async def _start(self, session: Any, kernel_name: str) -> str:
        await self._check_kind(kernel_name)
        started = self._sessions.start_kernel_for_session(
            session["id"], kernel_name=kernel_name, name=session["name"], path=session["path"], type=session["type"]
        )
        return str(await ensure_async(started))

    async def _session(self, session_id: str) -> Any:
        try:
            return await ensure_async(self._sessions.get_session(session_id=session_id))
        except HTTPError as error:
            raise DocumentMissing(f"There is no session {session_id!r} on this server.") from error

    async def _kernel(self, kernel_name: str | None, kernel_id: str | None) -> dict[str, str]:
        if kernel_id is not None:
            if kernel_id not in self._kernels:
                raise KernelUnavailable(f"There is no kernel {kernel_id!r} on this server.")
            return {"kernel_id": kernel_id}
        name = kernel_name or self._kernels.default_kernel_name
        await self._check_kind(name)
        return {"kernel_name": name}

    async def _check_kind(self, name: str) -> None:
        """Refuse a kind that is not there; raises NoSuchKernel."""
        specs = getattr(self._kernels, "kernel_spec_manager", None)
        if specs is not None:
            await ensure_async(specs.get_kernel_spec(name))
