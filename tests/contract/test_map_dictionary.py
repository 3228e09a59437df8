"""`map --dictionary` drafts the mapping of a REDCap project by its data dictionary."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from features.drafting.dictionary_codes import coded_entry
from features.files.raw_table import RawTable
from features.problems import DataError
from features.redcap.data_dictionary import NAMES_OF_THE_API, Choice, dictionary_of, read_data_dictionary
from features.redcap.dictionary import COLUMNS, redcap_dictionary
from features.schema import all_fields
from tests.command_line import ran
from training.commands.import_table import import_table

LINES = [
    ("record_id", "base", "text", "Record ID"),
    ("mrn", "base", "text", "Hospital number", "", "", "", "y"),
    ("v1", "base", "text", "<b>Date of birth</b>", "", "", "date_dmy", "y"),
    ("v2", "base", "radio", "Sex at birth", "1, Male | 2, Female"),
    ("v3", "base", "yesno", "Prior inotuzumab ozogamicin?"),
    ("v4", "base", "radio", "Prior blinatumomab", "0, Not given | 1, Responder | 2, Non-responder"),
    ("v5", "base", "text", "Lactate dehydrogenase", "", "U/L", "number"),
    ("v6", "base", "text", "Serum creatinine", "", "µmol/L", "number"),
    ("v7", "base", "text", "Bone marrow blasts (%)", "", "", "number"),
    ("v8", "base", "text", "Number of prior lines of therapy", "", "", "integer"),
    ("site", "base", "checkbox", "Sites", "1, Marrow | 2, Extramedullary disease | 3, Unknown"),
    ("age", "base", "calc", "Age at infusion", "datediff([v1], [v10], 'y')"),
    ("v10", "treat", "text", "Date of CAR T-cell infusion", "", "", "date_dmy"),
    ("v11", "treat", "dropdown", "CAR target", "1, CD19 | 2, CD22 | 3, CD19/CD22 (tandem)"),
    ("v12", "treat", "text", "CAR T-cell dose", "", "x10^6/kg", "number"),
    ("v20", "fu", "yesno", "Did the patient develop CRS?"),
    (
        "v21",
        "fu",
        "radio",
        "Highest grade of CRS",
        "1, Grade 1 | 2, Grade 2 | 3, Grade 3 | 9, Unknown",
        *[""] * 3,
    )
    + ("[v20] = '1'",),
    ("v22", "fu", "radio", "Highest ICANS grade", "1, Grade 0 | 2, Grade 1 | 3, Grade 2 | 4, Grade 3"),
    ("v23", "fu", "yesno", "Relapse?"),
    ("v24", "fu", "text", "Date of relapse", "", "", "date_dmy", "", "[v23] = '1'"),
    ("v25", "fu", "text", "Date of last contact", "", "", "date_dmy", "y"),
    ("v26", "fu", "notes", "Comment on CRS"),
]
PLACES = (0, 1, 3, 4, 5, 6, 7, 10, 11)
"""Where the parts of `LINES` are among the columns of a dictionary."""

EXPORT = """\
record_id,mrn,v1,v2,v3,v4,v5,v6,v7,v8,site___1,site___2,site___3,age,base_complete,v10,v11,v12,treat_complete,\
v20,v21,v22,v23,v24,v25,v26,fu_complete
1,11111,1990-05-17,1,0,1,310,61,62,3,1,0,0,31,2,2021-11-03,1,1.2,2,1,2,1,0,,2022-11-03,ok,2
2,22222,2001-01-02,2,1,0,250,80,1,5,1,1,0,21,2,2022-02-14,3,0.9,2,0,,1,1,2022-05-14,2022-06-01,,2
3,33333,1985-09-30,2,1,2,290,75,12,2,0,0,1,36,2,2022-05-05,1,1,2,1,3,4,0,2022-09-09,2023-05-05,,2
"""

COHORT = """\
patient_id,age_years,sex,prior_lines,prior_blinatumomab,prior_inotuzumab,marrow_blasts_pct,extramedullary_disease,\
ldh_u_l,creatinine_mg_dl,target_antigen,dose_1e6_per_kg,crs_grade,crs_grading_system,icans_grade,relapse_day,\
last_contact_day
1,31.5,male,3,responder,false,62,false,310,0.689889165347,cd19,1.2,2,astct_2019,0,,365
2,21.1,female,5,none,true,1,true,250,0.904772675865,cd19_cd22,0.9,,,0,89,107
3,36.6,female,2,nonresponder,true,12,,290,0.848224383624,cd19,1,3,astct_2019,3,,365
"""


def dictionary_text(headings: tuple[str, ...], lines: Sequence[tuple[str, ...]] = LINES) -> str:
    """Write the dictionary with the headings of REDCap or of its interface."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(headings)
    for line in lines:
        cells = dict(zip(PLACES, line, strict=False))
        writer.writerow([cells.get(index, "") for index in range(len(headings))])
    return content.getvalue()


@pytest.fixture
def project(tmp_path) -> Path:
    """Write an export."""
    (tmp_path / "export.csv").write_text(EXPORT, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("headings", [COLUMNS, NAMES_OF_THE_API], ids=["redcap", "interface"])
def test_a_project_is_imported_by_its_draft(project, monkeypatch, capsys, headings):
    """What is left to a person: columns to ignore, and the grading system, which no form asks."""
    (project / "dictionary.csv").write_text(dictionary_text(headings), encoding="utf-8-sig")
    export, site = project / "export.csv", project / "site.toml"
    status, _, _ = ran(
        monkeypatch, capsys, "map", export, "--dictionary", project / "dictionary.csv", "--out", site
    )
    assert status == 0
    draft = site.read_text(encoding="utf-8")
    finished = draft.replace('    # "', '    "').replace('# crs_grading_system = { value = "?"', SYSTEM)
    site.write_text(finished, encoding="utf-8")
    import_table(export, site, project / "cohort.csv", console=Console(quiet=True))
    assert (project / "cohort.csv").read_text(encoding="utf-8") == COHORT


SYSTEM = 'crs_grading_system = { value = "astct_2019"'


def draft_of(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, lines: Sequence[tuple[str, ...]] = LINES
) -> str:
    """Print the draft."""
    (project / "dictionary.csv").write_text(dictionary_text(COLUMNS, lines), encoding="utf-8")
    arguments = ("map", project / "export.csv", "--dictionary", project / "dictionary.csv")
    return ran(monkeypatch, capsys, *arguments)[1]


def test_reasons_say_what_the_dictionary_says(project, monkeypatch, capsys):
    """Identifiers and calculated fields are ignored; dates are not, whatever the dictionary marks."""
    text = draft_of(project, monkeypatch, capsys)
    ignored = tomllib.loads(text)["table"]["ignore"]
    assert ignored == ["mrn", "age", "treat_complete", "v26", "fu_complete"]
    assert 'the dictionary marks it as an identifier; asks "Hospital number"' in text
    assert "calculated by the form from v1, v10" in text
    assert 'age_years = { column = "v10", years_since = "v1" }' in text
    assert "if no means grade 0, make it a list with { value = 0, only_if = { v20 = 0 } }" in text
    assert "only_if = { base_complete = [1, 2], site___3 = 0 }" in text


def test_logic_that_cannot_be_said_is_quoted(project, monkeypatch, capsys):
    """And no condition is written."""
    other = "[v20] = '1' or [v23] = '1'"
    changed = [(*line[:8], other) if line[0] == "v24" else line for line in LINES]
    text = draft_of(project, monkeypatch, capsys, changed)
    assert 'relapse_day = { column = "v24", days_since = "v10" }' in text
    assert f"the form shows it only if {other}" in text


def test_another_file_is_no_dictionary(project):
    """The message says where to get it."""
    with pytest.raises(DataError) as refused:
        read_data_dictionary(project / "export.csv")
    assert str(refused.value) == (
        "export.csv: 1 problem\n  the file has no columns Variable / Field Name, Field Type, Field Label: it "
        "is no data dictionary: download it in REDCap: Data Dictionary, Download the current Data Dictionary"
    )


def test_an_export_of_labels_is_refused(project, monkeypatch, capsys):
    """With a dictionary too: headings and codes change when somebody edits a form."""
    (project / "dictionary.csv").write_text(dictionary_text(COLUMNS), encoding="utf-8")
    (project / "export.csv").write_text(
        "Record ID,Sex at birth,Complete?\n1,Male,Complete\n", encoding="utf-8"
    )
    arguments = ("map", project / "export.csv", "--dictionary", project / "dictionary.csv")
    status, _, message = ran(monkeypatch, capsys, *arguments)
    assert status != 0
    assert "labels of a REDCap export" in message


def test_the_dictionary_of_the_schema_explains_its_own_codes():
    """What `redcap dictionary` writes is read."""
    rows = list(csv.reader(io.StringIO(redcap_dictionary())))
    table = RawTable(
        "d.csv", "00", tuple(rows[0]), tuple(map(tuple, rows[1:])), tuple(range(2, len(rows) + 1))
    )
    dictionary = dictionary_of(table)
    field = dictionary.field("prior_blinatumomab")
    assert field is not None
    entry = coded_entry(all_fields()["prior_blinatumomab"], "prior_blinatumomab", field.choices)
    assert entry is not None
    assert entry.toml == '"prior_blinatumomab"'


@pytest.mark.parametrize(
    ("field", "choices", "toml", "certain"),
    [
        ("crs_grade", "0, None | 1, Grade I | 2, Grade II", '"c"', True),
        ("crs_grade", "1, None | 2, Grade 1-2 | 3, Grade 3-4", None, False),
        ("crs_grade", "1, Yes | 0, No", None, False),
        ("crs_grade", "1, Grade 1 | 3, Grade 3 or higher", None, False),
        ("ldh_u_l", "1, normal | 2, high", None, False),
        ("prior_inotuzumab", "1, Ja | 2, Nein | 9, Unbekannt", '{ 1 = true, 2 = false, 9 = "" }', True),
        ("response_day28", "1, CR | 2, CRi | 5, Not refractory", '{ 1 = "cr", 2 = "cri" }', True),
        ("sex", "1, мужской | 2, женский", '{ 1 = "male", 2 = "female" }', True),
    ],
)
def test_labels_say_what_codes_mean(field, choices, toml, certain):
    """Grades are grades only where their labels are; a label that is not clear is left to a person."""
    parts = [part.partition(",") for part in choices.split("|")]
    entry = coded_entry(
        all_fields()[field], "c", [Choice(code.strip(), label.strip()) for code, _, label in parts]
    )
    assert entry is not None
    assert entry.certain is certain
    written = toml if toml is None or toml.startswith('"') else f'{{ column = "c", codes = {toml} }}'
    assert written is None or entry.toml == written


def test_the_box_whose_label_names_the_field_is_taken(project, monkeypatch, capsys):
    """The name of the question speaks for all of its boxes, the label for one."""
    lines = [("emd", *line[1:]) if line[0] == "site" else line for line in LINES]
    (project / "dictionary.csv").write_text(dictionary_text(COLUMNS, lines), encoding="utf-8")
    (project / "export.csv").write_text(EXPORT.replace("site___", "emd___"), encoding="utf-8")
    arguments = ("map", project / "export.csv", "--dictionary", project / "dictionary.csv")
    _, printed, _ = ran(monkeypatch, capsys, *arguments)
    assert [
        line
        for line in printed.splitlines()
        if line.startswith('extramedullary_disease = { column = "emd___2"')
    ]
