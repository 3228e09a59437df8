"""Risks that are composed of others: values worked by hand, and what holds for any risks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.predictors import predictors
from serving.answers.states import families
from serving.model.composed_risk import Composition, composed_risk, linked
from serving.model.outcome_risks import all_outcome_risks
from serving.model.risk_model import RiskModel
from tests.bundles import patients, risk_model

DAYS = (365, 90, 180, 730)
SEVERAL = 300


def composed(conditional, given, plus=None, *, happened=False, days=DAYS):
    return composed_risk(
        np.array(conditional),
        np.array(given),
        None if plus is None else np.array(plus),
        happened=happened,
        horizons_days=days,
    )


def test_a_risk_is_the_product_with_the_probability_of_being_one_of_them():
    """Of those without relapse, 10 %: 0.4 x 0.1; of those with relapse, 50 %, and 4 % without: 0.34."""
    assert composed([0.1], [0.6], days=(365,)) == pytest.approx([0.04])
    assert composed([0.5], [0.6], [0.04], happened=True, days=(365,)) == pytest.approx([0.34])


def test_a_risk_that_rises_needs_no_bound():
    """Days 365, 90, 180, 730: each is its own product."""
    risk = composed([0.10, 0.02, 0.05, 0.15], [0.5, 0.2, 0.3, 0.6])
    assert risk == pytest.approx([0.05, 0.016, 0.035, 0.06])


def test_a_later_risk_is_raised_to_the_headline():
    """By day 730 the product is 0.2 x 0.15 = 0.03, below 0.05 by day 365."""
    assert composed([0.10, 0.02, 0.05, 0.15], [0.5, 0.2, 0.3, 0.8])[3] == pytest.approx(0.05)


def test_relapse_leaves_no_more_room_than_it_does():
    """By day 730 97 % relapsed: death without it is at most 3 %, and so it is by the days before."""
    risk = composed([0.10, 0.02, 0.05, 0.15], [0.5, 0.2, 0.3, 0.97])
    assert risk == pytest.approx([0.03, 0.016, 0.03, 0.03])


def test_an_earlier_risk_is_lowered_to_the_headline():
    """By day 180 the product is 0.7 x 0.2 = 0.14, above 0.05 by day 365."""
    assert composed([0.10, 0.02, 0.20, 0.15], [0.5, 0.2, 0.3, 0.6]) == pytest.approx(
        [0.05, 0.016, 0.05, 0.06]
    )


def test_a_shape_of_many_patients_and_replicates_is_kept():
    """Each row by itself."""
    rng = np.random.default_rng(1)
    conditional, given = rng.random((2, 5, 7, 4))
    risk = composed(conditional, np.sort(given, axis=-1)[..., [2, 0, 1, 3]])
    assert risk.shape == (5, 7, 4)
    one = composed(conditional[3, 2], np.sort(given, axis=-1)[..., [2, 0, 1, 3]][3, 2])
    np.testing.assert_array_equal(risk[3, 2], one)


@pytest.mark.parametrize("seed", range(5))
def test_any_risks_exclude_one_another_and_rise_with_time(seed):
    """Whatever the model among those says: monotone, and with the other outcome at most 1."""
    rng = np.random.default_rng(seed)
    given = np.sort(rng.random((SEVERAL, 4)), axis=1)[:, [2, 0, 1, 3]]
    without = composed(rng.random((SEVERAL, 4)), given)
    death = composed(rng.random((SEVERAL, 4)), given, without, happened=True)
    in_time = np.argsort(DAYS)
    for risk in (without, death):
        assert (np.diff(risk[:, in_time], axis=1) >= 0).all()
    assert (without + given <= 1 + 1e-12).all()
    assert (death >= without - 1e-12).all()
    # Everybody alive in remission is alive.
    assert (1 - death >= 1 - given - without - 1e-12).all()


def family(rng: np.random.Generator) -> dict[str, RiskModel]:
    """Make models of five outcomes, of random heights, that rest on one another."""
    made = {
        name: replace(model, reference=model.reference + rng.normal(0, 1.5))
        for name in ("severe_crs", "relapse", "death_without_relapse", "death", "crs_grade_2_or_higher")
        for model in [risk_model(name, rng)]
    }
    relapse, crs, without = made["relapse"], made["severe_crs"], made["death_without_relapse"]
    compositions = {
        "death_without_relapse": Composition(relapse, happened=False),
        "death": Composition(relapse, happened=True, plus=without),
        "crs_grade_2_or_higher": Composition(crs, happened=False, plus=crs),
    }
    return linked({name: replace(model, composition=compositions.get(name)) for name, model in made.items()})


@pytest.mark.parametrize("seed", range(3))
def test_states_add_up_at_every_horizon_for_patients_and_replicates(seed):
    """Relapse, death without it and neither are 1; nobody alive in remission is dead."""
    rng = np.random.default_rng(seed)
    models = family(rng)
    assert families(models) == [("relapse", "death_without_relapse")]
    columns = predictors(patients(SEVERAL, rng))
    log_odds = {name: model.replicate_log_odds(columns) for name, model in models.items()}
    found = all_outcome_risks(models, columns, log_odds)
    for shape in ("risk", "replicates"):
        risk = {name: getattr(each, shape) for name, each in found.items()}
        relapse, without, death = (risk[name] for name in ("relapse", "death_without_relapse", "death"))
        neither = 1 - relapse - without
        assert (neither >= -1e-9).all()
        np.testing.assert_allclose(relapse + without + neither, 1, atol=1e-9)
        assert (1 - death >= neither - 1e-9).all()
        assert (risk["crs_grade_2_or_higher"] >= risk["severe_crs"]).all()
        for name in ("relapse", "death_without_relapse", "death"):
            in_time = np.argsort(models[name].horizons_days)
            assert (np.diff(risk[name][..., in_time], axis=-1) >= 0).all()
        assert (np.diff(neither[..., np.argsort(DAYS)], axis=-1) <= 1e-9).all()


def test_one_path_gives_the_risk_of_the_model_itself():
    """Computed together, outcomes are what each model says alone."""
    rng = np.random.default_rng(4)
    models, columns = family(rng), predictors(patients(20, rng))
    log_odds = {name: model.replicate_log_odds(columns) for name, model in models.items()}
    for name, found in all_outcome_risks(models, columns, log_odds).items():
        np.testing.assert_array_equal(found.risk, models[name].risk(columns))
        np.testing.assert_array_equal(found.replicates, models[name].replicate_risks(columns))


def test_linking_rests_every_model_on_the_one_that_is_released():
    """A part that was updated since is the one that the others rest on."""
    models = family(np.random.default_rng(5))
    other = replace(models["relapse"], reference=models["relapse"].reference + 1)
    again = linked({**models, "relapse": other})
    assert again["death_without_relapse"].parts == (other,)
    given, plus = again["death"].parts
    assert given is other
    assert plus is again["death_without_relapse"]
    with pytest.raises(KeyError):
        linked({"death_without_relapse": models["death_without_relapse"]})
