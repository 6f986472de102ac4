from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.protocol.late_text import as_written, brings_more, deletions, loses_text


class Story:
    """A server's document and a person's, in which something was deleted that the person has not heard of."""

    def __init__(self) -> None:
        self.server, self.person = Doc(client_id=1), Doc(client_id=2)
        self.server.get("cells", type=Array).append(Map({"source": Text("hello")}))
        self.person.apply_update(self.server.get_update())
        self.source = self.person.get("cells", type=Array)[0]["source"]
        self.sent: list[bytes] = []
        self.events: list[tuple[bytes, ...]] = []
        self.person.observe(lambda event: self.sent.append(event.update))
        self.server.observe(lambda e: self.events.append((e.update, e.delete_set, e.before_state, e.after_state)))

    def delete(self) -> None:
        del self.server.get("cells", type=Array)[0]
        self.events.clear()

    def told(self, update: bytes) -> tuple[bytes, bytes]:
        """Return the change that the server's document sees, and what others are told."""
        self.server.apply_update(update)
        change, deleted, before, after = self.events[-1]
        self.more = brings_more(update, before, after)
        return change, as_written(update, change, after) if loses_text(update, deleted) and not self.more else change


def test_what_is_written_into_what_is_there_is_told_as_the_document_says():
    story = Story()
    story.source.insert(2, "NEW")
    change, told = story.told(story.sent[0])
    assert told is change


def test_what_is_written_into_what_is_gone_is_told_as_it_was_written():
    story = Story()
    story.delete()
    story.source.insert(2, "LATE")
    change, told = story.told(story.sent[0])
    assert b"LATE" not in change
    assert told == story.sent[0] and not story.more


def test_what_makes_more_than_was_sent_is_told_as_the_document_says():
    """An earlier message comes last: the document makes what had waited for it, too."""
    story = Story()
    story.delete()
    story.source.insert(2, "FIRST")
    story.source.insert(2, "SECOND")
    story.server.apply_update(story.sent[1])
    change, told = story.told(story.sent[0])
    assert told is change and story.more


def test_a_value_that_another_s_has_replaced_is_not_lost_text():
    """Two set one key at the same time, as JupyterLab does for each character that is typed."""
    story = Story()
    other = Doc(client_id=3)
    other.get("state", type=Map)["dirty"] = True
    story.server.apply_update(other.get_update())
    with story.person.transaction():
        story.source.insert(2, "NEW")
        story.person.get("state", type=Map)["dirty"] = True
    change, told = story.told(story.sent[0])
    assert change != story.sent[0]
    assert b"NEW" in change
    assert told is change and not story.more


def test_a_delete_set_is_read():
    story = Story()
    del story.source[1:3]
    story.server.apply_update(story.sent[0])
    assert list(deletions(story.events[-1][1])) == [(1, 3, 2)]
