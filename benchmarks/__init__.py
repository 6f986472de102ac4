"""Benchmarks: this server, its peers and a bare Tornado server, on one machine, in one run, as ratios.

Run them from the project's root with ``python -m benchmarks``; what each figure means is in
``docs/performance.md``. Absolute figures belong to the machine; only the ratios travel.

Nothing here is part of the distribution, and no peer's code is in it: peers are installed from their
package index into environments of their own, and are spoken to over HTTP and websockets only.
"""
