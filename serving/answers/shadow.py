"""What is sent of an answer in shadow mode: that it was computed and recorded, and nothing it says."""

from __future__ import annotations

from typing import Literal

from pydantic_core import to_json

from serving.answers.described import Described
from serving.answers.schema import BundleName
from serving.model.bundle import Bundle


class ShadowAnswer(Described):
    """An answer that is not shown, while the site is in its silent phase (shadow mode)."""

    prediction_id: str
    """Identifier of this answer in the record, by which its outcome can be reported."""
    bundle: BundleName
    shadow: Literal[True]
    recorded: bool
    """Whether the answer is in the record; false while values are typed on the page."""


class ShadowBatch(Described):
    """Answers that are not shown, in the order of the patients."""

    answers: list[ShadowAnswer]


def shadow_text(prediction_id: str, bundle: Bundle, *, recorded: bool) -> bytes:
    """Write a `ShadowAnswer`.

    Its length depends on the model's name alone, so that it tells nothing of the patient.

    Parameters
    ----------
    prediction_id : str
    bundle : Bundle
        The model that answers.
    recorded : bool

    Returns
    -------
    answer : bytes
    """
    return to_json(
        {
            "prediction_id": prediction_id,
            "bundle": {"version": bundle.version_name, "digest": bundle.digest},
            "shadow": True,
            "recorded": recorded,
        }
    )
