"""The door of the service: asks `serving.identity` who is there, and answers those who may not come in."""

from __future__ import annotations

import os
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope as Request

from serving.http.error_response import Refusal
from serving.http.openapi_security import Admission
from serving.http.request_log import RequestRecord, current
from serving.http.route_scopes import scope_of
from serving.identity.caller import Caller, Scope
from serving.identity.denied import Denied, Reason
from serving.identity.identity import IGNORED_SIGN_ON, Identity, environment_identity

REALM = 'Bearer realm="cart-outcomes"'
"""Header `WWW-Authenticate` of a 401; it says the same whatever was wrong (RFC 6750)."""

SIGN_ON_PAGE = "sign_on.html"
"""What a person sees instead of a page."""

MESSAGES = {
    400: "an address may not contain a key or token, because addresses are logged; revoke it, and send a new "
    "one in the header Authorization: Bearer ...",
    401: "this service answers known callers only; send an API key or a token in the header Authorization: "
    "Bearer ..., or sign on at your hospital's address of the service",
    429: "this caller has sent too many requests; try again in a few seconds",
    503: "too many tokens are in use; try again in a minute",
}
"""What a refused caller reads, by status."""

ADDRESS_KEY = "cart_outcomes.address"
"""Where a request keeps the public address of the service, if a trusted proxy states it."""


class Door:
    """Lets requests in, or states why not.

    Parameters
    ----------
    identity : Identity, optional
        Without it everybody comes in.
    """

    def __init__(self, identity: Identity | None) -> None:
        self._identity = identity
        if identity is not None:
            identity.note = count_refusal

    def read_forwarded(self, request: Request) -> None:
        """Take path, scheme and public address from what a trusted proxy says of them.

        Parameters
        ----------
        request : ASGI scope
            Changed in place: ``path`` is the service's own, without the proxy's prefix.
        """
        if self._identity is None:
            return
        stated = self._identity.published(_peer(request), request["headers"])
        if stated.scheme:
            request["scheme"] = stated.scheme
            host = Headers(scope=request).get("host", "")
            request[ADDRESS_KEY] = f"{stated.scheme}://{host}{stated.prefix}"
        if stated.prefix and request["path"].startswith(f"{stated.prefix}/"):
            request["path"] = request["path"].removeprefix(stated.prefix)
            request["raw_path"] = request["path"].encode("utf-8")

    async def refusal(self, request: Request) -> Refusal | None:
        """Refuse a request whose caller is not known, or may not do this; None lets it in.

        Parameters
        ----------
        request : ASGI scope
            For a path that exists.
        """
        if self._identity is None or request["method"] == "OPTIONS":
            return None  # what a path accepts is no secret, and browsers ask it without an identity
        needed = scope_of(request["path"], open_metrics=self._identity.open_metrics)
        if needed is None:
            return None
        record = current.get() or RequestRecord()
        try:
            caller = await self._identity.caller(
                _peer(request), request["headers"], request.get("query_string", b"")
            )
            record.caller, record.kind = caller.label, caller.kind
            _check_scope(caller, needed)
        except Denied as denied:
            record.refused = denied.reason
            count_refusal(denied.reason)
            return _refused(denied, request, needed)
        return None


class SignOnNeeded(Refusal):
    """A person's request for a page without a sign-on; answered with a page."""

    def response(self) -> Response:
        """Write it as a page in the languages of all pages, which loads nothing."""
        page, policy = _sign_on_page()
        headers = {**(self.headers or {}), "content-security-policy": policy}
        return HTMLResponse(page, status_code=self.status, headers=headers)


def environment_admission() -> Admission | None:
    """State for the description of the interface how callers are let in; None where everybody is."""
    identity = environment_identity()
    return None if identity is None else Admission(open_metrics=identity.open_metrics)


def environment_door() -> Door:
    """Make the door that the environment describes.

    Raises
    ------
    SettingsError
        If its settings cannot be used: the service does not start with an open door instead.
    """
    return Door(environment_identity())


def use_own_peer_addresses() -> None:
    """Have uvicorn leave the address of the other end of a connection as it is, in this process.

    uvicorn believes ``X-Forwarded-For`` of this machine's own programs: a client could name itself a trusted
    proxy through any of them. It has no other setting that BentoML leaves to a service.
    """
    os.environ["FORWARDED_ALLOW_IPS"] = ""


def begin_refusal_counts() -> None:
    """Begin with 0, so that the first refusal is seen as a rise."""
    for reason in (IGNORED_SIGN_ON, *Reason):
        _counter().labels(reason=str(reason))


@cache
def _counter() -> Any:
    # BentoML sets the folder of the counters after this module is imported.
    from prometheus_client import Counter

    return Counter(
        "cart_outcomes_callers_refused", "Requests refused because of their caller, by reason", ["reason"]
    )


def count_refusal(reason: str) -> None:
    """Count a refused caller, or an ignored header, for `/metrics`."""
    _counter().labels(reason=str(reason)).inc()


def _check_scope(caller: Caller, needed: Scope) -> None:
    if needed not in caller.scopes:
        raise Denied(Reason.MISSING_SCOPE)


def _refused(denied: Denied, request: Request, needed: Scope) -> Refusal:
    """State a refusal; of a 401 nothing but that it is one."""
    status = denied.status
    headers: dict[str, str] = {}
    if denied.retry_after:
        headers["retry-after"] = str(denied.retry_after)
    if status == 403:
        headers["www-authenticate"] = f'{REALM}, error="insufficient_scope", scope="{needed}"'
        return Refusal(403, f"this caller may not do this: it lacks the scope {needed}", headers=headers)
    if status == 401:
        headers["www-authenticate"] = REALM
        reads = request["method"] in ("GET", "HEAD")
        if reads and "text/html" in Headers(scope=request).get("accept", ""):
            return SignOnNeeded(401, MESSAGES[401], headers=headers)
    return Refusal(status, MESSAGES[status], headers=headers)


def _peer(request: Request) -> str:
    """Give the address at the other end of the connection; empty where there is none."""
    return str((request.get("client") or ("",))[0])


@cache
def _sign_on_page() -> tuple[str, str]:
    """Read the page, and allow its own style by its digest."""
    page = files("serving.pages").joinpath(SIGN_ON_PAGE).read_text(encoding="utf-8")
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
    return page, f"{policy}form-action 'none'; frame-ancestors 'none'"
