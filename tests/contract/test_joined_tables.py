"""Further tables with one row for a patient or an infusion: their columns stand beside the first table's."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from features.files.read_table import FileFormat
from features.problems import DataError
from tests.site_case import SiteCase, site_case
from training.commands.import_table import import_table
from training.commands.map_table import map_table

INFUSIONS = """
    pid,no,given,crs
    A-01,1,2021-03-06,2
    A-01,2,2021-09-01,0
    A-02,1,2021-04-15,1
"""
PATIENTS = """
    pid,born,sex
    A-01,1991-03-06,m
    A-02,1981-04-15,f
    A-03,1971-01-01,f
"""
PRODUCTS = """
    code;day;weight;dose;start;given
    A-01;06.03.2021;61,5;1.230;01.03.2021;yes
    A-01;01.09.2021;60;600;27.08.2021;yes
    A-02;15.04.2021;80;n.d.;10.04.2021;yes
    A-02;15.04.2021;80;n.d.;10.04.2021;yes
    ;15.04.2021;80;900;10.04.2021;yes
"""
LABS = """
    pid,drawn,ldh
    A-01,2021-02-28,300
    A-01,2021-03-04,999
    A-01,2021-08-20,410
    A-02,2021-04-09,250
"""
MAPPING = """
[table]
infusion_date = "given"
[tables.patients]
file = "patients.csv"
join = "pid"
[tables.products]
file = "products.csv"
join = { code = "pid", day = "given" }
dates = "DD.MM.YYYY"
decimal = ","
thousands = "."
missing = ["n.d."]
ignore = ["given"]
[tables.labs]
file = "labs.csv"
patient = "pid"
date = "drawn"
[fields]
patient_id = "pid"
infusion_number = "no"
age_years = { column = "given", years_since = "born" }
sex = { column = "sex", codes = { m = "male", f = "female" } }
ldh_u_l = { table = "labs", column = "ldh", last_before = "start", days = 30 }
dose_1e6_per_kg = { column = "dose", divide_by = "weight" }
weight_kg = "products.weight"
crs_grade = "crs"
crs_grading_system = { value = "astct_2019" }
"""
NAMES = ("age_years", "sex", "ldh_u_l", "dose_1e6_per_kg", "weight_kg")


def joined(folder: Path, mapping: str = MAPPING, **files: str) -> SiteCase:
    """Write the first table, its mapping and the further tables."""
    for name, text in {"patients": PATIENTS, "products": PRODUCTS, "labs": LABS, **files}.items():
        lines = [line.strip() for line in text.strip().splitlines()]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return site_case(folder, INFUSIONS, mapping)


def test_columns_of_joined_tables_are_used_as_those_of_the_first(tmp_path):
    """Ages, windows and divisors by hand; rows that agree are one row, with the marks of their own file."""
    case = joined(tmp_path)
    rows, said = case.imported()
    assert [tuple(row[name] for name in NAMES) for row in rows] == [
        ("30", "male", "300", "20", "61.5"),
        ("30.5", "male", "410", "10", "60"),
        ("40", "female", "250", "", "80"),
    ]
    assert "patients: 3 rows, joined to 3 of 3 infusions; 1 of no infusion" in said
    assert "products: 5 rows, joined to 3 of 3 infusions; 1 without an identifier of a patient" in said


def test_an_infusion_without_a_row_is_blank_and_counted(tmp_path):
    """A key without a row."""
    case = joined(tmp_path, patients=PATIENTS.replace("A-02", "B-02"))
    rows, said = case.imported()
    assert [row["sex"] for row in rows] == ["male", "male", ""]
    assert "patients: 3 rows, joined to 2 of 3 infusions; 2 of no infusion" in said


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("products", "80;n.d.;10.04.2021;yes\n    ;", "81;n.d.;10.04.2021;yes\n    ;"),
            "weight of products has different values in the rows of one infusion, for 1 infusion ",
        ),
        (
            ("patients", "A-03,1971", "A-01,1971"),
            "born of patients has different values in the rows of one patient, for 1 patient (2 rows: 2, 4)",
        ),
        (
            ("products", "A-01;06.03.2021", "A-01;06.13.2021"),
            "day of products must be a date written DD.MM.YYYY, got 00.00.0000 (row 2)",
        ),
    ],
)
def test_rows_that_differ_are_refused(tmp_path, change, told):
    """With column and count; a column that no field uses may differ."""
    name, old, new = change
    text = {"products": PRODUCTS, "patients": PATIENTS}[name]
    assert old in text
    assert any(line.startswith(told) for line in joined(tmp_path, **{name: text.replace(old, new)}).refused())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('join = "pid"', 'join = "pd"', "tables.patients names a column that patients does not have, got pd"),
        ('join = "pid"', "join = []", "tables.patients.join must name the column with the patient"),
        ('join = "pid"', 'join = "pid"\ndate = "born"', "tables.patients.date is not for a joined table"),
        ('code = "pid", ', "", "tables.products.join must name the column with the patient"),
        ('day = "given"', 'day = "gven"', "tables.products.join names a column that the table does not have"),
        (
            'weight_kg = "products.weight"',
            'weight_kg = { table = "products", column = "weight" }',
            "fields.weight_kg.table is joined, and has no values over time: leave table out",
        ),
        (
            'join = "pid"',
            'join = "born"\nignore = ["pid"]',
            "tables.patients.join has no row that belongs to the first table: is born the key",
        ),
        ('"products.weight"', '"products.wight"', "did you mean products.weight?"),
        ('years_since = "born"', 'years_since = "bron"', "did you mean born?"),
        ('ignore = ["given"]', "", "columns of products are neither used nor ignored: given"),
    ],
)
def test_mistakes_of_the_mapping(tmp_path, old, new, told):
    """Each with the fix."""
    assert old in MAPPING
    assert any(told in line for line in joined(tmp_path, MAPPING.replace(old, new)).refused())


def test_a_column_that_two_joined_tables_have(tmp_path):
    """The name of its table goes before it."""
    products = PRODUCTS.replace(";given", ";born")
    mapping = MAPPING.replace('ignore = ["given"]', 'ignore = ["born"]')
    told = joined(tmp_path, mapping, products=products).refused()
    assert any("several joined tables have it: write patients.born or products.born" in line for line in told)
    mapping = mapping.replace('"born" }', '"patients.born" }')
    assert joined(tmp_path, mapping, products=products).columns("age_years")[0] == ("30",)


def test_an_outcome_of_the_patient_is_shared_by_the_infusions(tmp_path):
    """As one cell of the first table would be: its infusion is to be named."""
    patients = PATIENTS.replace("sex", "sex,rel").replace(",m", ",m,2021-10-01").replace(",f", ",f,")
    mapping = MAPPING + 'relapse_day = { column = "rel", days_since = "given" }\n'
    mapping += 'response_day28 = { value = "cr" }\nlast_contact_day = { value = 900 }\n'
    told = joined(tmp_path, mapping, patients=patients).refused()
    assert "is one value that 2 infusions of 1 patient share (2 rows: 2-3)" in told[0]
    placed = mapping.replace('"rel", ', '"rel", belongs_to = "preceding_infusion", ')
    case = joined(tmp_path, placed, patients=patients)
    assert case.columns("relapse_day") == [("",), ("30",), ("",)]


def workbook(path: Path) -> Path:
    """Write sheets of outcomes, and of infusions with laboratory values; cells of an infusion are merged."""
    book = openpyxl.Workbook()
    book.active.title = "Outcomes"
    for row in (
        ("Outcome", None, None, None),
        ("Code", "No", "Day", "CRS grade"),
        ("P-1", 1, "06.03.2021", 0),
        (None, 2, "01.09.2021", 1),
    ):
        book.active.append(row)
    book.active.merge_cells("A3:A4")
    sheet = book.create_sheet("Infusions")
    for row in (
        ("Infusion", None, None, None, "Blood", None),
        ("Code", "No", "Weight", "ECOG", "Date", "LDH"),
        ("P-1", 1, 61, 2, "27.02.2021", 300),
        (None, None, None, None, "04.03.2021", 900),
        (None, 2, 60, None, "20.08.2021", 410),
        (None, None, None, None, "30.08.2021", 700),
    ):
        sheet.append(row)
    for cells in ("A3:A6", "B3:B4", "B5:B6", "C3:C4", "C5:C6", "D3:D4", "D5:D6"):
        sheet.merge_cells(cells)
    book.save(path)
    return path


BOOK = """
[table]
sheet = "Outcomes"
heading_row = 2
dates = "DD.MM.YYYY"
infusion_date = "Day"
fill_down = ["Code"]
[tables.infusions]
sheet = "Infusions"
join = ["Code", "No"]
fill_down = ["Code", "No", "Weight", "ECOG"]
ignore_others = true
[tables.labs]
sheet = "Infusions"
patient = "Code"
date = "Date"
fill_down = ["Code"]
ignore_others = true
[fields]
patient_id = "Code"
infusion_number = "No"
ecog = "ECOG"
crs_grade = "CRS grade"
crs_grading_system = { value = "astct_2019" }
weight_kg = "Weight"
ldh_u_l = { table = "labs", column = "LDH", last_before = "Day", days = [-30, -5] }
"""


def test_merged_cells_of_further_sheets(tmp_path):
    """Blank ones stay blank; a sheet is joined and read over time; its headings are where [table] says."""
    (tmp_path / "site.toml").write_text(BOOK, encoding="utf-8")
    case = SiteCase(workbook(tmp_path / "t.xlsx"), tmp_path / "site.toml")
    rows, said = case.imported()
    assert [(row["ecog"], row["weight_kg"], row["ldh_u_l"]) for row in rows] == [
        ("2", "61", "300"),
        ("", "60", "410"),
    ]
    assert "filled down: Code 1 cell" in said
    assert "infusions: filled down: Code 3 cells, No 2 cells, Weight 2 cells, ECOG 1 cell" in said
    assert "labs: filled down: Code 3 cells" in said


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'fill_down = ["Code", "No", "Weight", "ECOG"]',
            "",
            "4 columns have merged cells (6 ranges): unmerge and fill every row, "
            'or name them under fill_down: ["Code", "No", "Weight", "ECOG"]',
        ),
        (
            'date = "Date"\nfill_down = ["Code"]',
            'date = "Date"',
            "rows 3-6 of Code are merged: unmerge and fill every row, or name the column under fill_down",
        ),
        ('date = "Date"', 'date = "Date"\nheading_row = 1', "is repeated in the heading"),
    ],
)
def test_a_further_sheet_is_refused_with_its_name(tmp_path, old, new, told):
    """As the first table is."""
    assert old in BOOK
    (tmp_path / "site.toml").write_text(BOOK.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as refusal:
        SiteCase(workbook(tmp_path / "t.xlsx"), tmp_path / "site.toml").imported()
    problem = str(refusal.value)
    if "repeated" not in told:
        assert told in problem
    assert refusal.value.source == "sheet Infusions of t.xlsx"


def test_the_draft_finds_the_headings_of_further_sheets(tmp_path):
    """Two rows where the first sheet has one below a title; and an error names the sheet."""
    book = workbook(tmp_path / "t.xlsx")
    out = tmp_path / "draft.toml"
    how = FileFormat(sheet="Outcomes", heading_row=2)
    map_table(book, out, file_format=how, further=["Infusions"], console=Console(quiet=True))
    text = out.read_text(encoding="utf-8")
    assert "# heading_row = 1  # check: not as in the first sheet\n# heading_rows = 2" in text
    assert '# column = "Blood / LDH"' in text
    with pytest.raises(DataError) as refusal:
        map_table(book, out, file_format=how, further=["Absent"], overwrite=True, console=Console(quiet=True))
    assert refusal.value.source == "sheet Absent of t.xlsx"


def test_rows_without_an_identifier_are_counted_as_such(tmp_path):
    """They are no patient without an infusion."""
    case = joined(tmp_path, labs=LABS + ",2021-04-09,1\n,2021-04-09,2\nZ-9,2021-04-09,3\n")
    screen = io.StringIO()
    import_table(case.table, case.mapping, tmp_path / "c.csv", console=Console(file=screen, width=300))
    assert (
        "labs: 7 rows; left out: 2 without an identifier of a patient, 1 of 1 patient without an infusion"
        in screen.getvalue()
    )


def test_a_row_with_an_identifier_and_nothing_else_is_refused(tmp_path):
    """Although columns of the patient stand beside it: it may be a total."""
    case = joined(tmp_path)
    with case.table.open("a", encoding="utf-8") as file:
        file.write("A-02,,,\n")
    assert any("row 5" in line for line in case.refused())
