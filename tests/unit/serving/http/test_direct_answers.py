"""Which layers a request goes through."""

from __future__ import annotations

import pytest
from bentoml._internal.configuration.containers import BentoMLContainer
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.http.body_reading import replayed
from serving.http.direct_answers import DirectAnswers, arrange_layers
from serving.http.outer_middleware import Front
from serving.http.recording import Recording
from tests.bundles import PATIENT


def test_a_model_that_is_gone_at_the_last_moment_is_no_failure() -> None:
    """As where the service ends while the body is read: 503, as without a model."""
    scorers = iter([object(), None])
    layer = DirectAnswers(Starlette(), lambda: next(scorers), Recording)  # type: ignore[arg-type, return-value]
    response = TestClient(in_one_part(layer)).post("/risk", json=PATIENT)
    assert response.status_code == 503
    assert response.json() == {"error": "no model is loaded; try again when /readyz returns 200"}


def in_one_part(layer: ASGIApp) -> ASGIApp:
    """Hand whole bodies over, as `Front` does."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive()).get("body", b"") if scope["type"] == "http" else b""
        await layer(scope, replayed(body, receive), send)

    return app


def layers(exporter: str | None) -> list[object]:
    """Arrange an application with counters (here of GZip), traces and a route."""
    usual = BentoMLContainer.tracing.exporter_type.get()
    BentoMLContainer.tracing.exporter_type.set(exporter)
    try:
        app = Starlette(middleware=[Middleware(GZipMiddleware), Middleware(OpenTelemetryMiddleware)])
        arrange_layers(app, lambda: None, Recording)
    finally:
        BentoMLContainer.tracing.exporter_type.set(usual)
    return [layer.cls for layer in app.user_middleware]


@pytest.mark.parametrize(
    ("exporter", "expected"),
    [
        (None, [Front, GZipMiddleware, DirectAnswers]),
        ("otlp", [Front, GZipMiddleware, OpenTelemetryMiddleware]),
    ],
)
def test_traces_are_kept_where_they_are_configured(exporter: str | None, expected: list[object]) -> None:
    """Without them their layer makes room for direct answers."""
    assert layers(exporter) == expected
