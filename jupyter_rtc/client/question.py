"""What running code asks with ``input()``; anyone who may run code can answer, and one answer wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .notebook import Notebook


class Question:
    """One question."""

    __slots__ = ("_notebook", "id")

    def __init__(self, notebook: Notebook, question_id: str) -> None:
        self._notebook = notebook
        self.id = question_id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Question) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<Question {self.prompt!r}: {self.status}>"

    @property
    def record(self) -> dict[str, Any]:
        """Its record in the table ``inputs``."""
        return self._notebook.tables["inputs"][self.id].as_dict()

    @property
    def prompt(self) -> str:
        """What it asks."""
        return str(self.record["prompt"])

    @property
    def is_password(self) -> bool:
        """Whether the answer is to be hidden; it comes into no document."""
        return bool(self.record["password"])

    @property
    def cell_id(self) -> str | None:
        """The cell that asks."""
        cell_id = self.record["cell_id"]
        return None if cell_id is None else str(cell_id)

    @property
    def status(self) -> str:
        """``waiting``, ``answered`` or ``cancelled``."""
        return str(self.record["status"])

    async def answer(self, text: str) -> None:
        """Answer it.

        Raises:
            ServerRefused: somebody else was quicker, or the code does not wait any more.

        """
        await self._notebook.answer(str(self.record["kernel_id"]), self.id, text)
