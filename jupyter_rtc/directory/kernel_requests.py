"""Requests about kernels: what Jupyter's REST interface does at ``api/kernels``."""

from __future__ import annotations

from typing import Any

from jupyter_core.utils import ensure_async

from ..documents import Author
from ..errors import KernelUnavailable
from .request import request


class KernelRequests:
    """Answers them."""

    def __init__(self, kernel_manager: Any) -> None:
        """Use this kernel manager."""
        self._manager = kernel_manager

    @request("kernels.start", "write", "kernels")
    async def start(
        self, _asker: Author, *, name: str | None = None, path: str | None = None, kernel_id: str | None = None
    ) -> Any:
        """Start a kernel: of this kind, in the folder of this path, under this id; return its model."""
        kernel = {} if kernel_id is None else {"kernel_id": kernel_id}
        name = name or self._manager.default_kernel_name
        await self._check_kind(name)
        started = await ensure_async(self._manager.start_kernel(kernel_name=name, path=path, **kernel))
        return await self._model(started)

    @request("kernels.restart", "write", "kernels")
    async def restart(self, _asker: Author, *, kernel_id: str) -> Any:
        """Restart a kernel; return its model."""
        self._check(kernel_id)
        await ensure_async(self._manager.restart_kernel(kernel_id))
        return await self._model(kernel_id)

    @request("kernels.interrupt", "write", "kernels")
    async def interrupt(self, _asker: Author, *, kernel_id: str) -> None:
        """Interrupt what a kernel runs."""
        self._check(kernel_id)
        await ensure_async(self._manager.interrupt_kernel(kernel_id))

    @request("kernels.shutdown", "write", "kernels")
    async def shutdown(self, _asker: Author, *, kernel_id: str) -> None:
        """Shut a kernel down."""
        self._check(kernel_id)
        await ensure_async(self._manager.shutdown_kernel(kernel_id))

    async def _model(self, kernel_id: str) -> Any:
        return await ensure_async(self._manager.kernel_model(kernel_id))

    async def _check_kind(self, name: str | None) -> None:
        """Refuse a kind that is not there; raises NoSuchKernel. The manager would keep a failed start as pending."""
        specs = getattr(self._manager, "kernel_spec_manager", None)
        if specs is not None and name is not None:
            await ensure_async(specs.get_kernel_spec(name))

    def _check(self, kernel_id: str) -> None:
        if kernel_id not in self._manager:
            raise KernelUnavailable(f"There is no kernel {kernel_id!r} on this server.")
