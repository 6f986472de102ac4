"""Real-time collaboration for Jupyter: a relay, a store, and a supernode in one server extension."""

__version__ = "0.1.0"
