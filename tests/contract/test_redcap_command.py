"""From the dictionary that is written to a cohort that is trained on: no mapping on the way."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest

from features.read_cohort import read_cohort
from features.redcap.dictionary import COLUMNS, redcap_dictionary
from features.redcap.missing_codes import MISSING_CODES
from features.redcap.system_columns import OF_FORMS, OF_REDCAP
from features.schema import FollowUp, Patient
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from tests.command_line import ran

DOCS = (Path(__file__).parents[2] / "docs" / "redcap.md").read_text(encoding="utf-8")


def test_dictionary_is_printed_or_written(tmp_path, monkeypatch, capsys):
    """The same text; an earlier file stays unless it is to be replaced."""
    status, printed, _ = ran(monkeypatch, capsys, "redcap", "dictionary")
    assert (status, printed) == (0, redcap_dictionary())
    (tmp_path / "d.csv").write_text("older")
    words = ("redcap", "dictionary", "--out", tmp_path / "d.csv")
    assert ran(monkeypatch, capsys, *words)[0] == 1
    assert (tmp_path / "d.csv").read_text() == "older"
    status, said, _ = ran(monkeypatch, capsys, *words, "--overwrite")
    assert status == 0
    assert "make infusion a repeating instrument" in said
    assert (tmp_path / "d.csv").read_text(encoding="utf-8") == redcap_dictionary()
    assert [file.name for file in tmp_path.iterdir()] == ["d.csv"]


@pytest.mark.parametrize("out", ["d.txt", "absent/d.csv"])
def test_places_that_are_refused(tmp_path, monkeypatch, capsys, out):
    """Nothing is written elsewhere."""
    status, _, said = ran(monkeypatch, capsys, "redcap", "dictionary", "--out", tmp_path / out)
    assert status == 1
    assert said.startswith(f"{tmp_path / out}: 1 problem\n  the ")
    assert list(tmp_path.iterdir()) == []


def exported(cohort: list[dict[str, str]], path: Path) -> None:
    """Enter a cohort into the project of the dictionary, and export it as REDCap does."""
    lines = list(csv.DictReader(io.StringIO(redcap_dictionary())))
    forms = {line[COLUMNS[0]]: line["Form Name"] for line in lines}
    yes_no = {line[COLUMNS[0]] for line in lines if line["Field Type"] == "yesno"}
    first = lines[0][COLUMNS[0]]
    headings = [first, "redcap_repeat_instrument", "redcap_repeat_instance"]
    for form in dict.fromkeys(forms.values()):
        headings += [name for name, of in forms.items() if of == form and name != first] + [
            f"{form}_complete"
        ]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="", lineterminator="\r\n")
        writer.writeheader()
        before = ""
        for row in cohort:
            cells = {
                name: {"true": "1", "false": "0"}.get(cell, cell) if name in yes_no else cell
                for name, cell in row.items()
                if name in forms
            }
            record = {first: row["patient_id"]}
            if row["patient_id"] != before:
                of_patient = {name: cell for name, cell in cells.items() if forms[name] == "patient"}
                writer.writerow({**record, **of_patient, "patient_complete": "2"})
            of_infusion = {name: cell for name, cell in cells.items() if forms[name] == "infusion"}
            repeat = {
                "redcap_repeat_instrument": "infusion",
                "redcap_repeat_instance": row["infusion_number"],
            }
            writer.writerow({**record, **repeat, **of_infusion, "infusion_complete": "2"})
            before = row["patient_id"]


@pytest.fixture
def project(tmp_path) -> tuple[Path, Path]:
    """Give a cohort of the schema's columns, and the same out of REDCap."""
    table = simulation_table(simulate(60, rng=np.random.default_rng(11)))
    # What cannot change is entered once in REDCap: the cohort must not leave it out in a second row.
    for name in ("center", "sex", "kmt2a_rearranged"):
        table[name] = table.groupby("patient_id")[name].transform("first")
    table.to_csv(tmp_path / "cohort.csv", index=False)
    with (tmp_path / "cohort.csv").open(encoding="utf-8", newline="") as lines:
        exported(list(csv.DictReader(lines)), tmp_path / "export.csv")
    return tmp_path / "cohort.csv", tmp_path / "export.csv"


def test_export_is_the_cohort_that_was_entered(project):
    """Every value of every infusion, with no mapping."""
    entered, got = map(read_cohort, project)
    order = np.lexsort((entered.infusion_number, entered.patient_id))
    again = np.lexsort((got.infusion_number, got.patient_id))
    assert list(entered.patient_id[order]) == list(got.patient_id[again])
    assert list(entered.center[order]) == list(got.center[again])
    for ours, theirs, model in (
        (entered.patients, got.patients, Patient),
        (entered.follow_up, got.follow_up, FollowUp),
    ):
        for name in model.model_fields:
            np.testing.assert_array_equal(ours[name][order], theirs[name][again], err_msg=name)


def test_commands_take_an_export_as_they_take_a_cohort(project, monkeypatch, capsys):
    """`check` says the same of both, and how the export was read."""
    entered, export = project
    _, of_cohort, _ = ran(monkeypatch, capsys, "check", entered)
    status, of_export, _ = ran(monkeypatch, capsys, "check", export)
    assert status == 0
    told = of_export.replace("export.csv", "cohort.csv")
    assert told.startswith(of_cohort.partition("Predictors")[0].rstrip())
    assert re.search(r"read as a REDCap raw export: \d+ infusions in \d+ rows", told)


def test_training_takes_an_export(project, tmp_path, monkeypatch, capsys):
    """A model comes of it."""
    monkeypatch.chdir(tmp_path)
    words = ("--model", "anchored", "--outcome", "severe_icans", "--no-validation", "--bundle-out", "model")
    status, _, said = ran(monkeypatch, capsys, "train", project[1], *words)
    assert status == 0, said
    assert (tmp_path / "model").is_dir()


def test_page_names_what_the_reader_knows():
    """Codes and columns that are read or left out stand on the page."""
    assert {code for code in MISSING_CODES if not code.startswith("-")} <= set(
        re.findall(r"`([A-Z]+)`", DOCS)
    )
    for column in (*OF_REDCAP, *(each for each in OF_FORMS if each.endswith("_complete"))):
        assert f"`{column}`" in DOCS or column in ("redcap_event_name", "redcap_repeat_instance")
