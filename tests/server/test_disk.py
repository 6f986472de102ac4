"""Changes on disk under open documents, made as people make them: by an editor, and by git."""

from __future__ import annotations

import asyncio
import json
import subprocess

from .rig import Tab, running, saved_sources, until, write_notebook


def git(folder, *arguments):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_an_unsaved_edit_and_a_change_on_disk_are_both_there(tmp_path):
    async def story():
        async with running(tmp_path, "--YDocExtension.document_save_delay=30") as server:
            path = server.root / "a.ipynb"
            write_notebook(path, "first", "second")
            tab = await Tab(server, "a.ipynb", "notebook", "ana").open()
            tab.type_in_cell(0, "live ")
            write_notebook(path, "first", "second, on disk")
            await until(lambda: tab.sources == ["live first", "second, on disk"])
            write_notebook(path, "first, on disk", "second, on disk")
            await until(lambda: tab.sources == ["live first, on disk", "second, on disk"])
            tab.peer.ask_save(1)
            await until(lambda: tab.peer.replies)
            assert tab.peer.replies == [{"type": "save", "responseTo": 1, "status": "success"}]
            assert saved_sources(path) == tab.sources

    asyncio.run(story())


def test_git_checkout_under_three_open_documents_shows_the_other_branch_and_keeps_unsaved_text(tmp_path):
    async def story():
        async with running(tmp_path, "--YDocExtension.document_save_delay=30") as server:
            root = server.root
            write_notebook(root / "a.ipynb", "a on main", "same")
            write_notebook(root / "b.ipynb", "b on main")
            (root / "c.txt").write_text("c on main\n")
            git(root, "init")
            git(root, "add", ".")
            git(root, "commit", "-m", "main")
            git(root, "checkout", "-b", "other")
            write_notebook(root / "a.ipynb", "a on other", "same")
            write_notebook(root / "b.ipynb", "b on other")
            (root / "c.txt").write_text("c on other\n")
            git(root, "commit", "-am", "other")
            git(root, "checkout", "main")
            kinds = {"a.ipynb": "notebook", "b.ipynb": "notebook", "c.txt": "file"}
            a, b, c = [await Tab(server, name, kind, "ana").open() for name, kind in kinds.items()]
            assert a.sources == ["a on main", "same"]
            a.type_in_cell(1, "unsaved ")
            witness = await Tab(server, "a.ipynb", "notebook", "bo").open()
            await until(lambda: witness.sources == a.sources)
            git(root, "checkout", "other")
            await until(lambda: a.sources == ["a on other", "unsaved same"])
            await until(lambda: b.sources == ["b on other"] and c.text == "c on other\n")

    asyncio.run(story())


def test_a_renamed_file_is_followed_and_the_right_file_has_the_text(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            write_notebook(server.root / "old.ipynb", "text")
            tab = await Tab(server, "old.ipynb", "notebook", "ana").open()
            answer = await server.request("PATCH", "api/contents/old.ipynb", {"path": "new.ipynb"})
            assert answer.code == 200
            tab.type_in_cell(0, "after ")
            await until(lambda: saved_sources(server.root / "new.ipynb") == ["after text"])
            (server.root / "new.ipynb").rename(server.root / "third.ipynb")
            tab.type_in_cell(0, "moved ")
            await until(
                lambda: (
                    (server.root / "third.ipynb").exists()
                    and saved_sources(server.root / "third.ipynb") == ["moved after text"]
                )
            )
            assert not (server.root / "old.ipynb").exists() and not (server.root / "new.ipynb").exists()

    asyncio.run(story())


def test_jupyter_s_own_contents_api_works_while_documents_are_open(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            path = server.root / "a.ipynb"
            write_notebook(path, "text")
            tab = await Tab(server, "a.ipynb", "notebook", "ana").open()
            tab.type_in_cell(0, "typed ")
            await until(lambda: tab.saved and saved_sources(path) == ["typed text"])
            read = await server.request("GET", "api/contents/a.ipynb?content=1&hash=1")
            assert read.code == 200 and b"typed text" in read.body
            model = {"type": "notebook", "format": "json", "content": None}

            model["content"] = json.loads(read.body)["content"]
            model["content"]["cells"][0]["source"] = "written by REST"
            assert (await server.request("PUT", "api/contents/a.ipynb", model)).code == 200
            await until(lambda: tab.sources == ["written by REST"])
            assert (await server.request("POST", "api/contents/a.ipynb/checkpoints", {})).code == 201
            assert (await server.request("POST", "api/contents", {"type": "notebook"})).code == 201
            assert (await server.request("GET", "api/kernels")).body == b"[]"

    asyncio.run(story())


def test_a_broken_file_says_why_and_opens_once_it_is_mended(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            path = server.root / "a.ipynb"
            path.write_text("{ this is not JSON")
            for _ in range(4):
                tab = await Tab(server, "a.ipynb", "notebook", "ana").open()
                assert tab.close_code == 1003 and "is not a valid notebook" in tab.close_reason
                await server.kill()
                await server.start()
            write_notebook(path, "mended")
            again = await Tab(server, "a.ipynb", "notebook", "ana").open()
            assert again.sources == ["mended"]
            assert path.read_text().startswith("{\n")

    asyncio.run(story())
