"""A small bundle made by hand: no training code, and no patient behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xgboost

from features.columns import Values
from features.expected_terms import reference_profile
from features.outcomes import OUTCOMES
from features.predictors import predictors
from serving.model.bundle import Bundle
from serving.model.cohort_summary import NO_COHORT, CohortSummary
from serving.model.composed_risk import Composition
from serving.model.easix_model import EasixModel
from serving.model.forest import forest_of
from serving.model.group_results import CenterResult, SubgroupResult
from serving.model.imputation_sensitivity import ImputationSensitivity
from serving.model.linear_part import LinearPart
from serving.model.measured import Measured
from serving.model.replicates import Replicates
from serving.model.risk_model import RiskModel
from serving.model.status_at_horizon import HorizonCounts
from serving.model.trees import TreePart, raw_contributions, tree_matrix
from serving.model.validation_curves import Calibration, DecisionCurve
from serving.model.validation_summary import OutcomeSummary, Reason, SampleSize, Status
from serving.model.without_sources import WithoutSource

TERMS = {
    "high_burden": 1.1,
    "blinatumomab_nonresponse": 0.6,
    "log2_dose_per_kg": 0.3,
    "log2_easix": 0.25,
    "log2_ferritin": 0.1,
    "age": -0.05,
}
"""Terms of the linear parts and their coefficients."""

N_REPLICATES = 20

PATIENT: dict[str, Any] = {
    "age_years": 31,
    "prior_lines": 3,
    "prior_blinatumomab": "nonresponder",
    "prior_inotuzumab": False,
    "marrow_blasts_pct": 62.5,
    "target_antigen": "cd19",
    "dose_1e6_per_kg": 1.0,
    "ferritin_ug_l": 1200.0,
}
"""A request that is right."""


def patients(n_patients: int, rng: np.random.Generator, *, missing: float = 0.3) -> list[dict[str, Any]]:
    """Draw rows of `Patient` values, optional ones missing with a probability."""
    rows = []
    for _ in range(n_patients):
        row: dict[str, Any] = {
            "age_years": float(rng.integers(18, 70)),
            "prior_lines": int(rng.integers(1, 8)),
            "prior_blinatumomab": str(rng.choice(["none", "responder", "nonresponder", "response_unknown"])),
            "prior_inotuzumab": bool(rng.random() < 0.4),
            "marrow_blasts_pct": float(np.round(rng.uniform(0, 100), 1)),
            "target_antigen": str(rng.choice(["cd19", "cd22", "cd19_cd22"])),
            "dose_1e6_per_kg": float(np.round(rng.uniform(0.1, 2.5), 2)),
        }
        optional: dict[str, Any] = {
            "sex": str(rng.choice(["female", "male"])),
            "ferritin_ug_l": float(rng.integers(50, 9000)),
            "crp_mg_l": float(rng.integers(0, 200)),
            "ldh_u_l": float(rng.integers(100, 2000)),
            "creatinine_mg_dl": float(np.round(rng.uniform(0.4, 2), 2)),
            "platelets_1e9_l": float(rng.integers(5, 300)),
            "ecog": int(rng.integers(0, 3)),
            "extramedullary_disease": bool(rng.random() < 0.2),
        }
        rows.append(row | {name: value for name, value in optional.items() if rng.random() >= missing})
    return rows


def linear_part(coefficients: dict[str, float] = TERMS) -> LinearPart:
    """Make a linear part, half of it published."""
    names = tuple(coefficients)
    expected, beta = reference_profile(names), np.array(list(coefficients.values()))
    return LinearPart(
        terms=names,
        centre=expected.centre,
        low_burden=expected.low_burden,
        high_burden=expected.high_burden,
        spread=expected.spread,
        coefficients=beta,
        published=beta / 2,
        prior_mean=beta,
        prior_spread=np.full(len(names), 0.3),
        sources=tuple(
            ("10.1182/bloodadvances.2021006418",) if place == 0 else () for place in range(len(names))
        ),
    )


def replicates_of(model: RiskModel, linear: LinearPart) -> Replicates:
    """Make replicates of another linear part: its coefficients each time, without trees."""
    assert model.replicates is not None
    return replace(
        model.replicates,
        coefficients=np.tile(linear.coefficients, (N_REPLICATES, 1)),
        missing=np.full((N_REPLICATES, len(linear.fields)), 0.5),
        forest=None,
    )


def tree_parts(rng: np.random.Generator, *, n_patients: int = 150) -> tuple[TreePart, tuple[bytes, ...]]:
    """Grow real shallow trees on drawn patients: those of the model and those of its replicates."""
    cohort = predictors(patients(n_patients, rng))
    matrix = tree_matrix(cohort)
    label = (cohort["marrow_blasts_pct"] + rng.normal(0, 30, n_patients) > 60).astype(float)
    boosters = [
        _booster(matrix, label, rng.exponential(size=n_patients) if place else np.ones(n_patients))
        for place in range(N_REPLICATES + 1)
    ]
    means = raw_contributions(boosters[0], cohort).mean(axis=0)
    first, *rest = [bytes(booster.save_raw("ubj")) for booster in boosters]
    return TreePart(first, means), tuple(rest)


def risk_model(outcome: str, rng: np.random.Generator, *, trees: bool = False) -> RiskModel:
    """Make a model of an outcome."""
    horizons, linear = OUTCOMES[outcome].horizons_days, linear_part()
    order = np.argsort(np.argsort(horizons))
    reference = -1.5 + 0.4 * order
    part, replicate_trees = tree_parts(rng) if trees else (None, ())
    return RiskModel(
        outcome=outcome,
        method="anchored",
        horizons_days=horizons,
        reference=reference.astype(float),
        linear=linear,
        trees=part,
        replicates=Replicates(
            intercepts=reference + rng.normal(0, 0.2, (N_REPLICATES, 1)),
            coefficients=linear.coefficients + rng.normal(0, 0.1, (N_REPLICATES, len(linear.terms))),
            missing=rng.random((N_REPLICATES, len(linear.fields))),
            forest=forest_of(replicate_trees),
        ),
        evidence_weight=0.5,
    )


def with_sources(model: RiskModel) -> RiskModel:
    """Add fits without sources: one that matters much, two of the same rows, small ones, one without part."""
    linear = model.linear
    assert linear is not None

    def without(*sources: str, shift: float = 0.0, burden: float = 1.0) -> WithoutSource:
        factor = np.where(np.array(linear.terms) == "high_burden", burden, 1.0)
        return WithoutSource(sources, model.reference + shift, linear.coefficients * factor)

    return replace(
        model,
        without_sources=(
            without("10.1182/bloodadvances.2021006418", shift=-0.1, burden=0.0),
            without("PMID:30728140", "Registry 2020, table 2", shift=0.4),
            *(without(f"NCT0000000{place}", shift=0.1 + place / 50) for place in range(1, 8)),
            without("PMC7641", shift=0.0),
        ),
    )


def make_bundle(*, synthetic: bool = True, version: str = "7") -> Bundle:
    """Make a bundle of severe CRS (linear) and relapse (linear and trees); severe ICANS is left out."""
    rng = np.random.default_rng(20250111)
    models = {
        "severe_crs": with_sources(risk_model("severe_crs", rng)),
        "relapse": with_sources(risk_model("relapse", rng, trees=True)),
    }
    return Bundle(
        estimand="treatment_policy",
        cohort=CohortSummary(
            name="synthetic.csv",
            sha256="ab" * 32,
            synthetic=synthetic,
            n_infusions=150,
            n_patients=140,
            n_centers=0,
            ranges={"age_years": (19.0, 65.0), "dose_1e6_per_kg": (0.1, 2.5)},
            options={
                "target_antigen": {"cd19": 120, "cd19_cd22": 20, "cd22": 0},
                "costimulatory_domain": {"4_1bb": 90, "cd28": 40, "other": 0},
            },
            missing={"ferritin_ug_l": 0.3},
            alike={"high/young_adult/cd19/many": 10, "high/older_adult/cd19/many": 35},
        ),
        models=models,
        summaries={name: _summary(model.horizons_days) for name, model in models.items()},
        left_out={"severe_icans": "the cohort has no column icans_grade"},
        golden=patients(5, rng),
        provenance={"version": version, "created_at": "2025-01-01T00:00:00+00:00"},
    )


def with_composed(bundle: Bundle) -> Bundle:
    """Add every outcome that is composed of those of a bundle, with shares of the three states."""
    rng, models, summaries = np.random.default_rng(3), dict(bundle.models), dict(bundle.summaries)
    for name, outcome in OUTCOMES.items():
        given = outcome.given
        if given is None or not set(outcome.rests_on) <= set(models):
            continue
        plus = models[given.plus] if given.plus else None
        composition = Composition(models[given.outcome], given.happened, plus)
        models[name] = replace(risk_model(name, rng), composition=composition)
        summaries[name] = _summary(outcome.horizons_days)
    days = sorted(OUTCOMES["relapse"].horizons_days)
    states = {"relapse": (0.2, 0.3, 0.4, 0.5), "death_without_relapse": (0.05, 0.06, 0.08, 0.1)}
    for name, shares in states.items():
        observed = dict(zip(days, shares, strict=True))
        mean = {day: share + 0.01 for day, share in observed.items()}
        summaries[name] = replace(summaries[name], cumulative_incidence=observed, mean_risk=mean)
    return replace(bundle, models=models, summaries=summaries)


def make_published_bundle() -> Bundle:
    """Make a bundle that no cohort had a part in: severe CRS by published effects alone."""
    trained = make_bundle()
    linear = linear_part()
    model = replace(
        trained.models["severe_crs"],
        linear=replace(linear, published=linear.coefficients),
        evidence_weight=1.0,
    )
    summary = OutcomeSummary(
        n_infusions=0,
        n_events=0,
        n_competing=0,
        cumulative_incidence={30: 0.19},
        dropped_horizons={},
        counts={},
        grading="",
        censoring="",
        status=Status.PUBLISHED_EVIDENCE_ONLY,
        status_reasons=("no local cohort: the model is the published evidence",),
    )
    return replace(
        trained,
        cohort=NO_COHORT,
        models={"severe_crs": model},
        summaries={"severe_crs": summary},
        left_out={},
    )


def full_summary() -> OutcomeSummary:
    """Make a summary of severe CRS in which everything that training may measure is measured."""
    gain = Measured(0.031, 0.004, 0.06)
    return replace(
        _summary((30,)),
        evidence_note="the local data contradict the published effects taken together",
        paired={"prevalence": gain, "easix": Measured(None)},
        by_center={1: CenterResult(52, 11, {"auroc": Measured(0.68, 0.5, 0.83)})},
        by_subgroup={
            "sex": {
                "female": SubgroupResult(60, 15, {"auroc": Measured(0.625, 0.5, 0.75)}, "female"),
                "male": SubgroupResult(85, 20, {"auroc": Measured(None)}, "male"),
            }
        },
        horizon_counts={30: HorizonCounts(events=40, competing=0, free=108, censored=2)},
        sample_size=SampleSize(412, 82.4, 150, 40, 6, "too small for 6 parameters"),
        instability=Measured(0.16, 0.11, 0.22),
        imputation_sensitivity=ImputationSensitivity(20, 0.87, 0.0051, 0.0122),
        calibration=Calibration(
            risk=(0.1, 0.2, 0.4),
            observed=(0.12, 0.22, 0.38),
            low=(0.05, 0.1, None),
            high=(0.2, 0.35, None),
            group_risk=(0.15, 0.35),
            group_observed=(0.2, 0.3),
            group_n=(75, 75),
            histogram=(0, 0, 35, 60, 30, 15, *[0] * 14),
        ),
        decision_curve=DecisionCurve(threshold=(0.01, 0.02), model=(0.26, 0.255), treat_all=(0.259, None)),
    )


def _booster(matrix: Values, label: Values, weight: Values) -> xgboost.Booster:
    train = xgboost.DMatrix(matrix, label=label, weight=weight, nthread=1)
    settings = {
        "objective": "binary:logistic",
        "max_depth": 2,
        "eta": 0.3,
        "base_score": 0.5,
        "nthread": 1,
        "seed": 1,
    }
    return xgboost.train(settings, train, num_boost_round=5)


def _summary(horizons_days: tuple[int, ...]) -> OutcomeSummary:
    return OutcomeSummary(
        n_infusions=150,
        n_events=40,
        n_competing=3,
        cumulative_incidence={days: 0.2 + 0.0002 * days for days in horizons_days},
        dropped_horizons={},
        counts={"no_grade": 2},
        grading="",
        censoring="",
        metrics={horizons_days[0]: {"auroc": Measured(0.71, 0.6, 0.8), "calibration_slope": Measured(None)}},
        status_reasons=("fewer than 20 events",),
        status_facts=(Reason("few_events", "fewer than 20 events"),),
        easix=EasixModel(intercept=-2.5, coefficient=0.5),
    )
