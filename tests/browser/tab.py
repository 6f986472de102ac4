"""What one person sees and does in one browser tab with JupyterLab.

Typing, shortcuts and clicks are real; JupyterLab's commands are used where the way to them in the menus is not what
is tested. Everything read is what the page shows, not what some model holds. Nothing here waits for a time: it waits
for something to be so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.auth import User
from playwright.sync_api import Page

from .people import token_of
from .wire import Wire

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.05

CONNECTION_LOST = "Server Connection Error"
"""The title of the dialog in which JupyterLab, with or without us, says that the server does not answer."""

REMEMBER_DIALOGS = """
window.dialogsSeen = [];
new MutationObserver(changes => {
  for (const node of changes.flatMap(change => [...change.addedNodes])) {
    if (node.classList?.contains("jp-Dialog")) window.dialogsSeen.push(`${node.ariaLabel ?? ""} ${node.innerText}`);
  }
}).observe(document, {childList: true, subtree: true});
"""
CELLS = """() => [...document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")].map(
  cell => [...cell.querySelectorAll(".jp-InputArea .cm-line")].map(line => line.textContent).join("\\n"))"""
TEXT = """() => [...document.querySelectorAll(".jp-FileEditor .cm-line")].map(line => line.textContent).join("\\n")"""
OUTPUT = """n => [...document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")][n]
  .querySelector(".jp-OutputArea")?.innerText.trim() ?? "" """
OTHERS = """() => [...document.querySelectorAll(".jp-CollaboratorsList .jp-CollaboratorHeader > span")]
  .map(name => name.textContent)"""
FLAGS = """() => [...document.querySelectorAll(".jp-remote-userFlag-name")].map(name => name.textContent)"""

KERNEL_READY = """() => {
  const {sessionContext} = jupyterapp.shell.currentWidget.context;
  return !sessionContext.kernelPreference.shouldStart || sessionContext.session?.kernel?.status === "idle";
}"""


class Tab:
    """One person's view of the server."""

    def __init__(self, page: Page, wire: Wire, user: User) -> None:
        self.page, self.wire, self.user = page, wire, user
        self.console: list[str] = []
        self.expected_dialogs: tuple[str, ...] = ()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.add_init_script(REMEMBER_DIALOGS)
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))

    def __str__(self) -> str:
        return self.user.display_name

    def visit(self, path: str) -> None:
        """Log in and ask for a file, which may not open."""
        address = f"{self.wire.url}/lab/tree/{path}?reset&token={token_of(self.user)}"
        self.page.goto(address, wait_until="commit")

    def wait_for_text(self) -> None:
        """Return when the file that was asked for is shown."""
        self.page.wait_for_selector(".jp-Notebook .jp-Cell, .jp-FileEditor .cm-content")
        self.page.wait_for_selector(".jp-Spinner", state="detached")

    def cells(self) -> list[str]:
        """Return the source of each cell as it is shown."""
        return self.page.evaluate(CELLS)

    def text(self) -> str:
        """Return the text file that is shown."""
        return self.page.evaluate(TEXT)

    def output(self, cell: int) -> str:
        """Return what is shown below a cell."""
        return self.page.evaluate(OUTPUT, cell)

    def prompt(self, cell: int) -> str:
        """Return what stands beside a cell: ``[*]:`` while it runs, then how often its kernel has run one."""
        return self.page.locator(".jp-Cell .jp-InputPrompt").nth(cell).inner_text()

    def others(self) -> list[str]:
        """Return the names that the list of collaborators shows."""
        return self.page.evaluate(OTHERS)

    def flags(self) -> list[str]:
        """Return the names beside the other people's cursors."""
        return self.page.evaluate(FLAGS)

    def sign(self) -> str:
        """Return what the server's own flag at this person's cursor says; empty if there is none."""
        return next((flag for flag in self.flags() if flag.startswith("File ")), "")

    def toolbar_note(self) -> str:
        """Return what the document's toolbar says of it; empty if nothing."""
        note = self.page.locator("[data-jp-item-name=read-only-indicator]")
        return note.inner_text() if note.count() else ""

    def notification(self) -> str:
        """Return what JupyterLab's newest notification says, while it is shown; empty if there is none."""
        shown = self.page.locator(".jp-Notification-Toast-warning, .jp-Notification-Toast-error")
        return shown.last.inner_text().strip() if shown.count() else ""

    def errors(self) -> int:
        """Return how many errors the status bar says that the log console has of the open document."""
        hint = self.page.locator(".jp-LogConsoleStatusItem:not(.lm-mod-hidden)")
        return int(hint.inner_text() or 0) if hint.count() else 0

    def log(self) -> str:
        """Open the log console by its hint in the status bar, and return what it shows."""
        self.page.locator(".jp-LogConsoleStatusItem").click()
        return self.page.locator(".jp-LogConsolePanel").inner_text()

    def dialogs(self) -> list[str]:
        """Return the text of every dialog that was shown since the page was loaded."""
        return [] if self.page.is_closed() else self.page.evaluate("window.dialogsSeen ?? []")

    def surprises(self) -> list[str]:
        """Return the dialogs that were shown and do not have an expected title."""
        return [dialog for dialog in self.dialogs() if not any(title in dialog for title in self.expected_dialogs)]

    def name(self) -> str:
        """Return the label of the open document's tab."""
        return self.page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current .lm-TabBar-tabLabel").inner_text()

    def dirty(self) -> bool:
        """Return whether the tab's label shows that something is not saved."""
        return self.page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current.jp-mod-dirty").count() > 0

    def focus(self, cell: int = 0, key: str = "Control+End") -> None:
        """Put the cursor into the n-th editor, at its end unless another key says where."""
        self.page.locator(".jp-Cell .jp-InputArea .cm-content, .jp-FileEditor .cm-content").nth(cell).click()
        self.page.keyboard.press(key)

    def type(self, text: str, cell: int = 0, key: str = "Control+End") -> None:
        """Type into the n-th editor."""
        self.focus(cell, key)
        self.page.keyboard.type(text)

    def select(self, cell: int) -> None:
        """Select the n-th cell, outside its editor, so that shortcuts are for the cell."""
        self.page.locator(".jp-Cell .jp-InputPrompt").nth(cell).click()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def known_hash(self) -> str:
        """Return the hash that JupyterLab believes the file to have; another one means a conflict to it."""
        return self.page.evaluate("jupyterapp.shell.currentWidget.context.contentsModel.hash")

    def rename(self, name: str) -> None:
        """Rename the open file through JupyterLab's own dialog."""
        self.page.evaluate("() => void jupyterapp.commands.execute('docmanager:rename')")
        self.page.locator(".jp-Dialog input").fill(name)
        self.dismiss("New Name", "Rename")

    def dismiss(self, title: str, button: str) -> None:
        """Wait for a dialog that is expected, and press one of its buttons."""
        self.expected_dialogs += (title,)
        dialog = self.page.locator(".jp-Dialog", has_text=title)
        dialog.get_by_role("button", name=button).click()
        dialog.wait_for(state="detached")

    def notice_loss(self) -> None:
        """See at once that the server is gone, and ask JupyterLab not to say so again."""
        self.page.evaluate("() => void jupyterapp.serviceManager.sessions.refreshRunning().catch(() => {})")
        self.page.locator(".jp-Dialog input[type=checkbox]").check()
        self.dismiss(CONNECTION_LOST, "Close")

    def sleep(self) -> None:
        """Close the laptop: no timer of the page runs, and nothing is sent or heard."""
        self.page.context.set_offline(True)
        self._lifecycle("frozen")

    def wake(self) -> None:
        """Open the laptop again."""
        self._lifecycle("active")
        self.page.context.set_offline(False)

    def keep(self, folder: Path) -> None:
        """Write down what the page shows and said, for whoever reads a failure."""
        if not self.page.is_closed():
            self.page.screenshot(path=folder / f"{self.user.username}.png")
        (folder / f"{self.user.username}.console").write_text("\n".join(self.console))

    def last_words(self) -> str:
        """Return the dialogs that were shown, and the end of what the console said."""
        return "\n".join([*self.dialogs(), *(line[:200] for line in self.console[-30:])])

    def _lifecycle(self, state: str) -> None:
        session = self.page.context.new_cdp_session(self.page)
        session.send("Page.setWebLifecycleState", {"state": state})
        session.detach()


def open_for(path: Path, *tabs: Tab) -> None:
    """Let everyone open a file at once, and return when all of them are shown its text and have its kernel."""
    for tab in tabs:
        tab.visit(path.name)
    for tab in tabs:
        tab.wait_for_text()
        tab.page.wait_for_function(KERNEL_READY)


def eventually(look: Callable[[], Any], expected: Any, patience: float = PATIENCE_SECONDS) -> None:
    """Look until what is seen equals what is expected.

    Raises:
        AssertionError: it did not come to be within ``patience`` seconds; the text says what was seen last.

    """
    limit = time.monotonic() + patience
    while (seen := look()) != expected:
        assert time.monotonic() < limit, f"expected {expected!r}, but saw {seen!r} after {patience} s"
        time.sleep(POLL_SECONDS)


def together(*typing: tuple[Tab, str]) -> None:
    """Let several people type at once where their cursors are: one key each, in turn."""
    for place in range(max(len(text) for _, text in typing)):
        for tab, text in typing:
            if place < len(text):
                tab.page.keyboard.type(text[place])
