"""Which disks tell of changes."""

import pytest

from jupyter_rtc.supernode.disks import is_local

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / {0}/home rw,relatime shared:20 - nfs4 files:/home rw
41 40 0:36 / {0}/home/fast\\040disk rw,relatime - xfs /dev/sdb1 rw
42 22 0:37 / {0}/cloud rw - fuse.s3fs s3fs rw
"""


@pytest.mark.parametrize(
    ("folder", "local"),
    [("tmp", True), ("home/a/b", False), ("home/fast disk/a", True), ("cloud", False), ("homes", True)],
)
def test_the_innermost_mount_decides(tmp_path, folder, local):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS.replace("{0}", str(tmp_path)))
    assert is_local(tmp_path / folder, mounts) is local


def test_where_nothing_is_known_a_disk_is_taken_for_local(tmp_path):
    assert is_local(tmp_path, tmp_path / "missing")
