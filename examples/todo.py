"""A shared todo list over a schema of its own: ``python todo.py URL [add TEXT | done ID | undo]``.

Everybody who runs it sees the same list. Without more it prints the list and what becomes of it, until ctrl-C.
"""

import asyncio
import sys

from jupyter_rtc.client import connect
from jupyter_rtc.tables import Records, Schema, Table, register, text

TODO = Schema([Table("todos", {"text": text(), "done": register(bool, False)})], version=1, name="todo")


def show(todos: Records) -> None:
    """Print the list."""
    for todo in todos:
        print(f"[{'x' if todo['done'] else ' '}] {todo.id} {todo['text']}")


async def main(url: str, action: str = "watch", *words: str) -> None:
    """Do one thing, and show the list."""
    async with connect(url) as rtc:
        store = await rtc.store("todo", TODO, undo=True)
        todos = store["todos"]
        if action == "add":
            todos.create({"text": " ".join(words)}, id=f"t{len(todos) + 1}")
        elif action == "done":
            todos.update(words[0], done=True)
        elif action == "undo":
            todos.update(words[0], done=True)
            store.undo()
        show(todos)
        await store.stored()
        if action == "watch":
            async for change in todos.watch():
                print(f"{change.id} changed")
                show(todos)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
