import subprocess
import sys

import pytest

from jupyter_rtc.errors import StoreUnavailable
from jupyter_rtc.store.lock import FileLock, in_use

HOLD = "import sys; from pathlib import Path; from jupyter_rtc.store.lock import FileLock\n"
HOLD += "lock = FileLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.lock"


def test_only_one_has_the_lock_until_it_is_released(path):
    lock = FileLock(path)
    with pytest.raises(StoreUnavailable, match="Another program"):
        FileLock(path)
    lock.release()
    FileLock(path).release()


def test_another_process_keeps_us_out_until_it_is_killed(path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreUnavailable):
            FileLock(path)
        other.kill()
    FileLock(path).release()


def test_whether_a_lock_is_held_can_be_seen_without_making_one(path):
    assert not in_use(path) and not path.exists()
    lock = FileLock(path)
    assert in_use(path)
    lock.release()
    assert not in_use(path)
    FileLock(path).release()


def test_a_lock_that_cannot_be_made_fails_as_the_system_says(tmp_path):
    with pytest.raises(OSError, match="missing"):
        FileLock(tmp_path / "missing" / "store.lock")
