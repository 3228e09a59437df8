"""A count of 3 in a cohort is stated by no product that may leave the center, unless it is requested."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from features.cohort import Cohort
from features.read_cohort import read_cohort
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from serving.answers.card import model_card
from serving.http.small_counts_setting import SMALL_COUNTS_VARIABLE
from serving.model.bundle import Bundle
from serving.model.masked_bundle import masked_bundle
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT
from tests.recorded import LIGHT
from tests.served_here import served_here
from training.external.external_validation import ExternalValidation, validate_externally
from training.fitting.train import Training, train
from training.pages.applied_card.card_xml import applied_model_card
from training.pages.publication.contents import Request, publication_files
from training.pages.quality.outcome_flow import outcome_flow
from training.pages.report.contents import as_json, report_of
from training.pages.report.page import report_page
from training.records.run_record import RunRecord
from training.records.training_runs import child_records, parent_record
from training.records.validation_runs import outcome_records, validation_record
from training.release.champion_note import promotion_note
from training.release.release_checks import bundle_reasons, bundle_remarks

FEW = 3
"""Severe ICANS in the whole cohort, severe CRS in the center C, and infusions without ECOG."""
LABELED = re.compile(
    rf"""
    (?<![\d.]){FEW}\ (?:distinct\ )?(?:events?|non-events|patients?\ with|of\ \d+)\b  # 3 events
    | \bsevere_icans\ {FEW}\b                                                        # a tag by outcome
    | "?\b(?:n_events|n_headline_events|events)\b"?:\ "?{FEW}\b                      # "n_events": 3
    | "ecog":\ 0\.05\b                                                               # 3 of 60
    | ^{FEW}$                                                                        # a cell, a tag
    """,
    re.VERBOSE | re.MULTILINE,
)
CONFIG = replace(LIGHT, outcomes=("severe_crs", "severe_icans"), models=("anchored",))

Product = Callable[[bool], str]


def rows(n_patients: int, seed: int) -> object:
    """Draw 60 infusions, three of them with severe ICANS; the cohort names three centers."""
    table = (
        simulation_table(simulate(n_patients, rng=np.random.default_rng(seed)))
        .head(60)
        .reset_index(drop=True)
    )
    center = np.repeat(["A", "B", "C"], 20)
    table["center"] = center
    table["icans_grade"] = "0"
    table.loc[[0, 25, 45], "icans_grade"] = "3"
    table["crs_grade"], table["crs_grading_system"] = "1", "astct_2019"
    severe = [*range(0, 16, 2), *range(20, 36, 2), 41, 47, 53]
    table.loc[severe, "crs_grade"] = "3"
    table["crs_onset_day"] = "2"
    table["ecog"] = "1"
    table.loc[[7, 29, 58], "ecog"] = ""
    return table


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    file = tmp_path_factory.mktemp("canary") / "cohort.csv"
    rows(70, 5).to_csv(file, index=False)  # type: ignore[attr-defined]
    return read_cohort(file)


@pytest.fixture(scope="module")
def training(cohort: Cohort) -> Training:
    return train(cohort, CONFIG)


@pytest.fixture(scope="module")
def validation(training: Training, tmp_path_factory: pytest.TempPathFactory) -> ExternalValidation:
    """Validate the model on other patients, three of them with severe ICANS."""
    file = tmp_path_factory.mktemp("other") / "other.csv"
    rows(80, 6).to_csv(file, index=False)  # type: ignore[attr-defined]
    return validate_externally(training.bundle, read_cohort(file), CONFIG)


def test_the_cohort_has_the_canary(cohort: Cohort) -> None:
    """Otherwise the other tests would find nothing to hide."""
    from features.outcomes import OUTCOMES

    flow = outcome_flow(cohort, OUTCOMES["severe_icans"])
    assert [at.events for at in flow.horizons] == [FEW]
    assert int(np.isnan(cohort.patients["ecog"]).sum()) == FEW


def texts(record: RunRecord) -> Iterator[str]:
    """Give what MLflow shows of a run as text or table; its metrics stay in the center."""
    yield from (record.name, record.description, record.note)
    yield from (f"{name}: {value}" for name, value in {**record.parameters, **record.tags}.items())
    yield from record.tables.values()
    yield from (json.dumps(dict(columns)) for columns in record.grids.values())
    for columns in record.grids.values():
        yield from (f"{cell}" for name, cells in columns.items() if name == "n_events" for cell in cells)


def runs(records: Iterator[RunRecord] | list[RunRecord]) -> str:
    return "\n".join(text for record in records for text in texts(record))


def products(training: Training, validation: ExternalValidation, folder: Path) -> dict[str, Product]:
    """Name everything that a main job leaves and that can be handed on, by what writes it."""

    @cache
    def written(shown: bool) -> Bundle:
        place = folder / f"{shown}"
        write_bundle(replace(training, small_counts=shown).shared_bundle, place)
        return read_bundle(place)

    def bundle_text(shown: bool) -> str:
        written(shown)
        return (folder / f"{shown}" / "bundle.json").read_text(encoding="utf-8")

    def publication(shown: bool) -> str:
        assert training.cohort is not None
        files = publication_files(written(True), training.cohort, Request("none", mask=not shown))
        # The last column of a model's table numbers its sources.
        counted = [name for name in files if name.endswith(".csv") and "model" not in name]
        cells = [files[name].decode().replace(",", "\n") for name in counted]
        return "\n".join(cells)

    def note(shown: bool) -> str:
        bundle = written(shown)
        reasons, remarks = bundle_reasons(bundle), bundle_remarks(bundle)
        return promotion_note(bundle, None, reasons=reasons, remarks=remarks, forced="why", artifacts="")

    return {
        "bundle": bundle_text,
        "report": lambda shown: report_page(report_of(written(True), small_counts=shown)),
        "report as JSON": lambda shown: as_json(report_of(written(True), small_counts=shown)),
        "card of the service": lambda shown: model_card(
            masked_bundle(written(True), small_counts=shown)
        ).model_dump_json(indent=1),
        "runs of a training": lambda shown: runs(
            [
                parent_record(recorded := replace(training, small_counts=shown, bundle=written(shown))),
                *child_records(recorded),
            ]
        ),
        "runs of a validation": lambda shown: runs(
            [
                validation_record(validation, small_counts=shown),
                *outcome_records(validation, small_counts=shown),
            ]
        ),
        "publication": publication,
        "note of a promotion": note,
        "applied model card": lambda shown: applied_model_card(written(True), mask=not shown),
    }


STATE_NO_COUNT = {"note of a promotion", "applied model card"}
"""Products that state statuses and measures alone, whatever is requested."""


def test_no_product_states_the_canary(
    training: Training, validation: ExternalValidation, tmp_path: Path
) -> None:
    """By default."""
    made = {name: make(False) for name, make in products(training, validation, tmp_path).items()}
    assert {name: LABELED.findall(text) for name, text in made.items() if LABELED.search(text)} == {}


def test_every_product_states_the_canary_on_request(
    training: Training, validation: ExternalValidation, tmp_path: Path
) -> None:
    """So the test above looks for what there is to be found."""
    made = {name: make(True) for name, make in products(training, validation, tmp_path).items()}
    assert {name for name, text in made.items() if LABELED.search(text)} == set(made) - STATE_NO_COUNT


def test_the_center_with_few_events_is_masked_beside_another(training: Training) -> None:
    """In the bundle and in the table of centers that MLflow shows."""
    exact = training.bundle.summaries["severe_crs"].by_center
    shown = training.shared_bundle.summaries["severe_crs"].by_center
    assert sorted(each.n_events or 0 for each in exact.values()) == [FEW, 8, 8]
    assert [each.n_events for each in shown.values()].count(None) == 2


def test_models_and_statuses_stay(training: Training) -> None:
    """A model is released and answers as before."""
    shown = training.shared_bundle
    assert shown.models is training.bundle.models
    for name, summary in training.bundle.summaries.items():
        assert shown.summaries[name].status == summary.status
        assert len(shown.summaries[name].status_reasons) == len(summary.status_reasons)


@pytest.mark.parametrize(("setting", "events"), [("", None), ("1", FEW)])
def test_the_service_masks_a_bundle_that_has_small_counts(
    setting: str, events: int | None, training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As bundles of earlier versions have them; one setting shows them on the card and in answers."""
    monkeypatch.setenv(SMALL_COUNTS_VARIABLE, setting)
    write_bundle(training.bundle, tmp_path / "bundle")
    with served_here(tmp_path / "bundle") as client:
        card = client.get("/model").json()
        answer = client.post("/risk", json=PATIENT).json()
    outcomes = {each["name"]: each for each in card["outcomes"]}
    assert outcomes["severe_icans"]["n_events"] == events
    assert [each["n_events"] for each in answer["outcomes"] if each["name"] == "severe_icans"] == [events]
    assert bool(LABELED.search(json.dumps([card, answer], indent=1))) == bool(events)


def test_run_records_are_complete(training: Training) -> None:
    """A field of a run that is added must be looked at here."""
    looked_at = {"name", "description", "note", "parameters", "tags", "tables", "grids"}
    others = {"metrics", "series", "figures", "local", "period", "below", "measured"}
    record = parent_record(training)
    assert set(vars(record)) == looked_at | others
    assert asdict(replace(record, figures={}, period=None))["grids"] == dict(record.grids)
