"""Rules of jupyter_rtc.directory.kernelspecs, with a real server."""

import json

import pytest

from jupyter_rtc.directory.kernelspecs import KernelspecTable


@pytest.fixture
def install(jp_env_jupyter_path, tmp_path):
    """Install a kind of kernel."""

    def write(name, *files, **spec):
        folder = jp_env_jupyter_path / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": ["true"], "display_name": name.title(), "language": name, **spec}
        (folder / "kernel.json").write_text(json.dumps(spec))
        for file in files:
            (folder / file).touch()
        return folder

    return write


async def test_what_is_installed_is_shown_with_its_files(install, here):
    install("cobol", "kernel.js", "logo-64x64.png", "notes.txt", interrupt_mode="message", metadata={"old": True})
    await here.done("kernelspecs.refresh")
    row = here.rows("kernelspecs")["cobol"]
    assert row["display_name"] == "Cobol" and row["language"] == "cobol" and row["default"] is False
    assert row["interrupt_mode"] == "message" and row["spec"]["metadata"] == {"old": True}
    base = f"{here.server.base_url}kernelspecs/cobol/"
    assert row["resources"] == {"kernel.js": f"{base}kernel.js", "logo-64x64": f"{base}logo-64x64.png"}


async def test_the_default_one_is_marked(here):
    rows = await here.table("kernelspecs")
    assert [name for name, row in rows.items() if row["default"]] == ["python3"]


async def test_what_is_installed_later_is_seen_when_somebody_asks_or_a_kernel_starts(install, here):
    await here.table("kernelspecs")
    folder = install("fortran")
    assert "fortran" not in here.rows("kernelspecs")
    await here.server.kernel_manager.start_kernel(kernel_name="python3")
    await here.row("kernelspecs", "fortran")
    (folder / "kernel.json").unlink()
    await here.done("kernelspecs.refresh")
    assert "fortran" not in here.rows("kernelspecs")


async def test_a_kind_that_cannot_be_read_is_left_out_and_the_others_are_there(install, here):
    (install("broken") / "kernel.json").write_text("{")
    await here.done("kernelspecs.refresh")
    rows = here.rows("kernelspecs")
    assert "python3" in rows and "broken" not in rows


async def test_what_a_manager_says_of_another_server_s_kernels_is_taken_as_it_is():
    class Gateway:
        default_kernel_name = "far"

        async def get_all_specs(self):
            files = {"logo-svg": "/gateway/logo.svg"}
            spec = {"spec": {"display_name": 3, "interrupt_mode": "telepathy"}, "resources": files}
            return {"far": spec, "odd": {"spec": None}}

    rows = await KernelspecTable(Gateway(), Gateway(), "/").rows()
    assert list(rows) == ["far"]
    row = rows["far"]
    assert row["interrupt_mode"] == "signal" and row["display_name"] == "" and row["default"]
    assert row["resources"] == {"logo-svg": "/gateway/logo.svg"}
