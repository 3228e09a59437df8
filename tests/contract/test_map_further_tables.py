"""`map` drafts further tables as comments; without the # and with the open places filled in they work."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from features.drafting.linked_draft import UNKNOWN_CONTENT
from features.files.read_table import FileFormat
from features.problems import DataError
from tests.site_case import SiteCase
from training.commands.map_table import map_table

PATIENTS = "patient_id;chemo;infusion date;Age;CRP\n" + "".join(
    f"Q-{n};2022-03-0{n};2022-03-1{n};3{n};1{n}\n" for n in range(1, 5)
)
LABS = "ID;Datum;Test;Ergebnis;Einheit;Labor\n" + "".join(
    f"Q-{n};0{n}.03.2022;{test};{value};{unit};north\n"
    for n in range(1, 5)
    for test, value, unit in (
        ("LDH", "3,5", "µkat/l"),
        ("Thrombozyten", "120", "Tsd"),
        ("Na", "140", "mmol/l"),
    )
)
RARE = "Q-1;01.03.2022;Ferritin;900;ug/l;north\n"


def drafted(raw: Path, *further: str) -> str:
    """Draft a mapping."""
    out = raw.with_name("site.toml")
    map_table(raw, out, overwrite=True, further=further, console=Console(quiet=True))
    return out.read_text(encoding="utf-8")


def drafted_sheet(raw: Path, sheet: str, *further: str) -> str:
    """Draft a mapping of a sheet of a workbook with several."""
    out = raw.with_name("site.toml")
    how, quiet = FileFormat(sheet=sheet), Console(quiet=True)
    map_table(raw, out, overwrite=True, file_format=how, further=further, console=quiet)
    return out.read_text(encoding="utf-8")


def finished(text: str, *pairs: tuple[str, str], table: str = "") -> str:
    """Do what a person does: remove the # of the draft's last part, and fill in what is open."""
    head, _, rest = text.partition("# Values over time")
    infusion = next(line for line in rest.splitlines() if line.startswith("# infusion_date")).split(
        " under "
    )[0]
    lines = [line.removeprefix("# ") for line in rest.splitlines()[2:]]
    part = "\n".join(lines)
    for old, new in pairs:
        assert old in part
        part = part.replace(old, new)
    named = '[fields]\npatient_id = "patient_id"\n'
    return f"[table]\nignore_others = true\n{infusion.removeprefix('# ')}\n{table}{named}{part}\n" + head[:0]


@pytest.fixture
def site(tmp_path):
    """Two files of a site."""
    raw, labs = tmp_path / "patients.csv", tmp_path / "labs.csv"
    raw.write_text(PATIENTS, encoding="utf-8")
    labs.write_text(LABS + RARE, encoding="utf-8")
    return raw, labs


def test_a_draft_of_a_laboratory_export(site):
    """Columns, names, marks and dates are guessed; the unknown unit and the date are left open."""
    raw, labs = site
    text = drafted(raw, str(labs))
    lines = text.splitlines()
    for line in (
        "# [tables.labs]",
        '# file = "labs.csv"',
        '# name = "Test"',
        '# value = "Ergebnis"',
        '# unit = "Einheit"',
        '# dates = "DD.MM.YYYY"  # check: DD.MM.YYYY',
        '# decimal = ","  # check: some numbers are written with a comma',
        '# name = ["LDH"]  # check: do they all mean the same?',
        '# units = { "Tsd" = "?" }  # check: units that are not known',
    ):
        assert line in lines
    assert "Ferritin" not in text.partition("# Values over time")[2]
    filled = finished(
        text, ('"?"  # check: which', '"chemo"  # check: which'), ('"Tsd" = "?"', '"Tsd" = "10^9/L"')
    )
    raw.with_name("site.toml").write_text(filled, encoding="utf-8")
    case = SiteCase(raw, raw.with_name("site.toml"))
    assert case.columns("ldh_u_l", "platelets_1e9_l") == [("210", "120")] * 4


def test_a_draft_never_shows_a_patient(site):
    """Neither identifiers nor dates nor single values."""
    raw, labs = site
    text = drafted(raw, str(labs))
    lines = [line for file in (raw, labs) for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    cells = {cell for line in lines for cell in line.split(";")}
    personal = {cell for cell in cells if cell.startswith("Q-") or cell.count(".") == 2 or "-" in cell}
    assert [cell for cell in personal if cell in text] == []


def test_a_sheet_with_a_column_for_each_measurement(tmp_path):
    """A field that the first table has too is marked."""
    book = openpyxl.Workbook()
    book.active.title = "Main"
    for line in PATIENTS.splitlines():
        book.active.append(line.split(";"))
    sheet = book.create_sheet("Blut")
    for row in (
        ("pat", "day", "LDH (ukat/l)", "CRP", "CRP old"),
        *((f"Q-{n}", "2022-02-27", 5, n, n) for n in (1, 2)),
    ):
        sheet.append(row)
    raw = tmp_path / "site.xlsx"
    book.save(raw)
    with pytest.raises(DataError, match="must have one sheet with content"):
        drafted(raw, "Blut")
    out = tmp_path / "site.toml"
    how = FileFormat(sheet="Main")
    map_table(raw, out, file_format=how, further=["Blut"], console=Console(quiet=True))
    text = out.read_text(encoding="utf-8")
    assert "# [fields.crp_mg_l]  # check: the first table has it too; make a list of both, or choose" in text
    assert text.count("# [fields.crp_mg_l]") == 1
    filled = finished(text, ('"?"  # check: which', '"chemo"  # check: which'), table='sheet = "Main"\n')
    out.write_text(filled, encoding="utf-8")
    assert SiteCase(raw, out).columns("ldh_u_l", "crp_mg_l")[:2] == [("300", "1"), ("300", "2")]


def test_instruments_of_a_redcap_export(tmp_path):
    """Each with dates and measured fields is drafted; one without dates is not."""
    raw = tmp_path / "export.csv"
    raw.write_text(
        "record_id,redcap_repeat_instrument,redcap_repeat_instance,infusion_date,age,onset,crs_grade,note\n"
        + "".join(
            f"{n},infusion,1,2021-03-0{n},3{n},,,\n{n},ae,1,,,2021-03-0{n + 1},{n % 3},\n{n},memo,1,,,,,x\n"
            for n in range(1, 6)
        ),
        encoding="utf-8",
    )
    text = drafted(raw)
    assert "# [tables.ae]" in text.splitlines()
    assert "[tables.memo]" not in text
    assert '# worst_within = "infusion_date"' in text.splitlines()


def test_a_table_of_other_patients_and_nothing_known(site, tmp_path):
    """Where no column or name is like a field, the entries are for a person to write."""
    raw, labs = site
    open_part = UNKNOWN_CONTENT
    labs.write_text("when,what\n2022-01-01,x\n2022-01-02,y\n", encoding="utf-8")
    assert open_part in drafted(raw, str(labs)).splitlines()
    labs.write_text("a,b\n1,x\n2,y\n", encoding="utf-8")
    text = drafted(raw, str(labs)).splitlines()
    assert open_part in text
    assert any(line.startswith('# date = "?"') for line in text)
    labs.write_text("day,LDH\n01/02/2022,300\n03/04/2022,310\n", encoding="utf-8")
    text = drafted(raw, str(labs))
    assert '# patient = "?"  # check: the identifiers of the first table' in text.splitlines()
    assert '# dates = "?"  # check: DD/MM/YYYY or MM/DD/YYYY' in text.splitlines()


def test_a_long_table_without_units(site):
    """A column with very many different texts holds no names; a name of one patient is not shown."""
    raw, labs = site
    rows = "".join(f"Q-{1 + n % 4},2022-03-01,LDH,{n},text {n}\n" for n in range(600))
    labs.write_text(f"id,day,test,result,remark\n{rows}Q-1,2022-03-01,CRP,5,x\n", encoding="utf-8")
    lines = drafted(raw, str(labs)).partition("# Values over time")[2].splitlines()
    assert "# [fields.ldh_u_l]" in lines
    assert not [line for line in lines if "unit" in line or "CRP" in line or "crp" in line]


def test_further_tables_in_the_stated_encoding(site):
    """A laboratory export that is not UTF-8 is read as `--encoding` says, and the draft says so too."""
    raw, labs = site
    labs.write_text(LABS, encoding="cp1252")
    with pytest.raises(DataError, match="use --encoding cp1252"):
        drafted(raw, str(labs))
    out = raw.with_name("site.toml")
    raw.write_text(PATIENTS.replace("chemo", "Vorbehandlung (Länge)"), encoding="cp1252")
    how = FileFormat(encoding="cp1252")
    map_table(raw, out, file_format=how, further=[str(labs)], console=Console(quiet=True))
    part = out.read_text(encoding="utf-8").partition("# Values over time")[2].splitlines()
    assert part[part.index('# file = "labs.csv"') + 1] == '# encoding = "cp1252"'


def test_contacts_as_rows(site):
    """A table of the same patients is not passed over, and dates of outcomes are counted."""
    raw, contacts = site
    contacts.write_text(
        "Pat;Kontakt am;Rückfall am\n"
        + "".join(f"Q-{n};0{n}.0{month}.2022;0{n}.05.2022\n" for n in (1, 2, 3) for month in (6, 7)),
        encoding="utf-8",
    )
    part = drafted(raw, str(contacts)).partition("# Values over time")[2]
    assert '# column = "Kontakt am"\n# last_after = "infusion date"' in part
    assert '# column = "Rückfall am"\n# first_after = "infusion date"' in part
    contacts.write_text("Pat;am;Art\n" + "".join(f"Q-{n};0{n}.06.2022;x\n" for n in (1, 2)), encoding="utf-8")
    assert "# No column or name is like a field." in drafted(raw, str(contacts))


@pytest.mark.parametrize(
    ("title", "above", "settings"),
    [
        ([], [], []),
        (["Export of the ward"], [], ["heading_row = 1"]),
        ([], ["Laboratory"], ["heading_row = 2"]),
        (["Export of the ward"], ["Laboratory"], []),
    ],
)
def test_a_sheet_states_headings_of_its_own(
    tmp_path: Path, title: list[str], above: list[str], settings: list[str]
) -> None:
    """Where they are in other rows than those of the first sheet, whose rows hold otherwise."""
    raw = tmp_path / "site.xlsx"
    book = openpyxl.Workbook()
    first, labs = book.worksheets[0], book.create_sheet("Labs")
    first.title = "Patients"
    for sheet, heading, text in ((first, title, PATIENTS), (labs, above, LABS)):
        for row in [*([heading] if heading else []), *(line.split(";") for line in text.splitlines())]:
            sheet.append(row)
    book.save(raw)
    text = drafted_sheet(raw, "Patients", "Labs")
    assert [line for line in text.splitlines() if line.startswith("# heading_row")] == [
        f"# {line}  # check: not as in the first sheet" for line in settings
    ]
    assert '# name = "Test"' in text.splitlines()


PERSONS = "code;sex;date of birth\n" + "".join(f"Q-{n};{'mf'[n % 2]};198{n}-05-1{n}\n" for n in range(1, 5))
"""One row a patient."""
TWICE = "Q-1;2022-08-03;2022-08-11;32;9\n"
"""A second infusion."""
GIVEN = "patient_id;infusion date;ICANS\nQ-1;2022-08-11;0\n" + "".join(
    f"Q-{n};2022-03-1{n};{n}\n" for n in range(1, 5)
)
"""One row an infusion."""


def test_sheets_of_patients_and_infusions_are_joined(tmp_path: Path) -> None:
    """Their columns are guessed with those of the first sheet; the draft imports, once dates are sure."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheets = {"Main": PATIENTS + TWICE, "Persons": PERSONS, "Given": GIVEN, "Labs": LABS}
    for name, text in sheets.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append(line.split(";"))
    book.save(tmp_path / "site.xlsx")
    text = drafted_sheet(tmp_path / "site.xlsx", "Main", "Persons", "Given", "Labs")
    known = "# check: it has a row for 5 of 5 rows"
    joined = '[tables.Persons]\nsheet = "Persons"\njoin = { code = "patient_id" }'
    assert f"{joined}  {known}" in text
    keys = 'patient_id = "patient_id", "infusion date" = "infusion date"'
    assert f'[tables.Given]\nsheet = "Given"\njoin = {{ {keys} }}  {known}' in text
    assert "# [tables.Labs]" in text
    (tmp_path / "site.toml").write_text(text.replace("[table]", "[table]\nignore_others = true", 1))
    case = SiteCase(tmp_path / "site.xlsx", tmp_path / "site.toml")
    assert case.columns("sex", "infusion_number", "icans_grade") == [
        ("female", "1", "1"),
        ("male", "1", "2"),
        ("female", "1", "3"),
        ("male", "1", "4"),
        ("female", "2", "0"),
    ]
