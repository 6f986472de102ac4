"""Notebooks on disk: written before a test, and read as anyone reads them."""

from __future__ import annotations

from pathlib import Path

import nbformat

METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
    "language_info": {"name": "python"},
}


def write_notebook(path: Path, *cells: str, size_of_output: int = 0) -> None:
    """Write a notebook with these code cells; each with an output of so many characters that nobody can show."""
    made = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
    if size_of_output:
        shown = {"text/plain": "large", "application/x-large": "x" * size_of_output}
        for cell in made:
            cell.outputs.append(nbformat.v4.new_output("display_data", shown))
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=METADATA), path)


def read_cells(path: Path) -> list[str]:
    """Return the source of each cell."""
    return [cell.source for cell in read_notebook(path).cells]


def read_output(path: Path, cell: int) -> str:
    """Return what a cell has printed."""
    outputs = [output for each in read_notebook(path).cells[cell : cell + 1] for output in each.get("outputs", [])]
    return "".join(output.text for output in outputs if output.output_type == "stream").strip()


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Return a valid notebook, without cells while it is being written: Jupyter Server writes a file in place."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError:
        return nbformat.v4.new_notebook()
    nbformat.validate(notebook)
    return notebook
