"""A shared document as tables of records, and Jupyter's own tables.

Pure: it works on any ``pycrdt.Doc``, and knows of no network, file or kernel.
"""

from __future__ import annotations

from .changes import Change
from .datastore import Datastore
from .query import Query
from .record import Record
from .records import Records
from .schema import Field, Keyed, Ordered, Roots, Schema, Single, Table, Writer, list_of, map_of, register, text
from .undo import new_document
from .watch import Watch

__all__ = [
    "Change",
    "Datastore",
    "Field",
    "Keyed",
    "Ordered",
    "Query",
    "Record",
    "Records",
    "Roots",
    "Schema",
    "Single",
    "Table",
    "Watch",
    "Writer",
    "list_of",
    "map_of",
    "new_document",
    "register",
    "text",
]
