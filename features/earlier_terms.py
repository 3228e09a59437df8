"""Terms of models that were released before, and the terms that took over."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.disease_burden import BURDEN_FIELD, is_high_burden
from features.term import Term, number, option

EARLIER = (
    Term(
        "high_burden",
        BURDEN_FIELD,
        "5 % marrow blasts or more",
        (BURDEN_FIELD,),
        lambda patients: is_high_burden(patients[BURDEN_FIELD]),
        binary=True,
    ),
    number("log_marrow_blasts", BURDEN_FIELD, "doubling of 1 + % marrow blasts", lambda x: np.log2(1 + x)),
    option("cd28", "costimulatory_domain", "cd28", "CD28 costimulation"),
    number("log2_dose_per_kg", "dose_1e6_per_kg", "doubling of the dose per kg", np.log2),
)
"""They answer as they did."""

SUCCESSORS: Mapping[str, str] = {
    "high_burden": "disease_burden",
    "cd28": "cd28_construct",
    "log2_dose_per_kg": "log2_relative_dose",
}
"""Terms that evidence files of a site may still name, and the term that took over."""
