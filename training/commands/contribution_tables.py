"""Tables of what published evidence is worth in infusions, and of what each source contributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import exp
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from features.terms import OWN_PRODUCT, TERMS, product_term
from training.evidence.effective_sample_size import EffectiveSampleSizes
from training.evidence.prior import Prior, TermPrior
from training.evidence.product_rates import ProductRates, PublishedRate, product_rates

if TYPE_CHECKING:
    from training.evidence.source_contributions import Contributions, StudyPart

OWN = "academic or other"
"""Row or column of academic, other and unknown products."""

Numbers = Mapping[str, int]
"""Numbers of the sources, by source."""


def citations(sources: tuple[str, ...], numbers: Numbers) -> str:
    """List the numbers of sources.

    Examples
    --------
    >>> citations(("10.1/b", "10.1/a"), {"10.1/a": 1, "10.1/b": 2})
    '1, 2'
    """
    return ", ".join(str(number) for number in sorted(numbers[source] for source in sources))


def infusions_words(infusions: float) -> str:
    """Write an effective sample size.

    Examples
    --------
    >>> infusions_words(41.3), infusions_words(1.04)
    ('41', '1.0')
    """
    return f"{infusions:.0f}" if infusions >= 10 else f"{infusions:.1f}"


def product_table(prior: Prior, sizes: EffectiveSampleSizes, numbers: Numbers) -> Table:
    """Show the published rate of each product and what it is worth."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("product", ratio=1, overflow="fold")
    table.add_column("rate", justify="right")
    table.add_column("90 % interval", no_wrap=True)
    table.add_column("worth", justify="right")
    table.add_column("sources")
    sources = {term.term: term.sources for term in prior.terms}
    rates = product_rates(prior)
    rows = [(OWN, OWN_PRODUCT, rates.own, sizes.base_rate)]
    rows += [(name, product_term(name), rate, sizes.products[name]) for name, rate in rates.known.items()]
    for name, term, rate, infusions in rows:
        table.add_row(name, *_rate_words(rate), infusions_words(infusions), citations(sources[term], numbers))
    return table


def study_table(prior: Prior, parts: Contributions, numbers: Numbers) -> Table:
    """Show the share of each study in the effect of its term, and the odds ratio without it."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("per", ratio=1, min_width=20, overflow="fold")
    table.add_column("odds\nratio", justify="right")
    table.add_column("source", justify="right")
    table.add_column("share", justify="right")
    table.add_column("without\nit", justify="right")
    terms = {term.term: term for term in prior.terms}
    shown = ""
    for part in _one_sign_a_source(parts.effects):
        first = part.term != shown
        title, ratio = (TERMS[part.term].title, _odds_ratio(terms[part.term])) if first else ("", "")
        table.add_row(title, ratio, citations(part.sources, numbers), _share(part), _without(part))
        shown = part.term
    return table


def rate_table(prior: Prior, parts: Contributions, numbers: Numbers) -> Table:
    """Show the rates of products with all sources, and without each."""
    rates = product_rates(prior)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("without\nsource", justify="right")
    for name in (OWN, *rates.known):
        table.add_column(name, justify="right", overflow="fold")
    table.add_row("(all)", *_percentages(rates))
    for part in parts.rates:
        blank = [""] * (1 + len(rates.known))
        cells = _percentages(part.without) if part.without else blank
        table.add_row(citations(part.sources, numbers), *cells)
    return table


def _one_sign_a_source(parts: Iterable[StudyPart]) -> Iterator[StudyPart]:
    """Leave out further signs of a term from the same source."""
    seen = set()
    for part in parts:
        key = (part.term, part.sources, part.weight is None or part.id)
        if key not in seen:
            yield part
        seen.add(key)


def _rate_words(rate: PublishedRate) -> tuple[str, str]:
    return f"{rate.rate:.1%}", f"{rate.low:.1%} to {rate.high:.1%}"


def _percentages(rates: ProductRates) -> list[str]:
    return [f"{rate.rate:.1%}" for rate in (rates.own, *rates.known.values())]


def _share(part: StudyPart) -> str:
    return "sign" if part.weight is None else f"{part.weight:.0%}"


def _without(part: StudyPart) -> str:
    return _odds_ratio(part.without) if part.without else ""


def _odds_ratio(term: TermPrior) -> str:
    return f"{exp(term.mean):.2f}"
