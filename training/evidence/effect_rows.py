"""Rows of published effects, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from features.earlier_terms import SUCCESSORS
from features.evidence_sources import sources_of
from features.outcomes import OUTCOMES
from features.problem_codes import Code
from features.terms import TERMS
from training.evidence.cells import RowCells
from training.evidence.contrasts import CONTRASTS, contrasts_in_words, term_suggestion

EffectUse = Literal["estimate", "direction", "context", "upper_bound"]
Measure = Literal["OR", "HR", "RR", ""]

EFFECT_USES = ("estimate", "direction", "context", "upper_bound")
MEASURES = ("OR", "HR", "RR")
SIGNS = {"+": 1, "-": -1, "0": 0}

LARGEST_RATIO = 100.0
"""No clinical predictor multiplies odds, hazards or risks by more: a larger ratio, or one below its inverse,
is a percentage, a logarithm or a slip, and would set risks to 0 or 1."""
LARGEST_END = 10_000.0
"""The same for the ends of an interval, which a handful of patients leaves wide."""

EFFECT_COLUMNS = (
    *("id", "outcome", "term", "per", "use", "measure", "estimate", "ci_low", "ci_high", "direction"),
    *("unexposed_risk", "field", "contrast", "basis", "endpoint", "endpoint_direct", "population"),
    *("population_direct", "n", "multivariable", "cohort_group", "source", "note"),
)


@dataclass(frozen=True)
class Effect:
    """One published effect.

    Attributes
    ----------
    id : str
        Unique among all rows.
    outcome, term : str
        Entries of `OUTCOMES` and `TERMS`; the term is blank where none corresponds.
    per : str
        What is compared, see `training.evidence.contrasts`.
    use : EffectUse
        What the row is for: pooled, its sign only, or never used.
    measure : Measure
        Odds, hazard or risk ratio; blank where only a sign is known.
    estimate, ci_low, ci_high : float or None
        The ratio and its 95 % interval, each above 0.
    direction : int or None
        1 raises the risk, -1 lowers it, 0 makes no difference or sources conflict.
    unexposed_risk : float or None
        Risk of the unexposed at the study's endpoint and time.
    endpoint_direct, population_direct : bool
        Whether it was measured on this outcome, and in adults with B-ALL given CAR T cells.
    n : int or None
        Patients.
    multivariable : bool
        Whether it is adjusted.
    cohort_group : str
        Rows of one group overlap in their patients.
    sources : tuple of str
        DOI, PMID, NCT or citation.
    population, endpoint, note : str
        As the file words them; blank in a site's own rows that leave them out.
    """

    id: str
    outcome: str
    term: str
    per: str
    use: EffectUse
    measure: Measure
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    direction: int | None
    unexposed_risk: float | None
    endpoint_direct: bool
    population_direct: bool
    n: int | None
    multivariable: bool
    cohort_group: str
    sources: tuple[str, ...]
    population: str = ""
    endpoint: str = ""
    note: str = ""


def effect_of(cells: RowCells, *, default_id: str = "") -> Effect:
    """Read a row of effects; its problems stay with the cells.

    Parameters
    ----------
    cells : RowCells
        One row.
    default_id : str
        Taken where the row has none.

    Returns
    -------
    effect : Effect
        Of use only where the cells have no problem.

    Examples
    --------
    >>> row = {"outcome": "relapse", "term": "cns3", "use": "direction", "direction": "+", "source": "own"}
    >>> effect_of(RowCells(row, row=2), default_id="site-1").direction
    1
    """
    use = cells.choice("use", EFFECT_USES)
    source = cells.needed("source")
    effect = Effect(
        id=cells.text("id") or default_id or cells.needed("id"),
        outcome=cells.choice("outcome", OUTCOMES),
        term=_term(cells, use),
        per=cells.text("per"),
        use=use,  # type: ignore[arg-type]
        measure=cells.choice("measure", MEASURES if use == "estimate" else (*MEASURES, "")),  # type: ignore[arg-type]
        estimate=cells.ratio("estimate"),
        ci_low=cells.ratio("ci_low"),
        ci_high=cells.ratio("ci_high"),
        direction=SIGNS.get(cells.choice("direction", SIGNS if use == "direction" else (*SIGNS, ""))),
        unexposed_risk=cells.share("unexposed_risk"),
        endpoint_direct=cells.flag("endpoint_direct"),
        population_direct=cells.flag("population_direct"),
        n=cells.count("n"),
        multivariable=cells.flag("multivariable"),
        cohort_group=cells.text("cohort_group") or source,
        sources=sources_of(source),
        population=cells.text("population"),
        endpoint=cells.text("endpoint"),
        note=cells.text("note"),
    )
    _check_contrast(cells, effect)
    _check_interval(cells, effect)
    _check_agreement(cells, effect)
    _check_size(cells, effect)
    return effect


def _term(cells: RowCells, use: str) -> str:
    """Read the term, which only rows that are never used may leave out."""
    optional = use not in ("estimate", "direction")
    term = SUCCESSORS.get(cells.text("term"), cells.text("term"))
    if term in TERMS or (optional and not term):
        return term
    cells.refuse(Code.UNKNOWN_TERM, "term", "must be a term of the model", advice=term_suggestion(term))
    return ""


def _check_contrast(cells: RowCells, effect: Effect) -> None:
    used = effect.term and effect.use in ("estimate", "direction")
    if used and effect.per and effect.per not in [each.per for each in CONTRASTS[effect.term]]:
        rule = f"must be a contrast of {effect.term}"
        cells.refuse(Code.UNKNOWN_CONTRAST, "per", rule, advice=f"write {contrasts_in_words(effect.term)}")


def _check_interval(cells: RowCells, effect: Effect) -> None:
    if effect.use == "estimate":
        for column in ("estimate", "ci_low", "ci_high"):
            cells.needed(column, where=" where use is estimate")
    if effect.ci_low is None or effect.ci_high is None:
        return
    if effect.ci_low >= effect.ci_high:
        advice = f"ci_high is {effect.ci_high:g}"
        cells.refuse(Code.INTERVAL_REVERSED, "ci_low", "must be below ci_high", advice=advice)
    elif effect.estimate is not None and not effect.ci_low <= effect.estimate <= effect.ci_high:
        advice = f"the interval is {effect.ci_low:g} to {effect.ci_high:g}"
        cells.refuse(Code.OUTSIDE_INTERVAL, "estimate", "must be within its interval", advice=advice)


def _check_agreement(cells: RowCells, effect: Effect) -> None:
    """Refuse an estimate that contradicts its own sign, and a risk ratio that leaves no room for a risk."""
    if effect.estimate is None or effect.use != "estimate":
        return
    if effect.direction and (effect.estimate > 1) != (effect.direction > 0):
        rule, advice = "must be the sign of the estimate, or 0", f"the estimate is {effect.estimate:g}"
        cells.refuse(Code.WRONG_DIRECTION, "direction", rule, advice=advice)
    risk = effect.unexposed_risk or 0.0
    if effect.measure == "RR" and effect.estimate * risk >= 1:
        rule, advice = "must be below 1 / the risk ratio", f"the risk ratio is {effect.estimate:g}"
        cells.refuse(Code.OUTSIDE_LIMITS, "unexposed_risk", rule, advice=advice)


def _check_size(cells: RowCells, effect: Effect) -> None:
    """Refuse values that no study can report."""
    if effect.use != "estimate":
        return
    limits = {"estimate": LARGEST_RATIO, "ci_low": LARGEST_END, "ci_high": LARGEST_END}
    for column, largest in limits.items():
        value = getattr(effect, column)
        if value is not None and not 1 / largest <= value <= largest:
            fix = "write the ratio itself, not a percentage or a logarithm, or set use to context"
            cells.refuse(Code.OUTSIDE_LIMITS, column, f"must be {1 / largest:g} to {largest:.0f}", advice=fix)
