"""Which version of a schema a document was written with, as the document itself notes it."""

from __future__ import annotations

from typing import Any

from pycrdt import Doc, Map, Subscription

from ..errors import SchemaNewer
from .schema import Schema

VERSIONS = "schema"
"""The root map in which a document notes the versions of its schemas."""


class SchemaVersion:
    """The version of one schema in one document."""

    def __init__(self, doc: Doc[Any], schema: Schema) -> None:
        """Look, and go on looking until ``close``."""
        self.found: int | None = None
        self._doc = doc
        self._schema = schema
        self._subscription: Subscription | None = None
        if schema.version is not None:
            self._versions: Map[Any] = doc.get(VERSIONS, type=Map)
            self._subscription = self._versions.observe(lambda _: self._look())
            self._look()

    @property
    def is_noted(self) -> bool:
        """Whether the document is of the schema's own version, and says so."""
        return self.found == self._schema.version

    @property
    def is_older(self) -> bool:
        """Whether the document was written with an older version."""
        version = self._schema.version
        return version is not None and self.found is not None and self.found < version

    def check(self) -> None:
        """Refuse a document that a newer version wrote: this one does not know what it would destroy.

        Raises:
            SchemaNewer: it was.

        """
        version = self._schema.version
        if self.found is not None and version is not None and self.found > version:
            raise SchemaNewer(
                f"This document was written with version {self.found} of {self._schema.name!r}, "
                f"and this program knows {version}: update the program."
            )

    def note(self) -> None:
        """Bring an older document to the schema's version, and note that; the caller opened a transaction."""
        if self.is_older and self._schema.migrate is not None and self.found is not None:
            self._schema.migrate(self._doc, self.found)
        self._versions[self._schema.name] = self._schema.version

    def close(self) -> None:
        """Look no more."""
        if self._subscription is not None:
            self._versions.unobserve(self._subscription)
            self._subscription = None

    def _look(self) -> None:
        found = self._versions.get(self._schema.name)
        self.found = int(found) if isinstance(found, int | float) else None
