"""Requests to look again at what nothing tells of: the kinds of kernels, and how the server stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..documents import Author
from .request import request


class RefreshRequests:
    """Answers them. Each is done when its table is up to date."""

    def __init__(self, refresh: Callable[[str], Awaitable[None]]) -> None:
        """Bring tables up to date with ``refresh``, by name."""
        self._refresh = refresh

    @request("kernelspecs.refresh", "read", "kernelspecs")
    async def kernelspecs(self, _asker: Author) -> None:
        """Look again at which kinds of kernels are installed."""
        await self._refresh("kernelspecs")

    @request("status.refresh", "read", "api")
    async def status(self, _asker: Author) -> None:
        """Look again at how the server stands."""
        await self._refresh("status")
