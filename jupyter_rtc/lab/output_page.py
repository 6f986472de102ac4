"""``GET api/rtc/outputs/<file id>/<name>``: an output that was too large to be shared, as text."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from ..kernels.left_aside import LeftAside


class OutputHandler(APIHandler):
    """Gives what was left out of an output."""

    auth_resource = "contents"

    def initialize(self, aside: LeftAside) -> None:
        """Take what the route gives."""
        self._aside = aside

    @authenticated
    @authorized(action="read", resource="contents")  # type: ignore[untyped-decorator]
    async def get(self, file_id: str, name: str) -> None:
        """Answer with the rest of a stream, or with outputs as JSON, one in each line."""
        found = self._aside.read(file_id, name)
        if found is None:
            raise HTTPError(404, "This output is not kept here any more. Run the cell again.")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(found.encode("utf-8", "replace"), set_content_type="text/plain; charset=utf-8")
