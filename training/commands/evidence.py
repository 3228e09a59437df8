"""Show the published evidence, and the prior derived from it."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from features.outcomes import OUTCOMES
from features.problems import counted
from features.terms import LEVEL_TERMS, TERMS
from training.commands.contribution_tables import (
    Numbers,
    citations,
    infusions_words,
    product_table,
    rate_table,
    study_table,
)
from training.commands.options import EvidenceFile, ExcludedSources, Literature, given_path, listed_sources
from training.evidence.effective_sample_size import EffectiveSampleSizes, effective_sample_sizes
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior import Prior, TermPrior

NINETY = 1.6449
"""A 90 % interval reaches this many standard deviations to each side."""

NO_EFFECT = "No study reports an effect on this outcome."
NO_RATE = "No study reports a rate: this is a starting value only."
SHARES = (
    "Share of each source in the effects, and the odds ratio without the source "
    "(sign: the prior uses the sign alone)"
)
WORTH = (
    "Worth: effective sample size, the number of infusions with as much information as the prior "
    "(10.1111/biom.13252). One infusion informs rates and effects at once, so the numbers do not add up."
)


def command(
    outcome: Annotated[str, typer.Argument(help="Outcome to show (default: all)")] = "",
    evidence_file: EvidenceFile = "",
    exclude_source: ExcludedSources = None,
    literature: Literature = True,
) -> None:
    """Show the published evidence on each outcome, and the prior derived from it."""
    evidence(
        outcome or None,
        evidence_file=given_path(evidence_file),
        excluded=listed_sources(exclude_source),
        literature=literature,
    )


def evidence(
    outcome: str | None = None,
    *,
    evidence_file: Path | None = None,
    excluded: tuple[str, ...] = (),
    literature: bool = True,
    console: Console | None = None,
) -> None:
    """Print the prior of one outcome or of all: its worth in infusions, and what each source contributes.

    Parameters
    ----------
    outcome : str, optional
        Entry of `OUTCOMES`; all by default.
    evidence_file : Path, optional
        A site's own rows, see `read_evidence`.
    excluded : tuple of str
        Sources that are left out.
    literature : bool
        False keeps nothing but the site's own rows.
    console : Console, optional
        Where it is printed; standard output by default.

    Raises
    ------
    Refused
        If the outcome or an excluded source is unknown, or a file is malformed.

    Examples
    --------
    >>> evidence("survival")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    features.problems.Refused: survival is not an outcome: write severe_crs, severe_icans, ... or iec_hs
    """
    screen = console or Console()
    known = read_evidence(evidence_file, excluded=excluded, literature=literature)
    for name in [outcome] if outcome else list(OUTCOMES):
        show_prior(_prior(name, known), known, screen)


def show_prior(prior: Prior, known: Evidence, console: Console) -> None:
    """Print one prior: rates, effects, what each source contributes, and the numbered sources."""
    # statsmodels takes seconds to import.
    from training.evidence.source_contributions import contributions

    numbers, sizes = _numbered(prior), effective_sample_sizes(prior)
    parts = contributions(prior, known)
    console.print(f"\n{OUTCOMES[prior.outcome].title}", style="bold", highlight=False, markup=False)
    _print(console, _base_rate(prior, sizes, numbers))
    for line in _composed(prior, known):
        _print(console, line)
    if prior.rates:
        _print(console, _by_headline("Rates of products in a new center", prior))
        console.print(product_table(prior, sizes, numbers))
    if not prior.published:
        _print(console, NO_EFFECT)
    if any(term.basis != "none" for term in prior.terms):
        _print(console, "Effects in a new center")
        console.print(_effects(prior, sizes, numbers))
    for line in _without_evidence(prior, sizes):
        _print(console, line)
    if parts.effects:
        _print(console, SHARES)
        console.print(study_table(prior, parts, numbers))
    if parts.rates:
        _print(console, _by_headline("Rates of products without each source", prior))
        console.print(rate_table(prior, parts, numbers))
    _print(console, WORTH)
    if numbers:
        _print(console, "Sources")
    for source, number in numbers.items():
        # A source is copied from here: it is never broken.
        console.print(f" {number:>2}  {source}", highlight=False, markup=False, soft_wrap=True)


def odds_ratio_words(term: TermPrior) -> tuple[str, str]:
    """Write the prior odds ratio and its 90 % interval.

    Examples
    --------
    >>> odds_ratio_words(TermPrior("cns3", 0.2, 0.4, "direction"))
    ('1.22', '0.63 to 2.36')
    """
    low, middle, high = (exp(term.mean + side * NINETY * term.spread) for side in (-1, 0, 1))
    return f"{middle:.2f}", f"{low:.2f} to {high:.2f}"


def rests_on(term: TermPrior) -> str:
    """Say what a prior is based on; sources other than those of the estimates contradict them.

    Examples
    --------
    >>> rests_on(TermPrior("cns3", 0.2, 0.4, "direction", ("10.1/a",)))
    'sign only'
    >>> rests_on(TermPrior("split_dose", -0.7, 0.6, "rates", ("10.1/a",)))
    'rates'
    """
    if not term.studies:
        return {"direction": "sign only", "rates": "rates"}.get(term.basis, "shrinkage")
    estimates = counted(len(term.studies), "estimate")
    if term.basis == "rates":
        return f"rates, {estimates}"
    contradicted = set(term.sources) - {source for study in term.studies for source in study.sources}
    return estimates + (", contradicted" if contradicted else "")


def _prior(name: str, known: Evidence) -> Prior:
    # statsmodels takes seconds to import.
    from training.evidence.prior_from_studies import published_prior

    entry = OUTCOMES.get(name)
    return published_prior(name, entry.horizons_days if entry else (), known)


def _numbered(prior: Prior) -> Numbers:
    """Give each source a number, in the order in which they are named."""
    effects = [source for term in prior.terms for source in term.sources]
    return {source: number for number, source in enumerate(dict.fromkeys([*prior.base_sources, *effects]), 1)}


def _base_rate(prior: Prior, sizes: EffectiveSampleSizes, numbers: Numbers) -> str:
    by_day = sorted(zip(prior.horizons_days, prior.base_rate, strict=True))
    rates = ", ".join(f"{rate:.0%} by day {days}" for days, rate in by_day)
    if not prior.base_sources:
        return f"Base rate: {rates}. {NO_RATE}"
    cited = citations(prior.base_sources, numbers)
    return (
        f"Base rate among {OUTCOMES[prior.outcome].among}: {rates} [{cited}]. "
        f"The literature counts as {infusions_words(sizes.base_rate)} infusions."
    )


def _composed(prior: Prior, known: Evidence) -> Iterator[str]:
    """State the rate among all infused, and what each published rate becomes, where not everybody counts."""
    from training.evidence.published_incidence import published_incidence

    outcome = OUTCOMES[prior.outcome]
    if outcome.given is None:
        return
    days = prior.horizons_days[0]
    rates = ", ".join(
        f"{rate:.0%} by day {day}" for day, rate in sorted(published_incidence(outcome.name, known).items())
    )
    others = " and ".join(OUTCOMES[name].title for name in outcome.rests_on)
    yield f"Among all infused patients, composed with the rate of {others}: {rates}."
    yield f"Published rates, and what they become among {outcome.among}:" if prior.rates else NO_RATE
    for rate in prior.rates:
        row = rate.row
        yield (
            f"  {row.id}: {row.rate:.1%} of {row.n} ({row.among}) by day {row.horizon_days} becomes "
            f"{rate.rate:.1%} of {rate.n:.0f} by day {days}"
        )


def _by_headline(words: str, prior: Prior) -> str:
    given = OUTCOMES[prior.outcome].given
    among = f", among {given.words}" if given is not None else ""
    return f"{words}, by day {prior.horizons_days[0]}{among}"


def _effects(prior: Prior, sizes: EffectiveSampleSizes, numbers: Numbers) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("per", ratio=1, min_width=20, overflow="fold")
    table.add_column("odds\nratio", justify="right")
    table.add_column("90 % interval", no_wrap=True)
    table.add_column("worth", justify="right")
    table.add_column("based on", max_width=18)
    table.add_column("sources")
    for term in prior.terms:
        if term.basis != "none":
            worth = infusions_words(sizes.terms[term.term])
            cells = (*odds_ratio_words(term), worth, rests_on(term), citations(term.sources, numbers))
            table.add_row(TERMS[term.term].title, *cells)
    return table


def _without_evidence(prior: Prior, sizes: EffectiveSampleSizes) -> Iterator[str]:
    """Name the terms that no study reports, and those of products without a rate."""
    from training.evidence.prior_from_studies import NO_EVIDENCE_SPREAD

    names = [term.term for term in prior.terms if term.basis == "none"]
    effects = [name for name in names if name not in LEVEL_TERMS]
    if effects:
        shrunk = (
            f"odds ratio 1; log odds ratio +-{NO_EVIDENCE_SPREAD:g} per standard deviation between patients; "
            f"worth {infusions_words(sizes.terms[effects[0]])} infusions each"
        )
        yield f"No published effect, shrinkage only ({shrunk}): {_titles(effects)}."
    products = [name for name in names if name in LEVEL_TERMS]
    if products:
        yield f"No published rate, spread between products only: {_titles(products)}."


def _titles(names: list[str]) -> str:
    return "; ".join(TERMS[name].title for name in names)


def _print(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)
