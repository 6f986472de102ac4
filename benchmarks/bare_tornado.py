"""A bare Tornado server that only forwards: no document, no log, no permissions. Run as a program.

Every binary message goes to every client of its room, its sender included, as in the servers it is
compared with. Two ways of forwarding:

* ``plain``: one ``write_message`` for each message and client, as a straightforward server does it.
* ``joining``: all messages of one turn of the event loop become one string of bytes, which is written
  once to the stream of each client. This is the limit of what Python and Tornado can do.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import Any

from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

from benchmarks.wire import server_frame

Room = set["Forwarding"]


class Ready(RequestHandler):
    """Answers, so that one can see that the server runs."""

    def get(self) -> None:
        """Answer anything."""
        self.finish({})


class Forwarding(WebSocketHandler):
    """One connection; how it forwards is what the two subclasses say."""

    def initialize(self, rooms: dict[str, Room]) -> None:
        """Take the rooms, which are the application's."""
        self.rooms = rooms
        self.room: Room = set()

    def open(self, *args: str, **_kwargs: str) -> None:
        """Enter the room that the address names."""
        self.set_nodelay(True)
        self.room = self.rooms.setdefault(args[0], set())
        self.room.add(self)

    def on_close(self) -> None:
        """Leave the room."""
        self.room.discard(self)


class Plain(Forwarding):
    """Forwards each message to each client by itself."""

    def on_message(self, message: str | bytes) -> None:
        """Forward a message."""
        for client in self.room:
            client.write_message(message, binary=True)


class Joining(Forwarding):
    """Forwards all messages of a turn of the loop at once."""

    def initialize(self, rooms: dict[str, Room]) -> None:
        """Take the rooms; nothing is waiting yet."""
        super().initialize(rooms)
        self.waiting: list[bytes] = []

    def on_message(self, message: str | bytes) -> None:
        """Keep a message for the end of the turn."""
        assert isinstance(message, bytes)
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self.forward)
        self.waiting.append(server_frame(message))

    def forward(self) -> None:
        """Write what is waiting to everyone."""
        joined = b"".join(self.waiting)
        self.waiting.clear()
        for client in self.room:
            connection: Any = client.ws_connection
            if connection is not None:
                connection.stream.write(joined)


async def serve(port: int, handler: type[Forwarding]) -> None:
    """Serve until SIGTERM."""
    application = Application([("/api", Ready), ("/room/(.*)", handler, {"rooms": {}})])
    application.listen(port, "127.0.0.1")
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=["plain", "joining"])
    parser.add_argument("port", type=int)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, {"plain": Plain, "joining": Joining}[arguments.way]))


if __name__ == "__main__":
    main()
