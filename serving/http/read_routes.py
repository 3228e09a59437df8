"""What can be read about the service: the pages, the model card, the schema, the form, the interface."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from features.schema_documents import json_schema
from serving.answers.card import ModelCard
from serving.http.assets import CONTENT_SECURITY_POLICY, asset, assets
from serving.http.error_response import Refusal
from serving.http.form import form
from serving.http.identity_door import ADDRESS_KEY
from serving.http.openapi_page import ADDRESS, interface_page
from serving.http.own_words import OwnPages, described
from serving.http.web_pages import EXAMPLE, web_page


def documents_app() -> Starlette:
    """Make the application behind every path that is read, not asked.

    Returns
    -------
    app : Starlette
        Shows the `ModelCard` in ``app.state.card`` and the interface in ``app.state.interface``; answers 503
        while there is none. ``app.state.scorer`` gives the scorer to other layers;
        ``app.state.shared`` is what all workers share, where there are several.
    """
    routes = [
        Route("/", _page),
        Route("/model", _model),
        Route("/about", _page),
        Route("/schema", _schema),
        Route("/form", _form),
        Route("/own-words", _own_words),
        Route("/own-words/logo", _logo),
        Route("/docs", _interface_page),
        Route("/docs.json", _interface),
        *(Route(path, asset) for path in assets()),
    ]
    app = Starlette(routes=routes)
    app.state.card = app.state.interface = app.state.scorer = app.state.shared = None
    app.state.own_pages = OwnPages()
    return app


async def _page(request: Request) -> Response:
    card: ModelCard | None = request.app.state.card
    if card is None:
        return not_ready().response()
    headers = {"content-security-policy": CONTENT_SECURITY_POLICY}
    return HTMLResponse(web_page(request.url.path, card), headers=headers)


async def _model(request: Request) -> Response:
    """Show the card to a person, and give it to a program."""
    card: ModelCard | None = request.app.state.card
    if card is None:
        return not_ready().response()
    if "text/html" in request.headers.get("accept", ""):
        response = await _page(request)
    else:
        response = JSONResponse(card.model_dump(mode="json"))
    response.headers["vary"] = "Accept"
    return response


async def _schema(_request: Request) -> Response:
    return JSONResponse(json_schema(), media_type="application/schema+json")


async def _form(request: Request) -> Response:
    """Describe the form, and how the model uses its fields once one is loaded."""
    card: ModelCard | None = request.app.state.card
    return JSONResponse({**form(card.field_use if card else None), "example": EXAMPLE})


async def _own_words(request: Request) -> Response:
    """State what the center says on the pages."""
    return JSONResponse(described(request.app.state.own_pages))


async def _logo(request: Request) -> Response:
    pages: OwnPages = request.app.state.own_pages
    if not pages.logo:
        return Response(status_code=404)
    headers = {"content-security-policy": CONTENT_SECURITY_POLICY, "x-content-type-options": "nosniff"}
    return Response(pages.logo, media_type=pages.logo_type, headers=headers)


async def _interface(request: Request) -> Response:
    described: dict[str, Any] | None = request.app.state.interface
    return not_ready().response() if described is None else JSONResponse(described)


async def _interface_page(request: Request) -> Response:
    state = request.app.state
    if state.card is None or state.interface is None:
        return not_ready().response()
    page = interface_page(
        state.interface, notice=state.card.notice, address=request.scope.get(ADDRESS_KEY, ADDRESS)
    )
    return HTMLResponse(page, headers={"content-security-policy": CONTENT_SECURITY_POLICY})


def not_ready() -> Refusal:
    """Say that no model is loaded."""
    return Refusal(503, "no model is loaded; try again when /readyz returns 200")
