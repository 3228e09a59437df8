"""What can be read about the service: the start page, the model card and the schema."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from features.documents import json_schema
from serving.card import ModelCard
from serving.refusal import Refusal
from serving.start_page import content_security_policy, start_page


def documents_app() -> Starlette:
    """Make the application behind ``/``, ``/model`` and ``/schema``.

    Returns
    -------
    app : Starlette
        Shows the `ModelCard` in ``app.state.card``; answers 503 while it is None.
    """
    routes = [Route("/", _start), Route("/model", _model), Route("/schema", _schema)]
    app = Starlette(routes=routes)
    app.state.card = None
    return app


async def _start(request: Request) -> Response:
    card: ModelCard | None = request.app.state.card
    if card is None:
        return not_ready().response()
    page = start_page(card, address=str(request.url_for("_start").replace(path="/risk", query="")))
    return HTMLResponse(page, headers={"content-security-policy": content_security_policy()})


async def _model(request: Request) -> Response:
    card: ModelCard | None = request.app.state.card
    return not_ready().response() if card is None else JSONResponse(card.model_dump(mode="json"))


async def _schema(_request: Request) -> Response:
    return JSONResponse(json_schema(), media_type="application/schema+json")


def not_ready() -> Refusal:
    """Say that no model is loaded."""
    return Refusal(503, "the model is not loaded; ask again when /readyz answers 200")
