"""`/readyz`: whether requests should be sent here, and whether the release that is wanted is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serving.http.budgets import QUESTION_BUDGET
from serving.http.drain import drain
from serving.http.error_response import Refusal
from serving.http.read_routes import not_ready
from serving.release.followed_release import FollowedRelease, Release, ReleaseFault

if TYPE_CHECKING:
    from serving.http.served_model import ServedModel


READY = "cart_outcomes_ready"


class ReleaseName(BaseModel):
    """A release, by the version of its model and by its name in the store; what is not known is empty."""

    version: str
    release: str


class Readiness(BaseModel):
    """Whether the release that is wanted is served; if not, `reason` says why another one still is."""

    status: Literal["ready", "degraded"]
    serving: ReleaseName
    wanted: ReleaseName
    reason: ReleaseFault | None


def readiness_route(state: Any) -> Route:
    """Make the route, in place of BentoML's own.

    Parameters
    ----------
    state : starlette.datastructures.State
        Its ``release`` is the `FollowedRelease` that is served; None while no model is loaded.
    """

    async def readyz(_: Request) -> Response:
        release: FollowedRelease[ServedModel] | None = state.release
        if drain.draining:
            return Refusal(503, "the service is ending; ask another one").response()
        if release is None:
            return not_ready().response()
        return JSONResponse(readiness(release.now).model_dump(mode="json"))

    return Route("/readyz", readyz, name="readyz")


def ready_metric(state: Any) -> str:
    """Say for `/metrics` whether `/readyz` of the process that answers is 200.

    Parameters
    ----------
    state : starlette.datastructures.State
        As for `readiness_route`.

    Examples
    --------
    >>> from starlette.datastructures import State
    >>> print(ready_metric(State({"release": None})), end="")
    # HELP cart_outcomes_ready 1 while requests should be sent here
    # TYPE cart_outcomes_ready gauge
    cart_outcomes_ready 0.0
    """
    ready = state.release is not None and not drain.draining and not QUESTION_BUDGET.exhausted
    described = f"# HELP {READY} 1 while requests should be sent here\n# TYPE {READY} gauge\n"
    return f"{described}{READY} {float(ready)}\n"


def readiness(state: Release[ServedModel]) -> Readiness:
    """State whether the release that is wanted is served.

    Parameters
    ----------
    state : Release
    """
    return Readiness(
        status="ready" if state.reason is None else "degraded",
        serving=ReleaseName(version=state.model.version, release=state.name),
        wanted=ReleaseName(version=state.wanted_version, release=state.wanted),
        reason=state.reason,
    )
