"""The full specification of a model: every number from which a risk is computed."""

from __future__ import annotations

from dataclasses import dataclass

from features.disease_burden import BURDEN_FIELD, HIGH_BURDEN_SHARE
from features.outcomes import OUTCOMES
from features.term_formulas import DERIVED_FORMULAS, GRAMMAR, HIGH_BURDEN_FORMULA, TERM_FORMULAS
from features.terms import KNOWN_TERMS
from serving.model.linear_part import LinearPart
from serving.model.model_files import model_files, sha256
from serving.model.risk_model import RiskModel
from training.pages.report.tree_listing import TreeListing, tree_listing

STEPS = (
    "Compute every term by its formula. If a field of the formula is missing and can be derived from other "
    "fields, derive it first. A term that is still missing takes its expected value, (1 - h) * "
    "expected_low_burden + h * expected_high_burden, where h is computed by the "
    "formula of high burden of the model, and is the assumed share if the burden field is missing.",
    "Linear part: the sum over the terms of coefficient * (value - center).",
    "Trees, if any: the sum of the leaves that the patient reaches, minus the constant.",
    "Log-odds at a horizon: intercept of the horizon + linear part + trees.",
    "Risk: 1 / (1 + exp(-log-odds)). Where only some patients can have the outcome, this is the risk among "
    "those patients, and two more steps give the risk among all.",
    "Composed risk at a horizon: the probability of being one of those patients, times the risk among them, "
    "plus the risk of the outcome that is added, if any. The formula is stated with the outcome.",
    "A composed risk does not fall with time. From the headline horizon on, each risk is raised to the one "
    "before it, but to no more than the probability of being one of those patients plus the risk that is "
    "added. Then, from the last horizon back, each risk is lowered to the one after it.",
)
"""How a risk is computed, in order."""


@dataclass(frozen=True)
class Calculation:
    """The rules for every outcome.

    Attributes
    ----------
    steps : tuple of str
    formulas_are_read : str
    derived : mapping of str to str
        Fields computed from others where they are missing.
    burden_field : str
    high_burden_share : float
        h where the burden field is missing.
    """

    steps: tuple[str, ...]
    formulas_are_read: str
    derived: dict[str, str]
    burden_field: str
    high_burden_share: float


@dataclass(frozen=True)
class TermEntry:
    """One term of the linear part.

    Attributes
    ----------
    name, field, unit, formula : str
        Name; field it belongs to, or composite; what one unit of it is; how it is computed.
    centre : float
        Value of the reference patient.
    expected_low_burden, expected_high_burden : float
        Used for a missing value.
    coefficient, published, local : float
        Log-odds a unit; the first is the sum of the other two.
    prior_mean, prior_spread : float
        Of the normal prior of the coefficient.
    sources : tuple of str
        Behind the prior.
    """

    name: str
    field: str
    unit: str
    formula: str
    centre: float
    expected_low_burden: float
    expected_high_burden: float
    coefficient: float
    published: float
    local: float
    prior_mean: float
    prior_spread: float
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Intercept:
    """Log-odds of the reference patient at a horizon."""

    horizon_days: int
    log_odds: float


@dataclass(frozen=True)
class ComposedOf:
    """What the risk of an outcome is composed of, beside the risk among those who can have it.

    Attributes
    ----------
    among : str
        Those who can have the outcome.
    given : str
        Outcome that decides who can have it.
    happened : bool
        Whether patients with that outcome by the same horizon are meant, or those without.
    plus : str
        Outcome whose risk is added; empty where there is none.
    formula : str
        Of the risk by day h; q is the risk among those who can have the outcome.
    """

    among: str
    given: str
    happened: bool
    plus: str
    formula: str


@dataclass(frozen=True)
class Specification:
    """One outcome's model.

    Attributes
    ----------
    method : str
    intercepts : tuple of Intercept
        Earliest first.
    terms : tuple of TermEntry
        Empty where there is no linear part.
    high_burden : str
        Formula of h: how far a patient counts as of high burden where a term is missing.
    trees : TreeListing, optional
    files : mapping of str to str
        SHA-256 of the model's files in the bundle.
    replicates : int
        Refitted models behind an interval.
    headline_days : int
        Horizon from which on a composed risk may not fall.
    composed_of : ComposedOf, optional
        None where everybody can have the outcome.
    """

    method: str
    intercepts: tuple[Intercept, ...]
    terms: tuple[TermEntry, ...]
    high_burden: str
    trees: TreeListing | None
    files: dict[str, str]
    replicates: int
    headline_days: int
    composed_of: ComposedOf | None = None


def calculation() -> Calculation:
    """State the rules of computing a risk.

    Examples
    --------
    >>> calculation().burden_field, calculation().high_burden_share
    ('marrow_blasts_pct', 0.6)
    """
    return Calculation(STEPS, GRAMMAR, dict(DERIVED_FORMULAS), BURDEN_FIELD, HIGH_BURDEN_SHARE)


def specification(model: RiskModel) -> Specification:
    """Specify a model in full.

    Parameters
    ----------
    model : RiskModel

    Returns
    -------
    specification : Specification
        In full precision.
    """
    by_day = sorted(zip(model.horizons_days, model.reference.tolist(), strict=True))
    gradual = model.linear is None or model.linear.gradual
    return Specification(
        method=model.method,
        intercepts=tuple(Intercept(days, log_odds) for days, log_odds in by_day),
        terms=_terms(model.linear) if model.linear is not None else (),
        high_burden=HIGH_BURDEN_FORMULA if gradual else TERM_FORMULAS["high_burden"],
        trees=tree_listing(model.trees, model.outcome) if model.trees is not None else None,
        files={name: sha256(content) for name, content in model_files(model).items()},
        replicates=len(model.replicates) if model.replicates is not None else 0,
        headline_days=model.horizons_days[0],
        composed_of=_composed_of(model),
    )


def _composed_of(model: RiskModel) -> ComposedOf | None:
    given = OUTCOMES[model.outcome].given
    if model.composition is None or given is None:
        return None
    share = f"F_{given.outcome}(h)" if given.happened else f"(1 - F_{given.outcome}(h))"
    added = f" + F_{given.plus}(h)" if given.plus else ""
    formula = f"F_{model.outcome}(h) = {share} * q(h){added}"
    return ComposedOf(given.words, given.outcome, given.happened, given.plus, formula)


def _terms(linear: LinearPart) -> tuple[TermEntry, ...]:
    columns = {
        "centre": linear.centre,
        "expected_low_burden": linear.low_burden,
        "expected_high_burden": linear.high_burden,
        "coefficient": linear.coefficients,
        "published": linear.published,
        "local": linear.coefficients - linear.published,
        "prior_mean": linear.prior_mean,
        "prior_spread": linear.prior_spread,
    }
    return tuple(
        TermEntry(
            name=name,
            field=KNOWN_TERMS[name].field,
            unit=KNOWN_TERMS[name].title,
            formula=TERM_FORMULAS[name],
            sources=linear.sources[at],
            **{column: float(values[at]) + 0.0 for column, values in columns.items()},
        )
        for at, name in enumerate(linear.terms)
    )
