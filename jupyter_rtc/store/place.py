"""Where the store's file is kept. Pure: folders and the list of mounts come in, an answer goes out.

* A setting decides, unless the folder is one in which the server shows its notebooks: there people (and their
  sync tools, and git) would come across a file that changes all the time.
* Without a setting it is Jupyter's data folder; or the runtime folder, if only that is on a local disk.
* Where only a network file system is left the answer says so: the store works there, as it uses no shared
  memory, but each commit may take long, so it belongs on a thread.

Paths are absolute and resolved by the caller.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from ..errors import StoreUnavailable
from .lane import Writer

FOLDER = "jupyter_rtc"
NAME = "store.sqlite"

NETWORK_FILE_SYSTEMS = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "orangefs"}
    | {"panfs", "pvfs2", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs"}
)
"""File systems that other machines, or a host, share with us (the third field of /proc/mounts)."""

LOCAL_FUSE = frozenset({"fuse.lxcfs", "fuse.fuse-overlayfs"})
"""Of the file systems in user space, those known to be local; sshfs, s3fs, gcsfuse, rclone … are not."""

SHOWN = (
    "The store's file cannot be kept in the folder whose notebooks this server shows. "
    "Choose a folder outside of it, or a hidden one."
)

_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the store's file is kept."""

    path: Path
    network: str | None = None
    """The type of the network file system on which that is; None if the disk is local, as far as we know."""

    @property
    def writer(self) -> Writer | None:
        """Where to write from: ``SqliteLog``'s own choice, or on a slow file system the thread."""
        return "thread" if self.network else None


def where_to_keep(
    setting: Path | None, *, data_dir: Path, runtime_dir: Path, root_dir: Path | None, mounts: str = ""
) -> Place:
    """Return where the store's file is kept.

    Args:
        setting: the file that an administrator chose, if any.
        data_dir: Jupyter's data folder.
        runtime_dir: Jupyter's runtime folder.
        root_dir: the folder whose files the server shows, if they are files at all.
        mounts: the text of ``/proc/mounts``; empty where there is none, and then every disk counts as local.

    Raises:
        StoreUnavailable: the chosen file lies where the server shows notebooks.

    """
    if setting is not None:
        if root_dir is not None and _is_shown(setting, root_dir) and not setting.is_relative_to(data_dir):
            raise StoreUnavailable(SHOWN)
        return Place(setting, network_file_system(setting, mounts))
    candidates = [_in(folder, mounts) for folder in (data_dir, runtime_dir)]
    return next((place for place in candidates if place.network is None), candidates[0])


def for_root(place: Place, root_dir: Path) -> Place:
    """Return the place in which servers of this folder keep theirs: one file for each folder."""
    name = hashlib.sha256(str(root_dir).encode()).hexdigest()[:12]
    return replace(place, path=place.path.with_name(f"{place.path.stem}-{name}{place.path.suffix}"))


def network_file_system(path: PurePath, mounts: str) -> str | None:
    """Return the type of the network file system that this path is on; None if it is on none."""
    kind = _file_system(path, mounts)
    remote = kind in NETWORK_FILE_SYSTEMS or (kind.startswith("fuse.") and kind not in LOCAL_FUSE)
    return kind if remote else None


def _in(folder: Path, mounts: str) -> Place:
    path = folder / FOLDER / NAME
    return Place(path, network_file_system(path, mounts))


def _is_shown(path: PurePath, root: PurePath) -> bool:
    """Whether the server shows this path: below its root, and no part of the way hidden."""
    if not path.is_relative_to(root):
        return False
    return not any(part.startswith(".") for part in path.relative_to(root).parts)


def _file_system(path: PurePath, mounts: str) -> str:
    """Return the type of the innermost mount over this path; of two at one point, the later one's."""
    innermost, kind = -1, ""
    for point, name in _mount_points(mounts.splitlines()):
        if path.is_relative_to(point) and len(point.parts) >= innermost:
            innermost, kind = len(point.parts), name
    return kind


def _mount_points(lines: Iterable[str]) -> Iterable[tuple[PurePath, str]]:
    for line in lines:
        fields = line.split()
        if len(fields) >= 3:
            yield PurePath(_OCTAL.sub(lambda code: chr(int(code[1], 8)), fields[1])), fields[2]
