"""The steps of the example patient and the terms of the model are numbers as they are written."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from serving.model.bundle import Bundle
from tests.bundles import PATIENT, linear_part, replicates_of
from training.pages.report.specification import specification
from training.pages.report.worked_example import worked_example


def test_nothing_is_minus_zero(bundle: Bundle) -> None:
    """Neither a coefficient nor what a term at its center adds."""
    linear = linear_part({"age": -0.5, "prior_lines": -0.0})
    linear = replace(
        linear, centre=np.array([PATIENT["age_years"] / 10, 1.0]), published=np.array([0.0, -0.0])
    )
    model = bundle.models["severe_crs"]
    model = replace(model, linear=linear, replicates=replicates_of(model, linear), without_sources=())
    example = worked_example(model, PATIENT)
    assert [step.product for step in example.terms] == [0.0, 0.0]
    entries = specification(model).terms
    written = [step.product for step in example.terms]
    written += [number for each in entries for number in (each.coefficient, each.published, each.local)]
    assert all(math.copysign(1, number) == 1 for number in written if number == 0)
