"""Guesses from headings and values, one truth each."""

from __future__ import annotations

import pytest

from features.drafting.draft import draft_mapping
from features.drafting.entries import entry_of
from features.drafting.headings import SURE, name_matches
from features.drafting.number_units import unit_guess
from features.drafting.options import MEANINGS, option_of
from features.drafting.toml_text import inline, key, quoted
from features.drafting.values import values_of
from features.drafting.words import BIRTH_DATE, INFUSION_DATE, JOINED, PHRASES, SPELLINGS, UNITS
from features.files.raw_table import table_of
from features.known_units import units_of
from features.schema import all_fields

HEADINGS = {
    "age_years": ["Age", "age at infusion", "inf_age", "AgeAtInfusion", "Alter", "Возраст"],
    "patient_id": ["CRID", "Registry ID", "Patient-ID"],
    "product": ["Product", "Name of the product", "Product name"],
    "product_name": ["Name of other product"],
    "sex": ["Gender", "SEX", "Geschlecht", "Пол"],
    "prior_blinatumomab": ["Blina", "prior blinatumomab", "Blincyto before"],
    "prior_inotuzumab": ["ino", "Inotuzumab (prior)"],
    "prior_allo_hsct": ["prior alloHSCT", "allo_before", "Prior HSCT"],
    "marrow_blasts_pct": ["BM blasts, %", "bone marrow blasts", "Бласты костного мозга"],
    "ldh_u_l": ["LDH", "LDH (U/l)", "ЛДГ", "ldh_bl"],
    "creatinine_mg_dl": ["Crea", "Creatinin (µmol/l)", "creat_umol", "Креатинин, мкмоль/л"],
    "crp_mg_l": ["CRP mg/dL", "СРБ"],
    "platelets_1e9_l": ["PLT", "Platelets (10^9/L)", "Thrombozyten", "Тромбоциты"],
    "anc_1e9_l": ["ANC", "neutrophils x10^9/l"],
    "hemoglobin_g_dl": ["Hb", "HGB g/L", "Haemoglobin", "hemoglobine"],
    "cns_status": ["CNS", "CNS status"],
    "dose_1e6_per_kg": ["Dose/kg", "CAR-T dose (10^6/kg)"],
    "dose_total_1e6": ["total dose", "car_dose_cells", "CAR T cells (x10^6)"],
    "fludarabine_mg_m2": ["Flu", "fludarabine mg/m2"],
    "tocilizumab_prophylaxis": ["Toci prophylaxis"],
    "crs_grade": ["CRS", "CRS grade (max)", "crs_gr", "Степень СВК"],
    "crs_grading_system": ["CRS scale", "crs_criteria"],
    "icans_grade": ["ICANS", "neurotoxicity grade", "ИКАНС, степень"],
    "response_day28": ["Response d28", "Remission"],
    "relapse_day": ["Relapse", "date of relapse", "relapse_d", "Рецидив, дата", "Rechute"],
    "death_day": ["Date of death", "died", "Дата смерти", "MORTE", "Décès", "Todestag"],
    "allo_hsct_day": ["HSCT after CAR-T (day)", "hsct_d"],
    "last_contact_day": ["Last follow-up", "LastFU", "last seen", "Follow-up (months)"],
    INFUSION_DATE: ["Date of infusion", "infusion date", "Дата инфузии"],
    BIRTH_DATE: ["DOB", "Date of birth", "Born"],
}


@pytest.mark.parametrize(
    ("field", "heading"), [(field, each) for field, headings in HEADINGS.items() for each in headings]
)
def test_headings_of_clinics_name_their_field(field, heading):
    """Abbreviations, other languages, units and capitals do not matter."""
    matches = name_matches(heading)
    best = [match.field for match in matches if match.likeness == matches[0].likeness]
    assert field in best
    assert matches[0].likeness >= SURE


@pytest.mark.parametrize("field", all_fields())
def test_every_field_is_found_by_its_own_name_and_title(field):
    """A table that is in the schema's columns already is drafted as it stands."""
    for heading in (field, all_fields()[field].title):
        best = name_matches(heading)[0]
        assert (best.field, best.likeness) == (field, 1.0)


@pytest.mark.parametrize("heading", ["Doctor", "Remark", "ward", "Visit", "Stage", "x", "%", "12", ""])
def test_other_headings_name_nothing(heading):
    """Nothing is taken for something."""
    assert [match.field for match in name_matches(heading) if match.likeness >= SURE] == []


def test_crs_scale_is_not_the_grade():
    """A word too many makes a guess uncertain."""
    assert {match.field: match.likeness for match in name_matches("crs_scale")} == {
        "crs_grading_system": 1.0,
        "crs_grade": 0.5,
    }


def test_vocabulary_is_of_the_schema():
    """Fields, options and units exist, and no word stands for two."""
    assert set(PHRASES) - {INFUSION_DATE, BIRTH_DATE} == set(all_fields())
    assert all(option in all_fields()[field].options for field, option in MEANINGS)
    known = {unit for spec in all_fields().values() for unit in units_of(spec)}
    assert set(UNITS) - {"days"} <= known | {"mg/m2"}
    aliases = [(alias, word) for word, all_of in SPELLINGS.items() for alias in all_of.split()]
    assert {alias for alias, word in aliases if any(a == alias and w != word for a, w in aliases)} == set()
    assert not set(JOINED) & {alias for alias, _ in aliases}
    said = {word for phrases in PHRASES.values() for phrase in phrases for word in phrase.split()}
    without_spellings = {
        "after",
        "bcr",
        "c",
        "cd19",
        "cd22",
        "domain",
        "f",
        "line",
        "m",
        "months",
        "name",
        "next",
        "other",
        "protein",
        "reactive",
        "registry",
        "w",
        "ж",
        "м",
    }
    assert said - set(SPELLINGS) == without_spellings


@pytest.mark.parametrize(
    ("field", "numbers", "stated", "unit", "certain"),
    [
        ("hemoglobin_g_dl", [88, 104, 97], "", "g/L", True),
        ("hemoglobin_g_dl", [8.8, 10.4, 9.7], "", "g/dL", True),
        ("creatinine_mg_dl", [61, 80, 130], "", "umol/L", True),
        ("creatinine_mg_dl", [0.7, 1.1, 0.9], "umol/L", "umol/L", False),
        ("crp_mg_l", [0.3, 0.9, 1.2], "", "mg/dL", True),
        ("marrow_blasts_pct", [0.62, 0.01, 0.4], "", "fraction", True),
        ("marrow_blasts_pct", [62, 1, 40], "", "%", True),
        ("platelets_1e9_l", [45000, 120000, 30000], "", "cells per uL", True),
        ("dose_total_1e6", [45e6, 102e6, 90e6], "", "cells", True),
        ("last_contact_day", [12, 24, 6], "months", "months", True),
        ("ldh_u_l", [1e7, 2e7, 3e7], "", "U/L", False),
        ("crp_mg_l", [8, 12, 15], "", "mg/L", False),
        ("hemoglobin_g_dl", [9.5, 10, 8.8], "", "g/dL", True),
        ("hemoglobin_g_dl", [6.7, 7.0, 7.2], "", "g/dL", False),
        ("hemoglobin_g_dl", [5.5, 6.0, 5.8], "", "mmol/L", True),
        ("last_contact_day", [12, 24, 6], "", "weeks", False),
        ("last_contact_day", [700, 730, 900], "", "days", True),
        ("ecog", [0, 1, 2], "", "", True),
        ("ecog", [70, 80, 90], "", "", False),
    ],
)
def test_unit_by_heading_or_by_size(field, numbers, stated, unit, certain):
    """What fits no unit, or contradicts the heading, is left to a person."""
    guess = unit_guess(all_fields()[field], numbers, stated)
    assert (guess.unit, guess.certain) == (unit, certain)
    assert not any(str(number) in guess.reason for number in numbers)


def test_values_of_a_single_patient_are_not_kept():
    """However many rows the patient has."""
    values = values_of(["own", "own", "other", "other"], ["a", "b", "c", "c"])
    assert (values.words, values.rare) == ((("own", 2),), 1)


def test_many_different_values_are_no_codes():
    """Thirteen are too many."""
    cells = [f"word {place}" for place in range(13)] * 2
    assert values_of(cells, [str(place) for place in range(26)]).words == ()


@pytest.mark.parametrize("cell", ["17.05.1990", "jane@clinic.org", "MRN 1234567", "x" * 31])
def test_what_may_identify_is_never_a_code(cell):
    """Also where several patients share it."""
    values = values_of([cell, cell], ["a", "b"])
    assert values.words == ()


@pytest.mark.parametrize(
    ("cells", "ways"),
    [
        (["2021-11-03", "2022-02-14"], ("YYYY-MM-DD",)),
        (["03.11.2021", "14.02.2022"], ("DD.MM.YYYY",)),
        (["03/11/2021", "04/02/2022"], ("DD/MM/YYYY", "MM/DD/YYYY")),
        (["03-Nov-2021"], ("DD-MON-YYYY",)),
        (["3", "4"], ()),
    ],
)
def test_dates_are_recognised_by_how_they_are_written(cells, ways):
    """Two ways where days and months cannot be told apart."""
    assert values_of(cells, cells).dates == ways


def test_words_of_a_site_are_matched_with_options():
    """By meaning and by spelling; a number means nothing."""
    response = all_fields()["response_day28"]
    assert [option_of(response, word) for word in ("CR", "CRi", "no response", "NR", "1")] == [
        "cr",
        "cri",
        "no_response",
        "no_response",
        None,
    ]
    assert option_of(all_fields()["product"], "tisagenlecleucl") == "tisagenlecleucel"


def entry(field: str, cells: list[str], **given: str | None) -> tuple[str, bool]:
    values = values_of(cells, [str(place) for place in range(len(cells))])
    made = entry_of(all_fields()[field], "c", values, **{"unit": "", "infusion_date": None, **given})  # type: ignore[arg-type]
    return made.toml, made.certain


@pytest.mark.parametrize(
    ("field", "cells", "toml", "certain"),
    [
        ("ph_positive", ["1", "0"], '"c"', True),
        ("ph_positive", ["да", "нет"], '{ column = "c", codes = { "да" = true, "нет" = false } }', True),
        ("ph_positive", ["1", "2", "1", "2"], '{ column = "c", codes = { 1 = "?", 2 = "?" } }', False),
        ("sex", ["female", "male"], '"c"', True),
        ("sex", ["1", "2", "1", "2"], '{ column = "c", codes = { 1 = "?", 2 = "?" } }', False),
        ("target_antigen", ["CD19", "x", "CD19", "x"], '{ column = "c", codes = { CD19 = "cd19" } }', True),
        ("prior_blinatumomab", ["1", "0"], '{ column = "c", codes = { "?" = "?" } }', False),
        ("crs_grade", ["I", "II", "I", "II"], '{ column = "c", codes = { I = 1, II = 2 } }', False),
        (
            "icans_grade",
            ["2", "Grad 3", "нет", "2", "Grad 3", "нет"],
            '{ column = "c", codes = { "Grad 3" = 3, "нет" = "?" } }',
            False,
        ),
        (
            "prior_allo_hsct",
            ["Z.n.", "nein"] * 2,
            '{ column = "c", codes = { "Z.n." = "?", nein = false } }',
            False,
        ),
        ("death_day", ["yes", "no"], '{ column = "c", codes = { "?" = "?" } }', False),
        ("ldh_u_l", ["200", "300"], '"c"', True),
        ("ldh_u_l", [], '"c"', False),
        ("crp_mg_l", ["<5", "12", "80"], '"c"', True),
    ],
)
def test_entries(field, cells, toml, certain):
    """Certain where the values say so, else open."""
    assert entry(field, cells) == (toml, certain)


def test_entries_of_dates_and_months():
    """Days are counted from the infusion; months are rounded to days."""
    dates = ["03.11.2021", "14.02.2022"]
    assert entry("relapse_day", dates, infusion_date="inf") == (
        '{ column = "c", days_since = "inf" }',
        True,
    )
    assert entry("relapse_day", dates) == ('{ column = "c", days_since = "?" }', False)
    assert entry("age_years", dates, infusion_date="inf") == ('"c"', False)
    assert entry("last_contact_day", ["12", "7.5"], unit="months") == (
        '{ column = "c", unit = "months", round = true }',
        True,
    )


def test_toml_of_awkward_texts():
    """Quotes, dots and letters beyond a-z."""
    assert (key("a-b_1"), key("a.b"), key("пол"), key("")) == ("a-b_1", '"a.b"', '"пол"', '""')
    assert inline([('say "x"', quoted("a\\b\x7f"))]) == '{ "say \\"x\\"" = "a\\\\b\\u007f" }'


def test_an_entry_asks_how_values_beyond_a_limit_are_read():
    """A laboratory writes <5; the mapping says whether that is 5 or unknown."""
    values = values_of(["<5", "12", "80"], ["a", "b", "c"])
    made = entry_of(all_fields()["crp_mg_l"], "c", values, unit="", infusion_date=None)
    assert 'values such as <5 need beyond_limit = "limit" or "blank"' in made.reason


def drafted(*rows: list[str]) -> list[str]:
    """Draft a mapping of a table; its lines."""
    return draft_mapping(table_of(rows, name="t.csv", sha256="00")).text.splitlines()


def test_dates_that_two_formats_fit_are_left_to_a_person():
    """Days and months cannot be distinguished where no day is above 12."""
    rows = ["a", "03/11/2021", "05/06/2022"], ["b", "04/02/2022", "01/07/2022"]
    lines = drafted(["Code", "infusion date", "relapse date"], *rows)
    assert (
        '# dates = "?"  # check: DD/MM/YYYY or MM/DD/YYYY; no cell decides, of 4 different dates; '
        "say which, here or in the fields"
    ) in lines


def test_dates_of_columns_in_different_formats_are_read_by_their_own():
    """No format fits all of them, and no cell fits two; YYYY-MM-DD is always read."""
    rows = ["a", "03.11.2021", "2022-06-15"], ["b", "14.02.2022", "2022-07-21"]
    lines = drafted(["Code", "infusion date", "relapse date"], *rows)
    line = 'dates = "DD.MM.YYYY"  # check: columns differ; each cell fits this, or YYYY-MM-DD'
    assert line in lines


def test_infusions_of_a_patient_are_counted_by_date():
    """Where a pseudonym is repeated and no column numbers the infusions."""
    rows = ["a", "03.11.2021", "31"], ["a", "14.02.2022", "32"], ["b", "20.02.2022", "33"]
    lines = drafted(["Code", "infusion date", "age"], *rows)
    assert (
        'infusion_number = { count_by = "infusion date" }  '
        "# check: infusions of a patient are counted in the order of these dates"
    ) in lines


def test_other_instruments_of_redcap_are_listed_as_comments():
    """The one that is named after the infusion is proposed; a person decides about the rest."""
    lines = drafted(
        ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance", "age", "mrd"],
        ["1", "", "", "31", ""],
        ["1", "infusion", "1", "", ""],
        ["1", "laboratory", "1", "", "0.1"],
    )
    assert 'infusion_instrument = "infusion"  # check: is each of its repeats an infusion?' in lines
    assert '# ignore_instruments = ["laboratory"]  # check: is none of them needed?' in lines


def test_the_data_access_group_may_be_the_center():
    """A person has to say so."""
    lines = drafted(
        ["record_id", "age", "redcap_data_access_group"], ["1", "31", "north"], ["2", "35", "east"]
    )
    assert (
        '    # "redcap_data_access_group",  '
        '# check: the treating center? Then center = "redcap_data_access_group"'
    ) in lines


def test_a_dose_per_kg_of_a_unit_column_is_multiplied_by_the_weight():
    """Where the field is the total dose and the column of units says otherwise."""
    rows = ["a", "70", "1.2", "10^6/kg"], ["b", "80", "1.4", "10^6/kg"]
    (line,) = [
        line
        for line in drafted(["Code", "weight", "total dose", "dose unit"], *rows)
        if line.startswith("# dose_total_1e6 = ")
    ]
    assert (
        'unit = "10^6 CAR+ cells/kg", multiply_by = "weight", only_if = { "dose unit" = "10^6/kg" }' in line
    )


def test_a_box_of_a_choice_has_its_codes_and_its_condition():
    """What a ticked box means is open, where an unticked one is an answer is not."""
    rows = [[str(number), "31", str(number % 2), "0", "2"] for number in range(6)]
    heading = ["record_id", "age", "cns___3", "cns___unk", "cns_form_complete"]
    (line,) = [line for line in drafted(heading, *rows) if line.startswith("# cns_status = ")]
    condition = "only_if = { cns_form_complete = [1, 2], cns___unk = 0 }"
    assert f'{{ column = "cns___3", codes = {{ 0 = "?", 1 = "?" }}, {condition} }}' in line
