"""An unticked box of a REDCap export is "no" only where somebody answered the question."""

from __future__ import annotations

import pytest

from features.mapping.checkboxes import checkbox, is_unknown_box
from tests.site_case import SiteCase, site_case

EXPORT = """
    rec,age,main_complete,{q}___1,{q}___2,{q}___{unknown},{q}_form_complete
    a,31,2,0,1,0,2
    b,32,2,0,0,0,{status}
    c,33,2,0,0,1,2
    d,34,2,1,0,0,2
    e,35,2,0,0,0,2
"""
IGNORE = '[table]\nignore_others = true\n[fields]\npatient_id = "rec"\n'


def export(folder, fields: str, *, status: str = "0", unknown: str = "unk", q: str = "q") -> SiteCase:
    """Five records: another box, never opened, unknown, ticked, asked and no."""
    table = EXPORT.format(q=q, unknown=unknown, status=status)
    return site_case(folder, table, IGNORE + fields.replace("q_", f"{q}_"))


@pytest.mark.parametrize("field", ["extramedullary_disease", "bridging_therapy", "tocilizumab_prophylaxis"])
@pytest.mark.parametrize("unknown", ["unk", "_99", "99", "9", "na", "nask", "unknown"])
def test_a_box_that_nobody_was_asked_about_is_refused(tmp_path, field, unknown):
    """Until the condition names the status of the form and the box for unknown."""
    case = export(tmp_path, f'{field} = "q___1"\n', unknown=unknown)
    condition = f"{{ q_form_complete = [1, 2], q___{unknown} = 0 }}"
    assert case.refused() == [
        f'{field} (from q___1) takes an unticked box for "no" where the form was not filled in, or unknown '
        f"is ticked (2 rows: 3-4): add only_if = {condition} to fields.{field}; it is unknown in the other "
        "rows"
    ]
    answered = export(tmp_path, f'{field} = {{ column = "q___1", only_if = {condition} }}\n', unknown=unknown)
    assert answered.columns(field) == [("false",), ("",), ("",), ("true",), ("false",)]


@pytest.mark.parametrize(
    "how",
    [
        'prior_inotuzumab = { column = "q___1", codes = { 1 = true, 0 = false } }',
        'prior_blinatumomab = { column = "q___1", codes = { 1 = "response_unknown", 0 = "none" } }',
        "prior_allo_hsct = { when = [{ if = { q___1 = 1 }, then = true }], otherwise = false }",
        "ph_positive = { when = [{ if = { q___1 = 0 }, then = false }], otherwise = true }",
        'cns_status = { when = [{ if = { q___1 = 1 }, then = "cns3" }], otherwise = "cns1" }',
        'prior_lines = { columns = ["q___1", "q___2"], take = "sum" }',
        'kmt2a_rearranged = [{ column = "q___1" }]',
    ],
)
def test_every_way_to_make_a_field_counts(tmp_path, how):
    """Codes, rules, sums and lists rest on the same boxes."""
    (told,) = export(tmp_path, f"{how}\n").refused()
    assert "takes an unticked box" in told
    assert "(2 rows: 3-4)" in told


def test_a_field_that_is_made_of_ticked_boxes_only(tmp_path):
    """Nothing is said of the others."""
    how = 'cns_status = { when = [{ if = { q___1 = 1 }, then = "cns3" }], otherwise = "" }\n'
    assert export(tmp_path, how).columns("cns_status") == [("",), ("",), ("",), ("cns3",), ("",)]


@pytest.mark.parametrize("status", ["1", "2"])
def test_a_form_that_was_filled_in_answers_no(tmp_path, status):
    """Unverified is filled in, too."""
    case = export(tmp_path, 'bridging_therapy = "q___1"\n', status=status)
    assert "(row 4)" in case.refused()[0]


def test_the_person_may_count_unfinished_forms(tmp_path):
    """A condition that names the status is a decision; so is one that names the box for unknown."""
    how = 'bridging_therapy = { column = "q___1", only_if = { q_form_complete = [0, 1, 2], q___unk = 0 } }\n'
    assert export(tmp_path, how).columns("bridging_therapy")[1] == ("false",)
    how = 'bridging_therapy = { column = "q___1", only_if = { q_form_complete = [1, 2] } }\n'
    assert "(row 4)" in export(tmp_path, how).refused()[0]


def test_without_a_status_a_question_with_no_box_ticked_is_open(tmp_path):
    """Anything that says where it was answered will do."""
    table = "rec,asked,q___1,q___2\na,1,0,1\nb,0,0,0\nc,1,1,0"
    case = site_case(tmp_path, table, IGNORE + 'bridging_therapy = "q___1"\n')
    (told,) = case.refused()
    assert "no box of the question or unknown is ticked (row 3)" in told
    assert "export the status of the form too" in told
    how = 'bridging_therapy = { column = "q___1", only_if = { asked = 1 } }\n'
    case = site_case(tmp_path, table, IGNORE + how)
    assert case.columns("bridging_therapy") == [("false",), ("",), ("true",)]


def test_boxes_on_another_row_of_the_record(tmp_path):
    """The status is that of the form that holds the box, wherever the infusion is."""
    table = """
        rec,redcap_repeat_instrument,redcap_repeat_instance,q___1,q____99,base_complete,age,infusion_complete
        1,,,0,0,0,,
        1,infusion,1,,,,30,2
        2,,,0,0,2,,
        2,infusion,1,,,,31,2
        2,infusion,2,,,,32,2
    """
    redcap = '[redcap]\ninfusion_instrument = "infusion"\n' + IGNORE
    redcap += 'infusion_number = "redcap_repeat_instance"\nage_years = "age"\n'
    case = site_case(tmp_path, table, redcap + 'prior_inotuzumab = "q___1"\n')
    (told,) = case.refused()
    assert "(row 2)" in told
    assert "add only_if = { base_complete = [1, 2], q____99 = 0 } to fields.prior_inotuzumab" in told
    how = 'prior_inotuzumab = { column = "q___1", only_if = { base_complete = [1, 2], q____99 = 0 } }\n'
    assert site_case(tmp_path, table, redcap + how).columns("prior_inotuzumab") == [
        ("",),
        ("false",),
        ("false",),
    ]


def test_boxes_of_a_question_and_the_status_of_its_form():
    """The status is the next to the right; 9 after 8 is no code for unknown."""
    columns = ["a_complete", "q___1", "q___2", "q___9", "b_complete", "r___8", "r___9", "c_complete"]
    found = checkbox("q___1", columns)
    assert found is not None
    assert (found.unknown, found.status) == (("q___9",), "b_complete")
    assert not is_unknown_box("r___9", columns)
    assert checkbox("age", columns) is None


def drafted(case: SiteCase, field: str) -> str:
    (line,) = [line for line in case.drafted() if line.lstrip("# ").startswith(f"{field} = ")]
    return line


def test_a_draft_names_where_a_box_was_answered(tmp_path):
    """By the name of the question, or of its form; which box it is, a person has to say."""
    table = EXPORT.replace("{q}___2", "{q}___0")
    line = drafted(export(tmp_path, "", q="emd"), "extramedullary_disease")
    assert 'column = "emd___1", only_if = { emd_form_complete = [1, 2], emd___unk = 0 }' in line
    assert line.startswith("# ")
    one = "rec,age,bridging___1,bridging____99,lab_complete\na,30,1,0,2\nb,31,0,0,2\nc,32,0,1,2"
    line = drafted(site_case(tmp_path, one), "bridging_therapy")
    entry = '{ column = "bridging___1", only_if = { lab_complete = [1, 2], bridging____99 = 0 } }'
    assert line.startswith(f"bridging_therapy = {entry}")
    form = table.format(q="places", unknown="unk", status="0").replace("places_form", "extramedullary")
    line = drafted(site_case(tmp_path, form), "extramedullary_disease")
    assert "only_if = { extramedullary_complete = [1, 2], places___unk = 0 }" in line


def test_a_box_never_stands_for_a_center_or_a_number(tmp_path):
    """A box named site or dose is no center and no dose."""
    table = "rec,age,site___1,dose___1,crs___1,f_complete\na,30,1,0,1,2\nb,31,0,1,0,2"
    lines = site_case(tmp_path, table).drafted()
    fields = [line.lstrip("# ").split(" = ")[0] for line in lines if "___1" in line and " = " in line]
    assert not {"center", "dose_1e6_per_kg", "dose_total_1e6", "crs_grade"} & set(fields)
