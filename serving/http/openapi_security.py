"""Identity in the description of the interface (OpenAPI): which path needs which scope, and the refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.http.route_scopes import scope_of

CALLER_REFUSALS: Mapping[int, str] = {
    401: "The caller is not known: no valid API key, token or sign-on",
    403: "The caller lacks the scope that this path needs",
    429: "The caller has sent too many requests; try again after the seconds in Retry-After",
}
"""Refusals where callers must be known, by status."""

BEARER = "bearer"
"""Name of the way in which a caller is recognized."""

SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key of this service, or a token (JWT) of the site's issuer. Behind a reverse "
    "proxy with single sign-on, the proxy's sign-on replaces it.",
}


@dataclass(frozen=True)
class Admission:
    """How callers are let in.

    Attributes
    ----------
    open_metrics : bool
        Whether the counters may be read without an identity.
    """

    open_metrics: bool = False


def secured(document: Mapping[str, Any], admission: Admission, refusal: Mapping[str, str]) -> dict[str, Any]:
    """Add the scope that each path needs.

    Parameters
    ----------
    document : mapping
        OpenAPI 3.1.
    admission : Admission
    refusal : mapping
        Schema of the body of a refusal.

    Returns
    -------
    document : dict
        The same with ``security`` on each path that needs a scope.
    """
    content = {"application/json": {"schema": refusal}}
    refused = {
        str(status): {"description": why, "content": content} for status, why in CALLER_REFUSALS.items()
    }
    paths = {path: _secured(path, item, admission, refused) for path, item in document["paths"].items()}
    components = {**document["components"], "securitySchemes": {BEARER: SECURITY_SCHEME}}
    return {**document, "paths": paths, "components": components}


def _secured(path: str, item: Mapping[str, Any], admission: Admission, refused: Mapping[str, Any]) -> Any:
    needed = scope_of(path, open_metrics=admission.open_metrics)
    if needed is None:
        return item
    security = [{BEARER: [needed]}]
    return {
        method: {**operation, "security": security, "responses": {**refused, **operation["responses"]}}
        for method, operation in item.items()
    }
