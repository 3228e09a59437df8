"""Case mix of published cohorts: the terms of their rebuilt patients."""

from __future__ import annotations

from functools import cache

import numpy as np

from features.columns import Values
from features.disease_burden import BURDEN_FIELD, is_high_burden
from features.expected_terms import reference_profile
from features.terms import LEVEL_TERMS, TERMS, term_matrix
from serving.model.linear_part import LinearPart
from serving.model.replicates import drawn_terms
from training.evidence.rebuilt_cohorts import rebuilt_cohort

DRAW_SEED = 20260102


@cache
def case_mix(cohort_group: str, product: str, cd28: float | None, split_dose: float | None) -> Values:
    """Compute the centered terms of a rebuilt cohort; those of the product are a matter of the levels.

    What is not published of a cohort differs between its patients all the same, so it is drawn from the
    reference profile given burden.

    Parameters
    ----------
    cohort_group, product, cd28, split_dose
        As `rebuilt_cohort` takes them.

    Returns
    -------
    terms : ndarray of shape (n_patients, n_terms)
        In the order of `TERMS`, without NaN; read-only, because it is computed once.

    Examples
    --------
    >>> case_mix("FELIX", "obecabtagene", 0.0, 1.0).shape[0]
    200
    """
    patients = rebuilt_cohort(cohort_group, product, cd28, split_dose)
    names = tuple(TERMS)
    known, profile = term_matrix(patients, names), _profile_part(names)
    uniform = np.random.default_rng(DRAW_SEED).random((len(patients), len(profile.fields)))
    high = is_high_burden(patients[BURDEN_FIELD])[:, None]
    drawn = np.where(
        np.isnan(high),
        drawn_terms(profile, uniform, high=np.nan),
        np.where(high == 1, *(drawn_terms(profile, uniform, high=state) for state in (1.0, 0.0))),
    )
    mix = np.where(np.isnan(known), drawn, known) - profile.centre
    mix[:, [names.index(name) for name in LEVEL_TERMS]] = 0.0
    mix.flags.writeable = False
    return mix


def _profile_part(names: tuple[str, ...]) -> LinearPart:
    """Put the reference profile into the form from which missing terms are drawn."""
    profile, nothing = reference_profile(names), np.zeros(len(names))
    return LinearPart(
        terms=names,
        centre=profile.centre,
        low_burden=profile.low_burden,
        high_burden=profile.high_burden,
        spread=profile.spread,
        coefficients=nothing,
        published=nothing,
        prior_mean=nothing,
        prior_spread=nothing,
        sources=((),) * len(names),
    )
