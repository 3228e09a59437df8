"""Cohorts nobody should have to train on: a model that says its limits, or a refusal, and never nonsense."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.cohort import Cohort, cohort_from_rows
from features.field import specs
from features.log_odds import logit
from features.problems import Refused
from features.schema import FollowUp, Patient, all_fields
from features.synthetic.simulation import simulate, synthetic_patients
from serving.answers.scorer import Scorer
from serving.model.read_bundle import read_bundle
from serving.model.write_bundle import write_bundle
from tests.recorded import in_folder_of
from training.commands import app as cli
from training.dataset.fit_config import EvidenceChoice, FitConfig
from training.evidence.evidence_set import read_evidence
from training.fitting.train import Training, train
from training.records.training_runs import child_records

Row = dict[str, Any]

QUICK = FitConfig(
    outcomes=("severe_crs", "severe_icans", "relapse", "death_without_relapse", "death"),
    folds=3,
    repeats=1,
    bootstrap_draws=20,
    replicates=10,
)
"""Outcomes that everybody can have, and those composed of two of them or more."""
ANCHORED = replace(QUICK, models=("anchored",), validate=False)
NARROWEST = 0.05
"""Width of an interval on the log-odds scale; below it ten replicates tell of one model."""
HEADINGS = "outcome,term,use,measure,estimate,ci_low,ci_high,source,n,horizon_days\n"
LAST_DAY = 800
REQUIRED = {name for name, field in specs(Patient).items() if field.required.startswith("yes")}


def quiet_rows(n_infusions: int, *, seed: int = 1) -> list[Row]:
    """Draw first infusions of as many patients to whom nothing happened."""
    drawn = simulate(n_infusions, rng=np.random.default_rng(seed)).rows
    first = [row for row in drawn if row["infusion_number"] == 1]
    nothing: Row = dict.fromkeys(specs(FollowUp))
    seen = {"crs_grade": 1, "crs_grading_system": "astct_2019", "icans_grade": 0, "response_day28": "cr"}
    return [
        {**row, **nothing, **seen, "last_contact_day": LAST_DAY, "patient_id": f"p{place}"}
        for place, row in enumerate(first)
    ]


def with_events(rows: Sequence[Row], places: Sequence[int] | range, *, day: int = 100) -> list[Row]:
    """Give some infusions every event."""
    event = {"crs_grade": 3, "icans_grade": 3, "relapse_day": day}
    return [{**row, **event} if place in places else row for place, row in enumerate(rows)]


def mixed_rows(n_infusions: int = 45) -> list[Row]:
    """Give a third of the infusions events, early and late."""
    rows = with_events(quiet_rows(n_infusions), range(0, n_infusions, 3))
    return [{**row, **({"relapse_day": 40} if place % 9 == 0 else {})} for place, row in enumerate(rows)]


def of_patients(rows: Sequence[Row], n_patients: int) -> list[Row]:
    """Deal infusions to few patients."""
    return [
        {**row, "patient_id": f"p{place % n_patients}", "infusion_number": place // n_patients + 1}
        for place, row in enumerate(rows)
    ]


def known(rows: Sequence[Row], keep: set[str]) -> list[Row]:
    """Blank every predictor but some."""
    return [{**row, **{name: None for name in specs(Patient) if name not in keep}} for row in rows]


def at_limits() -> list[Row]:
    """Put every number of every infusion at one end of what the schema allows."""
    ends = [dict(edge_patient(place)) for place in (0, 1)]
    return [{**row, **ends[place % 2]} for place, row in enumerate(mixed_rows())]


def edge_patient(end: int) -> Row:
    """Make a patient at the lower or upper limit of every column."""
    found: Row = {}
    for name, field in specs(Patient).items():
        if name in ("dose_total_1e6", "weight_kg"):
            continue
        if field.kind == "choice":
            found[name] = field.options[-end]
        elif field.kind == "boolean":
            found[name] = bool(end)
        else:
            found[name] = (float, int)[field.kind == "integer"]((field.low, field.high)[end])  # type: ignore[arg-type]
    return found


def separated() -> list[Row]:
    """Let one laboratory value tell all events."""
    rows = quiet_rows(60)
    rows = [{**row, "ferritin_ug_l": (100.0, 50_000.0)[place % 2]} for place, row in enumerate(rows)]
    return with_events(rows, range(1, 60, 2))


def duplicated() -> list[Row]:
    """Repeat two patients under sixty identifiers."""
    event, free = with_events(quiet_rows(2), [0])
    return [{**(free if place % 4 else event), "patient_id": f"p{place}"} for place in range(60)]


def censored(n_late: int, n_early: int = 90) -> list[Row]:
    """Lose nearly all between days 30 and 80."""
    rows = mixed_rows(n_late + n_early)
    early = {"relapse_day": None, "crs_grade": 1, "icans_grade": 0}
    return [
        row if place < n_late else {**row, **early, "last_contact_day": 30 + place % 50}
        for place, row in enumerate(rows)
    ]


def died(*days: int, n_infusions: int = 30) -> list[Row]:
    """Let everybody die on one of some days, before any other event."""
    return [
        {
            **row,
            "response_day28": "not_assessed",
            "death_day": days[place % len(days)],
            "last_contact_day": days[place % len(days)],
        }
        for place, row in enumerate(quiet_rows(n_infusions))
    ]


def transplanted(n_transplanted: int) -> list[Row]:
    """Transplant the first in remission, on day 60."""
    rows = mixed_rows()
    return [
        {**row, "relapse_day": None, "allo_hsct_day": 60} if place < n_transplanted else row
        for place, row in enumerate(rows)
    ]


HARD: dict[str, Callable[[], list[Row]]] = {
    "no event": partial(quiet_rows, 30),
    "one event": lambda: with_events(quiet_rows(30), [3]),
    "one without": lambda: with_events(quiet_rows(30), range(29)),
    "all events": lambda: with_events(quiet_rows(30), range(30)),
    "one infusion": lambda: quiet_rows(1),
    "one infusion, one event": lambda: with_events(quiet_rows(1), [0]),
    "one patient": lambda: of_patients(mixed_rows(10), 1),
    "two patients": lambda: with_events(quiet_rows(2), [0]),
    "two patients of many infusions": lambda: of_patients(mixed_rows(20), 2),
    "eight infusions of six patients": lambda: of_patients(mixed_rows(8), 6),
    "300 infusions of three patients": lambda: of_patients(mixed_rows(300), 3),
    "five events of one patient": lambda: (
        of_patients(with_events(quiet_rows(5), range(5)), 1) + quiet_rows(30, seed=2)[1:]
    ),
    "five events and five without": lambda: with_events(quiet_rows(10), range(5)),
    "one centre": lambda: [{**row, "center": "a"} for row in mixed_rows()],
    "a constant column": lambda: [{**row, "age_years": 40.0} for row in mixed_rows()],
    "an empty column": lambda: known(mixed_rows(), set(specs(Patient)) - {"ldh_u_l"}),
    "only what is required": lambda: known(mixed_rows(), REQUIRED),
    "nothing known": lambda: known(mixed_rows(), set()),
    "all alike": lambda: [{**row, **edge_patient(0)} for row in mixed_rows()],
    "perfect separation": separated,
    "the same two patients": duplicated,
    "values at the limits": at_limits,
    "all lost before the first horizon": lambda: censored(0),
    "nearly all lost": lambda: censored(12),
    "one death each": lambda: died(*range(100, 130)),
    "deaths on day 5": lambda: died(5),
    "deaths on day 0": lambda: died(0),
    "days at the limit": lambda: [
        {**row, "last_contact_day": 20_000, "relapse_day": 20_000} for row in mixed_rows(20)
    ],
}


def cohort_of(rows: Sequence[Row]) -> Cohort:
    """Build a cohort that has every column."""
    return cohort_from_rows(rows, name="hard.csv", sha256="0" * 64, present=frozenset(all_fields()))


def check_answers(training: Training, folder: Path) -> None:
    """Hold every promise of an answer: written, read, and asked of ordinary, empty and extreme patients."""
    write_bundle(training.bundle, folder / "bundle")
    bundle = read_bundle(folder / "bundle")
    asked = synthetic_patients(3, rng=np.random.default_rng(99))
    for answer in Scorer(bundle).answers([*asked, {}, edge_patient(0), edge_patient(1)]):
        json.dumps(answer.model_dump(), allow_nan=False)
        for outcome in answer.outcomes:
            check_curve([(point.low, point.risk, point.high) for point in outcome.curve])
            total = outcome.reference.log_odds + sum(part.log_odds for part in outcome.contributions)
            summed = outcome.risk if outcome.among is None else outcome.among.risk
            assert total == pytest.approx(float(logit(np.array(summed))), abs=1e-6)
        told = {caution.field for caution in answer.warnings}
        assert all(name in told for name in bundle.models if bundle.summaries[name].status_reasons)
        assert all(name in told for name in bundle.left_out)


def check_curve(points: Sequence[tuple[float, float, float]]) -> None:
    """Low, risk and high in order at each horizon, none certain, none falling with time."""
    for low, risk, high in points:
        assert 0 <= low <= risk <= high <= 1
        assert 0 < risk < 1
        ends = np.clip([low, high], 1e-12, 1 - 1e-12)
        assert np.diff(logit(ends))[0] > NARROWEST
    assert (np.diff(points, axis=0) >= -1e-12).all()


@pytest.mark.parametrize("name", HARD)
def test_hard_cohort_is_answered_within_its_limits(name: str, tmp_path: Path) -> None:
    """Outcomes by the default model, each with a status that does not claim too much."""
    training = train(cohort_of(HARD[name]()), ANCHORED)
    assert set(training.bundle.models) | set(training.left_out) == set(QUICK.outcomes)
    assert all(summary.status_reasons for summary in training.bundle.summaries.values())
    check_answers(training, tmp_path)


@pytest.mark.parametrize(
    "name", ["five events and five without", "perfect separation", "the same two patients", "nothing known"]
)
def test_hard_cohort_is_validated_without_nonsense(name: str, tmp_path: Path) -> None:
    """Every model and baseline in folds; whichever is chosen, its answers hold."""
    training = train(cohort_of(HARD[name]()), replace(QUICK, outcomes=("relapse",)))
    assert training.bundle.summaries["relapse"].status == "not validated locally"
    check_answers(training, tmp_path)
    for record in child_records(training):
        assert np.isfinite(list(record.metrics.values())).all()
        for draw in record.figures.values():
            draw()


@pytest.mark.parametrize("model", ["ridge", "xgboost"])
def test_ordinary_models_need_an_event_at_every_horizon(model: str) -> None:
    """All events fall on day 100: by day 90 every refit would say the same."""
    rows = with_events(quiet_rows(30), range(10))
    with pytest.raises(Refused) as refused:
        train(cohort_of(rows), replace(ANCHORED, models=(model,), outcomes=("relapse",)))
    assert str(refused.value) == (
        f"hard.csv: 1 problem\n  relapse cannot be trained: {model}: no event at day 90; "
        "at least one is needed at every horizon"
    )


def test_ordinary_models_are_refused_where_there_are_too_few_events() -> None:
    """How many are needed; how many there are, only where they are not few."""
    with pytest.raises(Refused) as refused:
        train(cohort_of(HARD["one event"]()), replace(ANCHORED, models=("ridge",), outcomes=("severe_crs",)))
    assert str(refused.value) == (
        "hard.csv: 1 problem\n  severe_crs cannot be trained: ridge: fewer than 5 distinct events and "
        "a masked number of event-free patients at day 30; at least 5 of each are needed"
    )


@pytest.mark.parametrize("n_transplanted", [0, 1, 12, 44, 45])
def test_transplants_of_none_some_and_all(n_transplanted: int, tmp_path: Path) -> None:
    """Where all are transplanted the published evidence answers, and the answer says why."""
    config = replace(ANCHORED, outcomes=("relapse",), estimand="no_further_therapy")
    training = train(cohort_of(transplanted(n_transplanted)), config)
    assert ("relapse" in training.published) == (n_transplanted >= 44)
    check_answers(training, tmp_path)


def own(folder: Path, *rows: str) -> EvidenceChoice:
    """Write a site's own rows, used alone."""
    file = folder / "own.csv"
    file.write_text(HEADINGS + "".join(f"{row}\n" for row in rows))
    return EvidenceChoice(file, literature=False)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("severe_crs,cns3,estimate,OR,1e6,10,1e7,own,,", "estimate must be 0.01 to 100, got 1e6 (row 2)"),
        ("severe_crs,cns3,estimate,OR,1e-6,1e-7,1,own,,", "estimate must be 0.01 to 100, got 1e-6 (row 2)"),
        (
            "severe_crs,cns3,estimate,OR,1,1e-300,2,own,,",
            "ci_low must be 0.0001 to 10000, got 1e-300 (row 2)",
        ),
        ("severe_crs,base_rate,estimate,rate,1e-9,,,own,9,30", "must be 0.001 to 0.999, got 1e-9 (row 2)"),
        ("relapse,high_burden,estimate,HR,90,80,99,own,,", "disease_burden: HR 90 converts to an odds ratio"),
        ("relapse,age,estimate,OR,90,80,99,own,,", "between patients two standard deviations apart"),
        (
            "relapse,fludarabine,estimate,HR,0.01,0.005,0.02,own,,",
            "no unexposed risk is consistent with a ratio",
        ),
    ],
)
def test_absurd_evidence_is_refused(row: str, said: str, tmp_path: Path) -> None:
    """It would set risks to 0 or 1; the message names row or source, what is allowed, and what to do."""
    with pytest.raises(Refused) as refused:
        train(None, replace(ANCHORED, evidence=own(tmp_path, row)))
    assert said in str(refused.value)


def test_effects_that_are_absurd_together_are_refused(tmp_path: Path) -> None:
    """Each alone may be."""
    terms = ("high_burden", "extramedullary_disease", "bridging", "inotuzumab", "prior_allo_hsct", "male")
    rows = [f"severe_crs,{term},estimate,OR,99,90,100,own,," for term in terms]
    with pytest.raises(
        Refused, match="severe_crs: the effects together give log-odds a standard deviation of "
    ):
        train(None, replace(ANCHORED, evidence=own(tmp_path, *rows)))


@pytest.mark.parametrize("ratio", ["1,0.001,1000", "99,98,100", "0.011,0.01,0.012"])
@pytest.mark.parametrize("n_infusions", [0, 20])
def test_evidence_at_its_limits_is_answered(ratio: str, n_infusions: int, tmp_path: Path) -> None:
    """Alone, and beside a cohort that says otherwise."""
    choice = own(tmp_path, f"severe_crs,high_burden,estimate,OR,{ratio},own,,")
    cohort = cohort_of(mixed_rows(n_infusions)) if n_infusions else None
    check_answers(train(cohort, replace(ANCHORED, evidence=choice, outcomes=("severe_crs",))), tmp_path)


def test_a_study_repeated_counts_once(tmp_path: Path) -> None:
    """Three rows of one source say no more than one."""
    row = "severe_crs,high_burden,estimate,OR,3,1.5,6,own,80,"
    means = []
    for times in (1, 3):
        choice = own(tmp_path, *[row] * times)
        found = train(None, replace(ANCHORED, evidence=choice, outcomes=("severe_crs",)))
        means.append([(term.mean, term.spread) for term in found.published["severe_crs"].prior.terms])
    assert means[0] == means[1]


def test_without_patients_and_evidence_nothing_is_answered() -> None:
    """Switched off, or every source excluded: a made-up rate is not called published."""
    known_rows = read_evidence()
    sources = {source for row in (*known_rows.effects, *known_rows.base_rates) for source in row.sources}
    for choice in (EvidenceChoice(literature=False), EvidenceChoice(excluded=tuple(sorted(sources)))):
        with pytest.raises(Refused) as refused:
            train(None, replace(ANCHORED, evidence=choice, outcomes=("relapse",)))
        assert str(refused.value) == (
            "published evidence: 1 problem\n  relapse cannot be trained: no local cohort was used, "
            "and the evidence has no rate and no effect for it"
        )


def test_a_cohort_is_answered_without_any_evidence(tmp_path: Path) -> None:
    """By its own patients, and it says that no study stands behind it."""
    training = train(
        cohort_of(HARD["two patients"]()), replace(ANCHORED, evidence=EvidenceChoice(literature=False))
    )
    assert all("no published effect" in found.evidence_note for found in training.bundle.summaries.values())
    check_answers(training, tmp_path)


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run a command: exit status, and all it said in one line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["cart-outcomes", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    spoken = capsys.readouterr()
    return int(ended.value.code or 0), " ".join((spoken.out + spoken.err).split())


def write_cohort(rows: Sequence[Row], file: Path) -> None:
    """Write rows as a cohort file."""
    cells = [
        {name: str(row[name]).lower() if isinstance(row[name], bool) else row[name] for name in row}
        for row in rows
    ]
    pd.DataFrame(cells, dtype=object).to_csv(file, index=False)


def test_first_centre_goes_from_evidence_to_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`train --evidence-only`, `promote`, `compare` and `score` of a cohort without any event."""
    with in_folder_of(tmp_path):
        write_cohort(HARD["one infusion"](), tmp_path / "one.csv")
        for words, said in (
            ("train --evidence-only --outcome relapse", "no patient data were used"),
            ("promote", "relapse: published evidence only"),
            ("compare", "not cross-validated"),
            ("score one.csv --out risks.csv", "4 risks in risks.csv"),
        ):
            status, shown = command(capsys, *words.split())
            assert status == 0
            assert said in shown
        risks = pd.read_csv(tmp_path / "risks.csv").sort_values("horizon_days")
        check_curve(list(risks[["low", "risk", "high"]].itertuples(index=False, name=None)))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train one.csv --model ridge", "5 of each are needed"),
        ("train --evidence-only --no-evidence", "and the evidence has no rate and no effect for it"),
        ("train --evidence-only --evidence-file own.csv", "estimate must be 0.01 to 100, got 1e6 (row 2)"),
        ("train --evidence-only --model ridge", "--evidence-only trains one model, anchored"),
    ],
)
def test_command_refuses_in_words(
    words: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1, the reason, and nothing recorded."""
    with in_folder_of(tmp_path):
        write_cohort(HARD["one infusion"](), tmp_path / "one.csv")
        own(tmp_path, "severe_crs,cns3,estimate,OR,1e6,10,1e7,own,,")
        status, shown = command(capsys, *words.split())
    assert status == 1
    assert said in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "mlflow.db").exists()
