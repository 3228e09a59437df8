"""What can be read about the service: the pages, the model card, the schema, the form, the interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from features.schema_documents import json_schema
from serving.http.assets import CONTENT_SECURITY_POLICY, asset, assets
from serving.http.error_response import Refusal
from serving.http.form import form
from serving.http.identity_door import ADDRESS_KEY
from serving.http.openapi_page import ADDRESS, interface_page
from serving.http.outcome_route import observe
from serving.http.own_words import OwnPages, described
from serving.http.recording import Recording
from serving.http.web_pages import EXAMPLE, web_page

if TYPE_CHECKING:
    from serving.http.served_model import ServedModel
    from serving.release.followed_release import FollowedRelease


def documents_app() -> Starlette:
    """Make the application behind every path that is read, and behind that of outcomes.

    Returns
    -------
    app : Starlette
        ``app.state.release`` is the `FollowedRelease` that all layers answer from; 503 while there is none.
        ``app.state.shared`` is the one that all workers begin with, where there are several.
        ``app.state.recording`` records answers and outcomes.
    """
    routes = [
        Route("/", _page),
        Route("/model", _model),
        Route("/about", _page),
        Route("/schema", _schema),
        Route("/form", _form),
        Route("/own-words", _own_words),
        Route("/own-words/logo", _logo),
        Route("/outcome", observe, methods=["POST"]),
        Route("/docs", _interface_page),
        Route("/docs.json", _interface),
        *(Route(path, asset) for path in assets()),
    ]
    app = Starlette(routes=routes)
    app.state.release = app.state.shared = None
    app.state.recording = Recording()
    return app


def _served(request: Request) -> ServedModel | None:
    """Take the model that is served now; a request takes it once."""
    release: FollowedRelease[ServedModel] | None = request.app.state.release
    return None if release is None else release.now.model


async def _page(request: Request) -> Response:
    model = _served(request)
    return not_ready().response() if model is None else _web_page(request, model)


def _web_page(request: Request, model: ServedModel) -> Response:
    headers = {"content-security-policy": CONTENT_SECURITY_POLICY}
    return HTMLResponse(web_page(request.url.path, model.card), headers=headers)


async def _model(request: Request) -> Response:
    """Show the card to a person, and give it to a program."""
    model = _served(request)
    if model is None:
        return not_ready().response()
    if "text/html" in request.headers.get("accept", ""):
        response = _web_page(request, model)
    else:
        response = JSONResponse(model.card.model_dump(mode="json"))
    response.headers["vary"] = "Accept"
    return response


async def _schema(_request: Request) -> Response:
    return JSONResponse(json_schema(), media_type="application/schema+json")


async def _form(request: Request) -> Response:
    """Describe the form, and how the model uses its fields once one is loaded."""
    recording: Recording = request.app.state.recording
    stated = {
        "example": EXAMPLE,
        "record": {"kept": recording.recorder is not None, "shadow": recording.shadow},
    }
    model = _served(request)
    if model is None:
        return JSONResponse({**form(), **stated})
    card = model.card
    bundle = {
        "bundle": card.bundle.model_dump(mode="json"),
        "notice": card.notice,
        "synthetic": card.synthetic,
    }
    return JSONResponse({**form(card.field_use), **stated, **bundle})


async def _own_words(request: Request) -> Response:
    """State what the center says on the pages."""
    model = _served(request)
    return JSONResponse(described(OwnPages() if model is None else model.own_pages))


async def _logo(request: Request) -> Response:
    model = _served(request)
    pages = OwnPages() if model is None else model.own_pages
    if not pages.logo:
        return Response(status_code=404)
    headers = {"content-security-policy": CONTENT_SECURITY_POLICY, "x-content-type-options": "nosniff"}
    return Response(pages.logo, media_type=pages.logo_type, headers=headers)


async def _interface(request: Request) -> Response:
    model = _served(request)
    return not_ready().response() if model is None else JSONResponse(model.interface)


async def _interface_page(request: Request) -> Response:
    model = _served(request)
    if model is None:
        return not_ready().response()
    page = interface_page(
        model.interface, notice=model.card.notice, address=request.scope.get(ADDRESS_KEY, ADDRESS)
    )
    return HTMLResponse(page, headers={"content-security-policy": CONTENT_SECURITY_POLICY})


def not_ready() -> Refusal:
    """Say that no model is loaded."""
    return Refusal(503, "no model is loaded; try again when /readyz returns 200")
