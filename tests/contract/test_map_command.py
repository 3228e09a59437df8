"""`map` drafts a mapping file that the reader accepts, and that tells nothing of a patient."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from features.checking.check_table import check_rows
from features.drafting.draft import CHECK, draft_mapping
from features.files.raw_table import RawTable, table_of
from features.files.read_table import read_table
from features.mapping.file import mapping_of, read_mapping
from features.mapping.mapped import map_table as apply_mapping
from features.problems import DataError
from features.redcap.forms import RECORD
from tests.command_line import ran
from training.commands.map_table import map_table

EASY = """Patient ID;Date of infusion;Date of birth;Gender;Prior lines;Blina;Prior inotuzumab;BM blasts (%);\
Hb;Creatinine (umol/L);Target;CAR T dose (10^6/kg);CRS grade;CRS scale;Remission;Relapse;Date of death;\
Last follow-up;Physician;Ward
P-01;03.11.2021;17.05.1990;F;3;failed;no;62,5;88;61;CD19;1,2;2;ASTCT;CR;;;04.11.2022;X.;
P-02;14.02.2022;02.01.2001;m;5;no;yes;17;104;80;CD19/CD22;0,9;3;ASTCT;NR;15.03.2022;20.05.2022;20.05.2022;Y.;
P-03;05.05.2022;30.09.1985;F;2;failed;no;12;97;n.d.;CD19;1;0;ASTCT;CR;;;05.05.2023;X.;
P-04;06.06.2022;01.02.1999;m;4;no;yes;33;91;75;CD19/CD22;1,1;1;ASTCT;NR;01.08.2022;;05.09.2023;Y.;
"""

BY_HAND = """
[table]
decimal = ","
dates = "DD.MM.YYYY"
missing = ["n.d."]
ignore = ["Physician", "Ward"]

[fields]
patient_id = "Patient ID"
age_years = { column = "Date of infusion", years_since = "Date of birth" }
sex = { column = "Gender", codes = { F = "female", m = "male" } }
prior_lines = "Prior lines"
prior_blinatumomab = { column = "Blina", codes = { failed = "nonresponder", no = "none" } }
prior_inotuzumab = "Prior inotuzumab"
marrow_blasts_pct = "BM blasts (%)"
hemoglobin_g_dl = { column = "Hb", unit = "g/L" }
creatinine_mg_dl = { column = "Creatinine (umol/L)", unit = "umol/L" }
target_antigen = { column = "Target", codes = { CD19 = "cd19", "CD19/CD22" = "cd19_cd22" } }
dose_1e6_per_kg = "CAR T dose (10^6/kg)"
crs_grade = "CRS grade"
crs_grading_system = { column = "CRS scale", codes = { ASTCT = "astct_2019" } }
response_day28 = { column = "Remission", codes = { CR = "cr", NR = "no_response" } }
relapse_day = { column = "Relapse", days_since = "Date of infusion" }
death_day = { column = "Date of death", days_since = "Date of infusion" }
last_contact_day = { column = "Last follow-up", days_since = "Date of infusion" }
"""


@pytest.fixture
def easy(tmp_path) -> Path:
    """Write a table that a clinic would keep."""
    (tmp_path / "clinic.csv").write_text(EASY, encoding="utf-8")
    return tmp_path / "clinic.csv"


def drafted(raw: Path) -> Path:
    out = raw.with_suffix(".toml")
    map_table(raw, out, console=Console(quiet=True))
    return out


def test_draft_of_an_easy_table_does_what_a_person_would_write(easy):
    """Once the one column that nothing uses is accounted for, as `check` asks."""
    draft = drafted(easy).read_text(encoding="utf-8")
    finished = draft.replace('# "Physician"', '"Physician"')
    table = read_table(easy)
    ours = apply_mapping(mapping_of(tomllib.loads(finished), name="draft.toml"), table)
    theirs = apply_mapping(mapping_of(tomllib.loads(BY_HAND), name="site.toml"), table)
    assert ours.table == theirs.table
    assert check_rows(ours.table, ours.origin) == check_rows(theirs.table, theirs.origin)


def test_an_unfinished_draft_does_not_drop_a_column(easy):
    """Until a person says so."""
    with pytest.raises(DataError, match="columns are neither used nor ignored: Physician"):
        apply_mapping(read_mapping(drafted(easy)), read_table(easy))


def test_every_guess_is_marked(easy):
    """No line of a mapping stands there without its reason."""
    lines = [line for line in drafted(easy).read_text(encoding="utf-8").splitlines() if " = " in line]
    assert len(lines) > 20
    assert [line for line in lines if CHECK not in line] == []


def test_nothing_of_a_patient_is_in_a_draft(easy):
    """No identifier, date, number or name, nor a word that a single patient has."""
    text = drafted(easy).read_text(encoding="utf-8").replace("a table of 4 rows", "")
    rows = list(csv.reader(io.StringIO(EASY), delimiter=";"))[1:]
    cells = {cell for row in rows for cell in row if cell}
    codes = {"F", "m", "failed", "no", "yes", "CD19", "CD19/CD22", "ASTCT", "CR", "NR", "n.d."}
    assert [cell for cell in cells - codes if re.search(rf"(?<!\w){re.escape(cell)}(?!\w)", text)] == []


def test_redcap_export_of_a_sites_own_project():
    """Which rows are infusions is guessed from the only instrument that repeats."""
    heading = [RECORD, "redcap_repeat_instrument", "redcap_repeat_instance", "age", "crs", "f_complete"]
    rows = [heading, ["1", "", "", "", "", "2"], ["1", "therapy", "1", "30", "2", "2"]]
    text = draft_mapping(table_of(rows, name="t.csv", sha256="00")).text
    mapping = mapping_of(tomllib.loads(text), name="draft.toml")
    assert mapping.redcap is not None
    assert mapping.redcap.infusion_instrument == "therapy"
    assert mapping.ignore == ("f_complete",)
    assert mapping.fields[1].columns == ("redcap_repeat_instance",)


def test_two_columns_that_fit_alike_are_left_to_a_person():
    """Neither is taken."""
    rows = [["id", "LDH 1", "LDH 2", "age"], ["a", "200", "300", "30"], ["b", "210", "310", "31"]]
    text = draft_mapping(table_of(rows, name="t.csv", sha256="00")).text
    assert '# ldh_u_l = "LDH 1"  # check: "LDH 2" would fit as well' in text
    assert '    # "LDH 2",  # check: numbers; like ldh_u_l, which another column gives' in text


def test_table_without_identifier_is_drafted_all_the_same():
    """The reader accepts it, and `check` asks for the column."""
    rows = [["age", "sex"], ["30", "female"], ["31", "male"]]
    text = draft_mapping(table_of(rows, name="t.csv", sha256="00")).text
    assert 'patient_id = "?"  # check: no heading is like it: name the column of pseudonyms' in text


def test_table_without_headings_is_refused():
    """The first row may be a patient's."""
    rows = [["Ivanova", "12.03.1987"], ["Petrova", "01.02.1990"]]
    with pytest.raises(DataError) as error:
        draft_mapping(table_of(rows, name="t.csv", sha256="00"))
    assert str(error.value) == (
        "t.csv: 1 problem\n  no heading is like a field of the schema: is the heading missing, or in another "
        "row? See --heading-row, --delimiter"
    )


def test_headings_that_are_data_are_not_repeated():
    """One slipped in beside real ones."""
    rows = [["id", "age", "12.03.1987", "4711471147"], ["a", "30", "x", "y"]]
    text = draft_mapping(table_of(rows, name="t.csv", sha256="00")).text
    assert "1987" not in text
    assert "4711" not in text
    assert text.count("a heading that looks like a person's own data") == 2


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12).map(str.strip)
HEADINGS = ["id", "age", "Sex", "LDH", "CRS", "date of infusion", "relapse", "DOB", "Blina", "Hb (g/L)"]
CELLS = ["", "1", "2", "3,5", "-99", "yes", "нет", "<5", "03.11.2021", '"', "a\\b", "1.234.567", "CR", "n.d."]


@settings(max_examples=150, deadline=None)
@given(
    headings=st.lists(st.sampled_from(HEADINGS) | texts.filter(bool), min_size=1, max_size=8, unique=True),
    cells=st.lists(st.sampled_from(CELLS) | texts, min_size=24, max_size=24),
)
def test_any_draft_is_accepted_by_the_reader(headings, cells):
    """Or the table is refused in our own words."""
    rows = tuple(tuple(cells[place * 3 + at % 3] for at in range(len(headings))) for place in range(8))
    table = RawTable("t.csv", "00", tuple(headings), rows, tuple(range(2, 10)))
    text = drafted_text(table)
    if text is not None:
        mapping_of(tomllib.loads(text), name="draft.toml")


def drafted_text(table: RawTable) -> str | None:
    """Draft a mapping, or None where no heading is like a field."""
    try:
        return draft_mapping(table).text
    except DataError as error:
        if "no heading is like a field" not in str(error):
            raise
        return None


def test_command_prints_or_writes(easy, monkeypatch, capsys):
    """The same text; the summary says what comes next."""
    status, printed, _ = ran(monkeypatch, capsys, "map", easy)
    out = easy.parent / "site.toml"
    again, said, _ = ran(monkeypatch, capsys, "map", easy, "--out", out)
    assert (status, again) == (0, 0)
    assert out.read_text(encoding="utf-8") == printed
    assert (
        "site.toml: draft with 17 fields guessed (0 uncertain), 2 columns unused, 0 required fields not found"
        in said
    )
    assert f"cart-outcomes check {easy} --mapping {out}" in said.replace("\n", "")


def test_an_earlier_file_stays_without_overwrite(easy, monkeypatch, capsys):
    """It may hold an afternoon's work."""
    out = easy.parent / "site.toml"
    out.write_text("mine")
    status, _, said = ran(monkeypatch, capsys, "map", easy, "--out", out)
    assert (status, out.read_text()) == (1, "mine")
    assert said == (
        f"{out}: 1 problem\n  the file to write exists: name another file, or replace it with --overwrite\n"
    )
    assert ran(monkeypatch, capsys, "map", easy, "--out", out, "--overwrite")[0] == 0
    assert out.read_text(encoding="utf-8").startswith("# A draft")
    assert sorted(file.name for file in easy.parent.iterdir()) == ["clinic.csv", "site.toml"]


@pytest.mark.parametrize(
    ("out", "rule"),
    [
        ("site.txt", "the file to write must be .toml, got .txt"),
        ("absent/site.toml", "the folder of the file to write does not exist"),
        (".", "the file to write is a folder: name a file in it"),
        ("clinic.csv", "the file to write must be .toml, got .csv"),
    ],
)
def test_places_that_are_refused(easy, out, rule):
    """Before the table is read."""
    with pytest.raises(DataError, match=re.escape(rule)):
        map_table(easy, easy.parent / out)


def test_how_the_file_is_written_goes_into_the_draft(easy, monkeypatch, capsys):
    """So that the next command reads it the same way."""
    easy.write_text("An export\n" + EASY.replace("Ward", "Отделение"), encoding="cp1251")
    words = ("--encoding", "cp1251", "--heading-row", "2", "--delimiter", ";")
    status, printed, _ = ran(monkeypatch, capsys, "map", easy, *words)
    assert status == 0
    mapping = mapping_of(tomllib.loads(printed), name="draft.toml")
    assert (mapping.file_format.encoding, mapping.file_format.heading_row) == ("cp1251", 2)
    assert "Отделение" in mapping.ignore


def test_how_a_file_is_written_is_said_by_options(easy, monkeypatch, capsys):
    """There is no mapping file yet in which to say it."""
    easy.write_text(EASY.replace("Ward", "Отделение"), encoding="cp1251")
    status, _, said = ran(monkeypatch, capsys, "map", easy)
    assert (status, "use --encoding cp1251" in said, "[table]" in said) == (1, True, False)
    status, _, said = ran(monkeypatch, capsys, "map", easy, "--encoding", "cp-nothing")
    assert (status, said) == (
        1,
        '1 problem\n  encoding is not a text encoding, got cp-nothing: as "utf-8", "cp1252", "utf-16"\n',
    )


def test_blank_rows_totals_and_a_legend(tmp_path):
    """They do not mislead the guesses; that they may be left out is for a person to say."""
    rows = "".join(f"P{n};3{n};{1 + n % 4}\n" for n in range(1, 10))
    raw = tmp_path / "clinic.csv"
    raw.write_text(f"Code;Alter;Linien\n{rows}\n;35,3;2,6\n", encoding="utf-8")
    out = tmp_path / "site.toml"
    map_table(raw, out, console=Console(quiet=True))
    lines = out.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("skip_blank_rows = true")]
    assert [line for line in lines if line.startswith('# drop = [{ Code = "" }]  # check: 1 row without')]
    assert [line for line in lines if line.startswith('prior_lines = "Linien"')]


def test_columns_that_may_identify_are_ignored_with_their_reason():
    """In other languages too; nothing of them is in the draft."""
    rows = [["id", "age", "ФИО", "Last name", "Nachname"], ["a", "30", "x", "y", "z"]]
    text = draft_mapping(table_of(rows, name="t.csv", sha256="00")).text
    for heading in rows[0][2:]:
        assert f'    "{heading}",  # check: its name says that it may identify a person' in text
