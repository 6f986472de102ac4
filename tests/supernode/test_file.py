"""One file and its document, over time."""

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager
from tornado.web import HTTPError

from jupyter_rtc.documents import SaveStatus
from jupyter_rtc.errors import DocumentMissing, DocumentUnavailable, DocumentUnreadable
from jupyter_rtc.supernode.files import FileSettings

from .solo import Past
from .world import add_cell, eventually, source, state, turns, type_in, world


def notebook(*sources):
    cells = [nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(sources)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata={"a": 1})) + "\n"


def test_a_text_is_loaded_and_frontends_are_told_of_its_file(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt")
            assert str(source(document)) == "one\n"
            assert state(document).keys() == {"path", "hash", "dirty"}
            assert state(document)["path"] == "a.txt"
            assert state(document)["dirty"] is False

    asyncio.run(run())


def test_edits_are_saved_a_short_pause_after_the_last_one(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt")
            type_in(document, "zero ")
            await w.clock.go(0.9)
            type_in(document, "!")
            await w.clock.go(0.9)
            assert w.read("a.txt") == "one\n"
            await w.clock.go(0.1)
            assert w.read("a.txt") == "!zero one\n"
            assert state(document)["dirty"] is False

    asyncio.run(run())


def test_constant_typing_is_saved_after_the_longest_delay(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "")
            _, document = await w.open("a.txt")
            for _ in range(21):
                type_in(document, "x")
                await w.clock.go(0.5)
            assert len(w.read("a.txt")) >= 19

    asyncio.run(run())


@pytest.mark.parametrize("manager", [LargeFileManager, AsyncLargeFileManager])
def test_a_save_that_was_asked_for_is_done_at_once(tmp_path, manager):
    async def run():
        async with world(tmp_path, manager(root_dir=str(tmp_path))) as w:
            w.write("n.ipynb", notebook("1"))
            keeper, document = await w.open("n.ipynb")
            add_cell(document, "hello")
            result = await keeper.save()
            assert result.status is SaveStatus.SUCCESS
            saved = nbformat.reads(w.read("n.ipynb"), 4)
            assert [cell.source for cell in saved.cells] == ["1", "hello"]
            assert state(document)["hash"] == w.contents._get_hash((tmp_path / "n.ipynb").read_bytes())["hash"]

    asyncio.run(run())


@pytest.mark.parametrize("name", ["a.txt", "n.ipynb", "empty.ipynb", "empty.txt", "odd.ipynb", "dos.txt"])
def test_opening_and_closing_changes_no_byte(tmp_path, name):
    contents = {
        "a.txt": "one\n",
        "n.ipynb": notebook("1", "2"),
        "empty.ipynb": "",
        "empty.txt": "",
        "odd.ipynb": notebook("1").replace("\n", "").replace(" ", ""),
        "dos.txt": "a\r\nb\r\n",
    }

    async def run():
        async with world(tmp_path) as w:
            w.write(name, contents[name])
            before = os.stat(tmp_path / name)
            keeper, document = await w.open(name)
            with document.typing():
                document.ydoc.get("state", type=type(document.ydoc.get("state", type=Map)))["document_id"] = "x"
            await w.clock.go(60)
            await keeper.close()
            after = os.stat(tmp_path / name)
            assert w.read(name) == contents[name]
            assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
            assert "SAVED" not in w.kinds()

    from pycrdt import Map

    asyncio.run(run())


def test_an_idle_document_does_not_change(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("n.ipynb", notebook("1"))
            _, document = await w.open("n.ipynb")
            before = document.revision
            await w.clock.go(3600)
            assert document.revision == before

    asyncio.run(run())


def test_a_change_on_disk_and_an_unsaved_edit_are_both_kept(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("n.ipynb", notebook("first", "second"))
            keeper, document = await w.open("n.ipynb")
            add_cell(document, "live")
            w.write("n.ipynb", notebook("first", "second, changed outside"))
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            saved = nbformat.reads(w.read("n.ipynb"), 4)
            assert [c.source for c in saved.cells] == ["first", "second, changed outside", "live"]

    asyncio.run(run())


class Interrupted(LargeFileManager):
    """One beside which somebody else writes, once: right before or right after a file is written."""

    before = after = None

    def meanwhile(self):
        """Happen while somebody else writes after a write."""

    def get(self, path, content=True, **options):
        found = super().get(path, content, **options)
        if self.before and not content and not options.get("require_hash"):
            word, self.before = self.before, None
            Path(self.root_dir, path).write_text(word)
            return super().get(path, content, **options)
        return found

    def save(self, model, path=""):
        answer = super().save(model, path)
        if self.after:
            word, self.after = self.after, None
            Path(self.root_dir, path).write_text(word)
            self.meanwhile()
        return answer


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_writes_in_the_moment_of_a_save_and_the_live_edit_are_both_kept(tmp_path, when):
    async def run():
        contents = Interrupted(root_dir=str(tmp_path))
        async with world(tmp_path, contents) as w:
            w.write("a.txt", "one\ntwo\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "live ")
            setattr(contents, when, "one\ntwo, outside\nthree\n")
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert getattr(contents, when) is None
            assert str(source(document)) == "live one\ntwo, outside\nthree\n" == w.read("a.txt")

    asyncio.run(run())


def test_who_saw_a_save_and_writes_at_once_does_not_double_the_lines_in_which_somebody_types_on(tmp_path):
    async def run():
        contents = Interrupted(root_dir=str(tmp_path))
        async with world(tmp_path, contents) as w:
            w.write("a.txt", "one\ntwo\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "live ")
            contents.after = "live one\ntwo\nthree, outside\n"
            contents.meanwhile = lambda: type_in(document, "more ")
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert str(source(document)) == "more live one\ntwo\nthree, outside\n" == w.read("a.txt")
            assert "CONFLICT" not in w.kinds()

    asyncio.run(run())


def test_what_was_merged_is_saved_after_the_usual_pause_since_who_wrote_may_not_be_done(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "one\ntwo\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "live ")
            await w.clock.go(0.5)
            w.write("a.txt", "one\ntwo, outside\n")
            keeper._hint()
            await w.clock.go(0.9)
            assert str(source(document)) == "live one\ntwo, outside\n"
            assert w.read("a.txt") == "one\ntwo, outside\n"
            await w.clock.go(0.2)
            assert w.read("a.txt") == "live one\ntwo, outside\n"

    asyncio.run(run())


def test_a_failed_save_is_told_and_retried_until_it_succeeds(tmp_path):
    class Full(LargeFileManager):
        failures = 3

        def save(self, model, path=""):
            if self.failures:
                self.failures -= 1
                raise OSError(28, "No space left on device")
            return super().save(model, path)

    async def run():
        async with world(tmp_path, Full(root_dir=str(tmp_path))) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "zero ")
            await w.clock.go(2)
            assert [code for code, _ in document.told] == ["file failing"]
            assert "the disk is full" in document.told[0][1]
            assert keeper.holds() == "unsaved changes"
            result = await keeper.save()
            assert result.status is SaveStatus.FAILED
            assert "the disk is full" in result.words
            await w.clock.go(30)
            assert w.read("a.txt") == "zero one\n"
            assert [code for code, _ in document.told] == ["file failing", "file fine"]
            assert keeper.holds() is None
            assert w.kinds().count("SAVE_FAILED") == 1

    asyncio.run(run())


def test_nothing_is_recreated_when_an_open_file_is_deleted_and_it_merges_when_it_comes_back(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            os.remove(tmp_path / "a.txt")
            type_in(document, "zero ")
            result = await keeper.save()
            assert result.status is SaveStatus.FAILED
            assert "deleted" in result.words
            await w.clock.go(120)
            assert not (tmp_path / "a.txt").exists()
            assert [code for code, _ in document.told] == ["file missing"]
            assert state(document)["dirty"] is True
            w.write("a.txt", "one\ntwo\n")
            await w.until(lambda: w.read("a.txt") == "zero one\ntwo\n")
            await w.until(lambda: document.told[-1][0] == "file fine")

    asyncio.run(run())


def test_a_deleted_file_that_somebody_saves_again_while_others_type_on_has_no_line_twice(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt")
            os.remove(tmp_path / "a.txt")
            type_in(document, "two, seen", len("one\n"))
            await w.until(lambda: [code for code, _ in document.told] == ["file missing"])
            type_in(document, ", and more", len("one\ntwo, seen"))
            w.write("a.txt", "one\ntwo, seen")
            await w.until(lambda: w.read("a.txt") == "one\ntwo, seen, and more")
            assert str(source(document)) == w.read("a.txt")
            assert "CONFLICT" not in w.kinds()

    asyncio.run(run())


def test_a_read_only_file_is_said_to_be_so_and_saved_once_it_can_be_written(tmp_path):
    class Locked(LargeFileManager):
        locked = True
        attempts = 0

        def get(self, path, content=True, type=None, format=None, require_hash=False):
            return {**super().get(path, content, type, format, require_hash), "writable": not self.locked}

        def save(self, model, path=""):
            self.attempts += 1
            return super().save(model, path)

    async def run():
        contents = Locked(root_dir=str(tmp_path))
        async with world(tmp_path, contents) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "zero ")
            await w.clock.go(5)
            assert [code for code, _ in document.told] == ["file read-only"]
            assert (await keeper.save()).status is SaveStatus.FAILED
            assert contents.attempts == 0
            revision = document.revision
            await w.clock.go(600)
            assert document.revision == revision
            contents.locked = False
            await w.clock.go(60)
            assert w.read("a.txt") == "zero one\n"
            assert document.told[-1][0] == "file fine"

    asyncio.run(run())


def test_on_demand_nothing_is_written_until_somebody_asks(tmp_path):
    async def run():
        async with world(tmp_path, settings=FileSettings(autosave=False)) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            with document.typing():
                source(document).insert(0, "zero ")
            await w.clock.go(300)
            assert w.read("a.txt") == "one\n"
            assert state(document)["dirty"] is True
            assert keeper.holds() is None
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert w.read("a.txt") == "zero one\n"
            await w.clock.go(300)
            assert w.kinds().count("SAVED") == 1

    asyncio.run(run())


def test_when_all_participants_switched_autosave_off_nothing_is_written_until_asked(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            document.awareness.states[7] = {"autosave": False}
            type_in(document, "zero ")
            await w.clock.go(300)
            document.awareness.states.clear()
            await keeper.close()
            assert w.read("a.txt") == "one\n"

    asyncio.run(run())


def test_closing_saves_what_is_unsaved(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "zero ")
            await keeper.close()
            assert w.read("a.txt") == "zero one\n"
            assert keeper.holds() is None
            assert (await keeper.save()).status is SaveStatus.FAILED

    asyncio.run(run())


def test_closing_does_not_raise_and_says_what_is_unsaved(tmp_path):
    class Broken(LargeFileManager):
        def save(self, model, path=""):
            raise HTTPError(507, reason="quota used up")

    async def run():
        async with world(tmp_path, Broken(root_dir=str(tmp_path))) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "zero ")
            await keeper.close()
            assert keeper.holds() == "unsaved changes"
            assert "quota used up" in document.told[-1][1]
            assert keeper.status()["unsaved"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (None, DocumentMissing, "no file"),
        (b"\xff\xfe", DocumentUnreadable, "UTF-8"),
        (b'{"cells": [', DocumentUnreadable, "not valid JSON"),
        (b"<<<<<<< HEAD\n{}\n", DocumentUnreadable, "git merge"),
        (b"[1, 2]", DocumentUnreadable, "format version"),
    ],
)
def test_a_file_that_cannot_be_opened_says_why_and_can_be_opened_later(tmp_path, content, error, words):
    async def run():
        async with world(tmp_path) as w:
            if content is not None:
                w.write("n.ipynb", content)
            with pytest.raises(error, match=words) as caught:
                await w.open("n.ipynb")
            assert str(tmp_path) not in caught.value.words
            w.write("n.ipynb", notebook("1"))
            await w.open("n.ipynb")

    asyncio.run(run())


def test_a_storage_that_does_not_answer_is_an_error_in_words(tmp_path):
    class Hanging(AsyncLargeFileManager):
        async def get(self, *args, **kwargs):
            await asyncio.Event().wait()

    async def run():
        settings = FileSettings(read_timeout=0.01)
        async with world(tmp_path, Hanging(root_dir=str(tmp_path)), settings) as w:
            with pytest.raises(DocumentUnavailable, match="has not answered"):
                await w.open("a.txt")

    asyncio.run(run())


def test_whoever_asks_a_hanging_storage_hears_of_it_and_the_save_goes_on(tmp_path):
    class Slow(AsyncLargeFileManager):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.gate = asyncio.Event()

        async def save(self, model, path=""):
            await self.gate.wait()
            return await super().save(model, path)

    async def run():
        contents = Slow(root_dir=str(tmp_path))
        async with world(tmp_path, contents, FileSettings(save_patience=0.01)) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "zero ")
            result = await keeper.save()
            assert result.status is SaveStatus.FAILED
            assert "goes on" in result.words
            assert keeper.holds()
            contents.gate.set()
            await eventually(lambda: w.read("a.txt") == "zero one\n")

    asyncio.run(run())


def test_a_document_is_closed_although_its_storage_hangs_and_its_history_has_what_is_unsaved(tmp_path):
    class Hanging(AsyncLargeFileManager):
        async def save(self, model, path=""):
            await asyncio.Event().wait()

    async def run():
        past = Past()
        contents = Hanging(root_dir=str(tmp_path))
        async with world(tmp_path, contents, FileSettings(close_patience=0.05)) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt", past)
            type_in(document, "zero ")
            waiting = asyncio.create_task(keeper.save())
            await asyncio.sleep(0)
            await keeper.close()
            assert (await waiting).status is SaveStatus.FAILED
            assert "does not answer" in w.notices[-1].words
        async with world(tmp_path) as w:
            assert w.read("a.txt") == "one\n"
            _, document = await w.open("a.txt", past)
            assert str(source(document)) == "zero one\n"

    asyncio.run(run())


def test_an_unsaved_edit_survives_a_crash(tmp_path):
    async def run():
        past = Past()
        w1 = world(tmp_path, settings=FileSettings(autosave=False))
        async with w1 as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt", past)
            type_in(document, "zero ")
        async with world(tmp_path) as w:
            keeper, document = await w.open("a.txt", past)
            assert str(source(document)) == "zero one\n"
            await w.clock.go(2)
            assert w.read("a.txt") == "zero one\n"

    asyncio.run(run())


def test_after_a_crash_the_next_outside_change_is_compared_with_what_was_merged_before_it(tmp_path):
    async def run():
        past, by_hand = Past(), FileSettings(autosave=False)
        async with world(tmp_path, settings=by_hand) as w:
            w.write("a.txt", "one\ntwo\n")
            _, document = await w.open("a.txt", past)
            type_in(document, "MINE\n")
            w.write("a.txt", "one\ntwo\nthree\n")
            await w.clock.go(40)
            assert str(source(document)) == "MINE\none\ntwo\nthree\n"
        async with world(tmp_path, settings=by_hand) as w:
            _, document = await w.open("a.txt", past)
            with document.typing():
                at = str(source(document)).index("three")
                del source(document)[at : at + len("three\n")]
            w.write("a.txt", "ONE\ntwo\nthree\n")
            await w.clock.go(40)
            assert str(source(document)) == "MINE\nONE\ntwo\n"

    asyncio.run(run())


def test_a_crash_between_the_write_and_its_mark_does_not_look_like_a_change_of_somebody_else(tmp_path):
    async def run():
        past = Past()
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt", past)
            agree, document.agree = document.agree, None
            type_in(document, "zero ")
            intended = []

            async def crash(mark):
                intended.append(mark)
                raise DocumentUnavailable("The power is off.")

            document.agree = crash
            await keeper.save()
            document.agree = agree
            assert w.read("a.txt") == "zero one\n"
            assert past.saving
            saving, saved = past.saving, past.saved
        past.saving, past.saved = saving, saved
        async with world(tmp_path) as w:
            _, document = await w.open("a.txt", past)
            assert str(source(document)) == "zero one\n"
            assert past.saving is None
            assert past.saved.content == saving.content
            assert "MERGED" not in w.kinds()

    asyncio.run(run())


def test_100_alternating_saves_by_somebody_outside_lose_no_character(tmp_path):
    seed = random.randrange(10**9)
    chance = random.Random(seed)

    async def run():
        async with world(tmp_path) as w:
            start = "start\n" + "line\n" * 20
            w.write("a.txt", start)
            keeper, document = await w.open("a.txt")
            expected = [start]
            for n in range(100):
                for k in range(chance.randrange(4)):
                    mark = f"<live {n}.{k}>"
                    expected.append(mark)
                    lines = str(source(document)).split("\n")
                    at = len("\n".join(lines[: chance.randrange(len(lines))]).encode())
                    type_in(document, mark, at)
                    await w.clock.go(chance.choice([0.1, 0.7]))
                mark = f"<outside {n}>"
                expected.append(mark + "\n")
                lines = w.read("a.txt").split("\n")
                lines.insert(chance.randrange(len(lines)), mark)
                w.write("a.txt", "\n".join(lines))
                if chance.random() < 0.5:
                    assert (await keeper.save()).status is SaveStatus.SUCCESS
                else:
                    await w.clock.go(chance.choice([0.1, 2.5]))
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            text = w.read("a.txt")
            assert text == str(source(document))
            assert Counter(text) >= Counter("".join(expected)), f"seed {seed}"
            assert [mark for mark in expected[1:] if mark.strip() not in text] == [], f"seed {seed}"
            doubled = sum((Counter(text) - Counter("".join(expected))).values())
            assert doubled == 0 or "CONFLICT" in w.kinds(), f"seed {seed}"

    asyncio.run(run())


def test_after_the_first_change_of_each_opening_the_server_makes_one_of_its_own(tmp_path):
    async def story():
        async with world(tmp_path) as w:
            w.write("a.txt", "hello")
            past, signed = Past(), set()
            for _ in range(2):
                keeper, document = await w.open("a.txt", past)
                await turns()
                beginning = document.origins.count("file state")
                type_in(document, "one ")
                await turns()
                assert document.origins.count("file state") == beginning + 1, "at once, long before the file is written"
                signed.add(state(document)["opened"])
                type_in(document, "two ")
                await turns()
                assert document.origins.count("file state") == beginning + 1, "once"
                await keeper.close()
            assert len(signed) == 2
            assert w.read("a.txt") == "two one two one hello"

    asyncio.run(story())
