"""Rules of jupyter_rtc.datastore.content."""

from jupyter_rtc.datastore.blob import BlobShape
from jupyter_rtc.datastore.content import shape_of
from jupyter_rtc.datastore.notebook import NotebookShape
from jupyter_rtc.datastore.text import TextShape


def test_each_type_of_jupyterlab_has_its_shape():
    assert isinstance(shape_of("notebook"), NotebookShape)
    assert isinstance(shape_of("file"), TextShape) and isinstance(shape_of("unicode"), TextShape)
    assert isinstance(shape_of("blob"), BlobShape)


def test_a_type_that_nobody_registered_is_a_text():
    assert isinstance(shape_of("no-such-type"), TextShape)
