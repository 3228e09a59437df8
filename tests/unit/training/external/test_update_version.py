"""A new version from an old one: what is changed, what stays, and that it was validated as it is served."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from features.problems import DataError
from features.synthetic.simulation import simulated_cohort
from serving.model.bundle import Bundle
from serving.model.cohort_summary import NO_COHORT
from serving.model.read_bundle import read_bundle
from serving.model.validation_summary import Status
from serving.model.write_bundle import write_bundle
from tests.bundles import make_bundle
from training.comparison.champion_gain import CHAMPION_DIGEST, CHAMPION_GAIN, champion_reasons
from training.comparison.update_facts import update_facts
from training.dataset.cohort_summary import cohort_summary
from training.dataset.fit_config import FitConfig
from training.dataset.training_set import TrainingSet
from training.external.closed_testing import Choice
from training.external.external_validation import ExternalValidation, validate_externally
from training.external.update_learner import Unchanged, Updater
from training.external.update_methods import Update
from training.external.update_version import UpdatedVersion, updated_version
from training.records.update_runs import update_record, updated_records
from training.release.release_checks import bundle_reasons

CONFIG = FitConfig(outcomes=("severe_crs", "relapse"), folds=3, repeats=1, bootstrap_draws=20, replicates=20)


def parent(shift: float = -2.0) -> Bundle:
    """Make a bundle whose risks of severe CRS are far off, those of relapse as they were."""
    bundle = make_bundle()
    model = bundle.models["severe_crs"]
    assert model.replicates is not None
    replicates = replace(model.replicates, intercepts=model.replicates.intercepts + shift)
    moved = replace(model, reference=model.reference + shift, replicates=replicates)
    return replace(bundle, models={**bundle.models, "severe_crs": moved}, digest="sha256:parent")


@cache
def cohort():
    return replace(simulated_cohort(160, rng=np.random.default_rng(4)), sha256="ee" * 32, name="other.csv")


@cache
def found() -> ExternalValidation:
    return validate_externally(parent(), cohort(), CONFIG)


@cache
def version() -> UpdatedVersion:
    made = updated_version(found())
    assert made is not None
    return made


def severe_crs_alone() -> ExternalValidation:
    return replace(found(), outcomes={"severe_crs": found().outcomes["severe_crs"]})


def test_what_calls_for_no_update_stays_as_it_was() -> None:
    """Model and summary, to the object."""
    for name in parent().models:
        changed = name in version().outcomes
        assert changed == (name in found().outcomes and found().outcomes[name].choice.update.kind != "none")
        if not changed:
            assert version().bundle.models[name] is version().parent.models[name]
            assert version().bundle.summaries[name] is version().parent.summaries[name]
    assert "severe_crs" in version().outcomes


def test_the_update_repairs_the_level() -> None:
    """Out of fold, observed to expected events are near 1, and the loss is lower than before."""
    outcome = version().outcomes["severe_crs"]
    assert outcome.summary.metrics[30]["observed_expected"].value == pytest.approx(1.0, abs=0.15)
    assert outcome.baselines["original"].metrics[30]["observed_expected"].value > 2
    gain = outcome.summary.paired["original"]
    assert gain.low is not None
    assert gain.low > 0


def test_the_summary_is_of_the_cohort_that_it_was_updated_on() -> None:
    """Its counts and its figures out of fold; the status follows by the rule of training."""
    outcome = version().outcomes["severe_crs"]
    summary, update = outcome.summary, outcome.summary.update
    assert update is not None
    assert (summary.n_infusions, summary.n_events) == (len(outcome.data), outcome.data.n_events)
    assert (update.parent_digest, update.cohort, update.cohort_sha256) == (
        "sha256:parent",
        "other.csv",
        "ee" * 32,
    )
    assert update.kind == outcome.choice.update.kind
    assert all(" against " in test for test in update.tests)
    assert summary.status in (Status.VALIDATED, Status.NOT_VALIDATED)
    assert summary.metrics[30] == {**outcome.validation.metrics[30], **summary.metrics[30]}
    assert summary.sample_size is not None
    assert summary.sample_size.parameters == outcome.choice.possible[-1].n_parameters


def test_ranges_stay_those_of_the_effects() -> None:
    """What warns of values outside is the cohort that the effects are from; synthetic if either is."""
    assert version().bundle.cohort == version().parent.cohort
    real = replace(parent(), cohort=replace(parent().cohort, synthetic=False))
    made = updated_version(replace(severe_crs_alone(), bundle=real))
    assert made is not None
    assert made.bundle.cohort == replace(real.cohort, synthetic=True)


def test_published_evidence_is_given_the_cohort_that_it_was_updated_on() -> None:
    """It had none of its own, and is no longer published evidence only."""
    made = updated_version(replace(severe_crs_alone(), bundle=replace(parent(), cohort=NO_COHORT)))
    assert made is not None
    assert made.bundle.cohort == cohort_summary(cohort())
    assert made.bundle.summaries["severe_crs"].status in (Status.VALIDATED, Status.NOT_VALIDATED)


def test_the_same_seed_gives_the_same_bundle(tmp_path) -> None:
    """And what is read back is what was validated: it passes the gate."""
    again = updated_version(validate_externally(parent(), cohort(), CONFIG))
    assert again is not None
    digests = [write_bundle(each.bundle, tmp_path / "bundle") for each in (version(), again)]
    assert digests[0] == digests[1]
    read = read_bundle(tmp_path / "bundle")
    outcome = version().outcomes["severe_crs"]
    rows = outcome.data.patients
    np.testing.assert_array_equal(read.models["severe_crs"].risk(rows), outcome.model.risk(rows))
    assert read.summaries["severe_crs"] == outcome.summary
    assert bundle_reasons(read) == []


def test_in_every_fold_the_update_is_chosen_anew_without_the_held_out(monkeypatch) -> None:
    """The closed test never sees a patient whom it is measured on."""
    seen: list[set[int]] = []
    choose = Updater.choose

    def spy(self: Updater, training: TrainingSet, rng: np.random.Generator) -> Choice:
        seen.append(set(training.groups.tolist()))
        return choose(self, training, rng)

    monkeypatch.setattr(Updater, "choose", spy)
    made = updated_version(severe_crs_alone())
    assert made is not None
    outcome = made.outcomes["severe_crs"]
    for fold, groups in enumerate(seen):
        held_out = outcome.data.groups[outcome.validation.folds.number[0] == fold]
        assert not groups & set(held_out.tolist())
    assert len(seen) == CONFIG.folds


def test_a_model_left_as_it_is_predicts_in_folds_what_it_predicts() -> None:
    """Nothing is refitted in the baseline."""
    outcome, model = version().outcomes["severe_crs"], parent().models["severe_crs"]
    whole = outcome.data.training_set()
    fitter = Unchanged(model)
    fitter.choose(whole, np.random.default_rng(0))
    assert fitter.fit(whole, None) is model
    expected = model.risk_by(outcome.data.patients, outcome.data.horizons_days)
    np.testing.assert_array_equal(outcome.baselines["original"].risk[0], expected)


def test_no_update_makes_no_version() -> None:
    """A model that fits is left alone."""
    outcomes = {
        name: replace(outcome, choice=Choice(Update(), outcome.choice.possible, outcome.choice.steps))
        for name, outcome in found().outcomes.items()
    }
    assert updated_version(replace(found(), outcomes=outcomes)) is None


def test_effects_the_other_way_round_and_the_own_cohort_are_refused() -> None:
    """Every reason at once, in words."""
    turned = Choice(Update("recalibration", 0.1, -0.43), (), ())
    outcomes = {"severe_crs": replace(found().outcomes["severe_crs"], choice=turned)}
    with pytest.raises(DataError) as refused:
        updated_version(replace(found(), outcomes=outcomes, external=False))
    assert str(refused.value) == (
        "other.csv: 2 problems\n"
        "  the model was trained or updated on this cohort: there is nothing to update\n"
        "  severe_crs: effects are reversed in this cohort (calibration slope -0.43): no update helps; "
        "train a new model on it"
    )


def test_facts_name_the_parent_and_the_gain_over_the_champion() -> None:
    """Which the gate reads: the update of a champion that was far off is not worse than it."""
    facts = update_facts(version(), parent())
    assert facts["parent_digest"] == facts[CHAMPION_DIGEST] == "sha256:parent"
    assert (facts["parent_version"], facts["updated_on"]) == (parent().version, "other.csv")
    assert f"{CHAMPION_GAIN}.severe_crs" in facts
    updated = replace(version().bundle, provenance=facts)
    assert champion_reasons(updated, parent()) == []
    worse = {**facts, f"{CHAMPION_GAIN}.severe_crs": "[-0.05, -0.08, -0.02]"}
    (reason,) = champion_reasons(replace(updated, provenance=worse), parent())
    assert reason.startswith("severe_crs by day 30: on this version's cohort the champion, version ")
    assert CHAMPION_DIGEST not in update_facts(version(), None)


def test_updates_after_updates_remember_their_cohorts() -> None:
    """So that none of them passes for external later."""
    second = replace(severe_crs_alone(), bundle=replace(version().bundle, digest="sha256:second"))
    made = updated_version(replace(second, cohort=replace(cohort(), sha256="ff" * 32)))
    assert made is not None
    update = made.bundle.summaries["severe_crs"].update
    assert update is not None
    assert (update.cohort_sha256, update.earlier) == ("ff" * 32, ("ee" * 32,))


def test_records_are_of_the_update_and_its_baselines(tmp_path) -> None:
    """Named for what they are; every figure is drawn, nothing is NaN."""
    write_bundle(version().bundle, tmp_path / "bundle")
    done = replace(version(), bundle=read_bundle(tmp_path / "bundle"))
    parent_run = update_record(done)
    assert parent_run.tags["kind"] == "update"
    assert parent_run.tags["parent_digest"] == "sha256:parent"
    assert parent_run.tags["bundle_digest"] == done.bundle.digest
    assert {f"chosen.{name}" for name in done.bundle.models} <= set(parent_run.tags)
    names = [record.name.partition(" - ")[0] for record in updated_records(done)]
    assert names[:3] == ["severe_crs / updated", "severe_crs / original", "severe_crs / prevalence"]
    for record in (parent_run, *updated_records(done)):
        assert np.isfinite(list(record.metrics.values())).all()
        for draw in record.figures.values():
            draw()
