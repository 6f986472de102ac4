"""Notebooks for tests: generated ones, and the real ones beside the project."""

import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import strategies as st

SHARED = Path(__file__).parents[3] / "shared" / "notebooks"

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
lines = st.lists(text, max_size=4).map("\n".join)
names = st.text("abcdefgh_", min_size=1, max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.floats(-1e9, 1e9).map(lambda x: round(x, 3)) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
odd_values = st.recursive(
    st.sampled_from(["\ud800", "a\udfff\n", "\ud83d\ude00", 2**53, 2**63, -(2**70), 10**400, 1e300, -0.0, True])
    | st.floats()
    | st.integers()
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
"""JSON values that Python can read from a file, and documents do not keep as they are."""

metadata = st.dictionaries(names, values, max_size=3)
bundle = st.builds(
    lambda texts, other: {**texts, **other},
    st.dictionaries(st.sampled_from(["text/plain", "text/html", "image/png"]), lines, min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["application/json", "application/x+json"]), values, max_size=1),
)
outputs = st.one_of(
    st.builds(lambda t: {"output_type": "stream", "name": "stdout", "text": t}, lines),
    st.builds(lambda d, m: {"output_type": "display_data", "data": d, "metadata": m}, bundle, metadata),
    st.builds(
        lambda d, n: {"output_type": "execute_result", "data": d, "metadata": {}, "execution_count": n},
        bundle,
        st.integers(1, 99),
    ),
    st.builds(
        lambda e, t: {"output_type": "error", "ename": e, "evalue": e, "traceback": t},
        text,
        st.lists(text, max_size=3),
    ),
)  # fmt: skip


@st.composite
def cells(draw):
    kind = draw(st.sampled_from(["code", "markdown", "raw"]))
    cell = {"cell_type": kind, "source": draw(lines), "metadata": draw(metadata)}
    if kind == "code":
        cell["outputs"] = draw(st.lists(outputs, max_size=3))
        cell["execution_count"] = draw(st.none() | st.integers(1, 99))
    elif draw(st.booleans()):
        cell["attachments"] = draw(st.dictionaries(names, st.just({"image/png": "aGVsbG8="}), max_size=2))
    if draw(st.integers(0, 9)) == 0:
        cell["unknown"] = draw(values)
    return cell


@st.composite
def notebooks(draw):
    minor = draw(st.integers(0, 5))
    made = draw(st.lists(cells(), max_size=5))
    if minor == 5:
        made = [{"id": f"cell-{number}", **cell} for number, cell in enumerate(made)]
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": draw(metadata), "cells": made}


def real_notebooks():
    """Return parameters: every notebook of format 4 that is valid, or one that skips with a reason."""
    if not SHARED.exists():
        return [pytest.param(None, marks=pytest.mark.skip("../shared/notebooks is not here"))]
    found = []
    for path in sorted(SHARED.rglob("*.ipynb")):
        try:
            notebook = json.loads(path.read_text())
            nbformat.validate(notebook)
        except (ValueError, nbformat.ValidationError, Warning):
            continue
        if notebook.get("nbformat") == 4 and notebook["nbformat_minor"] <= 5:
            found.append(pytest.param(path, id=path.name))
    return found
