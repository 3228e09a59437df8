"""Risks and contributions of patients, as the command line writes them and the service answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shap

from features.outcomes import OUTCOMES
from features.problems import Refused
from serving.answers.infusion_lines import Detail, layout_of, predicted
from training.api.cohorts import Patients, as_cohort
from training.api.model import Model, as_model
from training.dataset import typical_patient as profile
from training.dataset.cohort_summary import FEWEST_PATIENTS
from training.dataset.known_names import known
from training.figures import contributions_by_group as groups
from training.figures import shap_data
from training.figures.shap_data import FieldContributions


def risks(
    model: Model | str | Path,
    patients: Patients,
    *,
    detail: str = "interval",
    mapping: str | Path | None = None,
) -> pd.DataFrame:
    """Predict the risks of patients.

    Parameters
    ----------
    model : Model, str or Path
        A model, or one that `load` reads.
    patients : Cohort, DataFrame, Series, mapping, sequence of mapping, str or Path
        A row or record an infusion, in the schema's columns; follow-up is not needed. Without
        ``patient_id`` they are numbered from 0.
    detail : str
        ``risk``, ``interval`` (risk and 90 % interval) or ``contributions`` (also those of every field).
    mapping : str or Path, optional
        Mapping file, if the columns are a site's own.

    Returns
    -------
    risks : DataFrame
        A row an infusion, outcome and horizon, in the columns that ``cart-outcomes score`` writes.

    Raises
    ------
    DataError
        If the patients are refused: column, rule and row, never a value.

    Examples
    --------
    >>> from training.api import fit
    >>> model = fit(None, outcomes=["severe_crs"])
    >>> patients = [{"age_years": 34, "marrow_blasts_pct": 62}, {"age_years": 34, "marrow_blasts_pct": 2}]
    >>> high, low = risks(model, patients)["risk"]
    >>> bool(high > low)
    True
    """
    chosen, cohort = as_model(model), as_cohort(patients, mapping=mapping)
    written = Detail(known("detail", (detail,), tuple(Detail))[0])
    layout = layout_of(chosen.bundle, written)
    parts = [numbers for _, numbers in predicted(chosen.scorer, cohort, layout, written)]
    lines = len(layout.lines)
    table = pd.DataFrame(
        {
            "patient_id": np.repeat(cohort.patient_id.astype(object), lines),
            "infusion_number": np.repeat(cohort.infusion_number, lines),
            "outcome": np.tile([line.outcome for line in layout.lines], len(cohort)),
            "horizon_days": np.tile([line.days for line in layout.lines], len(cohort)),
        }
    )
    numbers = np.concatenate(parts).reshape(len(table), len(layout.numbers))
    return pd.concat([table, pd.DataFrame(numbers, columns=list(layout.numbers))], axis=1)


def explain(
    model: Model | str | Path,
    patients: Patients,
    outcome: str,
    *,
    horizon_days: int | None = None,
    mapping: str | Path | None = None,
) -> FieldContributions:
    """State what each field contributes to the risk of each patient, as `shap.Explanation`.

    Parameters
    ----------
    model, patients, mapping
        As for `risks`.
    outcome : str
        One that the model predicts.
    horizon_days : int, optional
        The headline horizon by default. Contributions are the same at every horizon, base values differ.

    Returns
    -------
    contributions : shap.Explanation
        Shape (n_infusions, n_fields), in log-odds; ``beeswarm``, ``waterfall`` and ``scatter`` of
        `shap.plots` take it. A row and its base value add up to the log-odds of ``risk_among``: the risk
        among those who can have the outcome, which is the risk itself for most outcomes. ``data`` has the
        values as numbers, ``display_data`` in words.

    Raises
    ------
    Refused
        If the model has no such outcome or horizon, or the patients are refused.

    Examples
    --------
    >>> from training.api import fit
    >>> model = fit(None, outcomes=["severe_crs"])
    >>> patients = [{"age_years": 34, "marrow_blasts_pct": 62, "target_antigen": "cd19"}]
    >>> stated = explain(model, patients, "severe_crs")
    >>> log_odds = stated.base_values[0] + stated.values[0].sum()
    >>> risk = risks(model, patients)["risk"][0]
    >>> bool(abs(1 / (1 + np.exp(-log_odds)) - risk) < 1e-12)
    True
    """
    fitted = as_model(model).bundle.models
    chosen = fitted[known("outcome", (outcome,), tuple(fitted))[0]]
    days = chosen.horizons_days[0] if horizon_days is None else horizon_days
    if days not in chosen.horizons_days:
        allowed = ", ".join(map(str, sorted(chosen.horizons_days)))
        message = f"horizon_days must be one of {allowed} for {outcome}, got {days}"
        raise Refused(message)
    columns = as_cohort(patients, mapping=mapping).patients
    return shap_data.shap_explanation(
        chosen.explain(columns), columns, outcome=outcome, horizons_days=chosen.horizons_days, days=days
    )


def contributions_table(contributions: shap.Explanation) -> pd.DataFrame:
    """Lay contributions out as a table, for CSV or Parquet.

    Parameters
    ----------
    contributions : shap.Explanation
        As `explain` returns it.

    Returns
    -------
    table : DataFrame
        A row an infusion: ``reference_log_odds``, ``log_odds``, ``contribution_<field>``, ``value_<field>``.
        A training on a synthetic cohort records the same table in MLflow (``contributions/<outcome>.csv``).
    """
    return shap_data.contributions_table(contributions)


def contributions_from(table: pd.DataFrame | str | Path) -> FieldContributions:
    """Read contributions from a table of `contributions_table`, or from its CSV or Parquet file.

    Parameters
    ----------
    table : DataFrame, str or Path

    Returns
    -------
    contributions : shap.Explanation
        Without ``display_data``.

    Raises
    ------
    Refused
        If it is another table.
    """
    if isinstance(table, pd.DataFrame):
        return shap_data.from_table(table)
    file = Path(table)
    read = pd.read_parquet if file.suffix == ".parquet" else pd.read_csv
    return shap_data.from_table(read(file))


def contributions_by_group(model: Model | str | Path, patients: Patients, outcome: str) -> pd.DataFrame:
    """Average contributions in clinical groups: disease burden, age, target antigen, prior lines.

    Parameters
    ----------
    model, patients, outcome
        As for `explain`.

    Returns
    -------
    table : DataFrame of shape (n_groups, n_fields)
        Log-odds. Groups of fewer than twenty infusions are left out.
    """
    fitted, columns = as_model(model).bundle.models, as_cohort(patients).patients
    chosen = fitted[known("outcome", (outcome,), tuple(fitted))[0]]
    return groups.contributions_by_group(chosen.explain(columns), columns)


def typical_patient(patients: Patients) -> pd.DataFrame:
    """Describe the typical patient of a cohort: medians and most frequent options, no patient's row.

    Parameters
    ----------
    patients : Cohort, DataFrame, str or Path

    Returns
    -------
    typical : DataFrame
        One row in the schema's columns; a field that fewer than half of the infusions have is missing.

    Raises
    ------
    Refused
        If there are fewer than ten infusions.
    """
    typical = profile.typical_patient(as_cohort(patients).patients)
    if typical is None:
        message = f"a typical patient needs at least {FEWEST_PATIENTS} infusions"
        raise Refused(message)
    return pd.DataFrame([typical.row(0)], dtype=object)


def outcomes() -> pd.DataFrame:
    """List the outcomes: title, horizons in days with the headline first, definition.

    Examples
    --------
    >>> outcomes().loc["severe_icans", "horizons_days"]
    (30,)
    """
    rows = [
        {
            "outcome": each.name,
            "title": each.title,
            "horizons_days": each.horizons_days,
            "among": each.among,
            "definition": each.definition,
        }
        for each in OUTCOMES.values()
    ]
    return pd.DataFrame(rows).set_index("outcome")
