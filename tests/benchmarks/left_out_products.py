"""What the evidence says of a product whose own rows it does not have, beside the rate that was published.

``python -m tests.benchmarks.left_out_products`` prints a line for each product and outcome: the rate of its
largest cohort, the mean risk of its rebuilt patients without the rows of the product, the 90 % interval
of the mean by the replicates that are served, whether it contains the rate, and how many times the upper end
is the lower one, in odds. A second line splits the variance of the mean's log-odds by where it comes from.
The last line is the root mean square of the distances of rates from the mean log-odds, in standard
deviations. ``--with-own-rows`` leaves the rows in.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from features.columns import Values
from features.log_odds import expit, logit
from features.outcomes import OUTCOMES
from features.products import PRODUCTS
from features.terms import OWN_PRODUCT, TERMS, product_term
from serving.model.interval_ends import INTERVAL_LEVEL
from tests.benchmarks.left_out_variance import variance_parts
from training.evidence.base_rates import CohortRate, cohort_rates
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior_from_studies import published_prior
from training.evidence.rate_rows import BaseRate
from training.learners.bootstrap_replicates import replicate
from training.learners.evidence_only import Published, empty_set

OUTCOMES_SHOWN = ("severe_crs", "severe_icans", "relapse")
DONOR_DERIVED = "donor-derived hospital exemption"
"""Cohort of the donor-derived 4-1BB product."""
FEWEST_REPLICATES, SEED = 400, 20260101
WIDEST = 8.0
"""Factor in odds beyond which an interval is too wide to be of use."""
NAMES = list(TERMS)


@dataclass(frozen=True)
class Stated:
    """What a model says of the patients of a cohort.

    Attributes
    ----------
    cohort : CohortRate
    mean, low, high : float
        Mean risk, and its interval over the replicates.
    log_odds : float
        Of the mean risk, averaged over the replicates.
    parts : mapping of str to float
        Variance of these log-odds by where it comes from.
    """

    cohort: CohortRate
    mean: float
    low: float
    high: float
    log_odds: float
    parts: Mapping[str, float]

    @property
    def contains(self) -> bool:
        """Whether the interval contains the published rate."""
        return self.low <= self.cohort.rate <= self.high

    @property
    def factor(self) -> float:
        """Odds of the upper end over those of the lower end."""
        return self.high / (1 - self.high) / (self.low / (1 - self.low))

    @property
    def distance(self) -> float:
        """How far the published rate is from what is stated, in standard deviations of the log-odds."""
        off = float(logit(np.array([self.cohort.rate]))[0]) - self.log_odds
        return off / float(sum(self.parts.values())) ** 0.5


def of_product(name: str) -> Callable[[BaseRate], bool]:
    """Say which rows are a product's own: of a listed product, or of the cohort of another."""
    return lambda row: row.product == name if name in PRODUCTS else row.cohort_group == name


def largest_cohort(name: str, outcome: str, evidence: Evidence) -> CohortRate | None:
    """Find the cohort with most patients by the model's own definition, else by any; None without a rate."""
    own = of_product(name)
    cohorts = [rate for rate in cohort_rates(outcome, evidence.base_rates) if own(rate.row)]
    return max(cohorts, key=lambda rate: (rate.row.scale_direct, rate.n), default=None)


def stated(outcome: str, cohort: CohortRate, evidence: Evidence, *, n_replicates: int) -> Stated:
    """State the mean risk of a cohort's rebuilt patients by evidence alone, with its interval."""
    learner, nobody = Published(evidence), empty_set(outcome, OUTCOMES[outcome].horizons_days)
    rng = np.random.default_rng(SEED)
    choice = learner.choose(nobody, rng)
    model = learner.fit(nobody, choice)
    drawn = replicate(learner, choice, [nobody] * n_replicates, rng)
    assert model.linear is not None
    # What no study speaks of is at the profile's center.
    terms, studied = _terms(cohort), slice(len(NAMES))
    risks = expit(drawn.intercepts[:, :1] + drawn.coefficients[:, studied] @ terms.T).mean(axis=1)
    low, high = np.quantile(risks, [(1 - INTERVAL_LEVEL) / 2, (1 + INTERVAL_LEVEL) / 2])
    mean = float(expit(model.reference[0] + terms @ model.linear.coefficients[studied]).mean())
    prior = published_prior(outcome, OUTCOMES[outcome].horizons_days, evidence)
    parts = variance_parts(drawn, terms, cohort, center_variance=prior.levels.cohort_variance)
    return Stated(cohort, mean, float(low), float(high), float(logit(risks).mean()), parts)


def left_out(name: str, outcome: str, evidence: Evidence, *, n_replicates: int) -> Stated | None:
    """State what the evidence without a product's own rows says of it; None where no rate is published."""
    cohort, own = largest_cohort(name, outcome, evidence), of_product(name)
    if cohort is None:
        return None
    others = tuple(row for row in evidence.base_rates if not own(row))
    return stated(outcome, cohort, replace(evidence, base_rates=others), n_replicates=n_replicates)


def with_own_rows(name: str, outcome: str, evidence: Evidence, *, n_replicates: int) -> Stated | None:
    """State what all the evidence says of a product; None where no rate of it is published."""
    cohort = largest_cohort(name, outcome, evidence)
    return None if cohort is None else stated(outcome, cohort, evidence, n_replicates=n_replicates)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line a product and outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=FEWEST_REPLICATES)
    parser.add_argument("--outcomes", nargs="+", choices=OUTCOMES_SHOWN, default=list(OUTCOMES_SHOWN))
    parser.add_argument("--with-own-rows", action="store_true")
    options = parser.parse_args(arguments)
    evidence, distances = read_evidence(), []
    for outcome in options.outcomes:
        for name in (*PRODUCTS, DONOR_DERIVED):
            state = with_own_rows if options.with_own_rows else left_out
            found = state(name, outcome, evidence, n_replicates=options.replicates)
            if found is not None:
                distances.append(found.distance)
                print(f"{outcome:14}{name:34}{_line(found)}", flush=True)  # noqa: T201
                print(f"{'':14}{_variance(found)}", flush=True)  # noqa: T201
    square = float(np.mean(np.square(distances)))
    print(f"root mean square of the distances {square**0.5:.2f}")  # noqa: T201


def _line(found: Stated) -> str:
    percents = [100 * each for each in (found.cohort.rate, found.mean, found.low, found.high)]
    rate, mean, low, high = (f"{each:.1f}" for each in percents)
    verdict = "contains" if found.contains else "misses"
    wide = " too wide" if found.factor > WIDEST else ""
    interval = f"mean {mean}, {low} to {high}, {verdict}, factor {found.factor:.1f}{wide}"
    return f"published {rate} of {found.cohort.n:.0f}; {interval}"


def _variance(found: Stated) -> str:
    parts = " + ".join(f"{name} {part:.2f}" for name, part in found.parts.items())
    return f"variance {sum(found.parts.values()):.2f} = {parts}; distance {found.distance:+.1f}"


def _terms(cohort: CohortRate) -> Values:
    """Centered terms of the rebuilt patients, with those of their product."""
    terms = cohort.terms.copy()
    terms[:, NAMES.index("cd28_construct")] = cohort.cd28
    terms[:, NAMES.index("split_dose")] = cohort.split_dose
    if cohort.product in PRODUCTS:
        terms[:, NAMES.index(product_term(cohort.product))] = 1.0
        terms[:, NAMES.index(OWN_PRODUCT)] = -1.0
    return terms


if __name__ == "__main__":
    main()
