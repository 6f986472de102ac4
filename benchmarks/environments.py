"""The peers' own environments: installed from the package index once, and kept in a cache directory."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from .errors import BenchmarkError

_DONE = "installed.txt"


def python_with(cache: Path, name: str, requirements: tuple[str, ...]) -> Path:
    """Return the Python of an environment that has these requirements, making it if it is not there.

    Raises:
        BenchmarkError: the packages could not be installed.

    """
    home = cache / "environments" / name
    python = home / "bin" / "python"
    if _is_made(home, requirements):
        return python
    print(f"installing {', '.join(requirements)} …", file=sys.stderr, flush=True)
    venv.create(home, clear=True, with_pip=True)
    _install(python, requirements)
    (home / _DONE).write_text("\n".join(requirements))
    return python


def versions(python: Path, packages: tuple[str, ...]) -> dict[str, str]:
    """Return the installed versions of these packages; those that are not there are left out."""
    asked = (
        "import importlib.metadata as m, sys\n"
        "names = {(d.metadata['Name'] or '').lower().replace('_', '-'): d.version for d in m.distributions()}\n"
        "print('\\n'.join(f'{n}={names[n]}' for n in sys.argv[1:] if n in names))"
    )
    out = subprocess.run([python, "-c", asked, *packages], capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in out.splitlines())


def _is_made(home: Path, requirements: tuple[str, ...]) -> bool:
    done = home / _DONE
    return done.exists() and done.read_text() == "\n".join(requirements)


def _install(python: Path, requirements: tuple[str, ...]) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise BenchmarkError(f"{', '.join(requirements)} could not be installed: {last}")
