"""A service of BentoML to compare with: one endpoint answers nothing, the other a constant of 27 kB."""

from __future__ import annotations

from typing import Any

import bentoml
import uvicorn.config

from serving.answers.question import Question

# As `pip install bentoml` leaves it: without httptools, uvicorn takes h11.
uvicorn.config.HTTP_PROTOCOLS["auto"] = uvicorn.config.HTTP_PROTOCOLS["h11"]

CONSTANT = {"text": "x" * 27_000}


@bentoml.service(workers=1)
class Empty:
    """The same request model, and no model of risks."""

    @bentoml.api(route="/risk")
    async def risk(self, question: Question, /) -> dict[str, Any]:
        """Answer nothing."""
        return {}

    @bentoml.api(route="/constant")
    async def constant(self, question: Question, /) -> dict[str, Any]:
        """Answer a constant."""
        return CONSTANT
