"""Rows of the page of the published evidence: what a study reports, and what it becomes in the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import exp, log

from features.outcome import Outcome
from features.products import PRODUCTS
from features.terms import TERMS
from training.evidence.effect_rows import Effect
from training.evidence.evidence_review import rate_interval
from training.evidence.prior import Prior
from training.evidence.product_rates import ProductRates, product_rates
from training.evidence.rate_rows import BaseRate
from training.evidence.row_roles import EffectInPrior, RateInPrior
from training.evidence.source_contributions import Contributions
from training.evidence.study_effects import UNADJUSTED_SHARE

USED: Mapping[str, str] = {
    "pooled": "pooled",
    "sign": "sign only",
    "contradicts": "contradicts, so the prior is wider",
}
"""How a row of effects is used, by its role."""
UNUSED: Mapping[str, str] = {
    "agrees": "only a sign, beside estimates that are pooled",
    "same_patients": "another row of the same patients is pooled",
    "rates_decide": "products are compared by their published rates",
    "no_term": "the model has no such term",
    "context": "context",
    "upper_bound": "upper bound, not a rate",
}
"""Why a row is not used, by its role."""
SIGNS = {1: "raises the risk", -1: "lowers the risk", 0: "no difference, or sources conflict"}

EFFECT_HEADINGS = (
    *("row", "term", "compared", "patients", "n", "published", "log odds ratio per unit (SE)"),
    *("odds ratio", "use", "prior odds ratio (without this source)", "direct or widened", "sources"),
)
UNUSED_HEADINGS = ("row", "about", "published", "reason", "note", "sources")


def rate_headings(outcome: Outcome) -> tuple[str, ...]:
    """Head the table of pooled rates: what a rate becomes is a rate among those who can have the outcome."""
    becomes = "all infused" if outcome.given is None else f"among {outcome.given.words}"
    return (
        *("row", "cohort", "product", "patients", "n", "published", f"{becomes}, headline day"),
        *("95 % interval", "log-odds (SE)", "rate of the product (without this source)"),
        *("direct or widened", "sources"),
    )


def rate_cells(each: RateInPrior, prior: Prior, parts: Contributions) -> tuple[str, ...]:
    """Write a pooled rate."""
    row, rate = each.row, each.rate
    assert rate is not None
    low, high = rate_interval(rate)
    without = next(part.without for part in parts.rates if part.sources == row.sources)
    other = [*_unless(row.population_direct, "other patients"), *_unless(row.scale_direct, "other scale")]
    return (
        row.id,
        row.cohort,
        row.product or "academic",
        row.population,
        f"{row.n}",
        f"{row.rate:.1%} of {row.among} by day {row.horizon_days}; {row.definition}",
        f"{rate.rate:.1%} of {rate.n:.0f}",
        f"{low:.1%} to {high:.1%}",
        f"{log(rate.rate / (1 - rate.rate)):.2f} ({rate.error:.2f})",
        f"{_of(product_rates(prior), row.product)} ({_of(without, row.product) if without else 'none'})",
        f"widened: {', '.join(other)}" if other else "direct",
        source_links(row.sources),
    )


def effect_cells(each: EffectInPrior, prior: Prior, parts: Contributions) -> tuple[str, ...]:
    """Write a row of effects that the prior uses."""
    row, study = each.row, each.study
    part = next((part for part in parts.effects if part.id == row.id), None)
    share = f", {part.weight:.0%} of the effect" if part and part.weight is not None else ""
    term = next(term for term in prior.terms if term.term == row.term)
    without = f"{exp(part.without.mean):.2f}" if part and part.without else "none"
    return (
        row.id,
        TERMS[row.term].title,
        row.per,
        row.population,
        f"{row.n or ''}",
        _published(row),
        f"{study.log_odds:.2f} ({study.standard_error:.2f})" if study else "",
        f"{exp(study.log_odds):.2f}" if study else "",
        f"{USED[each.role]}{share}",
        f"{exp(term.mean):.2f} ({without})",
        _directness(each),
        source_links(row.sources),
    )


def unused_cells(each: EffectInPrior | RateInPrior) -> tuple[str, ...]:
    """Write a row that is read and not used, with the reason."""
    row = each.row
    if isinstance(row, BaseRate):
        about = f"rate, {row.cohort}"
        published = f"{row.rate:.1%} of {row.n}" if row.rate is not None else ""
    else:
        about, published = TERMS[row.term].title if row.term else "no term", _published(row)
    return row.id, about, published, UNUSED[each.role], row.note, source_links(row.sources)


def source_links(sources: Iterable[str]) -> str:
    """List sources, DOIs as links."""
    return ", ".join(
        f"[{source}](https://doi.org/{source})" if source.startswith("10.") else source for source in sources
    )


def row_links(rows: Iterable[Effect | BaseRate]) -> str:
    """List rows with their sources."""
    return ", ".join(f"{row.id} ({source_links(row.sources)})" for row in rows)


def table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Write a table in Markdown."""
    cells = [headings, tuple("---" for _ in headings), *rows]
    yield from (f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in cells)
    yield ""


def _of(rates: ProductRates, product: str) -> str:
    return f"{(rates.known[product] if product in PRODUCTS else rates.own).rate:.1%}"


def _published(row: Effect) -> str:
    """Write what a study reports."""
    if row.estimate is None:
        return SIGNS[row.direction] if row.direction is not None else ""
    interval = f" ({row.ci_low:g} to {row.ci_high:g})" if row.ci_low and row.ci_high else ""
    return f"{row.measure} {row.estimate:g}{interval}"


def _directness(each: EffectInPrior) -> str:
    """Say what was measured in others, which widens a pooled effect; a sign alone is wide anyway."""
    row, pooled = each.row, each.role == "pooled"
    other = [
        *_unless(row.endpoint_direct, f"other endpoint ({row.endpoint})"),
        *_unless(row.population_direct, "other patients"),
    ]
    words = f"{'widened: ' if pooled else ''}{', '.join(other)}" if other else "direct"
    return words + (f"; unadjusted, x {UNADJUSTED_SHARE:g}" if pooled and not row.multivariable else "")


def _unless(direct: bool, words: str) -> list[str]:
    return [] if direct else [words]
