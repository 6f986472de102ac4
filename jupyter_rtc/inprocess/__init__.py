"""The Python client for other extensions of the same server, without a network between."""
