"""Answers for one patient without BentoML's inner layers: same checks, same scorer, counted as all others.

BentoML's route reads the body again, and its timeout starts a task for each request. BentoML counts the
request outside of this layer. Where traces are configured, or no model is loaded, the request takes BentoML's
route.
"""

from __future__ import annotations

from collections.abc import Callable

from bentoml._internal.configuration.containers import BentoMLContainer
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.answers.question import Question
from serving.answers.scorer import Scorer
from serving.http.outer_middleware import Front
from serving.http.request_checks import Gate
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
    """

    def __init__(self, app: ASGIApp, scorer: Callable[[], Scorer | None]) -> None:
        super().__init__(app)
        self._scorer = scorer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the patient, or pass the request on."""
        single = scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST"
        if single and self._scorer() is not None:
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _pass_on(self, scope: Scope, body: object, raw: bytes, receive: Receive, send: Send) -> None:
        scorer = self._scorer()
        assert scorer is not None
        question = Question.model_validate(body)
        ((prediction_id, content),) = scorer.as_json([question.model_dump()], detail=question.detail)
        remember_predictions((prediction_id,))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})


def arrange_layers(app: Starlette, scorer: Callable[[], Scorer | None]) -> None:
    """Put the layers of the service around BentoML's application.

    From outside in: `Front`; BentoML's counters; traces, where they are configured, else `DirectAnswers`;
    then the other layers of BentoML.

    Parameters
    ----------
    app : Starlette
        As BentoML makes it; not started yet.
    scorer : callable
        Gives the scorer, or None while no model is loaded.
    """
    if BentoMLContainer.tracing.exporter_type.get() is None:
        layers = [
            Middleware(DirectAnswers, scorer=scorer) if _traces(each) else each
            for each in app.user_middleware
        ]
        app.user_middleware = layers
    app.add_middleware(Front)


def _traces(layer: Middleware) -> bool:
    traces: object = OpenTelemetryMiddleware
    return layer.cls is traces
