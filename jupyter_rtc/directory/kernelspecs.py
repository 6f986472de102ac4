"""The table ``kernelspecs``: what the manager of kernel specifications finds.

Nothing tells of a kernel that is installed or removed; so it is looked at when the server starts, when a kernel is
started, and when somebody asks for it. It reads files, on a thread.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_core.utils import ensure_async

from .board import Rows
from .values import one_of, shareable, text


class KernelspecTable:
    """Says what is in the table."""

    def __init__(self, spec_manager: Any, kernel_manager: Any, base_url: str) -> None:
        """Say what this manager finds; ``base_url`` is the server's, ending with a slash."""
        self._specs = spec_manager
        self._kernels = kernel_manager
        self._base_url = base_url

    async def rows(self) -> Rows:
        """Return the table."""
        found = await ensure_async(self._specs.get_all_specs())
        default = self._kernels.default_kernel_name
        return await asyncio.to_thread(self._rows, found, default)

    def _rows(self, found: dict[str, Any], default: str) -> Rows:
        return {name: self._row(name, one, default) for name, one in found.items() if isinstance(one.get("spec"), dict)}

    def _row(self, name: str, found: dict[str, Any], default: str) -> dict[str, Any]:
        spec = found["spec"]
        resources = found.get("resources")  # a gateway names them, a folder has them
        if resources is None:
            resources = self._resources(name, found.get("resource_dir"))
        return {
            "display_name": text(spec.get("display_name")),
            "language": text(spec.get("language")),
            "default": name == default,
            "interrupt_mode": one_of(spec.get("interrupt_mode"), ("signal", "message"), "signal"),
            "resources": shareable(resources),
            "spec": shareable(spec),
        }

    def _resources(self, name: str, folder: str | None) -> dict[str, str]:
        if folder is None:
            return {}
        files = [Path(folder, file) for file in ("kernel.js", "kernel.css")]
        named = {file.name: file for file in files if file.exists()}
        named |= {file.stem: file for file in sorted(Path(folder).glob("logo-*"))}
        return {key: f"{self._base_url}kernelspecs/{quote(name)}/{quote(file.name)}" for key, file in named.items()}
