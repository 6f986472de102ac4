"""Contents managers with the faults and habits of real ones."""

import copy
import hashlib
from datetime import UTC, datetime

import nbformat
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from tornado.web import HTTPError


class Old(LargeFileManager):
    """One that has never heard of hashes, on a disk that tells time in steps of two seconds."""

    def get(self, path, content=True, type=None, format=None):
        model = super().get(path, content, type, format)
        seconds = int(model["last_modified"].timestamp()) // 2 * 2
        return {**model, "last_modified": datetime.fromtimestamp(seconds, UTC)}

    def save(self, model, path=""):
        return super().save(model, path)


class InMemory:
    """One without files, and with no more than the arguments that all have."""

    def __init__(self):
        self.models = {}
        self.saves = 0

    def get(self, path, content=True, type=None, format=None):
        if path not in self.models:
            raise HTTPError(404, "no such thing")
        model = copy.deepcopy(self.models[path])
        if type and model["type"] != type:
            raise HTTPError(400, reason="bad type")
        if not content:
            model["content"] = model["format"] = None
        return model

    def save(self, model, path=""):
        self.saves += 1
        self.put(path, copy.deepcopy(model["content"]), model["type"])
        return self.get(path, content=False)

    def put(self, path, content, kind):
        when = datetime.fromtimestamp(1_000_000 + self.saves, UTC)
        fmt = "json" if kind == "notebook" else "text"
        self.models[path] = {
            "content": content, "type": kind, "format": fmt, "last_modified": when, "writable": True,
        }  # fmt: skip


class Sizing(InMemory):
    """One that tells a size and a time of day with the content only."""

    def get(self, path, content=True, type=None, format=None):
        model = super().get(path, content, type, format)
        when = model["last_modified"]
        size = len(str(model["content"])) if content else None
        return {**model, "size": size, "last_modified": when if content else when.date()}


class Now(InMemory):
    """One to which everything was changed right now."""

    looks = 0

    def get(self, path, content=True, type=None, format=None):
        self.looks += 1
        assert self.looks < 500, "It is asked without end."
        when = datetime.fromtimestamp(2_000_000 + self.looks, UTC)
        return {**super().get(path, content, type, format), "last_modified": when}


class Hashing(InMemory):
    """One that reports hashes of what it has when it is asked for them."""

    def get(self, path, content=True, type=None, format=None, require_hash=False):
        model = super().get(path, content, type, format)
        return {**model, "hash": self.hash_of(path)} if require_hash else model

    def hash_of(self, path):
        return hashlib.sha256(repr(self.models[path]["content"]).encode()).hexdigest()


class HashingWithContent(Hashing):
    """One that reports them with the content only."""

    def get(self, path, content=True, type=None, format=None, require_hash=False):
        return super().get(path, content, type, format, require_hash and content)


class NowHashing(Hashing, Now):
    """One with hashes to which everything was changed right now."""


class NowHashingWithContent(HashingWithContent, Now):
    """The same, which reports them with the content only."""


class Paired(LargeFileManager):
    """One that gives a script as a notebook and writes it back as a script, as jupytext does."""

    def get(self, path, content=True, type=None, format=None, require_hash=False):
        if type != "notebook" or not path.endswith(".py"):
            return super().get(path, content, type, format, require_hash)
        model = super().get(path, content, "file", "text", require_hash)
        if content:
            cells = [
                nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(model["content"].split("\n\n"))
            ]
            model["content"] = nbformat.v4.new_notebook(cells=cells)
        return {**model, "type": "notebook", "format": "json" if content else None}

    def save(self, model, path=""):
        if model["type"] != "notebook" or not path.endswith(".py"):
            return super().save(model, path)
        text = "\n\n".join(cell["source"] for cell in model["content"]["cells"])
        return super().save({"type": "file", "format": "text", "content": text}, path)
