"""What participants who may write wish, as their presence says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def autosave_is_wanted(states: Iterable[Mapping[str, Any]], before: bool) -> bool:
    """Return whether edits are saved without anybody asking.

    JupyterLab's frontends say in ``autosave`` what their user chose. One who wants it is enough. Where nobody says
    anything, the last wish counts (``before``): who switched it off and left still wants the file untouched.
    """
    wishes = [bool(state["autosave"]) for state in states if "autosave" in state]
    return any(wishes) if wishes else before
