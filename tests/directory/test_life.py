"""Rules of jupyter_rtc.directory.life that need no process; tests/directory/test_kernels.py has real ones."""

from traitlets import HasTraits, Unicode

from jupyter_rtc.directory.life import Life


class Kernel(HasTraits):
    """A kernel somewhere else, as its manager shows it."""

    execution_state = Unicode("idle")
    provisioner = None
    autorestart = True
    shutting_down = False

    def __init__(self):
        super().__init__()
        self.calls = []

    def add_restart_callback(self, call, event):
        self.calls.append((event, call))

    def remove_restart_callback(self, call, event):
        self.calls.remove((event, call))

    def fire(self, event):
        for name, call in list(self.calls):
            if name == event:
                call()


def test_a_kernel_without_a_process_here_is_followed_by_what_is_said_of_it():
    kernel, looks = Kernel(), []
    life = Life(kernel, looks.append, 0.15)
    life.follow()
    kernel.execution_state = "busy"
    assert len(looks) == 1 and life.comes_back
    kernel.fire("restart")
    assert life.is_down and life.comes_back and looks[1:] == [0]
    life.hear("restart")
    assert not life.is_down and life.generation == 1
    kernel.fire("dead")
    assert life.is_down and life.has_died and not life.comes_back
    life.close()
    assert kernel.calls == []
    kernel.execution_state = "idle"
    assert len(looks) == 3


def test_only_a_restart_begins_a_new_generation():
    life = Life(Kernel(), lambda within: None, 0.15)
    for action in ("start", "interrupt", "shutdown"):
        life.hear(action)
    assert life.generation == 0
