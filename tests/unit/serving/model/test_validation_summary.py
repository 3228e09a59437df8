"""What a summary says of the size of its cohort."""

from __future__ import annotations

from dataclasses import replace

import pytest

from serving.model.validation_summary import SampleSize, Status
from tests.bundles import full_summary

VERDICT = "a verdict"


@pytest.mark.parametrize(
    ("n", "events", "sufficient"), [(412, 83, True), (412, 82, False), (411, 83, False), (150, 40, False)]
)
def test_a_size_is_sufficient_in_infusions_and_in_events(n: int, events: int, sufficient: bool) -> None:
    """Neither replaces the other."""
    size = SampleSize(412, 82.4, n, events, 6, VERDICT)
    assert size.sufficient is sufficient
    noted = replace(full_summary(), sample_size=size, status=Status.VALIDATED)
    assert noted.size_note == (VERDICT if sufficient else "")


def test_the_verdict_is_noted_where_the_status_does_not_state_it() -> None:
    """Without validation; there is none without a cohort."""
    assert full_summary().size_note == "too small for 6 parameters"
    assert replace(full_summary(), sample_size=None).size_note == ""
