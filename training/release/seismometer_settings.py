"""Settings with which Epic's seismometer reads an export: JSON, which every YAML reader reads too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.outcomes import OUTCOMES

SMALLEST_GROUP = 10
"""Groups of fewer answers are not shown."""


def settings_files(outputs: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """Make the content of the settings by file name.

    Parameters
    ----------
    outputs : mapping of str to (outcome, horizon in days)
        Columns of risks; events have types of the same names. The first is the primary output.

    Returns
    -------
    files : dict
        ``config.yml``, ``usage_config.yml``, ``dictionary.yml`` and ``metadata.json``.

    Examples
    --------
    >>> files = settings_files({"severe_crs_day_30": ("severe_crs", 30)})
    >>> files["usage_config.yml"]["data_usage"]["primary_target"]
    'severe CRS (grade 3 or higher) by day 30'
    """
    return {
        "config.yml": _config(),
        "usage_config.yml": {"data_usage": _usage(outputs)},
        "dictionary.yml": _dictionary(outputs),
        "metadata.json": {"modelname": "cart-outcomes", "thresholds": [0.3, 0.1]},
    }


def _config() -> dict[str, Any]:
    return {
        "other_info": {
            "usage_config": "usage_config.yml",
            "template": "binary",
            "info_dir": "outputs",
            "event_definition": "dictionary.yml",
            "prediction_definition": "dictionary.yml",
            "data_dir": "data",
            "event_path": "events.parquet",
            "prediction_path": "predictions.parquet",
            "metadata_path": "metadata.json",
        }
    }


def _usage(outputs: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    names = list(outputs)
    return {
        "entity_id": "prediction_id",
        "primary_output": names[0],
        "primary_target": _display(outputs[names[0]]),
        "outputs": names,
        "predict_time": "answered_at",
        "features": ["missing_fields"],
        "cohorts": [
            {"source": "version", "display_name": "Model version"},
            {"source": "origin", "display_name": "Path of the service"},
            {"source": "shown", "display_name": "Shown to the caller"},
        ],
        "event_table": {"type": "Type", "time": "EventTime", "value": "Value"},
        "events": [
            {"source": name, "display_name": _display(stated), "usage": "target"}
            for name, stated in outputs.items()
        ],
        "censor_min_count": SMALLEST_GROUP,
    }


def _dictionary(outputs: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    risks = [
        {
            "name": name,
            "dtype": "float",
            "display_name": f"Risk of {_display(stated)}",
            "definition": f"Predicted cumulative incidence of {_display(stated)} after the infusion.",
        }
        for name, stated in outputs.items()
    ]
    events = [
        {"name": name, "dtype": "int", "display_name": _display(stated), "definition": _definition(stated)}
        for name, stated in outputs.items()
    ]
    return {"predictions": [*_OTHER_COLUMNS, *risks], "events": events}


_OTHER_COLUMNS = [
    {"name": "prediction_id", "dtype": "str", "definition": "Identifier of the answer."},
    {"name": "answered_at", "dtype": "datetime", "definition": "When the service answered, UTC."},
    {"name": "version", "dtype": "str", "definition": "Version of the model."},
    {"name": "missing_fields", "dtype": "int", "definition": "Number of fields that were not given."},
]


def _display(stated: tuple[str, int]) -> str:
    outcome, horizon = stated
    title = OUTCOMES[outcome].title if outcome in OUTCOMES else outcome
    return f"{title} by day {horizon}"


def _definition(stated: tuple[str, int]) -> str:
    outcome, horizon = stated
    defined = OUTCOMES[outcome].definition if outcome in OUTCOMES else outcome
    return f"1 if reported by day {horizon} after the infusion, 0 if reported not: {defined}."
