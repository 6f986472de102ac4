"""A page on which anyone permitted answers ``input()``: cells that run on the server link to it.

JupyterLab shows no box for what runs on the server. The page is plain HTML without scripts; the form is guarded by
Jupyter's own XSRF token.
"""

from __future__ import annotations

from html import escape

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import authenticated

from ..kernels.inputs import Answered, Question
from ..kernels.kernels import Kernels
from .execution import ANSWERS, NOTHING_ASKED, RESOURCE, TOO_LATE

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Input for a running cell</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.5 sans-serif;max-width:40em;margin:3em auto;padding:0 1em}}
pre{{white-space:pre-wrap;background:#f3f3f3;padding:.6em}}
input{{font:inherit;width:100%;box-sizing:border-box;padding:.4em}}
button{{font:inherit;margin-top:.8em;padding:.3em 1.2em}}</style>
</head><body>{body}</body></html>
"""


class InputPage(JupyterHandler):
    """The page of one question."""

    auth_resource = RESOURCE

    def initialize(self, kernels: Kernels) -> None:
        """Take what the route gives."""
        self._kernels = kernels

    @authenticated
    @authorized(action="execute", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def get(self, kernel_id: str, question_id: str) -> None:
        """Show the question and a form."""
        question = self._question(kernel_id, question_id)
        if question is None:
            self._say(404, NOTHING_ASKED)
            return
        kind = "password" if question.password else "text"
        form = (
            f"<h1>A running cell asks</h1><pre>{escape(question.prompt)}</pre>"
            f'<form method="post">{self.xsrf_form_html()}'
            f'<input type="{kind}" name="input" autofocus autocomplete="off" aria-label="Answer">'
            "<button>Answer</button></form>"
        )
        self.finish(_PAGE.format(body=form))

    @authenticated
    @authorized(action="execute", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def post(self, kernel_id: str, question_id: str) -> None:
        """Take the answer."""
        value = self.get_body_argument("input", "", strip=False)
        answered = self._kernels.answer(kernel_id, question_id, value, self.current_user.username)
        if answered is Answered.TAKEN:
            self._say(200, "The answer was given to the running cell. You may close this page.")
        else:
            status, words = ANSWERS[answered]
            self._say(status, words if answered is Answered.NOT_GIVEN else TOO_LATE)

    def _question(self, kernel_id: str, question_id: str) -> Question | None:
        kernel = self._kernels.kernel(kernel_id)
        return next((one for one in kernel.inputs.questions if one.id == question_id), None) if kernel else None

    def _say(self, status: int, words: str) -> None:
        self.set_status(status)
        self.finish(_PAGE.format(body=f"<p>{escape(words)}</p>"))
