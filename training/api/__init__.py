"""The Python library: cohorts, models, risks, explanations and validation, from one import.

DataFrames and paths come in, DataFrames and `shap.Explanation` go out. Every function calls what the
command line calls, so the numbers are the same. Nothing is recorded in MLflow; ``cart-outcomes train`` does
that. Representations of objects, in a terminal or a notebook, show the model and never a patient.

    from training.api import compare, explain, fit, read_cohort, risks, validate

    cohort = read_cohort("cohort.csv")
    model = fit(cohort, outcomes=["relapse"])
    table = risks(model, cohort)
    contributions = explain(model, cohort, "relapse", horizon_days=365)
"""

from training.api.classifier import AnchoredClassifier
from training.api.cohorts import labels, read_cohort, simulate
from training.api.fitting import fit
from training.api.judging import compare, validate
from training.api.model import Model, load
from training.api.predicting import (
    contributions_by_group,
    contributions_from,
    contributions_table,
    explain,
    outcomes,
    risks,
    typical_patient,
)
from training.dataset.fit_config import FitConfig

__all__ = [
    "AnchoredClassifier",
    "FitConfig",
    "Model",
    "compare",
    "contributions_by_group",
    "contributions_from",
    "contributions_table",
    "explain",
    "fit",
    "labels",
    "load",
    "outcomes",
    "read_cohort",
    "risks",
    "simulate",
    "typical_patient",
    "validate",
]
