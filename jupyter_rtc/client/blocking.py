"""The client for plain scripts, which wait: ``with connect(url) as rtc: nb = rtc.notebook("a.ipynb")``.

It is the same client with the same names: where the other is awaited, this one returns when it is done; where the
other is iterated over with ``async for``, this one is with ``for``. It runs on a thread of its own, on which everything
is read and written; within a transaction, that thread does nothing else. A wait is interrupted by ctrl-C; what was
asked for goes on.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterable, Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from queue import Queue
from typing import Any

from ..errors import ClientError
from .client import connect as connect_async

_CONTEXTS = (AbstractContextManager, AbstractAsyncContextManager)
_OURS = ("jupyter_rtc.client", "jupyter_rtc.tables")
IN_THE_MIDDLE = "A condition is looked at between two changes, and a transaction is one: they cannot wait for anything."


class _Worker:
    """A thread with an event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._held: Queue[tuple[Callable[[], Any], Future[Any]] | None] | None = None
        """What a script does within a transaction."""
        self._thread = threading.Thread(target=self._loop.run_forever, name="jupyter_rtc client", daemon=True)
        self._thread.start()

    def call(self, work: Callable[[], Any]) -> Any:
        """Do something on the thread, wait for it, and return its result for a plain script."""
        if threading.current_thread() is self._thread:
            return self._shown(_at_once(work()))
        if self._held is not None:
            answer: Future[Any] = Future()
            self._held.put((lambda: _at_once(work()), answer))
            return self._shown(answer.result())
        done: Future[Any] = asyncio.run_coroutine_threadsafe(_finished(work), self._loop)
        try:
            return self._shown(done.result())
        except KeyboardInterrupt:
            done.cancel()
            raise

    def hold(self, context: AbstractContextManager[Any]) -> Any:
        """Enter a context in which nothing else may happen on the thread."""
        self._held = Queue()
        entered: Future[Any] = Future()
        self._left: Future[Any] = Future()
        self._loop.call_soon_threadsafe(self._serve, context, self._held, entered)
        try:
            return self._shown(entered.result())
        except BaseException:
            self._held = None
            raise

    def release(self) -> None:
        """Leave it."""
        held, self._held = self._held, None
        if held is not None:
            held.put(None)
            self._left.result()

    def _serve(self, context: AbstractContextManager[Any], held: Queue[Any], entered: Future[Any]) -> None:
        """Do what the script says, within the context; on the thread."""
        try:
            with context as value:
                entered.set_result(value)
                while (asked := held.get()) is not None:
                    work, answer = asked
                    _answer(answer, work)
        except BaseException as error:
            (self._left if entered.done() else entered).set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            self._left.set_result(None)

    def stop(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _shown(self, value: Any) -> Any:
        if isinstance(value, list | tuple) and type(value) in (list, tuple):
            return type(value)(self._shown(one) for one in value)
        ours = type(value).__module__.startswith(_OURS) or isinstance(value, _CONTEXTS)
        if callable(value) and not ours and not inspect.isclass(value):
            return lambda *args, **named: self.call(lambda: value(*_plain(args), **_plain(named)))
        return Blocking(self, value) if ours and not isinstance(value, int) else value


class Blocking:
    """Something of the client, used from another thread."""

    __slots__ = ("_thing", "_worker")

    def __init__(self, worker: _Worker, thing: Any) -> None:
        object.__setattr__(self, "_worker", worker)
        object.__setattr__(self, "_thing", thing)

    def __getattr__(self, name: str) -> Any:
        return self._worker.call(lambda: getattr(self._thing, name))

    def __setattr__(self, name: str, value: Any) -> None:
        self._worker.call(lambda: setattr(self._thing, name, _plain(value)))

    def __getitem__(self, key: Any) -> Any:
        return self._worker.call(lambda: self._thing[_plain(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        def put() -> None:
            self._thing[key] = _plain(value)

        self._worker.call(put)

    def __len__(self) -> int:
        return int(self._worker.call(lambda: len(self._thing)))

    def __contains__(self, key: object) -> bool:
        return bool(self._worker.call(lambda: _plain(key) in self._thing))

    def __iter__(self) -> Iterator[Any]:
        if not isinstance(self._thing, AsyncIterable):
            yield from self._worker.call(lambda: list(self._thing))
            return
        things = self._worker.call(lambda: [aiter(self._thing)])[0]
        while True:
            try:
                yield self._worker.call(lambda: anext(_plain(things)))
            except StopAsyncIteration:
                return

    def __enter__(self) -> Any:
        if isinstance(self._thing, AbstractAsyncContextManager):
            return self._worker.call(self._thing.__aenter__)
        return self._worker.hold(self._thing)

    def __exit__(self, *error: Any) -> None:
        if isinstance(self._thing, AbstractAsyncContextManager):
            self._worker.call(lambda: self._thing.__aexit__(*error))
        else:
            self._worker.release()

    def __eq__(self, other: object) -> bool:
        return bool(self._worker.call(lambda: self._thing == _plain(other)))

    def __hash__(self) -> int:
        return int(self._worker.call(lambda: hash(self._thing)))

    def __repr__(self) -> str:
        return str(self._worker.call(lambda: repr(self._thing)))


@contextmanager
def connect(
    url: str, *, token: str | None = None, cookie: str | None = None, validate_cert: bool = True
) -> Iterator[Any]:
    """Connect to a server, for as long as the ``with`` lasts; as ``jupyter_rtc.client.connect``."""
    worker = _Worker()
    try:
        with Blocking(worker, connect_async(url, token=token, cookie=cookie, validate_cert=validate_cert)) as rtc:
            yield rtc
    finally:
        worker.stop()


async def _finished(work: Callable[[], Any]) -> Any:
    found = work()
    is_work = inspect.isawaitable(found) and not type(found).__module__.startswith(_OURS)
    return await found if is_work else found


def _at_once(found: Any) -> Any:
    if inspect.isawaitable(found) and not type(found).__module__.startswith(_OURS):
        if inspect.iscoroutine(found):
            found.close()
        raise ClientError(IN_THE_MIDDLE)
    return found


def _answer(answer: Future[Any], work: Callable[[], Any]) -> None:
    try:
        answer.set_result(work())
    except Exception as error:  # noqa: BLE001  it is the script's, which gets it
        answer.set_exception(error)


def _plain(value: Any) -> Any:
    """Return what is meant by what a script gives."""
    if isinstance(value, Blocking):
        return object.__getattribute__(value, "_thing")
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value
