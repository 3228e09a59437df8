"""What a prediction may ask of a registered version: the parameters of its signature in MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.model.risk_lines import Line, risk_lines
from serving.model.risk_model import RiskModel
from training.tracking.patient_rows import InputError

LONG, WIDE = "long", "wide"
LAYOUTS = (LONG, WIDE)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a prediction.

    Attributes
    ----------
    name : str
    kind : str
        Type in MLflow: string, long or boolean.
    default : object
        None means all.
    """

    name: str
    kind: str
    default: object


PARAMETERS = (
    Parameter("outcome", "string", None),
    Parameter("horizon_days", "long", None),
    Parameter("interval", "boolean", True),
    Parameter("explain", "boolean", False),
    Parameter("layout", "string", LONG),
)
"""Defaults give what versions without parameters give."""

_DEFAULTS: dict[str, Any] = {each.name: each.default for each in PARAMETERS}
_TYPES = {"string": str, "long": int, "boolean": bool}
_TYPE_NAMES = {"string": "text", "long": "a whole number", "boolean": "true or false"}


@dataclass(frozen=True)
class PredictionOptions:
    """What is predicted, and how it is laid out.

    Attributes
    ----------
    lines : tuple of Line
        Outcomes and horizons.
    interval : bool
        Whether to state the 90 % interval.
    explain : bool
        Whether to state the contribution of each field.
    layout : str
        One of `LAYOUTS`.
    """

    lines: tuple[Line, ...]
    interval: bool
    explain: bool
    layout: str


def prediction_options(
    models: Mapping[str, RiskModel],
    params: Mapping[str, Any] | None = None,
    configured: Mapping[str, Any] | None = None,
) -> PredictionOptions:
    """Check parameters of a prediction.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By outcome.
    params : mapping, optional
        By the names of `PARAMETERS`; the defaults apply where one is absent or None. ``outcome`` is one name,
        or several joined by commas. ``horizon_days`` leaves out outcomes without that horizon.
    configured : mapping, optional
        Other defaults, by the same names: the ``model_config`` that a version was loaded with. MLflow passes
        the defaults of the signature where a parameter was left out, so a parameter that equals its default
        counts as left out.

    Returns
    -------
    options : PredictionOptions

    Raises
    ------
    InputError
        If a parameter is unknown or of another type, or names what the models do not have; with the list of
        what they have.
    """
    values = {**_DEFAULTS, **_given(configured or {}), **_given(params or {})}
    lines = _of_outcomes(risk_lines(models), values["outcome"])
    if values["layout"] not in LAYOUTS:
        message = f"parameter layout must be {' or '.join(LAYOUTS)}"
        raise InputError(message)
    return PredictionOptions(
        lines=_at_horizon(lines, values["horizon_days"]),
        interval=values["interval"],
        explain=values["explain"],
        layout=values["layout"],
    )


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    """Check names and types, and keep what differs from the defaults."""
    if not set(params) <= set(_DEFAULTS):
        message = f"parameters are {', '.join(_DEFAULTS)}; others are not known"
        raise InputError(message)
    given = {name: value for name, value in params.items() if value is not None}
    for parameter in PARAMETERS:
        value = given.get(parameter.name)
        # True is a whole number to Python.
        if value is not None and type(value) is not _TYPES[parameter.kind]:
            message = f"parameter {parameter.name} must be {_TYPE_NAMES[parameter.kind]}"
            raise InputError(message)
    return {name: value for name, value in given.items() if value != _DEFAULTS[name]}


def _of_outcomes(lines: tuple[Line, ...], joined: str | None) -> tuple[Line, ...]:
    if joined is None:
        return lines
    known = dict.fromkeys(line.outcome for line in lines)
    wanted = {name.strip() for name in joined.split(",")}
    if not wanted <= known.keys():
        message = (
            f"parameter outcome must be one of {', '.join(known)}, or several of them joined by commas"
            "; leave it out for all"
        )
        raise InputError(message)
    return tuple(line for line in lines if line.outcome in wanted)


def _at_horizon(lines: tuple[Line, ...], days: int | None) -> tuple[Line, ...]:
    if days is None:
        return lines
    at_horizon = tuple(line for line in lines if line.days == days)
    if not at_horizon:
        outcomes = ", ".join(dict.fromkeys(line.outcome for line in lines))
        known = ", ".join(str(each) for each in sorted({line.days for line in lines}))
        message = f"parameter horizon_days must be one of {known} for {outcomes}; leave it out for all"
        raise InputError(message)
    return at_horizon
