"""Parameters of a prediction choose lines, or are refused with the list of what there is."""

from __future__ import annotations

from typing import Any

import pytest

from serving.model.risk_lines import risk_lines
from serving.model.risk_model import RiskModel
from tests.bundles import make_bundle
from training.tracking.patient_rows import InputError
from training.tracking.prediction_options import PARAMETERS, prediction_options


@pytest.fixture(scope="module")
def models() -> dict[str, RiskModel]:
    return dict(make_bundle().models)


def chosen(models: dict[str, RiskModel], **params: Any) -> list[tuple[str, int]]:
    return [(line.outcome, line.days) for line in prediction_options(models, params).lines]


def test_defaults_are_all_outcomes_and_horizons_with_intervals(models: dict[str, RiskModel]) -> None:
    """Without parameters, with each default, and with null for each."""
    for params in (None, {}, {each.name: each.default for each in PARAMETERS}, dict.fromkeys(names())):
        options = prediction_options(models, params)
        assert options.lines == risk_lines(models)
        assert (options.interval, options.explain, options.layout) == (True, False, "long")


def names() -> list[str]:
    return [each.name for each in PARAMETERS]


def test_outcomes_and_horizon_choose_lines(models: dict[str, RiskModel]) -> None:
    """In the order of the models, whatever the order of the names."""
    first, second = list(models)[:2]
    lines = [(line.outcome, line.days) for line in risk_lines(models)]
    assert chosen(models, outcome=first) == [each for each in lines if each[0] == first]
    joined = chosen(models, outcome=f"{second}, {first}")
    assert joined == [each for each in lines if each[0] in (first, second)]
    days = models["relapse"].horizons_days[0]
    assert chosen(models, outcome="relapse", horizon_days=days) == [("relapse", days)]
    assert chosen(models, horizon_days=days) == [each for each in lines if each[1] == days]


@pytest.mark.parametrize("outcome", ["relapses", "relapse;severe_crs", "relapse,", "", "Relapse"])
def test_an_unknown_outcome_is_refused_with_the_list(outcome: str, models: dict[str, RiskModel]) -> None:
    message = (
        f"parameter outcome must be one of {', '.join(models)}, or several of them joined by commas"
        "; leave it out for all"
    )
    with pytest.raises(InputError) as refused:
        prediction_options(models, {"outcome": outcome})
    assert str(refused.value) == message


def test_an_unknown_horizon_is_refused_with_those_of_the_outcome(models: dict[str, RiskModel]) -> None:
    days = sorted(models["relapse"].horizons_days)
    with pytest.raises(InputError) as refused:
        prediction_options(models, {"outcome": "relapse", "horizon_days": 364})
    assert str(refused.value) == (
        f"parameter horizon_days must be one of {', '.join(map(str, days))} for relapse; leave it out for all"
    )


WRONG = {
    "outcome": (["relapse"], "parameter outcome must be text"),
    "horizon_days": (True, "parameter horizon_days must be a whole number"),
    "interval": (1, "parameter interval must be true or false"),
    "explain": ("yes", "parameter explain must be true or false"),
    "layout": ("tall", "parameter layout must be long or wide"),
    "horizon": (365, "parameters are outcome, horizon_days, interval, explain, layout; others are not known"),
}


@pytest.mark.parametrize(("name", "value", "message"), [(name, *each) for name, each in WRONG.items()])
def test_other_types_and_names_are_refused(
    name: str, value: object, message: str, models: dict[str, RiskModel]
) -> None:
    """Also where MLflow does not check them before."""
    with pytest.raises(InputError) as refused:
        prediction_options(models, {name: value})
    assert str(refused.value) == message
