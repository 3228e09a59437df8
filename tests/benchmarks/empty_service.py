"""Two services of BentoML to compare with: one that answers nothing, one that answers a constant of 27 kB."""

from __future__ import annotations

from typing import Any

import bentoml

from serving.answers.question import Question

CONSTANT = {"text": "x" * 27_000}


@bentoml.service(workers=1)
class Empty:
    """The same request model, and nothing else."""

    @bentoml.api(route="/risk")
    async def risk(self, question: Question, /) -> dict[str, Any]:
        """Answer nothing."""
        return {}


@bentoml.service(workers=1)
class Constant:
    """The same request model, and an answer of 27 kB."""

    @bentoml.api(route="/risk")
    async def risk(self, question: Question, /) -> dict[str, Any]:
        """Answer a constant."""
        return CONSTANT
