"""Published evidence in the runs of a training: the prior derived from it."""

from __future__ import annotations

import csv
import io
from math import exp

import numpy as np

from features.evidence_sources import SEPARATOR
from features.outcomes import OUTCOMES
from features.terms import TERMS
from training.evidence.prior import Prior, TermPrior
from training.evidence.prior_from_studies import published_prior
from training.evidence.product_rates import NINETY
from training.fitting.train import Training
from training.learners.anchored import Anchored
from training.learners.evidence_only import Published, empty_set

HEADINGS = (
    "term",
    "title",
    "prior_mean",
    "prior_spread",
    "odds_ratio",
    "odds_ratio_low",
    "odds_ratio_high",
    "basis",
    "sources",
)
"""Columns of the table of priors; the interval of the odds ratio is 90 %."""


def model_prior(training: Training, outcome: str, model: str) -> Prior | None:
    """Give the prior of a model; None where it does not use published evidence."""
    if outcome in training.published:
        return training.published[outcome].prior
    fitted = training.outcomes[outcome].models[model].model
    if fitted.method != Anchored.name:
        return None
    return published_prior(outcome, fitted.horizons_days, training.evidence)


def baseline_weight(training: Training, outcome: str, name: str) -> float:
    """Weight of published evidence in a baseline, in [0, 1]; 0 except for the published baseline."""
    if name != Published.name:
        return 0.0
    learner, rng = (
        Published(training.evidence),
        np.random.default_rng(training.config.seed),
    )
    no_patients = empty_set(outcome, OUTCOMES[outcome].horizons_days)
    return learner.fit(no_patients, learner.choose(no_patients, rng)).evidence_weight


def prior_tables(training: Training, outcome: str, model: str) -> dict[str, str]:
    """Write the prior of a model as a CSV file, by its path; none where it rests on no effect."""
    prior = model_prior(training, outcome, model)
    if prior is None or not prior.published:
        return {}
    return {f"evidence/{outcome}_priors.csv": prior_csv(prior)}


def prior_csv(prior: Prior) -> str:
    """Write a prior as CSV, a row a term.

    Parameters
    ----------
    prior : Prior

    Returns
    -------
    text : str
        Mean and spread are log-odds per unit of the term; a bar, which no citation contains, separates
        sources.

    Examples
    --------
    >>> import numpy as np
    >>> term = TermPrior("cns3", 0.2, 0.4, "direction", ("10.1/a", "10.1/b"))
    >>> print(prior_csv(Prior("relapse", (365,), np.array([0.4]), (), (term,))).splitlines()[1])
    cns3,CNS3,0.2,0.4,1.221,0.6326,2.358,direction,10.1/a | 10.1/b
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEADINGS)
    table.writerows(_row(term) for term in prior.terms)
    return text.getvalue()


def _row(term: TermPrior) -> tuple[str, ...]:
    ratios = (exp(term.mean + side * NINETY * term.spread) for side in (0, -1, 1))
    numbers = (f"{number:.4g}" for number in (term.mean, term.spread, *ratios))
    return (term.term, TERMS[term.term].title, *numbers, term.basis, SEPARATOR.join(term.sources))
