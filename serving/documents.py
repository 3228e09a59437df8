"""What can be read about the service: the start page, the model card and the schema."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from features.documents import json_schema
from serving.card import ModelCard
from serving.refusal import Refusal
from serving.start_page import content_security_policy, start_page


def documents_app() -> Starlette:
    """Make the application behind ``/``, ``/model``, ``/schema`` and ``/docs.json``.

    Returns
    -------
    app : Starlette
        Shows the `ModelCard` in ``app.state.card`` and the interface in ``app.state.interface``; answers 503
        while there is none.
    """
    routes = [
        Route("/", _start),
        Route("/model", _model),
        Route("/schema", _schema),
        Route("/docs.json", _interface),
    ]
    app = Starlette(routes=routes)
    app.state.card = app.state.interface = None
    return app


async def _start(request: Request) -> Response:
    card: ModelCard | None = request.app.state.card
    if card is None:
        return not_ready().response()
    page = start_page(card, address=f"{request.base_url}risk")
    return HTMLResponse(page, headers={"content-security-policy": content_security_policy()})


async def _model(request: Request) -> Response:
    card: ModelCard | None = request.app.state.card
    return not_ready().response() if card is None else JSONResponse(card.model_dump(mode="json"))


async def _schema(_request: Request) -> Response:
    return JSONResponse(json_schema(), media_type="application/schema+json")


async def _interface(request: Request) -> Response:
    described: dict[str, Any] | None = request.app.state.interface
    return not_ready().response() if described is None else JSONResponse(described)


def not_ready() -> Refusal:
    """Say that no model is loaded."""
    return Refusal(503, "the model is not loaded; ask again when /readyz answers 200")
