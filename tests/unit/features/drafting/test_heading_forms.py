"""Headings in several rows, in one word, and as questions; dates in columns of their own."""

from __future__ import annotations

import tomllib

import pytest

from features.drafting.conditions import with_condition
from features.drafting.dictionary_codes import coded_entry
from features.drafting.draft import draft_mapping
from features.drafting.entries import Entry
from features.drafting.heading_block import likely_heading
from features.drafting.headings import SURE, name_matches
from features.drafting.labels import label_matches
from features.drafting.split_columns import split_guesses
from features.drafting.unit_columns import unit_column_of
from features.drafting.values import values_of
from features.drafting.word_parts import ACRONYMS, PARTS
from features.drafting.words import BIRTH_DATE, INFUSION_DATE, SPELLINGS
from features.files.raw_table import RawTable, table_of
from features.files.read_table import FileFormat
from features.files.workbook import Sheet
from features.mapping.file import mapping_of
from features.redcap.data_dictionary import Choice
from features.schema import all_fields

STEMS = {
    "crs_grade": ["CRSGRD", "CRSGRADE", "MAXCRSGRD"],
    "icans_grade": ["ICANSGRD", "NTXGRD"],
    "ldh_u_l": ["LDHVAL", "LDHRES"],
    "marrow_blasts_pct": ["BMBLPCT", "BMBLASTS"],
    "crp_mg_l": ["CRPRES", "CRPVAL"],
    "ferritin_ug_l": ["FERRITINVAL"],
    "platelets_1e9_l": ["PLTCNT"],
    "hemoglobin_g_dl": ["HGBVAL"],
    "weight_kg": ["WTKG"],
    "age_years": ["AGEINF"],
    "relapse_day": ["DTRELAPSE", "RELDT"],
    "death_day": ["DTHDT", "DTHDTC"],
    "last_contact_day": ["LASTFUDT", "LSTFUDT", "DLC"],
    INFUSION_DATE: ["INFDATE", "INFDT", "CARTDT", "DOI"],
    BIRTH_DATE: ["DOB", "BIRTHDT", "BRTHDTC"],
}


@pytest.mark.parametrize(
    ("field", "heading"), [(f, each) for f, headings in STEMS.items() for each in headings]
)
def test_stems_name_their_field(field, heading):
    """A heading in one word is parted into stems."""
    best = name_matches(heading)[0]
    assert (best.field, best.likeness >= SURE) == (field, True)


def test_parts_of_words_mean_known_words():
    """A part that means a word that no phrase has would never help."""
    known = {*SPELLINGS, "car", "t"}
    assert {word for words in (*PARTS.values(), *ACRONYMS.values()) for word in words} <= known


@pytest.mark.parametrize(
    "heading", ["LDH day 7", "LDH_d7", "CRP max", "peak ferritin", "LDH (mg/dL)", "dose (10^9/L)"]
)
def test_other_values_are_not_taken_for_those_before_the_infusion(heading):
    """A later day, a highest value, and a unit that the field does not have."""
    assert all(match.likeness < SURE for match in name_matches(heading))


@pytest.mark.parametrize(
    ("label", "note", "field", "unit"),
    [
        ("What was the highest grade of CRS (ASTCT)?", "", "crs_grade", ""),
        ("Absolute neutrophil count", "10^9/L", "anc_1e9_l", "10^9/L"),
        ("Serum creatinine", "µmol/L", "creatinine_mg_dl", "umol/L"),
        ("CAR T-cell dose", "x10^6/kg", "dose_1e6_per_kg", "10^6 CAR+ cells/kg"),
        ("Datum der CAR-T-Zell-Infusion", "", INFUSION_DATE, ""),
        ("Уровень ферритина", "нг/мл", "ferritin_ug_l", "ng/mL"),
    ],
)
def test_labels_name_their_field_and_notes_its_unit(label, note, field, unit):
    """In full sentences and full names."""
    best = label_matches(label, note)[0]
    assert (best.field, best.unit) == (field, unit)


def test_a_note_that_states_no_unit_does_not_hide_the_label():
    """As one that says who fills it in."""
    assert label_matches("LDH", "by the laboratory at enrollment")[0].field == "ldh_u_l"


def test_a_condition_is_added_once_to_one_entry():
    """A list of entries, and an entry without a condition, stay as they are."""
    listed = Entry('[{ column = "a" }]', "r")
    assert with_condition(listed, "a", {"b": ("1",)}, "why") is listed
    assert with_condition(Entry('"a"', "r"), "a", {}, "why") == Entry('"a"', "r")


def test_texts_have_no_codes():
    """A name of a center is taken as it is."""
    assert coded_entry(all_fields()["center"], "c", [Choice("1", "North")]) is None


GRID = [
    ["CAR T register", "", "", ""],
    ["ID", "Blood", "", "Outcome"],
    ["", "LDH", "CRP", "CRS grade"],
    ["a", "310", "5", "1"],
    ["b", "280", "7", "2"],
]


def test_a_title_and_headings_in_two_rows():
    """Data begin where numbers do."""
    how = likely_heading(Sheet(GRID), FileFormat())
    assert (how.heading_row, how.heading_rows) == (2, 2)


@pytest.mark.parametrize(
    "grid",
    [
        [["id", "age"], ["a", "30"]],
        [["id", "sex"], ["a", "F"], ["b", "M"]],
        [["a", "30"], ["b", "31"]],
        [["id", "Hb"], ["text", "g/dL"], ["a", "9"]],
        [],
    ],
)
def test_headings_in_one_row_stay_as_they_are(grid):
    """Also those with a row of units below, which a person drops, and tables without headings."""
    assert likely_heading(Sheet(grid), FileFormat()) == FileFormat()


def test_a_row_that_a_person_states_is_not_changed():
    """Neither is a number of rows."""
    stated = FileFormat(heading_row=3)
    assert likely_heading(Sheet(GRID), stated) is stated


def test_a_row_of_column_numbers_is_a_heading():
    """As in forms; the first row of data is below it."""
    grid = [["Код", "Лаборатория", ""], ["", "ЛДГ", "СРБ"], ["1", "2", "3"], ["x", "310", "5"]]
    assert likely_heading(Sheet(grid), FileFormat()).heading_rows == 3


SPLIT = [
    ["id", "INF_YEAR", "INF_MONTH", "INF_DAY", "Year of birth", "Month of birth", "RELY", "RELM", "RELD"],
    ["a", "2021", "3", "15", "1990", "Mai", "2021", "8", "20"],
    ["b", "2022", "11", "2", "1985", "Nov", "", "", ""],
    ["c", "2022", "12", "30", "1970", "Jan", "9999", "99", "99"],
]


def test_dates_in_several_columns_are_proposed():
    """With codes that are no day, month or year; birth has no day and needs a rule."""
    text = draft_mapping(table_of(SPLIT, name="t.csv", sha256="00")).text
    mapping = mapping_of(tomllib.loads(text), name="draft.toml")
    assert {split.name: split.columns for split in mapping.split_dates} == {
        "INF date": ("INF_YEAR", "INF_MONTH", "INF_DAY"),
        "birth date": ("Year of birth", "Month of birth"),
        "REL date": ("RELY", "RELM", "RELD"),
    }
    assert mapping.split_dates[2].missing == ("99", "9999")
    assert 'relapse_day = { column = "REL date", days_since = "INF date" }' in text
    assert '# partial = "?"  # check: 3 dates without a day' in text


@pytest.mark.parametrize(
    "rows",
    [
        [["X_Y", "X_M"], ["2021", "13"]],
        [["X_Y", "X_M"], ["12", "3"]],
        [["X_Y", "X_M", "X_D"], ["2021", "3", "40"]],
        [["X_Y", "X_M"], ["", ""]],
        [["X_Y", "Z_M"], ["2021", "3"]],
    ],
)
def test_columns_that_are_no_parts_of_a_date(rows):
    """By their values, or because they have another stem."""
    grid = [["id", *rows[0]], ["a", *rows[1]], ["b", *rows[1]]]
    assert split_guesses(table_of(grid, name="t.csv", sha256="00")) == []


@pytest.mark.parametrize(
    ("heading", "field", "unit"),
    [
        ("До лимфодеплеции / Гемоглобин / г/л", "hemoglobin_g_dl", "g/L"),
        ("Перед лимфодеплецией / Тромбоциты / тыс./мкл", "platelets_1e9_l", "10^3/uL"),
        ("Токсичность / ICANS / макс. степень", "icans_grade", ""),
        ("Анамнез / Кол-во линий терапии", "prior_lines", ""),
        ("Циклофосфамид, сумм. / г/м²", "cyclophosphamide_mg_m2", "g/m2"),
        ("Geschlecht (m/w)", "sex", ""),
        ("Zelldosis (Mio/kg)", "dose_1e6_per_kg", "10^6 CAR+ cells/kg"),
        ("Geb.-Datum", BIRTH_DATE, ""),
        ("CAR-T-Gabe", INFUSION_DATE, ""),
    ],
)
def test_headings_under_a_group_heading_and_short_ones(heading, field, unit):
    """Words of the group identify no field, and do not hide it."""
    best = name_matches(heading)[0]
    assert (best.field, best.unit, best.likeness >= SURE) == (field, unit, True)


def test_the_unit_column_of_a_group_is_that_of_its_pair():
    """Other columns of the group have words in common with it, and one unit begins as the word does."""
    heading = [
        "Код",
        "Лаб. / СРБ / знач.",
        "Лаб. / СРБ / ед.",
        "Лаб. / ЛДГ / Ед/л",
        "Лаб. / Креатинин / мкмоль/л",
    ]
    rows = [[f"P{n}", str(n), "мг/дл" if n % 2 else "мг/л", f"1 {n}50", f"7{n}"] for n in range(1, 7)]
    values = {
        name: values_of([row[at] for row in rows], [r[0] for r in rows]) for at, name in enumerate(heading)
    }
    found = {
        column: unit_column_of(column, all_fields()[field], heading, values)
        for column, field in zip(
            heading[1:], ["crp_mg_l", "crp_mg_l", "ldh_u_l", "creatinine_mg_dl"], strict=True
        )
        if column != heading[2]
    }
    assert found == {heading[1]: heading[2], heading[3]: None, heading[4]: None}
    assert (values[heading[3]].marks.thousands, values[heading[3]].numbers[0]) == ({" "}, 1150)


@pytest.mark.parametrize(
    ("cell", "mark", "number"),
    [("1.240,5", ".", 1240.5), ("1,240.5", ",", 1240.5), ("1 240", " ", 1240), ("1 240,5", " ", 1240.5)],
)
def test_separators_of_thousands(cell, mark, number):
    """One group is clear if the decimal mark is beside it, or if it is a space."""
    values = values_of([cell], ["a"])
    assert (values.marks.thousands, values.numbers) == ({mark}, (number,))
    assert values_of(["1.240"], ["a"]).marks.thousands == frozenset()


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Q031_LDH", "ldh_u_l"),
        ("Q028_CREAT", "creatinine_mg_dl"),
        ("Q101_CRSMAXGR", "crs_grade"),
        ("Q3a. Sex", "sex"),
    ],
)
def test_the_number_of_a_question_is_no_word(heading, field):
    """Forms of registries number their questions."""
    assert (name_matches(heading)[0].field, name_matches(heading)[0].likeness) == (field, 1.0)


def test_dates_in_three_columns_with_a_sign_for_unknown():
    """YYYY, MM and DD after a common name; a point means unknown."""
    columns = ("CTDT_YYYY", "CTDT_MM", "CTDT_DD")
    rows = (("2021", "3", "5"), ("2022", "11", "."))
    (guess,) = split_guesses(RawTable("t.csv", "00", columns, rows, (2, 3)))
    assert guess.line == (
        '"CTDT date" = { year = "CTDT_YYYY", month = "CTDT_MM", day = "CTDT_DD", missing = ["."] }'
    )
