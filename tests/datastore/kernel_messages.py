"""Messages of kernels for tests, and the plainest way to apply changes of outputs."""

from hypothesis import strategies as st

from jupyter_rtc.datastore.outputs import AppendOutput, AppendText, ClearOutputs

words = st.text("ab\n é\U0001f600", max_size=6)
terminal = st.lists(st.one_of(words, st.sampled_from(["\r", "\b", "\x1b[31m", "\x1b[0m", "\x1b[", "\r\n"])), max_size=4)
ids = st.sampled_from(["one", "two"])
bundles = st.dictionaries(st.sampled_from(["text/plain", "image/png"]), st.text("xyz", max_size=30), min_size=1)


def stream(text, name="stdout"):
    return "stream", {"name": name, "text": text}


def display(data, display_id=None, kind="display_data", metadata=None):
    content = {"data": data, "metadata": metadata or {}, "transient": {"display_id": display_id} if display_id else {}}
    return kind, content | ({"execution_count": 3} if kind == "execute_result" else {})


def error(text="no"):
    return "error", {"ename": "E", "evalue": text, "traceback": [text, text]}


def clear(wait=False):
    return "clear_output", {"wait": wait}


def streams(texts):
    return st.builds(stream, texts, st.sampled_from(["stdout", "stdout", "stderr"]))


displays = st.builds(
    display,
    bundles,
    st.none() | ids,
    st.sampled_from(["display_data", "execute_result"]),
    st.dictionaries(st.just("width"), st.integers(0, 3)),
)
updates = st.builds(display, bundles, ids, st.just("update_display_data"))
others = st.one_of(displays, displays, updates, st.builds(error, words), st.builds(clear, st.booleans()))
nothing = st.sampled_from(
    [("status", {"execution_state": "busy"}), ("execute_input", {"code": "1", "execution_count": 3})]
)

messages = st.one_of(streams(terminal.map("".join)), streams(terminal.map("".join)), others, nothing)
plain_messages = st.one_of(streams(words.filter(bool)), streams(words.filter(bool)), others, nothing)


def apply(outputs, changes):
    """Apply changes to a list of outputs."""
    for change in changes:
        if isinstance(change, ClearOutputs):
            outputs.clear()
        elif isinstance(change, AppendOutput):
            assert change.index == len(outputs)
            outputs.append(dict(change.output))
        elif isinstance(change, AppendText):
            assert change.index == len(outputs) - 1
            text = outputs[-1]["text"]
            assert len(text.encode()) == change.size
            assert text.endswith(change.dropped)
            outputs[-1]["text"] = text[: len(text) - len(change.dropped)] + change.text
        else:
            outputs[change.index] = dict(change.output)


class Shelf:
    """Keeps beside the document, as a dictionary does."""

    def __init__(self):
        self.kept = {}

    def add(self, key, text):
        self.kept[key] = self.kept.get(key, "") + text
        return f"kept/{key}"

    def drop(self, key):
        del self.kept[key]

    def fetch(self, reference):
        return self.kept[int(reference.removeprefix("kept/"))]
