"""Show the published evidence, and the prior derived from it."""

from __future__ import annotations

from math import exp
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from features.outcomes import OUTCOMES
from features.problems import counted
from features.terms import TERMS
from training.commands.options import EvidenceFile, ExcludedSources, Literature, given_path, listed_sources
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.prior import Prior, TermPrior

NINETY = 1.6449
"""A 90 % interval reaches this many standard deviations to each side."""

NO_EFFECT = "No study reports an effect: base rates and shrinkage only."
NO_RATE = "No study reports a rate: this is a starting value only."


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
    """Print the prior of one outcome or of all, with its sources.

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
    >>> evidence("survival")
    Traceback (most recent call last):
        ...
    features.problems.Refused: survival is not an outcome: write severe_crs, severe_icans or relapse
    """
    screen = console or Console()
    known = read_evidence(evidence_file, excluded=excluded, literature=literature)
    for name in [outcome] if outcome else list(OUTCOMES):
        show_prior(_prior(name, known), screen)


def show_prior(prior: Prior, console: Console) -> None:
    """Print one prior: base rates, effects, and the sources that both are numbered by."""
    cited = _numbered(prior)
    console.print(f"\n{OUTCOMES[prior.outcome].title}", style="bold", highlight=False, markup=False)
    _tell(console, _base_rate(prior, cited))
    if prior.published:
        console.print(_effects(prior, cited))
        _tell(console, _others(prior))
    else:
        _tell(console, NO_EFFECT)
    if cited:
        _tell(console, "Sources")
    for source, number in cited.items():
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
    """
    if not term.studies:
        return "sign only"
    contradicted = set(term.sources) - {source for study in term.studies for source in study.sources}
    return counted(len(term.studies), "estimate") + (", contradicted" if contradicted else "")


def _prior(name: str, known: Evidence) -> Prior:
    # statsmodels takes seconds to import.
    from training.evidence.prior_from_studies import published_prior

    entry = OUTCOMES.get(name)
    return published_prior(name, entry.horizons_days if entry else (), known)


def _numbered(prior: Prior) -> dict[str, int]:
    """Give each source a number, in the order in which they are named."""
    effects = [source for term in prior.terms for source in term.sources]
    return {source: number for number, source in enumerate(dict.fromkeys([*prior.base_sources, *effects]), 1)}


def _base_rate(prior: Prior, cited: dict[str, int]) -> str:
    by_day = sorted(zip(prior.horizons_days, prior.base_rate, strict=True))
    rates = ", ".join(f"{rate:.0%} by day {days}" for days, rate in by_day)
    if not prior.base_sources:
        return f"Base rate: {rates}. {NO_RATE}"
    return f"Base rate among all infused patients: {rates} [{_citations(prior.base_sources, cited)}]"


def _effects(prior: Prior, cited: dict[str, int]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("per", ratio=1)
    table.add_column("odds\nratio", justify="right")
    table.add_column("90 % interval", no_wrap=True)
    table.add_column("based on", max_width=14)
    table.add_column("sources")
    for term in prior.terms:
        if term.basis != "none":
            cells = (*odds_ratio_words(term), rests_on(term), _citations(term.sources, cited))
            table.add_row(TERMS[term.term].title, *cells)
    return table


def _others(prior: Prior) -> str:
    """Name the terms that no study reports."""
    from training.evidence.prior_from_studies import NO_EVIDENCE_SPREAD

    titles = [TERMS[term.term].title for term in prior.terms if term.basis == "none"]
    shrunk = f"odds ratio 1; log odds ratio +-{NO_EVIDENCE_SPREAD:g} per standard deviation between patients"
    return f"No published effect, shrinkage only ({shrunk}): {'; '.join(titles)}."


def _citations(sources: tuple[str, ...], cited: dict[str, int]) -> str:
    return ", ".join(str(number) for number in sorted(cited[source] for source in sources))


def _tell(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)
