"""Where a request ends, and to whom it was sent: what is ambiguous is refused, not interpreted.

A proxy that reads the length of a body in another way than this service would take the rest of it for a
request of its own (request smuggling).
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Scope

from serving.http.allowed_hosts import AllowedHosts, is_address
from serving.http.body_reading import announces_body
from serving.http.error_response import Refusal

CLOSE = {"connection": "close"}

HEALTH_PATHS = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})
"""Asked every few seconds by machines, which may write any address into ``Host``."""

BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "CONNECT"})
"""Methods whose requests have no body."""

LONGEST_LENGTH = 20
"""Digits of a Content-Length."""


def ambiguous(scope: Scope) -> Refusal | None:
    """Refuse a request whose end can be read in two ways.

    Returns
    -------
    refusal : Refusal or None
        400, and the connection is closed: what follows on it cannot be trusted.
    """
    headers = Headers(scope=scope)
    error = _wrong_length(headers, scope.get("http_version", "1.1"))
    if error is None and scope["method"] in BODILESS and announces_body(headers):
        error = f"{scope['method']} has no body"
    return Refusal(400, error, headers=CLOSE) if error is not None else None


def misdirected(scope: Scope, allowed: AllowedHosts) -> Refusal | None:
    """Refuse a request that was sent to a name this service does not have.

    Returns
    -------
    refusal : Refusal or None
        400 with two names, 421 with another one.
    """
    stated = Headers(scope=scope).getlist("host")
    if len(stated) > 1:
        return Refusal(400, "the request has two Host headers", headers=CLOSE)
    # Without the header it is an old program: every browser sends it.
    own_address = (scope.get("server") or ("",))[0]
    if not stated or allowed.allows(stated[0], own_address=own_address):
        return None
    if scope["path"] in HEALTH_PATHS and is_address(stated[0]):
        return None
    message = (
        "the name in the Host header is not allowed; use localhost or the address of the service, or start "
        "it with --allowed-host NAME (in a container: CART_OUTCOMES_ALLOWED_HOSTS=NAME)"
    )
    return Refusal(421, message)


def _wrong_length(headers: Headers, version: str) -> str | None:
    lengths, codings = headers.getlist("content-length"), headers.getlist("transfer-encoding")
    if lengths and codings:
        return "the request has Content-Length and Transfer-Encoding; send one of them"
    if len(lengths) > 1 or len(codings) > 1:
        return "the request has two Content-Length or Transfer-Encoding headers; send one"
    if lengths and not (lengths[0].isascii() and lengths[0].isdigit() and len(lengths[0]) <= LONGEST_LENGTH):
        return "Content-Length must be a whole number"
    if codings and (codings[0].strip().lower() != "chunked" or version == "1.0"):
        return "Transfer-Encoding must be chunked, in HTTP/1.1"
    return None
