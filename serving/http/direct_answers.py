"""Answers for one patient without BentoML's inner layers: same checks, same scorer, counted as all others.

BentoML's route reads the body again, and its timeout starts a task for each request. BentoML counts the
request outside of this layer. Where traces are configured, or no model is loaded, the request takes BentoML's
route.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.server.http.instruments import RunnerTrafficMetricsMiddleware
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.answers.question import Question
from serving.answers.scorer import Scorer
from serving.http.arrived import is_alone
from serving.http.joined_questions import JoinedQuestions
from serving.http.outer_middleware import Front
from serving.http.read_routes import not_ready
from serving.http.recording import Recording
from serving.http.request_checks import Gate
from serving.http.request_counts import CountedRequests
from serving.http.request_log import remember_predictions

PATH = "/risk"


class DirectAnswers(Gate):
    """ASGI middleware that answers a single patient, and passes all other requests on.

    Parameters
    ----------
    app : ASGI application
        BentoML's.
    scorer : callable
        Gives the scorer, or None while no model is loaded.
    recording : callable
        Gives what records the answers.
    """

    def __init__(
        self, app: ASGIApp, scorer: Callable[[], Scorer | None], recording: Callable[[], Recording]
    ) -> None:
        super().__init__(app)
        self._scorer, self._recording = scorer, recording
        self._joined = JoinedQuestions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the patient, or pass the request on."""
        single = scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST"
        if single and self._scorer() is not None:
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _pass_on(self, scope: Scope, body: object, raw: bytes, receive: Receive, send: Send) -> None:
        # Taken once: a release that comes meanwhile is for the next request.
        scorer = self._scorer()
        if scorer is None:
            raise not_ready()
        question = Question.model_validate(body)
        joined = None if is_alone(scope) else self._joined
        content = await answer_of(scorer, self._recording(), question, joined)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})


async def answer_of(
    scorer: Scorer, recording: Recording, question: Question, joined: JoinedQuestions | None = None
) -> bytes:
    """Answer for one patient, and record the answer.

    Parameters
    ----------
    scorer : Scorer
    recording : Recording
    question : Question
        Checked.
    joined : JoinedQuestions, optional
        Answers it together with those that arrive at the same time; without, it is answered alone.

    Returns
    -------
    content : bytes
        JSON.

    Raises
    ------
    Refusal
        If the answer must not leave without a record, or the request states an unknown use of it.
    """
    entry = recording.entry("api", scorer.bundle)
    row = question.model_dump()
    if joined is None:
        (answered,) = scorer.answered([row], detail=question.detail)
    else:
        answered = await joined.answered(scorer, row, detail=question.detail)
    remember_predictions((answered.prediction_id,))
    (content,) = await entry.recorded([answered], [entry.text(answered)])
    return content


def arrange_layers(
    app: Starlette, scorer: Callable[[], Scorer | None], recording: Callable[[], Recording]
) -> None:
    """Put the layers of the service around BentoML's application.

    From outside in: `Front`; BentoML's counters; traces, where they are configured, else `DirectAnswers`;
    then the other layers of BentoML.

    Parameters
    ----------
    app : Starlette
        As BentoML makes it; not started yet.
    scorer : callable
        Gives the scorer, or None while no model is loaded.
    recording : callable
        Gives what records the answers.
    """
    if BentoMLContainer.tracing.exporter_type.get() is None:
        layers = [
            Middleware(DirectAnswers, scorer=scorer, recording=recording) if _traces(each) else each
            for each in app.user_middleware
        ]
        app.user_middleware = layers
    app.user_middleware = [_counted_together(each) for each in app.user_middleware]
    app.add_middleware(Front)


def _counted_together(layer: Middleware) -> Middleware:
    """Put `CountedRequests` in the place of BentoML's counters."""
    counts: object = RunnerTrafficMetricsMiddleware
    return Middleware(cast(Any, CountedRequests), **layer.kwargs) if layer.cls is counts else layer


def _traces(layer: Middleware) -> bool:
    traces: object = OpenTelemetryMiddleware
    return layer.cls is traces
