"""The gain over a champion of the same cohort is paired, out of fold on both sides; the gate goes by it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle, write_provenance
from tests.recorded import Recording
from training.comparison.champion_gain import CHAMPION_GAIN, champion_reasons, champion_remarks, recorded_gain
from training.comparison.champion_refit import facts_over_champion
from training.fitting.train import Training
from training.tracking.promotion import set_champion
from training.tracking.registered_recipe import champion_and_recipe
from training.validation.cross_validation import log_loss_gain


def other_choice(training: Training) -> Training:
    """Choose the other model of every outcome, as a training of it alone would."""
    outcomes = {
        name: replace(fitted, chosen=next(other for other in fitted.models if other != fitted.chosen))
        for name, fitted in training.outcomes.items()
    }
    return replace(training, outcomes=outcomes, bundle=replace(training.bundle, digest="sha256:another"))


def test_gain_is_that_of_the_same_folds(recorded: Recording) -> None:
    """The champion made again is the champion that was validated: to the last digit, in every outcome."""
    set_champion("1")
    training = other_choice(recorded.training)
    facts = facts_over_champion(training, *champion_and_recipe())
    assert training.outcomes
    for name, fitted in training.outcomes.items():
        validations = [
            fitted.models[chosen].validation
            for chosen in (fitted.chosen, recorded.training.outcomes[name].chosen)
        ]
        own, champions = validations
        assert own is not None
        assert champions is not None
        expected = log_loss_gain(own, champions)
        stated = json.loads(facts[f"{CHAMPION_GAIN}.{name}"])
        assert stated == pytest.approx([expected.value, expected.low, expected.high], abs=1e-12)


def test_the_same_model_again_is_not_compared(recorded: Recording) -> None:
    """The same seed gives the same bundle: nothing is made again for that."""
    set_champion("1")
    champion = read_bundle(recorded.bundle)
    facts = facts_over_champion(replace(recorded.training, bundle=champion), *champion_and_recipe())
    assert not [name for name in facts if name.startswith(CHAMPION_GAIN)]


def test_a_paired_loss_refuses_where_the_unpaired_one_would_not(recorded: Recording, tmp_path: Path) -> None:
    """The gate believes the pairs; without them it says how to get them."""
    champion = replace(read_bundle(recorded.bundle), provenance={"version": "1"})
    write_bundle(replace(champion, left_out={"relapse": "to be another"}), tmp_path / "later")
    write_provenance(tmp_path / "later", {"version": "2"})
    assert champion_reasons(read_bundle(tmp_path / "later"), champion) == []
    (name,) = list(champion.models)[:1]
    gain = {f"{CHAMPION_GAIN}.{name}": json.dumps([-0.02, -0.03, -0.01]), "champion_digest": champion.digest}
    write_provenance(tmp_path / "later", gain)
    later = read_bundle(tmp_path / "later")
    assert recorded_gain(later, name).value == -0.02
    (reason,) = champion_reasons(later, champion)
    assert reason.startswith(
        f"{name} by day 30: on this version's cohort the champion, version 1, has a log loss lower"
    )
    assert champion_remarks(later, champion) == []
