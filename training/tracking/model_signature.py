"""Inputs and outputs of a registered version, with an example, as MLflow shows them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types.schema import AnyType, ColSpec, ParamSchema, ParamSpec, Schema

from features.field import specs
from features.schema import Patient
from features.synthetic.simulation import synthetic_patients
from training.tracking.prediction_options import PARAMETERS

EXAMPLE_PATIENTS, EXAMPLE_SEED = 3, 1
REPLY = {
    "row": "long",
    "outcome": "string",
    "horizon_days": "long",
    "risk": "double",
    "low": "double",
    "high": "double",
}


def signature() -> ModelSignature:
    """Give the inputs, parameters and outputs of the model.

    Every column is optional and of any type for MLflow, since its own refusals print rows; what is required
    and allowed is checked by `training.tracking.patient_rows.checked_rows`. The outputs are those of the
    default parameters.
    """
    return ModelSignature(
        inputs=any_columns(specs(Patient)),
        outputs=Schema([ColSpec(kind, name) for name, kind in REPLY.items()]),
        params=ParamSchema([ParamSpec(each.name, each.kind, each.default) for each in PARAMETERS]),
    )


def any_columns(names: Iterable[str]) -> Schema:
    """Name columns of any type, none of them required."""
    return Schema([ColSpec(AnyType(), name, required=False) for name in names])  # type: ignore[no-untyped-call]


def input_example() -> pd.DataFrame:
    """Generate synthetic patients as an example of the input."""
    return pd.DataFrame(synthetic_patients(EXAMPLE_PATIENTS, rng=np.random.default_rng(EXAMPLE_SEED)))
