"""Which layers a request goes through."""

from __future__ import annotations

import pytest
from bentoml._internal.configuration.containers import BentoMLContainer
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from serving.http.direct_answers import DirectAnswers, arrange_layers
from serving.http.outer_middleware import Front


def layers(exporter: str | None) -> list[object]:
    """Arrange an application with counters (here of GZip), traces and a route."""
    usual = BentoMLContainer.tracing.exporter_type.get()
    BentoMLContainer.tracing.exporter_type.set(exporter)
    try:
        app = Starlette(middleware=[Middleware(GZipMiddleware), Middleware(OpenTelemetryMiddleware)])
        arrange_layers(app, lambda: None)
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
