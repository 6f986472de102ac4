"""Kinds of kernels whose next process can be kept from starting, and a server that has them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .rig import Server, standing

PLUGINS = os.pathsep.join([str(Path(__file__).with_name("plugins")), os.environ.get("PYTHONPATH", "")])


class Mortal:
    """A kind of kernel."""

    def __init__(self, data: Path, name: str, provisioner: str | None) -> None:
        """Install it in a data folder of Jupyter's."""
        self.name = name
        folder = data / "kernels" / name
        folder.mkdir(parents=True)
        self._program, self._refused = folder / "program", folder / "refused"
        self.mend()
        metadata = {"kernel_provisioner": {"provisioner_name": provisioner}} if provisioner else {}
        argv = [str(self._program), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": name, "language": "python", "metadata": metadata}
        (folder / "kernel.json").write_text(json.dumps(spec))

    def mend(self) -> None:
        """Let its processes start."""
        self._refused.unlink(missing_ok=True)
        self._be(f'exec {sys.executable} "$@"')

    def lose_program(self) -> None:
        """Let its program be gone."""
        self._program.unlink()

    def end_at_once(self) -> None:
        """Let its processes start, and end before they answer anything."""
        self._be("exit 1")

    def refuse(self) -> None:
        """Let its provisioner refuse to start it."""
        self._refused.touch()

    def _be(self, command: str) -> None:
        """Make this its program; the one that was there may be starting just now, and is not written into."""
        written = self._program.with_name("program.new")
        written.write_text(f"#!/bin/sh\n{command}\n")
        written.chmod(0o755)
        written.replace(self._program)


@contextmanager
def mortal_server(folder: Path, *options: str) -> Iterator[tuple[Server, Mortal, Mortal]]:
    """Run a server for a whole module, with a local kind of kernel and one of a provisioner."""
    with standing(folder, "--KernelRestarter.time_to_dead=0.5", *options, PYTHONPATH=PLUGINS) as server:
        yield server, Mortal(server.data, "local", None), Mortal(server.data, "far", "far-provisioner")
