"""Rows of published rates, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from features.evidence_sources import sources_of
from features.field import specs
from features.outcomes import OUTCOMES
from features.problem_codes import Code
from features.schema import Patient
from features.time_course import covered_days, is_covered
from training.evidence.cells import RowCells

RateUse = Literal["estimate", "context", "upper_bound"]

RATE_USES = ("estimate", "context", "upper_bound")
RAREST = 0.001
"""No cohort is so large that it shows a rate below it, or above all but it."""

ALL_INFUSED, COMPLETE_RESPONDERS = "all infused", "complete responders"

RATE_COLUMNS = (
    *("id", "outcome", "use", "rate", "events", "n", "ci_low", "ci_high", "horizon_days", "definition"),
    *("among", "cohort", "target_antigen", "costimulatory_domain", "split_dose", "product", "population"),
    *("population_direct", "scale_direct", "cohort_group", "academic_product", "source", "note"),
)


@dataclass(frozen=True)
class BaseRate:
    """One published rate.

    Attributes
    ----------
    id : str
        Unique among all rows.
    outcome : str
        Entry of `OUTCOMES`.
    use : RateUse
        What the row is for; ``estimate`` rows are pooled.
    rate : float or None
        Cumulative incidence, in (0, 1).
    n : int or None
        Patients.
    horizon_days : int or None
        After infusion.
    among : str
        ``all infused`` or ``complete responders``.
    cohort_group : str
        Rows of one group overlap in their patients.
    sources : tuple of str
        DOI, PMID, NCT or citation.
    events : int or None
        Patients with the event, where counts are printed; where 0, ``rate`` is half an event of
        one patient more.
    product : str
        Option of ``product`` that all patients were given; blank where there is none.
    cd28, split_dose : float or None
        1 where all constructs have CD28, all doses were given in parts; 0 where none; None where not stated.
    population_direct, scale_direct : bool
        Whether it was measured in adults with B-ALL, and by the outcome's own definition.
    academic_product : str
        Name of a product that is not listed where several groups of patients were given it; blank: the cells
        of the group are a product of their own.
    cohort : str
        Its name for people.
    population, definition, note : str
        As the file words them; blank in a site's own rows that leave them out.
    """

    id: str
    outcome: str
    use: RateUse
    rate: float | None
    n: int | None
    horizon_days: int | None
    among: str
    cohort_group: str
    sources: tuple[str, ...]
    events: int | None = None
    product: str = ""
    cd28: float | None = None
    split_dose: float | None = None
    population_direct: bool = True
    scale_direct: bool = True
    academic_product: str = ""
    cohort: str = ""
    population: str = ""
    definition: str = ""
    note: str = ""


def rate_of(cells: RowCells, *, rate_column: str = "rate", default_id: str = "") -> BaseRate:
    """Read a row of base rates; its problems stay with the cells.

    Parameters
    ----------
    cells : RowCells
        One row.
    rate_column : str
        Publication of the rate.
    default_id : str
        Taken where the row has none.

    Returns
    -------
    rate : BaseRate
        Of use only where the cells have no problem.

    Examples
    --------
    >>> row = {"outcome": "relapse", "use": "estimate", "rate": "0.4", "n": "50", "horizon_days": "365"}
    >>> rate_of(RowCells({**row, "source": "own"}, row=2), default_id="site-1").rate
    0.4
    """
    use = cells.choice("use", RATE_USES)
    source = cells.needed("source")
    rate = BaseRate(
        id=cells.text("id") or default_id or cells.needed("id"),
        outcome=cells.choice("outcome", OUTCOMES),
        use=use,  # type: ignore[arg-type]
        rate=cells.share(rate_column),
        n=cells.count("n"),
        horizon_days=cells.count("horizon_days"),
        among=cells.choice("among", (ALL_INFUSED, COMPLETE_RESPONDERS, "")) or ALL_INFUSED,
        cohort_group=cells.text("cohort_group") or source,
        sources=sources_of(source),
        events=cells.count_of_some("events"),
        product=cells.choice("product", (*specs(Patient)["product"].options, "")),
        cd28=_cd28(cells),
        split_dose={"yes": 1.0, "no": 0.0}.get(cells.choice("split_dose", ("yes", "no", ""))),
        population_direct=_flag_by_default(cells, "population_direct"),
        scale_direct=_flag_by_default(cells, "scale_direct"),
        academic_product=cells.text("academic_product"),
        cohort=cells.text("cohort") or cells.text("cohort_group") or source,
        population=cells.text("population"),
        definition=cells.text("definition"),
        note=cells.text("note"),
    )
    if use == "estimate":
        for column in (rate_column, "n", "horizon_days"):
            cells.needed(column, where=" where use is estimate")
        _check_horizon(cells, rate)
        _check_rate(cells, rate, rate_column)
    return rate


def _cd28(cells: RowCells) -> float | None:
    domain = cells.choice("costimulatory_domain", (*specs(Patient)["costimulatory_domain"].options, ""))
    return float(domain == "cd28") if domain else None


def _flag_by_default(cells: RowCells, column: str) -> bool:
    """Whether a cell says yes; blank counts as yes: a site's own rates are of its patients on the scale."""
    return cells.choice(column, ("yes", "no", "")) != "no"


def _check_rate(cells: RowCells, rate: BaseRate, column: str) -> None:
    """Refuse a rate that no cohort can show."""
    if rate.rate is not None and not RAREST <= rate.rate <= 1 - RAREST:
        fix = "write the share of patients, such as 0.2, or set use to context"
        cells.refuse(Code.OUTSIDE_LIMITS, column, f"must be {RAREST:g} to {1 - RAREST:g}", advice=fix)


def _check_horizon(cells: RowCells, rate: BaseRate) -> None:
    if not (rate.outcome and rate.horizon_days):
        return
    # A rate of some is brought to all by the course of those that the outcome is composed of.
    for name in (rate.outcome, *OUTCOMES[rate.outcome].rests_on):
        if is_covered(name, rate.horizon_days):
            continue
        rule = "must be within the time course of the outcome"
        advice = f"the time course of {name} is {covered_days(name)}"
        cells.refuse(Code.OUTSIDE_TIME_COURSE, "horizon_days", rule, advice=advice)
