"""Changes as an asynchronous iterator."""

import asyncio
import gc

from jupyter_rtc.tables.watch import Watch


async def next_of(watch):
    return await asyncio.wait_for(anext(watch), 5)


async def test_changes_come_from_the_call_on_and_can_be_answered_by_writing(todos):
    watch = todos.watch()
    todos.create(id="a", title="x")
    change = await next_of(watch)
    assert (change.kind, change.before, change.after["title"]) == ("created", None, "x")
    waiting = asyncio.create_task(next_of(watch))
    await asyncio.sleep(0)
    todos["a"]["done"] = True
    change = await waiting
    todos[change.id]["title"] = "answered"
    assert (await next_of(watch)).fields == {"title"}


async def test_a_record_a_field_a_query_and_all_tables_can_be_watched(store, todos):
    todo = todos.create(id="a", title="x")
    watches = [todo.watch(), todo.watch("title"), todos.where(done=False).watch(), store.watch(), todos.watch("title")]
    todo["title"] = "y"
    for watch in watches:
        assert (await next_of(watch)).after["title"] == "y"


async def test_it_ends_when_it_is_closed_after_what_had_come(store, todos):
    async with todos.watch() as watch:
        todos.create(id="a", title="x")
    todos.create(id="b", title="x")
    assert [change.id async for change in watch] == ["a"] and store._observer._hearers == []


async def test_closing_wakes_who_waits(todos):
    watch = todos.watch()
    waiting = asyncio.create_task(anext(watch, None))
    await asyncio.sleep(0)
    watch.close()
    assert await asyncio.wait_for(waiting, 5) is None


async def test_it_ends_when_the_datastore_is_closed(store, todos):
    watch = todos.watch()
    waiting = asyncio.create_task(anext(watch, None))
    await asyncio.sleep(0)
    store.close()
    assert await asyncio.wait_for(waiting, 5) is None


async def test_a_watch_that_nobody_holds_ends_by_itself(store, todos):
    async def first():
        found = []
        async for change in todos.watch():
            found.append(change.id)
            break
        return found

    waiting = asyncio.create_task(first())
    await asyncio.sleep(0)
    todos.create(id="a", title="x")
    assert await asyncio.wait_for(waiting, 5) == ["a"]
    del waiting
    gc.collect()
    todos.create(id="b", title="x")
    assert store._observer._hearers == []


async def test_who_is_slow_gets_several_changes_of_a_record_as_one(todos):
    watch = Watch(todos.observe, pending=10)
    todo = todos.create(id="a", title="0")
    todos.create(id="b", title="b")
    for number in range(100):
        todo["title"] = str(number)
    todos["b"].delete()
    assert len(watch._waiting) <= 20
    changes = []
    while watch._waiting:
        changes.append(await next_of(watch))
    assert changes[0].before is None and changes[-1].id == "b" and len(changes) <= 20
    assert [change.after["title"] for change in changes if change.id == "a"][-1] == "99"
