"""A raw export of a project made from the dictionary is read without a mapping."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from features.cohort import Cohort
from features.problems import DataError
from features.read_cohort import open_table, read_cohort
from features.redcap.dictionary import redcap_dictionary
from features.redcap.forms import project_fields

SYSTEM = ("redcap_repeat_instrument", "redcap_repeat_instance")
PATIENT = {"center": "north", "sex": "female", "kmt2a_rearranged": "0"}
INFUSION = {
    "age_years": "31.5",
    "diagnosis": "b_all",
    "prior_lines": "3",
    "prior_blinatumomab": "nonresponder",
    "prior_inotuzumab": "1",
    "marrow_blasts_pct": "62",
    "costimulatory_domain": "4_1bb",
    "target_antigen": "cd19",
    "dose_1e6_per_kg": "1.2",
    "crs_grade": "2",
    "crs_grading_system": "astct_2019",
    "last_contact_day": "400",
}


def headings(system: tuple[str, ...] = SYSTEM) -> list[str]:
    """Give the headings of an export in REDCap's order: record, its own columns, form by form with status."""
    lines = list(csv.DictReader(io.StringIO(redcap_dictionary())))
    names = [lines[0]["Variable / Field Name"], *system]
    for form in dict.fromkeys(line["Form Name"] for line in lines):
        of_form = [line["Variable / Field Name"] for line in lines if line["Form Name"] == form]
        names += [name for name in of_form if name not in names] + [f"{form}_complete"]
    return names


def base(record: str = "1", **changed: str) -> dict[str, str]:
    return {"record_id": record, **PATIENT, "patient_complete": "2", **changed}


def repeat(record: str = "1", instance: str = "1", **changed: str) -> dict[str, str]:
    of_row = {"redcap_repeat_instrument": "infusion", "redcap_repeat_instance": instance}
    return {"record_id": record, **of_row, **INFUSION, "infusion_complete": "2", **changed}


def export(folder: Path, *rows: dict[str, str], columns: list[str] | None = None) -> Path:
    """Write a file as REDCap does: UTF-8 with byte order mark, every column, blank where nothing is."""
    content = io.StringIO()
    writer = csv.DictWriter(content, columns or headings(), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "export.csv"
    path.write_text(content.getvalue(), encoding="utf-8-sig", newline="")
    return path


def read(folder: Path, *rows: dict[str, str], columns: list[str] | None = None) -> Cohort:
    return read_cohort(export(folder, *rows, columns=columns))


def refused(folder: Path, *rows: dict[str, str], columns: list[str] | None = None) -> str:
    with pytest.raises(DataError) as error:
        read(folder, *rows, columns=columns)
    return str(error.value).partition("\n")[2]


def test_repeats_become_infusions_of_one_patient(tmp_path):
    """The facts of the patient stand in the record's own row, once."""
    got = read(
        tmp_path, base(), repeat(), repeat(instance="2", age_years="32"), base("2", sex="male"), repeat("2")
    )
    assert list(got.patient_id) == ["1", "1", "2"]
    assert list(got.infusion_number) == [1, 2, 1]
    assert list(got.patients["sex"]) == [0, 0, 1]
    assert list(got.patients["prior_inotuzumab"]) == [1, 1, 1]
    assert got.patients.row(1)["prior_car_t"] is True
    assert set(got.center) == {"north"}
    assert list(got.rows) == [3, 4, 6]


def test_project_without_repeats_has_one_infusion_a_record(tmp_path):
    """Record ID and the status of a form tell that it is an export."""
    row = {**base("BMT-1"), **INFUSION, "infusion_complete": "2"}
    got = read(tmp_path, row, columns=headings(()))
    assert (list(got.patient_id), list(got.infusion_number)) == (["BMT-1"], [1])


def test_blank_status_and_records_without_infusion(tmp_path):
    """They are left out, and it is said."""
    opened = open_table(export(tmp_path, base(), repeat(), base("2", patient_complete="")))
    assert opened.notes == (
        "read as a REDCap raw export: 1 infusion in 3 rows",
        "1 record without an infusion left out",
    )


def test_missing_codes_are_unknown_and_told(tmp_path):
    """Of any kind of field; in names they stay."""
    rows = base(sex="UNK"), repeat(ldh_u_l="-99", ecog="NI", prior_allo_hsct="-99", product="NASK")
    opened = open_table(export(tmp_path, *rows))
    assert (
        opened.notes[-1] == "missing codes read as unknown: -99 in 2 cells, NASK in 1 cell, NI in 1 cell, "
        "UNK in 1 cell"
    )
    known = read(tmp_path, *rows).patients.row(0)
    assert [known[name] for name in ("sex", "ldh_u_l", "ecog", "prior_allo_hsct", "product")] == [None] * 5


def labelled(folder: Path, *, values: bool) -> Path:
    """Write the export with labels as headings, and for options too."""
    titles = {field.variable: field.spec.title for field in project_fields()}
    own = {"redcap_repeat_instrument": "Repeat Instrument", "redcap_repeat_instance": "Repeat Instance"}
    path = export(folder, base(), repeat())
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    rows[0] = [{**titles, **own}.get(name, "Complete?") for name in rows[0]]
    if values:
        words = {"infusion": "Infusion", "4_1bb": "4 1bb", "b_all": "b all", "astct_2019": "astct 2019"}
        rows[1:] = [[words.get(cell, cell) for cell in row] for row in rows[1:]]
        yes = rows[0].index("Prior inotuzumab ozogamicin")
        rows[2][yes] = "Yes"
    content = io.StringIO()
    csv.writer(content).writerows(rows)
    path.write_text(content.getvalue(), encoding="utf-8-sig", newline="")
    return path


@pytest.mark.parametrize("values", [False, True], ids=["raw data", "labels"])
def test_headings_that_are_our_labels(tmp_path, values):
    """They say the same as long as nobody edited one."""
    plain = read(tmp_path, base(), repeat())
    got = read_cohort(labelled(tmp_path, values=values))
    assert got.patients.row(0) == plain.patients.row(0)
    assert got.follow_up.row(0) == plain.follow_up.row(0)


def test_an_edited_label_asks_for_raw_data(tmp_path):
    """Words change when somebody edits a form."""
    path = labelled(tmp_path, values=False)
    path.write_text(path.read_text(encoding="utf-8").replace("Body weight", "Weight"), encoding="utf-8")
    with pytest.raises(DataError, match="the headings are labels of a REDCap export"):
        read_cohort(path)


def test_groups_of_access_are_centres(tmp_path):
    """Where nobody filled centres in; else they are left out, and it is said."""
    columns = headings((*SYSTEM, "redcap_data_access_group"))
    group = {"redcap_data_access_group": "moscow"}
    rows = base(center="") | group, repeat() | group
    path = export(tmp_path, *rows, columns=columns)
    assert list(read_cohort(path).center) == ["moscow"]
    assert open_table(path).notes[-1] == "redcap_data_access_group is taken as center"
    path = export(tmp_path, base() | group, repeat() | group, columns=columns)
    assert list(read_cohort(path).center) == ["north"]
    assert open_table(path).notes[-1] == "redcap_data_access_group left out: center is filled in"


def test_record_without_identifiers_may_be_hashed(tmp_path):
    """As REDCap does on request."""
    hashed = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    assert list(read(tmp_path, base(hashed), repeat(hashed)).patient_id) == [hashed]


def test_a_field_of_the_sites_own_is_refused_as_in_any_file(tmp_path):
    """Nothing is dropped."""
    columns = [*headings()[:-1], "karnofsky", "infusion_complete"]
    assert refused(tmp_path, base(), repeat(karnofsky="80"), columns=columns) == (
        "  karnofsky is not a column of the schema: remove it, or map it with a mapping file"
    )


def test_bad_values_are_told_by_their_row(tmp_path):
    """Also where they stand in the record's row; without keys of a mapping file that nobody wrote."""
    told = refused(tmp_path, base(sex="1"), repeat(creatinine_mg_dl="61", relapse_day="500"))
    assert told.splitlines() == [
        "  sex must be one of female, male, got 1 (row 2): "
        "is it a code? Define it under codes in a mapping file",
        "  creatinine_mg_dl must be 0.05 to 20 mg/dL, got 61 (row 3): umol/L? divide by 88.42",
        "  relapse_day must not be after last_contact_day, got relapse_day 500, last_contact_day 400 "
        "(row 3): correct the one that is wrong",
    ]


def test_instrument_that_is_not_of_the_dictionary(tmp_path):
    """It may hold what matters."""
    visit = {"record_id": "1", "redcap_repeat_instrument": "visit", "redcap_repeat_instance": "1"}
    assert refused(tmp_path, base(), repeat(), visit) == (
        "  redcap_repeat_instrument must be blank or infusion: no other form of the dictionary repeats, got "
        "visit: export the project's own forms alone, or map the export (--mapping)"
    )


def test_events_need_a_mapping(tmp_path):
    """Several of them; one alone says nothing."""
    columns = headings(("redcap_event_name", *SYSTEM))
    rows = base(redcap_event_name="a_arm_1"), repeat(redcap_event_name="b_arm_1")
    assert refused(tmp_path, *rows, columns=columns) == (
        "  redcap_event_name has rows of several events, got a_arm_1, b_arm_1: "
        "a longitudinal project needs a mapping file (--mapping)"
    )
    same = [row | {"redcap_event_name": "a_arm_1"} for row in rows]
    assert len(read(tmp_path, *same, columns=columns)) == 1


def test_events_that_repeat(tmp_path):
    """They have an instance and no instrument."""
    assert refused(tmp_path, base(), repeat(redcap_repeat_instrument="")) == (
        "  redcap_repeat_instance must be blank where redcap_repeat_instrument is, got 1 (row 3): "
        "let the form infusion repeat, not the event, or map the export (--mapping)"
    )


def test_field_filled_in_on_both_forms(tmp_path):
    """Which one is meant is not guessed."""
    assert refused(tmp_path, base(weight_kg="80"), repeat(weight_kg="70")) == (
        "  weight_kg has values in rows of infusions and in other rows of the record: "
        "ask for it on one form only, and empty it on the other"
    )


def test_record_that_stands_twice(tmp_path):
    """Two files were joined, and they disagree."""
    assert refused(tmp_path, base(), base(sex="male"), repeat()) == (
        "  sex has different values in rows of one record (2 rows: 2-3): correct the one that is wrong"
    )


def test_a_project_of_ones_own_needs_a_mapping(tmp_path):
    """It is told once, not column by column."""
    row = {"record_id": "1", "sex": "2", **{f"own_{place}": "1" for place in range(6)}, "f_complete": "2"}
    assert refused(tmp_path, row, columns=list(row)) == (
        "  columns are not in the schema: own_0, own_1, own_2, own_3, own_4, own_5, f_complete: a REDCap "
        "project that was not made from `cart-outcomes redcap dictionary` needs a mapping file "
        "(--mapping), which `cart-outcomes map` drafts"
    )


def test_export_without_its_records(tmp_path):
    """De-identified too far."""
    rows = [{name: cell for name, cell in row.items() if name != "record_id"} for row in (base(), repeat())]
    assert refused(tmp_path, *rows, columns=headings()[1:]) == (
        "  record_id is required: the export has no such column: export the record ID too; it may be hashed"
    )


def test_identifiers_are_not_repeated(tmp_path):
    """Neither a bad one nor one that strayed into another cell."""
    told = refused(tmp_path, base("Jane Doe"), repeat("Jane Doe", ecog="Jane Doe"))
    assert "Jane" not in told
    assert "patient_id (from record_id) must be a pseudonym (row 3): it looks like a name" in told


def test_sites_own_pseudonym_beside_the_record(tmp_path):
    """Where a project keeps one, it names the patient."""
    columns = [*headings()[:3], "patient_id", *headings()[3:]]
    got = read(tmp_path, base(patient_id="BMT-7"), repeat(), columns=columns)
    assert list(got.patient_id) == ["BMT-7"]
