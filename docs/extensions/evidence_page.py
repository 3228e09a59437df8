"""The page of the published evidence: every row, what it becomes, forest plots, conflicts and gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evidence_rows import (
    EFFECT_HEADINGS,
    UNUSED,
    UNUSED_HEADINGS,
    USED,
    effect_cells,
    rate_cells,
    rate_headings,
    row_links,
    source_links,
    table,
    unused_cells,
)
from matplotlib.figure import Figure

from features.outcomes import OUTCOMES
from features.products import PRODUCTS
from features.terms import OWN_PRODUCT, TERMS, product_term
from training.commands.contribution_tables import infusions_words
from training.evidence.effective_sample_size import effective_sample_sizes
from training.evidence.evidence_review import NINETY_FIVE, EvidenceReview, SignConflict, review
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior import Prior
from training.evidence.prior_from_studies import published_prior
from training.evidence.product_rates import product_rates
from training.evidence.published_incidence import published_incidence
from training.evidence.row_roles import EffectInPrior, RateInPrior, effects_in_prior, rates_in_prior
from training.evidence.source_contributions import Contributions, contributions
from training.figures.forest_plot import forest_plot
from training.figures.published_rates import published_rates_figure

INTRODUCTION = """\
# Published evidence

This page is generated from `data/evidence/effects.csv` and `data/evidence/base_rates.csv` when the
documentation is built. [The method](../model.md#from-studies-to-a-prior) states the rules.
`cart-outcomes evidence` prints the prior of an outcome, what it is worth, and what each source contributes,
also with a site's own rows or without a source.

* **Log odds ratio per unit**: a published effect on the model's scale, with its standard error (SE):
  converted from a hazard or risk ratio, per unit of the term, and multiplied by 0.7 if it is unadjusted.
* **Direct or widened**: the prior is wider if an effect was measured on another endpoint or in other
  patients. A rate counts less if it was measured in other patients or by another definition.
* **Without this source**: the prior if every row of the source is left out.
* **Worth**: the effective sample size, the number of infusions with as much information as the prior
  ([10.1111/biom.13252](https://doi.org/10.1111/biom.13252)).
* **Forest plots**: diamonds are what the evidence alone gives in a new center, squares are cohorts and
  studies.
"""


@dataclass(frozen=True)
class OutcomeEvidence:
    """All facts of an outcome that the page shows."""

    prior: Prior
    effects: tuple[EffectInPrior, ...]
    rates: tuple[RateInPrior, ...]
    parts: Contributions
    review: EvidenceReview
    incidence: Mapping[int, float]


def evidence_page() -> str:
    """Write the page in Markdown."""
    evidence = read_evidence()
    lines = [line for name in OUTCOMES for line in _outcome(outcome_evidence(name, evidence))]
    return "\n".join([INTRODUCTION, *lines])


def evidence_figures() -> dict[str, Figure]:
    """Draw the forest plots, by the file that the page shows."""
    figures: dict[str, Figure | None] = {}
    for name in OUTCOMES:
        prior = published_prior(name, OUTCOMES[name].horizons_days, read_evidence())
        figures[_file(name, "rates")] = published_rates_figure(prior)
        figures[_file(name, "effects")] = forest_plot(prior)
    return {file: figure for file, figure in figures.items() if figure is not None}


def outcome_evidence(name: str, evidence: Evidence) -> OutcomeEvidence:
    """Collect the facts of an outcome."""
    prior = published_prior(name, OUTCOMES[name].horizons_days, evidence)
    return OutcomeEvidence(
        prior=prior,
        effects=effects_in_prior(prior, evidence),
        rates=rates_in_prior(name, evidence),
        parts=contributions(prior, evidence),
        review=review(prior, evidence),
        incidence=published_incidence(name, evidence),
    )


def _outcome(facts: OutcomeEvidence) -> Iterator[str]:
    prior, title = facts.prior, OUTCOMES[facts.prior.outcome].title
    rates = [rate_cells(each, prior, facts.parts) for each in facts.rates if each.rate is not None]
    effects = [effect_cells(each, prior, facts.parts) for each in facts.effects if each.role in USED]
    yield from (f"## {title[0].upper()}{title[1:]}", "", f"### Rates: {title}", "")
    yield from _composed(facts)
    yield from _figure(prior, "rates") if rates else ()
    yield from _products(prior)
    yield from table(rate_headings(OUTCOMES[prior.outcome]), rates)
    yield from (f"### Effects: {title}", "")
    yield from _figure(prior, "effects") if rates or effects else ()
    yield from table(EFFECT_HEADINGS, effects)
    yield from (f"### Conflicts: {title}", "")
    yield from _conflicts(facts.review)
    yield from (f"### Gaps: {title}", "")
    yield from _gaps(facts)


def _composed(facts: OutcomeEvidence) -> Iterator[str]:
    """Say whose rates they are where only some can have the outcome, and what follows for all infused."""
    outcome = OUTCOMES[facts.prior.outcome]
    if outcome.given is None:
        return
    others = " and ".join(OUTCOMES[name].title for name in outcome.rests_on)
    rates = ", ".join(f"{rate:.1%} by day {day}" for day, rate in sorted(facts.incidence.items()))
    yield (
        f"Rates and effects are those among {outcome.given.words}. A rate that was published among all "
        f"infused patients becomes one among these by the rate of {others} in the same cohort, or by the "
        f"usual one where the cohort reports none. Composed, the base rate among all infused patients is "
        f"{rates}."
    )
    yield ""


def _figure(prior: Prior, of: str) -> Iterator[str]:
    words = f"Forest plot of published {of}: {OUTCOMES[prior.outcome].title}"
    yield from (f"![{words}]({_file(prior.outcome, of)})", "")


def _file(outcome: str, of: str) -> str:
    return f"evidence_{outcome}_{of}.png"


def _products(prior: Prior) -> Iterator[str]:
    rates, sizes = product_rates(prior, reach=NINETY_FIVE), effective_sample_sizes(prior)
    rows = [("academic, other or unknown", OWN_PRODUCT, rates.own, sizes.base_rate)]
    rows += [(name, product_term(name), rate, sizes.products[name]) for name, rate in rates.known.items()]
    sources = {term.term: source_links(term.sources) for term in prior.terms}
    headings = (
        "product",
        f"rate by day {prior.horizons_days[0]}, evidence alone",
        *("95 % interval", "worth, infusions", "sources"),
    )
    yield from table(
        headings,
        (
            (
                product,
                f"{rate.rate:.1%}",
                f"{rate.low:.1%} to {rate.high:.1%}",
                infusions_words(infusions),
                sources[term],
            )
            for product, term, rate, infusions in rows
        ),
    )


def _conflicts(found: EvidenceReview) -> Iterator[str]:
    lines = [f"* {TERMS[each.term].title}: {_sides(each)}." for each in found.conflicts]
    lines += [
        f"* {TERMS[row.term].title}: {row_links([row])} reports the opposite sign of the published rates."
        for row in found.against_rates
    ]
    lines += [
        f"* {one.row.product}: the 95 % intervals of {row_links([one.row, other.row])} do not overlap."
        for one, other in found.apart
    ]
    yield from lines or ["No rows disagree in sign, and no rates of one product exclude each other."]
    yield ""


def _sides(conflict: SignConflict) -> str:
    sides = (
        ("the risk is higher in", conflict.raises),
        ("the risk is lower in", conflict.lowers),
        ("there is no difference in", conflict.neither),
    )
    return "; ".join(f"{words} {row_links(rows)}" for words, rows in sides if rows)


def _gaps(facts: OutcomeEvidence) -> Iterator[str]:
    terms = "; ".join(TERMS[name].title for name in facts.review.terms_without_study)
    yield f"* Terms without a study, shrinkage only: {terms or 'none'}."
    products = facts.review.products_without_rate
    yield f"* Products without a rate: {', '.join(products) or 'none'} (of {', '.join(PRODUCTS)})."
    unused = [each for each in (*facts.rates, *facts.effects) if each.role in UNUSED]
    yield f"* Rows that are read and not used: {len(unused)}."
    yield ""
    yield from table(UNUSED_HEADINGS, map(unused_cells, unused))
