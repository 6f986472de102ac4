"""Whether a folder is on a disk of this machine, where the system tells of every change.

On a network disk it tells only of changes made by this machine, so such files are polled.
"""

from __future__ import annotations

from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "lustre", "gpfs", "ceph", "glusterfs", "beegfs", "fuse.")


def is_local(folder: Path, mounts: Path = _MOUNTS) -> bool:
    """Return whether this folder is on a local disk, as far as the system says."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return True  # not Linux: nothing is known, and polling remains as a second net
    return not _type_of(folder.resolve(), lines).startswith(_NETWORK)


def _type_of(folder: Path, lines: list[str]) -> str:
    """Return the file system type of the innermost mount that holds this folder (proc(5), mountinfo)."""
    found = {}
    for line in lines:
        fields = line.split()
        place = Path(fields[4].encode().decode("unicode_escape"))
        if place == folder or place in folder.parents:
            found[len(place.parts)] = fields[fields.index("-") + 1]
    return found[max(found)] if found else ""
