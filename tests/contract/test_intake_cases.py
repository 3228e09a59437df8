"""Tables that were once read wrongly: each is read as it is meant, or refused with the remedy."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.site_case import SiteCase, site_case

BASE = '[fields]\npatient_id = "rec"\n'


@dataclass(frozen=True)
class Case:
    """A table, the mapping that read it wrongly, the refusal, and the mapping that names the rule.

    Parameters
    ----------
    table, mapping : str
        CSV and TOML.
    refused : tuple of str
        Parts of the one message of `check` and `import`; empty where the table is read at once.
    remedy : dict of str to str
        Texts of the mapping and what replaces them.
    rows : tuple of tuple of str
        Of the cohort, in the columns below.
    columns : tuple of str
        Of the cohort.
    said : tuple of str
        Lines of `import`, and of `check`.
    drafted : tuple of str
        How lines of `map` begin.
    """

    table: str
    mapping: str
    refused: tuple[str, ...] = ()
    remedy: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    said: tuple[str, ...] = ()
    drafted: tuple[str, ...] = ()


REPEATED = """
    rec,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,born,given,d28,fu,rel
    K-1,start_arm_1,,,1988-02-01,,,,
    K-1,product_arm_1,,1,,2020-02-01,,,
    K-1,product_arm_1,,2,,2020-08-01,,,
    K-1,month_1_arm_1,,,,,1,,
    K-1,outcome_arm_1,,,,,,2021-02-01,{relapse}
    K-2,start_arm_1,,,1979-09-09,,,,
    K-2,product_arm_1,,1,,2020-03-01,,,
    K-2,month_1_arm_1,,,,,2,,
    K-2,outcome_arm_1,,,,,,2021-03-01,
"""
REPEATED_FIELDS = """
[redcap]
infusion_events = ["product_arm_1"]
[fields]
patient_id = "rec"
infusion_number = "redcap_repeat_instance"
age_years = { column = "given", years_since = "born" }
response_day28 = { column = "d28", codes = { 1 = "cr", 2 = "no_response" } }
relapse_day = { column = "rel", days_since = "given" }
last_contact_day = { column = "fu", days_since = "given" }
"""
BY_RULE = {
    '2 = "no_response" }': '2 = "no_response" }, belongs_to = "first_infusion"',
    'column = "rel", days_since': 'column = "rel", belongs_to = "preceding_infusion", days_since',
}
OUTCOMES = ("response_day28", "relapse_day", "last_contact_day")

CHECKBOXES = """
    rec,age,main_complete,sites___1,sites___2,sites____88,disease_complete
    1,31,2,0,1,0,2
    2,22,2,0,0,0,0
    3,44,2,0,0,1,2
    4,25,2,1,0,0,2
"""

CASES = {
    "one relapse and one response for two infusions": Case(
        REPEATED.format(relapse="2020-12-15"),
        REPEATED_FIELDS,
        ("response_day28 (from d28) is one value that 2 infusions of 1 patient share (2 rows: 3-4)",)
        + ("relapse_day (from rel, given) is one value that 2 infusions of 1 patient share (2 rows: 3-4)",)
        + ('add belongs_to = "preceding_infusion" to fields.relapse_day',),
        BY_RULE,
        OUTCOMES,
        (("cr", "", "366"), ("", "136", "184"), ("no_response", "", "365")),
        ("last_contact_day: 2 infusions of 1 patient share a date, counted from each infusion",),
    ),
    "a relapse between two infusions": Case(
        REPEATED.format(relapse="2020-07-20"),
        REPEATED_FIELDS,
        ("relapse_day (from rel, given) is one value that 2 infusions of 1 patient share (2 rows: 3-4)",),
        BY_RULE,
        OUTCOMES,
        (("cr", "170", "366"), ("", "", "184"), ("no_response", "", "365")),
    ),
    "a checkbox that nobody was asked about": Case(
        CHECKBOXES,
        f'[table]\nignore_others = true\n{BASE}extramedullary_disease = "sites___2"\n',
        ('an unticked box for "no" where the form was not filled in, or unknown is ticked (2 rows: 3-4)',)
        + ("add only_if = { disease_complete = [1, 2], sites____88 = 0 } to fields.extramedullary_disease",),
        {'"sites___2"': '{ column = "sites___2", only_if = { disease_complete = [1, 2], sites____88 = 0 } }'},
        ("extramedullary_disease",),
        (("true",), ("",), ("",), ("false",)),
    ),
    "a blank form of an infusion": Case(
        """
        rec,redcap_repeat_instrument,redcap_repeat_instance,sx,dose,cart_complete
        1,,,f,,
        1,cart,1,,1.1,2
        1,cart,2,,,0
        2,,,m,,
        2,cart,1,,,0
        """,
        f'[redcap]\ninfusion_instrument = "cart"\n[table]\nignore = ["*_complete"]\n{BASE}'
        'infusion_number = "redcap_repeat_instance"\ndose_1e6_per_kg = "dose"\n'
        'sex = { column = "sx", codes = { f = "female", m = "male" } }\n',
        columns=("infusion_number", "sex", "dose_1e6_per_kg"),
        rows=(("1", "female", "1.1"),),
        said=("2 blank infusion forms left out: not an infusion (row 4, 6)",)
        + ("1 record without an infusion left out",),
    ),
    "yes and no beside the grades": Case(
        "rec,CRS,CRSGRD,NEUROTOX,ICANSGRD,DEAD,age\n"
        + "\n".join(f"p{n},{1 + n % 2},{n % 4},{1 + n % 2},{n % 3},{2 - n % 2},3{n % 10}" for n in range(20)),
        f'[table]\nignore_others = true\n{BASE}crs_grade = "CRSGRD"\nicans_grade = "ICANSGRD"\n'
        'crs_grading_system = { value = "astct_2019" }\n',
        columns=("crs_grade", "icans_grade"),
        rows=tuple((str(n % 4), str(n % 3)) for n in range(20)),
        drafted=('crs_grade = "CRSGRD"', 'icans_grade = "ICANSGRD"', '# death_day = { column = "DEAD"'),
    ),
    # Germany had no summer time in March 1980: that birth was on 31 March.
    "a time in another time zone": Case(
        """
        rec,given,born,seen
        1,2019-06-30T22:00:00Z,1980-03-31T22:00:00.000Z,2020-07-01
        2,2019-07-01 23:30,1980-04-01,2020-07-01T00:00:00+02:00
        """,
        f'[table]\nignore = []\n{BASE}age_years = {{ column = "given", years_since = "born" }}\n'
        'last_contact_day = { column = "seen", days_since = "given" }\n',
        ("age_years (from given, born) states a time zone, so the date at the center may be another",)
        + ('set time_zone = "Europe/Berlin", or that of your center, under [table]',),
        {"ignore = []": 'time_zone = "Europe/Berlin"'},
        ("age_years", "last_contact_day"),
        (("39.2", "366"), ("39.2", "366")),
        ("3 times with a time zone read in Europe/Berlin: the date there differs from the written one in 1",),
    ),
    "laboratory values of visits": Case(
        """
        rec,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,age,drawn,crp,hb
        1,start,,,31,2021-01-01,12,9.1
        1,month_1,blood,1,,2021-02-01,44,
        1,month_1,blood,2,,2021-02-08,,8.2
        2,start,,,44,,,
        2,month_1,blood,1,,2021-03-01,9,10.1
        """,
        f'[table]\nignore = ["drawn"]\n[redcap]\nignore_instruments = ["blood"]\n{BASE}'
        'age_years = "age"\ncrp_mg_l = "crp"\nhemoglobin_g_dl = "hb"\n',
        columns=("crp_mg_l", "hemoglobin_g_dl"),
        rows=(("12", "9.1"), ("", "")),
        said=("3 rows of ignored instruments or events left out",)
        + ("values in them, of columns that the mapping uses for other rows: crp 2, hb 2",)
        + ("values in them, of other columns: drawn 3",),
    ),
    "a dose by weight bands": Case(
        """
        rec,wt,dose,unit
        1,40,2.2,10*6/kg
        2,75,1.5,10*8
        3,,1.5,10*8
        4,80,320,10*6
        """,
        f'{BASE}weight_kg = "wt"\ndose_1e6_per_kg = [\n'
        '  { column = "dose", only_if = { unit = "10*6/kg" } },\n'
        '  { column = "dose", unit = "10^8 cells", divide_by = "wt", only_if = { unit = "10*8" } },\n'
        '  { column = "dose", factor = 1, divide_by = "wt", only_if = { unit = "10*6" } },\n]\n',
        columns=("dose_1e6_per_kg",),
        rows=(("2.2",), ("2",), ("",), ("4",)),
        drafted=('# dose_1e6_per_kg = [{ column = "dose", only_if = { unit = "10*6/kg" } },',),
    ),
}


def written(folder, case: Case, mapping: str) -> SiteCase:
    return site_case(folder, case.table, mapping)


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.refused], ids=lambda case: "")
def test_what_the_mapping_does_not_say_is_refused(tmp_path, case):
    """By `import` and `check` alike, with the key to write."""
    told = "\n".join(written(tmp_path, case, case.mapping).refused())
    assert [part for part in case.refused if part not in told] == []


@pytest.mark.parametrize("name", CASES)
def test_each_table_is_read_as_it_is_meant(tmp_path, name):
    """Once the mapping names the rule; what is left out is counted by both commands."""
    case = CASES[name]
    mapping = case.mapping
    for old, new in case.remedy.items():
        assert old in mapping
        mapping = mapping.replace(old, new)
    site = written(tmp_path, case, mapping)
    assert site.columns(*case.columns) == list(case.rows)
    _, imported = site.imported()
    checked = site.checked()
    assert [line for line in case.said if line not in imported or line not in checked] == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.drafted])
def test_what_a_draft_states(tmp_path, name):
    """A comment where it is not certain."""
    case = CASES[name]
    lines = written(tmp_path, case, "").drafted()
    assert [start for start in case.drafted if not any(line.startswith(start) for line in lines)] == []
