from pathlib import Path

import pytest

from jupyter_rtc.errors import StoreUnavailable
from jupyter_rtc.store.place import Place, for_root, network_file_system, where_to_keep

HOME = Path("/home/ana")
FOLDERS = {"data_dir": HOME / ".local/share/jupyter", "runtime_dir": Path("/run/user/7/jupyter"), "root_dir": HOME}
IN_DATA = FOLDERS["data_dir"] / "jupyter_rtc/store.sqlite"
IN_RUNTIME = FOLDERS["runtime_dir"] / "jupyter_rtc/store.sqlite"
LOCAL = "/dev/sda1 / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n"
NFS_HOME = LOCAL + "files:/home /home nfs4 rw,vers=4.2 0 0\n"


def test_without_a_setting_it_is_jupyter_s_data_folder():
    assert where_to_keep(None, **FOLDERS, mounts=LOCAL) == Place(IN_DATA)
    assert where_to_keep(None, **FOLDERS) == Place(IN_DATA)


def test_a_local_runtime_folder_is_better_than_a_data_folder_on_the_network():
    assert where_to_keep(None, **FOLDERS, mounts=NFS_HOME) == Place(IN_RUNTIME)


def test_where_all_is_on_the_network_it_is_the_data_folder_written_by_a_thread():
    mounts = NFS_HOME + "files:/run /run nfs rw 0 0\n"
    place = where_to_keep(None, **FOLDERS, mounts=mounts)
    assert place == Place(IN_DATA, "nfs4")
    assert place.writer == "thread"


def test_a_local_place_leaves_the_writer_to_the_log():
    assert where_to_keep(None, **FOLDERS, mounts=LOCAL).writer is None


def test_a_setting_decides_even_on_the_network():
    chosen = Path("/srv/rtc/a.sqlite")
    assert where_to_keep(chosen, **FOLDERS, mounts=LOCAL) == Place(chosen)
    lustre = LOCAL + "mds@tcp:/scratch /srv lustre rw 0 0\n"
    assert where_to_keep(chosen, **FOLDERS, mounts=lustre) == Place(chosen, "lustre")


@pytest.mark.parametrize("chosen", [HOME / "store.sqlite", HOME / "work/store.sqlite"])
def test_a_setting_among_the_notebooks_is_refused_in_words(chosen):
    with pytest.raises(StoreUnavailable, match="outside of it, or a hidden one") as refused:
        where_to_keep(chosen, **FOLDERS, mounts=LOCAL)
    assert "/home" not in refused.value.words


@pytest.mark.parametrize("chosen", [HOME / ".rtc/store.sqlite", Path("/home/anabel/store.sqlite"), IN_DATA])
def test_a_hidden_folder_and_one_beside_the_notebooks_may_be_chosen(chosen):
    assert where_to_keep(chosen, **FOLDERS, mounts=LOCAL).path == chosen


def test_jupyter_s_own_data_folder_may_lie_among_the_notebooks():
    folders = FOLDERS | {"data_dir": HOME / "Library/Jupyter"}
    chosen = HOME / "Library/Jupyter/store.sqlite"
    assert where_to_keep(chosen, **folders).path == chosen


def test_a_server_without_folders_of_its_own_shows_no_file():
    chosen = HOME / "store.sqlite"
    assert where_to_keep(chosen, **FOLDERS | {"root_dir": None}).path == chosen


@pytest.mark.parametrize(
    ("kind", "remote"),
    [
        ("ext4", False),
        ("overlay", False),
        ("tmpfs", False),
        ("fuseblk", False),
        ("fuse.fuse-overlayfs", False),
        ("nfs", True),
        ("cifs", True),
        ("9p", True),
        ("fuse.sshfs", True),
        ("fuse.rclone", True),
    ],
)
def test_network_file_systems_are_known_by_their_type(kind, remote):
    mounts = f"any /data {kind} rw 0 0\n"
    assert network_file_system(Path("/data/x"), mounts) == (kind if remote else None)
    assert network_file_system(Path("/database/x"), mounts) is None


def test_the_innermost_and_latest_mount_counts():
    mounts = "a / nfs rw 0 0\nb /home ext4 rw 0 0\nc /home/ana nfs4 rw 0 0\nd /home/ana xfs rw 0 0\n"
    assert network_file_system(Path("/srv"), mounts) == "nfs"
    assert network_file_system(Path("/home/bo"), mounts) is None
    assert network_file_system(HOME / "x", mounts) is None


def test_mount_points_with_spaces_and_lines_that_are_none_are_understood():
    mounts = "odd line\n\nhost:/x /mnt/my\\040files nfs rw 0 0\n"
    assert network_file_system(Path("/mnt/my files/x"), mounts) == "nfs"


def test_servers_of_different_folders_keep_theirs_apart_and_those_of_one_folder_together():
    place = Place(IN_DATA, "nfs4")
    one, other = for_root(place, HOME), for_root(place, HOME / "sub")
    assert one == for_root(place, HOME) and one.path != other.path and one.network == "nfs4"
    assert one.path.parent == IN_DATA.parent and one.path.name.startswith("store-")
