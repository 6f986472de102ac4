"""A server whose addresses for runs are there, with a scripted kernel behind them."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_rtc.lab.chain import Chain
from jupyter_rtc.lab.execution import CommsHandler, ExecuteHandler, InputHandler, RequestHandler
from jupyter_rtc.lab.input_page import InputPage

from ..kernels.scripted import scripted
from ..kernels.world import ROOM, world


class Rules(Authorizer):
    """Allows what ``may`` says, which a test changes."""

    may = {"read", "write", "execute"}

    def is_authorized(self, handler, user, action, resource):
        return action in self.may

    @classmethod
    def config(cls):
        """Return a server's configuration with these rules, allowing everything."""
        cls.may = {"read", "write", "execute"}
        return {"ServerApp": {"authorizer_class": f"{__name__}.Rules"}}


class Files:
    """Knows one notebook by its path."""

    async def index(self, path):
        return ("1" if path == "a.ipynb" else "unknown"), False

    def path(self, room):
        return "a.ipynb" if room == ROOM else None


@asynccontextmanager
async def served(app, base_url, notebook, patience=0.05, **cells):
    """Answer at the addresses, and be the kernel ``k``."""
    async with world(notebook) as w, scripted(w.here, **cells) as kernel:
        kernels = {"kernels": w.kernels, "files": Files()}
        routes = [
            (r"api/kernels/(\w+)/execute", ExecuteHandler, {**kernels, "chain": Chain(patience)}),
            (r"api/kernels/(\w+)/requests/([\w-]+)", RequestHandler, kernels),
            (r"api/kernels/(\w+)/comms", CommsHandler, kernels),
            (r"api/kernels/(\w+)/input", InputHandler, kernels),
            (r"rtc/input/(\w+)/(\w+)", InputPage, {"kernels": w.kernels}),
        ]
        app.web_app.add_handlers(".*", [(base_url + path, *rest) for path, *rest in routes])
        yield w, kernel


async def answer_of(fetching):
    """Return the status and the body, also of an answer that is an error."""
    try:
        answer = await fetching
    except HTTPClientError as error:
        answer = error.response
    return answer.code, answer.body.decode()


async def json_of(fetching):
    code, body = await answer_of(fetching)
    return code, json.loads(body)
