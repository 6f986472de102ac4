"""Tables over a real relay: of people at the far end of connections, and of a participant inside the server."""

from jupyter_rtc.ids import parse_room
from jupyter_rtc.tables import Datastore, new_document
from jupyter_rtc.testing.peer import Peer
from tests.relay.world import ROOM, world

from .conftest import SCHEMA, heard_by, store_over


async def test_people_and_the_server_share_tables():
    async with world() as here:
        ana = Peer("ana", new_document())
        link = here.connect(ana)
        bo, _ = here.peer("bo")
        await here.settle()
        ours, theirs = store_over(ana.doc, author="ana"), store_over(bo.doc, author="bo", undo=False)
        document = await here.hub.open(parse_room(ROOM))
        server = Datastore(document.ydoc, SCHEMA, author="kernel", edit=document.edit, undo=False)
        heard = heard_by(theirs["todos"])
        origins = []
        document.watch(origins.append)

        todo = ours["todos"].create(id="milk", title="Milk", notes="é😀")
        await here.settle()
        server["todos"]["milk"].text("notes").insert(1, "𝄞")
        with server.transaction():
            server["steps"].create(id="s", name="n")
            server["todos"]["milk"]["count"] = 3
        await here.settle()
        assert todo["notes"] == "é𝄞😀" and theirs["todos"]["milk"].as_dict() == todo.as_dict()
        assert theirs["steps"].ids() == ["s"] and type(todo["count"]) is int
        assert [(one.kind, sorted(one.fields)[:2]) for one in heard][1:] == [
            ("updated", ["notes"]),
            ("updated", ["count"]),
        ]
        assert set(origins) == {"client", "kernel"} and not link.ended

        todo.text("notes").append("!")
        assert ours.undo() and todo["notes"] == "é𝄞😀"
        await here.settle()
        assert server["todos"]["milk"]["notes"] == "é𝄞😀" and server["todos"].as_dict() == theirs["todos"].as_dict()
        await document.close()


async def test_who_was_away_brings_their_edits_and_undoes_only_them():
    async with world() as here:
        ana = Peer("ana", new_document())
        link = here.connect(ana)
        bo, _ = here.peer("bo")
        await here.settle()
        ours, theirs = store_over(ana.doc), store_over(bo.doc, undo=False)
        ours["steps"].create(id="a", name="a", body="one")
        await here.settle()
        here.hub.leave(link.seat)
        ana.disconnect()
        theirs["steps"]["a"].text("body").append(" bo")
        ours["steps"]["a"].text("body").insert(0, "ana ")
        theirs["steps"].create(id="b", name="b", at=0)
        here.connect(ana)
        await here.settle()
        assert ours["steps"].as_dict() == theirs["steps"].as_dict() and ours["steps"].ids() == ["b", "a"]
        assert ours["steps"]["a"]["body"] == "ana one bo"
        assert ours.undo() and ours["steps"]["a"]["body"] == "one bo"
        await here.settle()
        assert theirs["steps"]["a"]["body"] == "one bo"
