"""A number that is stated in several places is the same number in all of them, to the last digit.

Everything is walked over as the card lists it, so that a new measure is covered by itself: equal floats where
programs read, the same rounding of the same float where people do.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from starlette.testclient import TestClient

from features.measures import GAIN, IN_TERMINAL, decimals, in_order, measure_title
from features.outcomes import OUTCOMES
from features.small_counts import count_cell
from serving.model.figure_text import fixed
from serving.model.patient_groups import DIMENSIONS
from serving.model.read_bundle import read_bundle
from tests.page_told import TEXTS, card_figures, page_disagreements, told_by_page
from tests.recorded import LIGHT, Recording, children_of
from tests.served_here import served_here
from tests.stated import NO_FIGURE, Card, Figure, Tables, half_up, metrics_of, plain, said
from training.commands import compare_versions as versions_command
from training.commands.compare import compare
from training.commands.compare_versions import compare_versions
from training.commands.report import report
from training.commands.score import score
from training.comparison.training_recipe import Recipe
from training.comparison.version_risks import Contender
from training.pages.report.words import BASELINES, field_title
from training.records.metric_names import high_end, low_end
from training.records.parent_intervals import INTERVALS
from training.statistics.metrics import METRICS
from training.tracking.model_registry import registered_bundle
from training.tracking.runs import connected
from training.tracking.store import quiet

REPORT_DECIMALS = 3
"""Of every measure, in a report and on the page of a comparison."""


@pytest.fixture(scope="module")
def released(recorded: Recording) -> Path:
    """Fetch the registered version from MLflow, as `promote` does."""
    return registered_bundle("1")[1].resolve()


@pytest.fixture(scope="module")
def served(released: Path) -> Iterator[TestClient]:
    """Serve it in this process."""
    with served_here(released) as client:
        yield client


@pytest.fixture(scope="module")
def card(served: TestClient) -> Card:
    """Ask for the card."""
    found: Card = served.get("/model", headers={"accept": "application/json"}).json()
    return found


@pytest.fixture(scope="module")
def children(recorded: Recording) -> list[Any]:
    """Find the runs of all models and baselines."""
    with connected() as client:
        return children_of(client, recorded.recorded.run_id)


@dataclass(frozen=True)
class Written:
    """A report: its page, and the JSON twin."""

    page: str
    twin: dict[str, Any]

    @property
    def tables(self) -> Tables:
        return Tables(self.page)


@pytest.fixture(scope="module")
def written(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Write the report of the version, small counts too."""
    folder = tmp_path_factory.mktemp("written")
    report(
        bundle=released,
        out=folder / "r.html",
        json=folder / "r.json",
        small_counts=True,
        console=Console(file=io.StringIO()),
    )
    return Written(
        (folder / "r.html").read_text(encoding="utf-8"), json.loads((folder / "r.json").read_text())
    )


def is_measure(name: str) -> bool:
    """Say whether MLflow has a measure of the model under a name, rather than of the work or the champion."""
    group, stem = name.partition("/")[0], name.rpartition("/")[2]
    of_model = group not in ("apparent", "optimism", "fold") and "champion" not in stem
    return of_model and (stem.startswith((*METRICS, GAIN)) or "gain/" in name)


def chosen(children: Iterable[Any], outcome: Card) -> Any:
    (run,) = (
        child
        for child in children
        if (child.data.tags["outcome"], child.data.tags["chosen"]) == (outcome["name"], "yes")
    )
    return run


def test_everything_is_there_to_be_compared(card: Card) -> None:
    """Otherwise agreement would say nothing."""
    named = [outcome["name"] for outcome in card["outcomes"]]
    assert named == ["severe_crs", "severe_icans", "relapse", "death_without_relapse"]
    relapse = card["outcomes"][2]
    assert len(relapse["metrics"]) > 1
    assert relapse["by_center"]
    assert relapse["by_subgroup"]
    assert all(set(METRICS) | {GAIN} == set(found) for found in relapse["metrics"].values())


def test_mlflow_has_the_floats_of_the_card(card: Card, children: list[Any]) -> None:
    """Each figure and end of interval, and no measure that the card does not have; so with the counts."""
    for outcome in card["outcomes"]:
        run, expected = chosen(children, outcome), metrics_of(outcome)
        own = {name.replace(f"{outcome['name']}/", ""): value for name, value in run.data.metrics.items()}
        measures = {name: value for name, value in own.items() if is_measure(name)}
        assert measures.items() <= expected.items()
        assert {*METRICS, GAIN, "interval/auroc_low"} & set(expected) <= set(measures)
        tags, parameters = run.data.tags, run.data.params
        assert tags["n_infusions"] == str(outcome["n_infusions"])
        assert tags["n_events"] == str(count_cell(outcome["n_events"]))
        assert tags["sample_size"] == outcome["sample_size"]["verdict"]
        assert parameters["evidence_weight"] == f"{outcome['evidence_weight']:g}"


def test_the_run_of_the_training_has_them_too(card: Card, recorded: Recording) -> None:
    """What it picks for the overview."""
    with connected() as client:
        run = client.get_run(recorded.recorded.run_id)
    found, intervals = run.data.metrics, json.loads(run.data.tags[INTERVALS])
    for outcome in card["outcomes"]:
        named, expected = f"{outcome['name']}/", metrics_of(outcome)
        own = {key.replace(named, ""): value for key, value in found.items() if named in key}
        shared = {key for key in own if is_measure(key)}
        assert {"auroc", "calibration_slope"} <= shared
        assert {key: own[key] for key in shared} == {key: expected[key] for key in shared}
        ends = intervals[outcome["name"]]
        assert "auroc" in ends
        assert ends == {name: [expected[low_end(name)], expected[high_end(name)]] for name in ends}


def test_table_of_measures_is_the_card(card: Card, children: list[Any]) -> None:
    """The table of MLflow's page, at every horizon; MLflow writes tables with ten decimals."""
    for outcome in card["outcomes"]:
        with connected():
            found = mlflow.artifacts.load_dict(f"{chosen(children, outcome).info.artifact_uri}/measures.json")
        rows = [dict(zip(found["columns"], row, strict=True)) for row in found["data"]]
        table = {(str(row.pop("horizon_days")), row.pop("measure")): row for row in rows}
        assert table == {
            (days, name): {part: value and round(value, 10) for part, value in figure.items()}
            for days, measures in outcome["metrics"].items()
            for name, figure in measures.items()
        }


def test_json_of_the_report_holds_the_card(card: Card, written: Written) -> None:
    """All of it, and the sources once more."""
    assert written.twin["card"] == card
    cited = [{key: source[key] for key in ("source", "terms")} for source in card["sources"]]
    assert written.twin["sources"] == cited


def test_page_of_the_report_rounds_the_card(card: Card, written: Written) -> None:
    """Measures by horizon, gains, centres, groups, counts, incidence, size and stability."""
    tables = written.tables
    for outcome in card["outcomes"]:
        title = outcome["title"]
        for caption, expected in report_tables(outcome).items():
            found = {row[0]: row[1:] for row in tables[f"{title}: {caption}"]}
            assert {key: [plain_words(cell) for cell in found[key]] for key in expected} == expected
            assert len(found) == len(expected) + 1
        assert f"Sample size: {outcome['sample_size']['verdict']}." in written.page
        assert f"median (quartiles): {figure_words(outcome['instability'])}." in written.page


def report_tables(outcome: Card) -> dict[str, dict[str, list[str]]]:
    """Rows of the report's tables of an outcome by caption and first cell."""
    days = sorted(outcome["metrics"], key=int)
    names = {name for measures in outcome["metrics"].values() for name in measures}
    gains = "gain in log loss over baselines in the same folds; above 0 the model is better"
    groups = {
        f"{field_title(field)}: {result['title']}": result
        for field, found in outcome["by_subgroup"].items()
        for result in found.values()
    }
    tables = {
        "performance": {
            measure_title(name): [figure_words(outcome["metrics"][at].get(name, NO_FIGURE)) for at in days]
            for name in names
        },
        gains: {BASELINES[name]: [figure_words(gain)] for name, gain in outcome["paired"].items()},
        "infusions by horizon; cumulative incidence weighted for censoring": {
            at: [
                *(
                    str(count_cell(outcome["horizon_counts"][at][part]))
                    for part in ("events", "competing", "free", "censored")
                ),
                f"{half_up(share, 1, times=100)} %",
            ]
            for at, share in outcome["cumulative_incidence"].items()
        },
        "each center predicted by a model of the others": {
            f"center {number}": parted(center) for number, center in outcome["by_center"].items()
        },
        "subgroups": {label: parted(group) for label, group in groups.items()},
    }
    return {caption: rows for caption, rows in tables.items() if rows}


def parted(found: Card) -> list[str]:
    """Write the row of a centre or group: sizes, then figures as the report orders them."""
    figures = [figure_words(found["metrics"][name]) for name in in_order(found["metrics"])]
    return [str(found["n_infusions"]), str(count_cell(found["n_events"])), *figures]


def figure_words(figure: Figure) -> str:
    return said(figure, REPORT_DECIMALS, "–")


def plain_words(cell: str) -> str:
    return cell.replace("−", "-")


def terminal_rows(words: str, outcome: str, heading: str) -> dict[str, tuple[str, str]]:
    """Read a model's row of the terminal: the figures, and the intervals below."""
    block = words.partition(outcome)[2].splitlines()
    at = next(place for place, line in enumerate(block) if re.match(rf"{re.escape(heading)}\s+[-\d]", line))
    values = block[at].removeprefix(heading).split()
    intervals = iter(re.findall(r"\S+ to \S+", block[at + 1]) if at + 1 < len(block) else [])
    shown = {}
    for name, value in zip(IN_TERMINAL, values, strict=True):
        shown[name] = (value, "" if value == "-" else next(intervals, ""))
    return shown


def terminal_figure(name: str, figure: Figure) -> tuple[str, str]:
    """Write a figure as the terminal should."""
    if figure["value"] is None:
        return "-", ""
    digits = decimals(name)
    ends = [half_up(end, digits) for end in (figure["low"], figure["high"]) if end is not None]
    return half_up(figure["value"], digits), " to ".join(re.sub(r"^(-?)0\.", r"\1.", end) for end in ends)


def test_terminal_rounds_the_floats_of_mlflow(recorded: Recording, children: list[Any]) -> None:
    """Every model and baseline that `compare` lists, the interval with the digits of its figure."""
    console = Console(file=io.StringIO(), width=200)
    compare(console=console)
    assert isinstance(console.file, io.StringIO)
    words = console.file.getvalue()
    for run in children:
        metrics, tags = run.data.metrics, run.data.tags
        heading = run.data.params["model"] + (" *" if tags["chosen"] == "yes" else "")
        shown = terminal_rows(words, f"\n{tags['outcome']}", heading)
        for name in IN_TERMINAL:
            parts = dict(
                zip(
                    NO_FIGURE,
                    (metrics.get(each) for each in (name, low_end(name), high_end(name))),
                    strict=True,
                )
            )
            assert shown[name] == terminal_figure(name, parts), (run.info.run_name, name)


def test_two_versions_show_what_they_recorded(
    card: Card, released: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In the terminal and on the page of `compare`."""
    own = read_bundle(released)
    other = replace(own, digest="sha256:2", provenance={**own.provenance, "version": "2"})
    pair = {bundle.version: Contender(bundle, Recipe(LIGHT)) for bundle in (own, other)}
    monkeypatch.setattr(versions_command, "_contender", pair.__getitem__)
    console = Console(file=io.StringIO(), width=200)
    compare_versions("1", "2", html=tmp_path / "compared.html", console=console)
    assert isinstance(console.file, io.StringIO)
    found = Tables((tmp_path / "compared.html").read_text(encoding="utf-8")).found
    tables = [rows for caption, rows in found if caption == "As recorded"]
    for outcome, rows in zip(card["outcomes"], tables, strict=True):
        headline = outcome["metrics"][str(outcome["headline_days"])]
        for row in rows[1:]:
            assert row[2:] == [said(headline[name], REPORT_DECIMALS, "-") for name in IN_TERMINAL]
        for version in ("version 1", "version 2"):
            shown = terminal_rows(console.file.getvalue(), outcome["title"], version)
            assert shown == {name: terminal_figure(name, headline[name]) for name in IN_TERMINAL}


@pytest.fixture(scope="module")
def form(served: TestClient) -> Card:
    found: Card = served.get("/form").json()
    return found


def test_the_page_rounds_the_card(card: Card, form: Card) -> None:
    """Every figure in every table, by the page's own scripts."""
    told = told_by_page(card, form, risks=[], numbers=[])
    assert page_disagreements(card, told) == []
    for outcome in card["outcomes"]:
        text, size = told["outcomes"][outcome["name"]]["text"], outcome["sample_size"]
        values = {key: str(value) for key, value in size.items()}
        values["events_needed"] = half_up(size["events_needed"], 0)
        assert TEXTS["size"]["needed"].format(**values) in text
        points = (half_up(outcome["instability"][end], 0, times=100) for end in ("value", "low", "high"))
        assert (
            TEXTS["stability"]["words"].format(**dict(zip(("median", "low", "high"), points, strict=True)))
            in text
        )
        rows = dict(told["outcomes"][outcome["name"]]["tables"])[TEXTS["outcome"]["horizons"]]
        parts = ["events", *(["competing"] if outcome["competing"] else []), "free", "censored"]
        for at, row in zip(sorted(outcome["horizon_counts"], key=int), rows[1:], strict=False):
            shown = [plain("".join(cell)) for cell in row[1 : len(parts) + 2]]
            observed = outcome["cumulative_incidence"].get(at)
            share = "–" if observed is None else half_up(observed, 0, times=100)
            assert shown == [*(str(count_cell(outcome["horizon_counts"][at][part])) for part in parts), share]
        weight = half_up(outcome["evidence_weight"], 0, times=100)
        assert (
            TEXTS["weight"]["share"].format(share=TEXTS["percent"].format(n=weight)) in text
            or outcome["method"] == "ridge"
        )


def test_every_group_has_a_russian_name() -> None:
    """The page looks a group up by its code."""
    file = Path(__file__).parents[2] / "serving/pages/texts/ru.json"
    texts = json.loads(file.read_text(encoding="utf-8"))
    for dimension in DIMENSIONS:
        profile = texts["server"]["profile"].get(dimension.field, {})
        named = profile.keys() | texts["options"].get(dimension.field, {}).keys()
        assert {group.code for group in dimension.groups} <= named


def test_a_figure_that_drifts_is_found(card: Card, form: Card) -> None:
    """Were the page of another card, each of its figures would be named."""
    drifted, count = json.loads(json.dumps(card)), 0
    for outcome in drifted["outcomes"]:
        for _, _, figure in card_figures(outcome, dict.fromkeys([*METRICS, GAIN], "")):
            if figure["value"] is not None:
                figure["value"] += 0.01  # type: ignore[index]
                count += 1
    found = page_disagreements(card, told_by_page(drifted, form, risks=[], numbers=[]))
    assert len(found) == count
    assert count > 100


def test_one_rule_of_rounding(form: Card, card: Card) -> None:
    """Python and the browser's scripts round alike, halves and all, with no minus before nought."""
    rng = np.random.default_rng(3)
    values = [0.125, 0.625, 0.0625, -0.0045, 1.005, -0.0004, 0.0, 2.5, 0.285, *rng.normal(0, 2, 200).tolist()]
    numbers = [[value, digits] for value in values for digits in (0, 1, 2, 3)]
    told = told_by_page(card, form, risks=[], numbers=numbers)["numbers"]
    expected = [half_up(value, int(digits)) for value, digits in numbers]
    assert [plain(text) for text in told] == expected
    assert [fixed(value, int(digits)) for value, digits in numbers] == expected


def test_one_patient_has_one_risk_everywhere(
    served: TestClient,
    written: Written,
    released: Path,
    recorded: Recording,
    card: Card,
    form: Card,
    tmp_path: Path,
) -> None:
    """Worked example, request, MLflow's model and scored file within 1e-9, and the percents shown."""
    patient = written.twin["example_patient"]
    answer = served.post("/risk", json=patient).json()
    pd.DataFrame([{"patient_id": "synthetic-0", **patient}]).to_csv(tmp_path / "cohort.csv", index=False)
    score(tmp_path / "cohort.csv", tmp_path / "risks.csv", bundle=released)
    with quiet(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{recorded.folder / 'mlflow.db'}")
        predicted = mlflow.pyfunc.load_model("models:/cart-outcomes/1").predict(pd.DataFrame([patient]))
    places = [curve_of_answer(answer), curve_of_example(written.twin)]
    places += [curve_of_table(table) for table in (pd.read_csv(tmp_path / "risks.csv"), predicted)]
    for place in places[1:]:
        assert place.keys() == places[0].keys()
        for key, risks in places[0].items():
            assert place[key] == pytest.approx(risks, abs=1e-9)
    flat = [[risk for risks in place.values() for risk in risks] for place in places]
    shown = told_by_page(card, form, risks=[risk for each in flat for risk in each], numbers=[])["risks"]
    assert len({tuple(shown[at : at + len(flat[0])]) for at in range(0, len(shown), len(flat[0]))}) == 1
    assert {text for text in shown if text.isdigit()} <= {half_up(risk, 0, times=100) for risk in flat[0]}
    assert_example_is_printed(written, places[0])


Curves = dict[tuple[str, int], tuple[float, float, float]]


def curve_of_answer(answer: Card) -> Curves:
    return {
        (outcome["name"], point["horizon_days"]): (point["risk"], point["low"], point["high"])
        for outcome in answer["outcomes"]
        for point in outcome["curve"]
    }


def curve_of_example(twin: Card) -> Curves:
    return {
        (name, step["horizon_days"]): (step["risk"], step["low"], step["high"])
        for name, example in twin["examples"].items()
        for step in example["risks"]
    }


def curve_of_table(table: pd.DataFrame) -> Curves:
    rows = table[["outcome", "horizon_days", "risk", "low", "high"]].itertuples(index=False)
    return {(name, int(days)): (risk, low, high) for name, days, risk, low, high in rows}


def assert_example_is_printed(written: Written, curves: Curves) -> None:
    """Look the risks up in the report, in percent with one decimal."""
    titles = {outcome["name"]: outcome["title"] for outcome in written.twin["card"]["outcomes"]}
    for (name, days), (risk, low, high) in curves.items():
        which = "composed risks" if OUTCOMES[name].given else "risks"
        (row,) = (row for row in written.tables[f"{titles[name]}: {which}"] if row[0] == str(days))
        said_risk, said_low, said_high = (f"{half_up(share, 1, times=100)} %" for share in (risk, low, high))
        assert row[-2:] == [said_risk, f"{said_low} to {said_high}"]
