"""What the frontends find in their page's configuration; what an administrator put there is left alone."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any


def set_page_config(settings: MutableMapping[str, Any], *, disable_rtc: bool, server_side_execution: bool) -> None:
    """Say to the frontends whether documents are shared, and whether the server runs their cells."""
    page = settings.setdefault("page_config_data", {})
    page.setdefault("disableRTC", "true" if disable_rtc else "false")
    page.setdefault("serverSideExecution", "true" if server_side_execution else "false")
