"""Notebooks made up for the benchmarks; the same bytes each time."""

from __future__ import annotations

import json
import random
from typing import Any

_WORDS = [
    "the",
    "of",
    "model",
    "data",
    "plot",
    "axis",
    "frame",
    "column",
    "value",
    "train",
    "test",
    "mean",
    "array",
    "index",
    "batch",
    "epoch",
    "loss",
]


def small(cells: int = 200) -> dict[str, Any]:
    """Return a notebook of short code cells without outputs."""
    return _notebook([_code_cell(n, f"x_{n} = {n}\n", []) for n in range(cells)])


def many_cells() -> dict[str, Any]:
    """Return a notebook of 2 000 cells and about 5 MB, each cell with some source and an output."""
    words = random.Random(1)
    return _notebook([_code_cell(n, _text(words, 700), [_stream(_text(words, 1_500))]) for n in range(2_000)])


def big_outputs() -> dict[str, Any]:
    """Return a notebook of 500 cells with about 37 MB of outputs: text, tables and pictures."""
    words = random.Random(2)
    return _notebook([_code_cell(n, _text(words, 300), _outputs(words, n)) for n in range(500)])


def text(notebook: dict[str, Any]) -> str:
    """Return a notebook as Jupyter writes it into a file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _outputs(words: random.Random, number: int) -> list[dict[str, Any]]:
    """Return 75 KB: a printed text, and by turns a picture or a table."""
    text = _text(words, 20_000)
    if number % 2:
        return [_stream(text), _display("image/png", words.randbytes(41_000).hex()[:55_000])]
    return [_stream(text), _display("text/html", f"<table><tr><td>{_text(words, 54_000)}</td></tr></table>")]


def _text(words: random.Random, length: int) -> str:
    """Return lines of words, of about this length."""
    lines: list[str] = []
    while length > 0:
        line = " ".join(words.choices(_WORDS, k=12))
        lines.append(line)
        length -= len(line) + 1
    return "\n".join(lines)


def _stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}


def _display(kind: str, content: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {kind: content}, "metadata": {}}


def _code_cell(number: int, source: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": number if outputs else None,
        "id": f"cell-{number:05}",
        "metadata": {},
        "outputs": outputs,
        "source": source.splitlines(keepends=True),
    }


def _notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
