"""What a caller must be allowed to do for each path, where callers are known: the one list of it."""

from __future__ import annotations

from collections.abc import Mapping

from serving.identity.caller import Scope

ROUTE_SCOPES: Mapping[str, Scope | None] = {
    "/": "read",
    "/model": "read",
    "/about": "read",
    "/schema": "read",
    "/form": "read",
    "/own-words": "read",
    "/own-words/logo": "read",
    "/risk": "predict",
    "/risk/batch": "predict",
    "/risk/options": "predict",
    "/outcome": "outcome",
    "/livez": None,
    "/readyz": None,
    "/healthz": None,
    "/metrics": "read",
    "/docs": "read",
    "/docs.json": "read",
    "/schema.json": "read",
}
"""Every path of `serving.http.outer_middleware.PATHS`; None where everybody may ask."""

METRICS = "/metrics"
"""Open where the settings say so."""


def scope_of(path: str, *, open_metrics: bool = False) -> Scope | None:
    """Name the scope that a path needs; files of the pages need the scope of the pages.

    Parameters
    ----------
    path : str
        A path that exists.
    open_metrics : bool
        Whether everybody may read the counters.

    Examples
    --------
    >>> scope_of("/risk"), scope_of("/livez"), scope_of("/assets/form.js")
    ('predict', None, 'read')
    """
    if open_metrics and path == METRICS:
        return None
    return ROUTE_SCOPES.get(path, ROUTE_SCOPES["/"])
