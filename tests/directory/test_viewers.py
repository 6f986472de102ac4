"""Who looks at a notebook is connected to its kernel."""

from collections import Counter

from jupyter_rtc.directory.viewers import Viewers
from jupyter_rtc.documents import Visit
from jupyter_rtc.notices import Notice, NoticeKind


class Manager:
    """Counts connections as Jupyter's kernel manager does."""

    def __init__(self):
        self.connections = Counter()

    def notify_connect(self, kernel_id):
        self.connections[kernel_id] += 1

    def notify_disconnect(self, kernel_id):
        self.connections[kernel_id] -= 1
        assert self.connections[kernel_id] >= 0


class World:
    def __init__(self):
        self.manager, self.visits, self.paths = Manager(), [], {"room a": "a.ipynb", "room b": "b.ipynb"}
        self.viewers = Viewers(self.manager, lambda: self.visits, self.paths.get)
        self.viewers.take({"s": {"path": "a.ipynb", "kernel_id": "k"}, "t": {"path": "c.ipynb", "kernel_id": None}})

    def news(self, kind=NoticeKind.JOINED):
        self.viewers.hear(Notice(kind, "room a"))


def test_each_who_looks_at_its_notebook_counts_and_nobody_else():
    world = World()
    world.visits = [Visit("room a", {}, ()), Visit("room a", {}, ()), Visit("room b", {}, ()), Visit("other", {}, ())]
    world.news()
    assert world.manager.connections == {"k": 2}
    world.visits.pop(0)
    world.news(NoticeKind.LEFT)
    assert world.manager.connections == {"k": 1}
    world.news(NoticeKind.SAVED)
    world.viewers.close()
    assert world.manager.connections == {"k": 0}


def test_a_notebook_that_gets_another_kernel_or_another_path_counts_there():
    world = World()
    world.visits = [Visit("room a", {}, ())]
    world.news()
    world.viewers.take({"s": {"path": "a.ipynb", "kernel_id": "other"}})
    assert world.manager.connections == {"k": 0, "other": 1}
    world.paths["room a"] = "moved.ipynb"
    world.news(NoticeKind.MOVED)
    assert world.manager.connections == {"k": 0, "other": 0}


def test_a_manager_that_does_not_count_is_left_alone():
    viewers = Viewers(object(), lambda: [Visit("room a", {}, ())], lambda room: "a.ipynb")
    viewers.take({"s": {"path": "a.ipynb", "kernel_id": "k"}})
    viewers.close()
