"""An outcome that several infusions of a patient share belongs to the one that the mapping names."""

from __future__ import annotations

import pytest

from tests.site_case import SiteCase, site_case

REPEATING_EVENT = """
    rec,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,given,resp,resp_on,rel,sct,died,seen
    A-1,base_arm_1,,,,,,,,,
    A-1,cell_arm_1,,1,2021-03-01,,,,,,
    A-1,cell_arm_1,,2,2021-09-01,,,,,,
    A-1,cell_arm_1,,3,2022-02-01,,,,,,
    A-1,end_arm_1,,,,{outcomes}
    A-2,cell_arm_1,,1,2021-05-01,,,,,,
    A-2,end_arm_1,,,,1,2021-05-29,,,,2022-05-01
"""
REDCAP = '[redcap]\ninfusion_events = ["cell_arm_1"]\n[table]\nignore_others = true\n'
FIELDS = '[fields]\npatient_id = "rec"\ninfusion_number = "redcap_repeat_instance"\n'
SEEN = 'last_contact_day = { column = "seen", days_since = "given" }\n'
PRECEDING = 'belongs_to = "preceding_infusion"'


def events(folder, outcomes: str, fields: str, table: str = REPEATING_EVENT) -> SiteCase:
    """Three infusions of one record, and one row of it with the outcomes."""
    return site_case(folder, table.format(outcomes=outcomes), REDCAP + FIELDS + fields)


def relapse(more: str = "") -> str:
    return f'relapse_day = {{ column = "rel", days_since = "given"{more} }}\n{SEEN}'


@pytest.mark.parametrize(
    ("field", "column", "outcomes"),
    [
        ("relapse_day", "rel", ",,2022-01-10,,,2022-06-01"),
        ("allo_hsct_day", "sct", ",,,2022-04-10,,2022-06-01"),
        ("response_day", "resp_on", ",2022-03-01,,,,2022-06-01"),
        ("crs_onset_day", "rel", ",,2022-02-03,,,2022-06-01"),
        ("next_infusion_day", "rel", ",,2022-02-01,,,2022-06-01"),
    ],
)
def test_a_date_that_infusions_share_needs_a_rule(tmp_path, field, column, outcomes):
    """The number of infusions, their rows and the key are in the message; no date is."""
    how = f'{field} = {{ column = "{column}", days_since = "given" }}\n{SEEN}'
    (told,) = [line for line in events(tmp_path, outcomes, how).refused() if "share" in line]
    start = f"{field} (from {column}, given) is one value that 3 infusions of 1 patient share (3 rows: 3-5): "
    assert told.startswith(start)
    key = "until_next" if field == "next_infusion_day" else f"add {PRECEDING} to fields.{field}"
    assert key in told
    assert "2022" not in told


@pytest.mark.parametrize(
    ("on", "days"),
    [
        ("2021-03-01", ("", "", "")),
        ("2021-03-02", ("1", "", "")),
        ("2021-08-31", ("183", "", "")),
        ("2021-09-01", ("184", "", "")),
        ("2021-09-02", ("", "1", "")),
        ("2022-01-10", ("", "131", "")),
        ("2022-02-02", ("", "", "1")),
        ("2020-12-31", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_an_event_belongs_to_the_infusion_before_it(tmp_path, on, days):
    """A relapse on the day of an infusion was there before it: day 0 is no day of a relapse."""
    case = events(tmp_path, f",,{on},,,2022-06-01", relapse(f", {PRECEDING}"))
    rows, said = case.imported()
    assert tuple(row["relapse_day"] for row in rows[:3]) == days
    assert [row["last_contact_day"] for row in rows] == ["457", "273", "120", "365"]
    before = [line for line in said if "from before the first infusion" in line]
    assert len(before) == (on in ("2021-03-01", "2020-12-31"))
    assert case.checked()


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("preceding_infusion", ("", "131", "")),
        ("every_preceding_infusion", ("315", "131", "")),
        ("first_infusion", ("315", "", "")),
    ],
)
def test_the_rules_differ(tmp_path, rule, days):
    """Under current practice a relapse after a second infusion may count for the first, too."""
    case = events(tmp_path, ",,2022-01-10,,,2022-06-01", relapse(f', belongs_to = "{rule}"'))
    rows, said = case.imported()
    assert tuple(row["relapse_day"] for row in rows[:3]) == days
    kept = sum(map(bool, days))
    has = "has" if kept == 1 else "have"
    assert (
        f'relapse_day: 3 infusions shared a value; by belongs_to = "{rule}" {kept} of them {has} it' in said
    )
    assert [line for line in case.checked() if "shared a value" in line]


def test_an_earlier_infusion_without_an_event_is_named(tmp_path):
    """Event-free to its last contact would be a claim; the follow-up can end at the next infusion."""
    outcomes, died = (
        ",,2022-01-10,,2022-06-01,2022-06-01",
        'death_day = { column = "died", days_since = "given"',
    )
    how = f"{relapse(f', {PRECEDING}')}{died} }}\n"
    _, said = events(tmp_path, outcomes, how).imported()
    assert [line for line in said if line.startswith("relapse_day: 1 infusion (row 3) without an event")]
    seen = SEEN.replace(" }", f", {PRECEDING} }}")
    how = relapse(f", {PRECEDING}").replace(SEEN, seen) + f"{died}, {PRECEDING} }}\n"
    rows, said = events(tmp_path, outcomes, how).imported()
    assert [(row["relapse_day"], row["death_day"], row["last_contact_day"]) for row in rows] == [
        ("", "", "184"),
        ("131", "", "153"),
        ("", "120", "120"),
        ("", "", "365"),
    ]
    assert not [line for line in said if "followed up beyond" in line]


def test_death_and_last_contact_count_from_each_infusion(tmp_path):
    """They are facts of the patient: shared rightly, and counted in words."""
    how = f'death_day = {{ column = "died", days_since = "given" }}\n{SEEN}'
    rows, said = events(tmp_path, ",,,,2022-06-01,2022-06-01", how).imported()
    assert [row["death_day"] for row in rows] == ["457", "273", "120", ""]
    assert "death_day: 3 infusions of 1 patient share a date, counted from each infusion" in said
    assert "last_contact_day: 3 infusions of 1 patient share a date, counted from each infusion" in said


@pytest.mark.parametrize("field", ["death_day", "last_contact_day", "relapse_day"])
def test_a_number_of_days_that_infusions_share_needs_a_rule(tmp_path, field):
    """It counts from one infusion, and the file does not say from which."""
    how = f'{field} = "rel"\n'
    told = events(tmp_path, ",,120,,,", how).refused()
    assert f"{field} (from rel) is one value that 3 infusions of 1 patient share" in told[0]
    assert 'belongs_to = "first_infusion"' in told[0]
    days = 'last_contact_day = { column = "rel", belongs_to = "first_infusion" }\n'
    assert events(tmp_path, ",,120,,,", days).columns("last_contact_day") == [("120",), ("",), ("",), ("",)]


@pytest.mark.parametrize("field", ["crs_grade", "icans_grade", "response_day28"])
@pytest.mark.parametrize("rule", ["first_infusion", "last_infusion"])
def test_grades_and_responses_that_infusions_share(tmp_path, field, rule):
    """They have no date: the infusion is named, or the column of their date."""
    codes = ', codes = { 1 = "cr" }' if field == "response_day28" else ""
    scale = 'crs_grading_system = { value = "astct_2019", only_if = { resp = "*" } }\n'
    how = f'{field} = {{ column = "resp"{codes}'
    told = events(tmp_path, "1,,,,,2022-06-01", f"{how} }}\n{scale}").refused()
    assert f"{field} (from resp) is one value that 3 infusions of 1 patient share" in told[0]
    named = events(tmp_path, "1,,,,,2022-06-01", f'{how}, belongs_to = "{rule}" }}\n{scale}')
    cells = [cell for (cell,) in named.columns(field)]
    value = "cr" if field == "response_day28" else "1"
    blank = ["", ""]
    assert cells == ([value, *blank, value] if rule == "first_infusion" else [*blank, value, value])


def test_a_response_belongs_by_its_date(tmp_path):
    """Once the mapping names the columns of its date and of the infusion's."""
    how = 'response_day28 = { column = "resp", codes = { 1 = "cr" }'
    how = f'{how}, {PRECEDING}, event_date = "resp_on" }}\n'
    case = events(tmp_path, "1,2021-09-29,,,,", how)
    case.mapping.write_text(
        case.mapping.read_text().replace("[table]\n", '[table]\ninfusion_date = "given"\n')
    )
    assert case.columns("response_day28") == [("",), ("cr",), ("",), ("cr",)]


@pytest.mark.parametrize("only_if", ["{ redcap_repeat_instance = 2 }", '{ given = "2021-09-01" }'])
def test_an_infusion_that_a_condition_names_shares_nothing(tmp_path, only_if):
    """The mapping says whose the event is."""
    case = events(tmp_path, ",,2022-01-10,,,2022-06-01", relapse(f", only_if = {only_if}"))
    assert case.columns("relapse_day")[:3] == [("",), ("131",), ("",)]


def test_a_record_with_one_infusion_shares_nothing(tmp_path):
    """Nothing is asked, whatever the form that holds the outcome."""
    table = "\n".join(
        line for line in REPEATING_EVENT.splitlines() if ",2," not in line and ",3," not in line
    )
    case = events(tmp_path, ",,2022-01-10,,,2022-06-01", relapse(), table)
    assert case.columns("relapse_day") == [("315",), ("",)]


def test_infusions_that_the_filter_leaves_out_share_nothing(tmp_path):
    """Rows that are no infusions are neither counted nor next."""
    case = events(tmp_path, ",,2022-01-10,,,2022-06-01", relapse())
    text = case.mapping.read_text().replace("[table]\n", "[table]\nkeep = [{ redcap_repeat_instance = 1 }]\n")
    case.mapping.write_text(text)
    assert case.columns("relapse_day") == [("315",), ("",)]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("", "needs the date of every infusion of the patient"),
        ("2021-03-01", "cannot be given to one of two infusions on the same day"),
    ],
)
def test_infusions_that_cannot_be_put_in_order(tmp_path, cell, told):
    """An unknown date, or the same one twice: refused, nothing is guessed."""
    table = REPEATING_EVENT.replace("2,2021-09-01,,", f"2,{cell},2,")
    case = events(tmp_path, ",,2022-01-10,,,2022-06-01", relapse(f", {PRECEDING}"), table)
    assert any(line.startswith(f"relapse_day (from rel, given) {told}") for line in case.refused())


@pytest.mark.parametrize(
    ("rule", "cells"),
    [("first_infusion", ("2021-03-01", "2021-03-01")), ("last_infusion", ("2022-02-01", "2021-09-01"))],
)
def test_no_infusion_is_the_first_or_the_last_of_two_on_one_day(tmp_path, rule, cells):
    """Which of them has the event is not guessed."""
    table = REPEATING_EVENT.replace("2,2021-09-01,,", f"2,{cells[0]},,")
    table = table.replace("1,2021-03-01,,", f"1,{cells[1]},,")
    case = events(tmp_path, ",,2022-03-10,,,2022-06-01", relapse(f', belongs_to = "{rule}"'), table)
    (reason,) = [line for line in case.refused() if line.startswith("relapse_day")]
    assert "cannot be given to one of two infusions on the same day" in reason
    assert "correct the dates, or name the infusion with only_if" in reason


def test_different_responses_on_one_day_are_refused(tmp_path):
    """The rows of two infusions hold one assessment, with two results."""
    table = """
        id,given,resp,resp_on
        a,2021-03-01,1,2021-09-29
        a,2021-09-01,2,2021-09-29
        b,2021-03-01,1,2021-03-29
    """
    codes = '{ column = "resp", codes = { 1 = "cr", 2 = "no_response" }, event_date = "resp_on"'
    how = (
        '[table]\nignore_others = true\ninfusion_date = "given"\n[fields]\npatient_id = "id"\n'
        'infusion_number = { count_by = "given" }\n'
        f"response_day28 = {codes}, {PRECEDING} }}\n"
    )
    (reason,) = site_case(tmp_path, table, how).refused()
    assert reason == (
        "response_day28 (from resp, resp_on) has different values on one day (row 3): "
        "correct the one that is wrong"
    )
    same = table.replace("a,2021-09-01,2", "a,2021-09-01,1")
    assert site_case(tmp_path, same, how).columns("response_day28") == [("",), ("cr",), ("cr",)]


CLASSIC = """
    rec,redcap_event_name,given,d28,rel
    7,inf1_arm_1,2021-03-01,,
    7,day28_1_arm_1,,1,
    7,inf2_arm_1,2021-09-01,,
    7,day28_2_arm_1,,2,
    7,later_arm_1,,,2022-01-10
"""


def test_classic_events_share_a_relapse_too(tmp_path):
    """Two events are infusions, a third holds the outcome."""
    text = (
        '[redcap]\ninfusion_events = ["inf1_arm_1", "inf2_arm_1"]\n[table]\nignore_others = true\n'
        '[fields]\npatient_id = "rec"\ninfusion_number = { count_by = "given" }\n'
        'relapse_day = { column = "rel", days_since = "given" }\n'
        'last_contact_day = { column = "rel", days_since = "given" }\n'
    )
    case = site_case(tmp_path, CLASSIC, text)
    assert "is one value that 2 infusions of 1 patient share (2 rows: 2, 4)" in case.refused()[0]
    case.mapping.write_text(text.replace('"given" }\nlast', f'"given", {PRECEDING} }}\nlast'))
    assert case.columns("relapse_day") == [("",), ("131",)]


PLAIN = """
    id,given,rel,sct,died,seen
    a,2021-03-01,{first},,2022-03-01,2022-03-01
    a,2021-09-01,{second},,2022-03-01,2022-03-01
    b,2021-03-01,2022-01-10,,,2022-03-01
"""
PLAIN_FIELDS = (
    '[table]\nignore_others = true\n[fields]\npatient_id = "id"\ninfusion_number = { count_by = "given" }\n'
    'death_day = { column = "died", days_since = "given" }\n'
)


def test_a_date_that_stands_in_two_rows_of_a_patient_is_one_event(tmp_path):
    """A table joined from a database repeats what belongs to the patient."""
    both = PLAIN.format(first="2022-01-10", second="2022-01-10")
    told = site_case(tmp_path, both, PLAIN_FIELDS + relapse()).refused()
    assert told[0].startswith(
        "relapse_day (from rel, given) is one value that 2 infusions of 1 patient share (2 rows: 2-3)"
    )
    case = site_case(tmp_path, both, PLAIN_FIELDS + relapse(f", {PRECEDING}"))
    assert case.columns("relapse_day", "death_day") == [("", "365"), ("131", "181"), ("315", "")]


def test_an_event_in_the_row_of_another_infusion_is_not_lost(tmp_path):
    """It goes to the infusion that it happened after."""
    table = PLAIN.format(first="2022-01-10", second="")
    case = site_case(tmp_path, table, PLAIN_FIELDS + relapse(f", {PRECEDING}"))
    assert case.columns("relapse_day") == [("",), ("131",), ("315",)]
    table = PLAIN.format(first="2021-05-01", second="2022-01-10")
    case = site_case(tmp_path, table, PLAIN_FIELDS + relapse(f", {PRECEDING}"))
    assert case.columns("relapse_day") == [("61",), ("131",), ("315",)]


def test_a_named_infusion_without_the_value_of_another_row(tmp_path):
    """Nothing is dropped silently."""
    table = PLAIN.format(first="", second="2022-01-10")
    told = site_case(tmp_path, table, PLAIN_FIELDS + relapse(', belongs_to = "first_infusion"')).refused()
    assert "has a value in the row of an infusion that belongs_to does not name" in told[0]


def test_cells_that_are_filled_down_are_shared(tmp_path):
    """By the rows of one patient."""
    fill = PLAIN_FIELDS.replace("[table]\n", '[table]\nfill_down = ["rel"]\n')
    table = PLAIN.format(first="2022-01-10", second="")
    told = site_case(tmp_path, table, fill + relapse()).refused()
    assert "is one value that 2 infusions of 1 patient share (2 rows: 2-3)" in told[0]


@pytest.mark.parametrize(
    "how",
    [
        'response_day28 = { column = "rel", codes = { "*" = "cr" } }\n',
        relapse(),
        relapse(f", {PRECEDING}"),
        'last_contact_day = { column = "rel", days_since = "given" }\n',
    ],
)
def test_an_outcome_is_never_filled_down_to_another_patient(tmp_path, how):
    """Whatever the rule, and also a date that counts from every infusion."""
    fill = PLAIN_FIELDS.replace("[table]\n", '[table]\nfill_down_groups = ["rel"]\n')
    table = PLAIN.format(first="2022-01-10", second="").replace("b,2021-03-01,2022-01-10", "b,2021-03-01,")
    told = site_case(tmp_path, table, fill + how).refused()
    assert "is filled down from the row of one patient to that of another (3 rows: 2-4)" in "".join(told)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (relapse(', belongs_to = "next_infusion"'), "must be one of preceding_infusion, every_preceding"),
        (f'sex = {{ column = "rel", {PRECEDING} }}', "fields.sex.belongs_to is for outcomes"),
        (
            f'relapse_day = {{ column = "rel", {PRECEDING} }}',
            "needs days_since, or event_date and infusion_date",
        ),
        (relapse(f', {PRECEDING}, event_date = "rel"'), "and no days_since or subtract"),
        (
            f'next_infusion_day = {{ column = "rel", days_since = "given", {PRECEDING} }}',
            "come from until_next",
        ),
    ],
)
def test_rules_that_say_nothing_are_refused(tmp_path, fields, told):
    """Where the reader of a mapping finds them."""
    assert told in "\n".join(events(tmp_path, ",,,,,", fields).refused())


def test_a_draft_names_the_rule(tmp_path):
    """Where the date of an outcome is on another row than those of several infusions."""
    table = REPEATING_EVENT.replace("given,", "infusion date,").replace("rec,", "record_id,", 1)
    table = table.replace("rel,sct,", "relapse,hsct_d,")
    outcomes = "1,,2022-01-10,2022-04-10,2022-06-01,2022-06-01"
    lines = site_case(tmp_path, table.format(outcomes=outcomes)).drafted()
    ruled = [line.split(" = ")[0] for line in lines if PRECEDING in line]
    assert ruled == ["relapse_day", "allo_hsct_day"]
    one = "\n".join(line for line in table.format(outcomes=outcomes).splitlines() if ",,2," not in line)
    one = "\n".join(line for line in one.splitlines() if ",,3," not in line)
    assert not [line for line in site_case(tmp_path, one).drafted() if PRECEDING in line]


MONTHS = """
    rec,redcap_repeat_instrument,redcap_repeat_instance,from_dx,rel_from_dx,seen_from_dx
    1,,,,{relapse},30
    1,infusion,1,4.3,,
    1,infusion,2,11.6,,
"""


@pytest.mark.parametrize(
    ("relapse", "days"), [("10.1", ("177", "")), ("15.9", ("", "131")), ("11.5", ("219", ""))]
)
def test_months_from_diagnosis_compare_too(tmp_path, relapse, days):
    """Days may be counted from any day that both are counted from."""
    months = 'unit = "months", round = true, subtract = "from_dx"'
    text = (
        '[redcap]\ninfusion_instrument = "infusion"\n[fields]\npatient_id = "rec"\n'
        'infusion_number = "redcap_repeat_instance"\n'
        f'relapse_day = {{ column = "rel_from_dx", {months} }}\n'
        f'last_contact_day = {{ column = "seen_from_dx", {months} }}\n'
    )
    case = site_case(tmp_path, MONTHS.format(relapse=relapse), text)
    assert any("relapse_day" in line and "2 infusions of 1 patient share" in line for line in case.refused())
    case.mapping.write_text(text.replace('"rel_from_dx", ', f'"rel_from_dx", {PRECEDING}, '))
    assert case.columns("relapse_day", "last_contact_day") == [(days[0], "782"), (days[1], "560")]
