"""Real-time collaboration for Jupyter: a relay, a store, and a supernode in one server extension."""

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    """Tell Jupyter Server what to load."""
    from .app import JupyterRtc

    return [{"module": "jupyter_rtc.app", "app": JupyterRtc}]
