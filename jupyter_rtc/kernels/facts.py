"""The table ``kernels`` of each open notebook: how the kernels stand that have run its cells, for who comes late.

A notebook gets an entry when one of its cells begins; from then on it is told of whatever happens to that kernel. When
it is loaded it is told what has happened while it was closed, and entries of kernels that are not there are removed.
"""

from __future__ import annotations

from collections.abc import Callable

from pycrdt import Map

from ..documents import Document
from ..ids import RoomId
from . import records
from .contained import contained
from .work import KERNEL


class KernelFacts:
    """Tells the open notebooks."""

    def __init__(self) -> None:
        """Begin with none."""
        self._documents: dict[RoomId, Document] = {}
        self._last: dict[str, tuple[str, int, str]] = {}
        """What was told last of each kernel."""

    def attach(self, document: Document, is_there: Callable[[str], bool]) -> None:
        """Tell this notebook too; forget what it says of kernels that are not there."""
        self._documents[document.room] = document
        self._last = {kernel_id: told for kernel_id, told in self._last.items() if is_there(kernel_id)}
        for kernel_id, told in self._last.items():
            _tell(document, kernel_id, *told)
        gone = [kernel_id for kernel_id in records.kernels(document.ydoc).to_py() or {} if not is_there(kernel_id)]
        if gone:
            with document.edit(KERNEL):
                for kernel_id in gone:
                    del records.kernels(document.ydoc)[kernel_id]

    def detach(self, document: Document) -> None:
        """Tell this notebook no more."""
        self._documents.pop(document.room, None)

    def tell(self, kernel_id: str, state: str, generation: int, reason: str = "") -> None:
        """Note how a kernel stands, wherever it has run cells."""
        self._last[kernel_id] = state, generation, reason
        for document in self._documents.values():
            with contained("How a kernel stands could not be shown in %s", document.room):
                _tell(document, kernel_id, state, generation, reason)


def _tell(document: Document, kernel_id: str, state: str, generation: int, reason: str) -> None:
    table: Map[object] = records.kernels(document.ydoc)
    if kernel_id in table and table[kernel_id] != records.kernel_entry(state, generation, reason):
        with document.edit(KERNEL):
            records.write_kernel(document.ydoc, kernel_id, state, generation, reason)
