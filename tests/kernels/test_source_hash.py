"""Runs know a text by the hash that clients compute."""

from jupyter_rtc.datastore import source_hash as shared
from jupyter_rtc.kernels.source_hash import source_hash


def test_it_is_the_hash_that_clients_compute():
    assert source_hash is shared.source_hash
