"""The gate before the model: a budget for each kind of request, and only checked patients get through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.answer_metrics import count_refused_body
from serving.http.body_problems import RequestProblem, batch_problems, request_problems
from serving.http.body_reading import replayed
from serving.http.budgets import BATCH_BUDGET, DOCUMENT_BUDGET, QUESTION_BUDGET, Budget, too_many
from serving.http.error_response import Refusal
from serving.http.message_framing import HEALTH_PATHS
from serving.http.option_problems import option_problems
from serving.http.outcome_problems import outcome_problems
from serving.http.request_log import CLIENT_LEFT, write_failure
from serving.http.strict_json import NotJSONError, read_json

CHECKS: Mapping[str, Callable[[object], list[RequestProblem]]] = {
    "/risk": request_problems,
    "/risk/batch": batch_problems,
    "/risk/options": option_problems,
    "/outcome": outcome_problems,
}
"""How the body of each path is checked."""


@dataclass(frozen=True)
class Question:
    """How the requests to one path are let through.

    Attributes
    ----------
    many : str
        What several of them are called.
    budget : Budget
        How many may be in work.
    long : bool
        Whether an answer can take seconds; the work ends when the client leaves.
    """

    many: str
    budget: Budget
    long: bool = False


QUESTIONS: Mapping[str, Question] = {
    "/risk": Question("questions", QUESTION_BUDGET),
    "/risk/batch": Question("batches", BATCH_BUDGET, long=True),
    "/risk/options": Question("questions", QUESTION_BUDGET),
    "/outcome": Question("questions", QUESTION_BUDGET),
}
"""By path; all other paths are documents."""

LARGE_BODY = 8 * 2**10
"""Bytes; a larger body is checked in a thread, so that others need not wait."""


class Gate:
    """ASGI middleware that answers bad requests itself and passes good bodies on unchanged.

    Parameters
    ----------
    app : ASGI application
        Behind the gate.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._checking = ThreadPoolExecutor(1, thread_name_prefix="checking")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, then pass it on; whatever fails behind the gate is answered 500."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._answer(scope, receive, watched)
        except Refusal as refusal:
            # An answer that has begun, such as lines of a batch, ends without its end.
            if not started:
                await refusal.response()(scope, receive, send)
        except Exception as error:
            # BentoML's timeout would wait out its seconds for an answer, and then send none.
            write_failure(error)
            if not started:
                await Refusal(500, "the service failed").response()(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        question = QUESTIONS.get(scope["path"])
        if scope["path"] in HEALTH_PATHS:
            await self._health(scope, receive, send)
        elif question is not None and scope["method"] == "POST":
            with question.budget.part(question.many):
                await self._question(question, scope, receive, send)
        else:
            with DOCUMENT_BUDGET.part("requests"):
                await self.app(scope, receive, send)

    async def _health(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/readyz" and QUESTION_BUDGET.exhausted:
            raise too_many(QUESTIONS["/risk"].many, status=503)
        await self.app(scope, receive, send)

    async def _question(self, question: Question, scope: Scope, receive: Receive, send: Send) -> None:
        raw: bytes = (await receive())["body"]
        if len(raw) > LARGE_BODY:
            loop = asyncio.get_running_loop()
            body = await loop.run_in_executor(self._checking, checked_body, scope["path"], raw)
        else:
            body = checked_body(scope["path"], raw)
        if question.long:
            await unless_client_leaves(self.app, scope, raw, receive, send)
        else:
            await self._pass_on(scope, body, raw, receive, send)

    async def _pass_on(self, scope: Scope, body: object, raw: bytes, receive: Receive, send: Send) -> None:
        """Have a checked question answered."""
        await _passed_on(self.app, scope, raw, receive, send)


def checked_body(path: str, raw: bytes) -> object:
    """Read a body and check that it is a JSON document that the model can answer; count it if it is refused.

    Returns
    -------
    body : object
        As `serving.http.strict_json.read_json` returns it.

    Raises
    ------
    Refusal
        400 not JSON, 422 with every problem.

    Examples
    --------
    >>> checked_body("/risk", b"{")
    Traceback (most recent call last):
        ...
    serving.http.error_response.Refusal: the body is not JSON: line 1, column 2
    """
    try:
        document = read_json(raw)
    except NotJSONError as error:
        count_refused_body()
        raise Refusal(400, str(error)) from None
    problems = CHECKS[path](document)
    if problems:
        count_refused_body(problems)
        message = "the request is refused; problems lists every reason"
        raise Refusal(422, message, problems)
    return document


async def unless_client_leaves(app: ASGIApp, scope: Scope, raw: bytes, receive: Receive, send: Send) -> None:
    """Answer, but cancel the work once the client has closed its connection.

    Parameters
    ----------
    app : ASGI application
        Does the work; gets the whole body.
    scope, raw, receive, send
        Of the request; the body has been received.
    """
    answering = asyncio.ensure_future(_passed_on(app, scope, raw, receive, send))
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            answering.result()
            return
    finally:
        answering.cancel()
        leaving.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)
    # Nobody reads it, but BentoML's timeout waits for an answer.
    await Response(status_code=CLIENT_LEFT)(scope, receive, send)


async def _passed_on(app: ASGIApp, scope: Scope, raw: bytes, receive: Receive, send: Send) -> None:
    await app(scope, replayed(raw, receive), send)


async def _left(receive: Receive) -> None:
    if (await receive())["type"] != "http.disconnect":
        # After a whole body there is nothing to say but goodbye.
        await asyncio.Event().wait()
