"""Risks of patients as a DataFrame: a row a patient, outcome and horizon, or a row a patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.columns import Columns, Values
from features.predictors import predictors
from serving.model.bundle import Bundle
from serving.model.evaluator import Evaluator
from serving.model.risk_lines import (
    CONTRIBUTION,
    PREDICTED,
    RISK,
    Line,
    explained_fields,
    line_numbers,
    number_names,
)
from training.tracking.patient_rows import checked_rows
from training.tracking.prediction_options import WIDE, PredictionOptions, prediction_options


class RiskTables:
    """Predicts for tables of patients by a bundle.

    Parameters
    ----------
    bundle : Bundle
        Verified, as `serving.model.read_bundle.read_bundle` returns it.
    configured : mapping, optional
        Other defaults of the parameters, as `prediction_options` reads them.

    Raises
    ------
    InputError
        If ``configured`` is refused.
    """

    def __init__(self, bundle: Bundle, configured: Mapping[str, Any] | None = None) -> None:
        self._models = bundle.models
        self._configured = configured
        prediction_options(bundle.models, configured)
        self._evaluator = Evaluator(bundle.models)

    def table(self, patients: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Predict risks.

        Parameters
        ----------
        patients : DataFrame
            As `checked_rows` reads it.
        params : mapping, optional
            As `prediction_options` reads them.

        Returns
        -------
        risks : DataFrame
            ``layout`` long: a row a patient, outcome and horizon, with ``row`` (counted from 0), ``outcome``,
            ``horizon_days``, ``risk``, ``low``, ``high``, and with ``explain`` ``risk_among``,
            ``reference_log_odds`` and ``contribution_<field>``: 0 where the outcome's model does not use a
            field. ``layout`` wide: a row a patient, with the index of ``patients``, and the same numbers as
            columns: ``<outcome>_day_<days>`` for the risk, ``<outcome>_day_<days>_low`` and so on, and
            ``<outcome>_contribution_<field>``, which is the same at every horizon.

        Raises
        ------
        InputError
            If a row is not a `Patient`, or a parameter is refused.
        """
        options = prediction_options(self._models, params, self._configured)
        rows = checked_rows(patients)
        outcomes = dict.fromkeys(line.outcome for line in options.lines)
        chosen = {name: self._models[name] for name in outcomes}
        names = number_names(chosen, interval=options.interval, contributions=options.explain)
        numbers = np.concatenate(list(self._numbers(predictors(rows), options, names)))
        if options.layout == WIDE:
            fields = {name: explained_fields(model) for name, model in chosen.items()}
            return _wide(options.lines, names, numbers, fields, index=patients.index)
        return _long(options.lines, names, numbers)

    def _numbers(
        self, patients: Columns, options: PredictionOptions, names: tuple[str, ...]
    ) -> Iterator[Values]:
        """Predict a few patients at a time, so that memory does not grow with the replicates of all."""
        for start in range(0, len(patients), PREDICTED):
            part = patients.take(np.arange(start, min(start + PREDICTED, len(patients))))
            yield line_numbers(self._models, part, options.lines, names, evaluate=self._evaluator.risks)


def _long(lines: tuple[Line, ...], names: tuple[str, ...], numbers: Values) -> pd.DataFrame:
    n_patients, n_lines, _ = numbers.shape
    line = np.tile(np.arange(n_lines), n_patients)
    return pd.DataFrame(
        {
            "row": np.repeat(np.arange(n_patients), n_lines),
            "outcome": np.array([each.outcome for each in lines], dtype=object)[line],
            "horizon_days": np.array([each.days for each in lines], dtype=np.int64)[line],
            # A field that an outcome's model does not use moves its risk by nothing. JSON has no NaN.
            **{name: np.nan_to_num(numbers[:, :, at].ravel()) for at, name in enumerate(names)},
        }
    )


def _wide(
    lines: tuple[Line, ...],
    names: tuple[str, ...],
    numbers: Values,
    fields: Mapping[str, tuple[str, ...]],
    *,
    index: pd.Index,
) -> pd.DataFrame:
    columns = {
        wide_column(line, name): numbers[:, at_line, at_name]
        for at_line, line in enumerate(lines)
        for at_name, name in enumerate(names)
        if not name.startswith(CONTRIBUTION) or name.removeprefix(CONTRIBUTION) in fields[line.outcome]
    }
    return pd.DataFrame(columns, index=index)


def wide_column(line: Line, name: str) -> str:
    """Name the column of a number of an outcome at a horizon.

    Examples
    --------
    >>> line = Line("relapse", 0, 365)
    >>> wide_column(line, "risk"), wide_column(line, "low"), wide_column(line, "contribution_age_years")
    ('relapse_day_365', 'relapse_day_365_low', 'relapse_contribution_age_years')
    """
    if name.startswith(CONTRIBUTION):
        return f"{line.outcome}_{name}"
    at_day = f"{line.outcome}_day_{line.days}"
    return at_day if name == RISK else f"{at_day}_{name}"
