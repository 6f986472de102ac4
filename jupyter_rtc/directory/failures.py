"""Why a request failed, in words for who asked. No machine path and no secret is in them."""

from __future__ import annotations

import logging

from jupyter_client.kernelspec import NoSuchKernel
from tornado.web import HTTPError

from ..errors import RtcError

_log = logging.getLogger(__name__)

OWN_FAULT = "The server met an error of its own while it did this; its log says more."
STOPPED = "The server was stopped before this was done."


def words_of(error: Exception) -> str:
    """Return the words; what nobody has foreseen is logged."""
    if isinstance(error, RtcError):
        return error.words
    if isinstance(error, NoSuchKernel):
        return f"There is no kernel of the kind {error.name!r} on this server."
    if isinstance(error, HTTPError):
        return _said(error)
    _log.error("A request failed", exc_info=error)
    return OWN_FAULT


def _said(error: HTTPError) -> str:
    said = error.log_message or error.reason or ""
    if error.args and "%" in said:
        said = said % error.args
    if said and said.isprintable() and len(said) <= 300 and "/" not in said and "\\" not in said:
        return said if said.endswith((".", "!", "?")) else f"{said}."
    return f"The server refused this with status {error.status_code}."
