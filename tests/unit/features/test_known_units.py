"""Units of a mapping file, however they are written, and columns that state the unit of every row."""

from __future__ import annotations

import pytest

from features.known_units import unit_named, units_of
from features.schema import all_fields
from tests.site_case import SiteCase, site_case

DOSES = """
    id,wt,amount,measure,{more}
    a,40,3.1,10^6/kg,1
    b,71,1.7,10^8,2
    c,,1.7,10^8,3
    d,80,410,10^6,4
    e,40,2.9,10^6/kg,5
    f,90,395,10^6,6
"""
PER_KG = ["3.1", "2.39436619718", "", "5.125", "2.9", "4.38888888889"]


def doses(folder, entry: str) -> SiteCase:
    """Doses per kg up to 50 kg, and total ones above, in two units."""
    table = DOSES.format(more="x")
    fields = '[table]\nignore = ["x"]\n[fields]\npatient_id = "id"\nweight_kg = "wt"\n'
    return site_case(folder, table, fields + entry)


@pytest.mark.parametrize(
    "unit", ["10^8 cells", "×10⁸", "1e8", "10*8", "x 10^8 cells", "10^8 CAR+ cells", "10**8"]
)
def test_a_total_dose_is_divided_by_the_weight(tmp_path, unit):
    """The unit of the column, however it is written; the same as a factor of 100."""
    ways = (
        '{ column = "amount", only_if = { measure = "10^6/kg" } }, '
        f'{{ column = "amount", unit = "{unit}", divide_by = "wt", only_if = {{ measure = "10^8" }} }}, '
        '{ column = "amount", unit = "10^6 cells", divide_by = "wt", only_if = { measure = "10^6" } }'
    )
    case = doses(tmp_path, f"dose_1e6_per_kg = [{ways}]\n")
    assert [cell for (cell,) in case.columns("dose_1e6_per_kg")] == PER_KG
    by_factor = ways.replace(f'unit = "{unit}"', "factor = 100")
    assert doses(tmp_path, f"dose_1e6_per_kg = [{by_factor}]\n").columns("dose_1e6_per_kg") == [
        (cell,) for cell in PER_KG
    ]


def test_a_dose_per_kg_is_multiplied_by_the_weight(tmp_path):
    """The other way round."""
    how = (
        '{ column = "amount", unit = "10^5 cells/kg", multiply_by = "wt", only_if = { measure = "10^6/kg" } }'
    )
    case = doses(tmp_path, f"dose_total_1e6 = {how}\n")
    assert [cell for (cell,) in case.columns("dose_total_1e6")] == ["12.4", "", "", "", "11.6", ""]


@pytest.mark.parametrize(
    ("field", "unit", "fix"),
    [
        ("dose_1e6_per_kg", "10^8 cells", "add divide_by = the column with the weight"),
        ("dose_total_1e6", "10^5 cells/kg", "add multiply_by = the column with the weight"),
        ("dose_total_1e6", "10e8 cells", "did you mean 10^8 cells?"),
        ("crp_mg_l", "mmol/L", "known units are mg/L, ug/mL, mg/dL; otherwise give a factor"),
    ],
)
def test_units_that_need_something_else(tmp_path, field, unit, fix):
    """The key to write is in the message."""
    (told,) = doses(tmp_path, f'{field} = {{ column = "amount", unit = "{unit}" }}\n').refused()
    assert told.startswith(f"fields.{field}.unit is not a known unit of this field, got {unit}: ")
    assert fix in told


@pytest.mark.parametrize(
    ("field", "written", "unit"),
    [
        ("creatinine_mg_dl", "µmol/l", "umol/L"),
        ("creatinine_mg_dl", "MG/DL", "mg/dL"),
        ("platelets_1e9_l", "10⁹/L", "10^9/L"),
        ("platelets_1e9_l", "x10*9/l", "10^9/L"),
        ("platelets_1e9_l", "/µl", "cells per uL"),
        ("platelets_1e9_l", "cells/uL", "cells per uL"),
        ("anc_1e9_l", "10³/µL", "10^3/uL"),
        ("ldh_u_l", "µkat/L", "ukat/L"),
        ("dose_1e6_per_kg", "million cells/kg", "10^6 CAR+ cells/kg"),
        ("dose_total_1e6", "CAR-T cells", "cells"),
        ("dose_total_1e6", "млн", "10^6 CAR+ cells"),
        ("hemoglobin_g_dl", "10^9/L", None),
        ("dose_total_1e6", "cells/kg", None),
    ],
)
def test_spellings_of_a_unit(field, written, unit):
    """Powers, signs and capitals do not matter; what is no unit of the field is none."""
    assert unit_named(written, units_of(all_fields()[field])) == unit


@pytest.mark.parametrize(
    "spec", [spec for spec in all_fields().values() if spec.unit], ids=lambda spec: spec.name
)
def test_no_two_units_of_a_field_read_alike(spec):
    """Each is found by its own name."""
    for more in ({}, {"divided": True}, {"multiplied": True}):
        units = units_of(spec, **more)
        assert all(units[unit_named(unit, units) or ""] == factor for unit, factor in units.items())


def lines_of(folder, table: str, field: str) -> list[str]:
    drafted = site_case(folder, table).drafted()
    return [line for line in drafted if line.lstrip("# ").startswith(f"{field} = ")]


@pytest.mark.parametrize(
    "heading", ["unit", "Units", "dose unit", "dose_einheit", "Unidad", "dose_uom", "measure"]
)
def test_a_dose_beside_its_unit_is_a_comment(tmp_path, heading):
    """With one entry for each unit; a weight is not taken along."""
    table = DOSES.format(more="x").replace("amount", "dose").replace("measure", heading)
    (line,) = lines_of(tmp_path, table, "dose_1e6_per_kg") or lines_of(tmp_path, table, "dose_total_1e6")
    assert line.startswith("# ")
    assert "states the unit of each row" in line
    (weight,) = lines_of(tmp_path, table, "weight_kg")
    assert weight.startswith('weight_kg = "wt"')


@pytest.mark.parametrize(
    ("field", "table"),
    [
        ("crp_mg_l", "id,CRP,CRP unit\na,12,mg/L\nb,1.2,mg/dl\nc,30,mg/L\nd,2.2,mg/dl"),
        ("creatinine_mg_dl", "id,crea_einheit,age,crea\na,mg/dl,30,0.9\nb,µmol/l,31,88\nc,mg/dl,40,1"),
        ("platelets_1e9_l", "id,PLT,Единицы\na,120,10^9/L\nb,45000,/µl\nc,80,10^9/L"),
        ("hemoglobin_g_dl", "id,Hb,measured in\na,9.1,g/dL\nb,91,g/L\nc,10,g/dL"),
        ("ldh_u_l", "id,LDH,Unit\na,250,?1\nb,4.1,?2\nc,300,?1"),
    ],
)
def test_laboratory_values_beside_their_unit_are_a_comment(tmp_path, field, table):
    """By the heading, or by what the column holds."""
    (line,) = lines_of(tmp_path, table, field)
    assert line.startswith("# ")
    assert "only_if" in line


def test_doses_that_lie_far_apart_are_a_comment(tmp_path):
    """Per kg for some patients and total for others, without a column that says so."""
    table = "id,dose/kg\na,3.1\nb,1.7\nc,2.2\nd,410\ne,2.9\nf,1.3\ng,2\nh,1\ni,2\nj,3\nk,1"
    (line,) = lines_of(tmp_path, table, "dose_1e6_per_kg")
    assert line.startswith("# ")
    assert "two units?" in line


def test_units_of_one_column_say_nothing_of_another(tmp_path):
    """Only the column beside it, or the one it is named after."""
    table = "id,CRP,crp_unit,LDH\na,12,mg/L,250\nb,1.2,mg/dl,300\nc,30,mg/L,280"
    assert lines_of(tmp_path, table, "ldh_u_l")[0].startswith("ldh_u_l = ")


@pytest.mark.parametrize(
    ("heading", "unit"),
    [("total dose (×10⁸)", "10^8 cells"), ("CAR dose 10^8 cells", "10^8 cells")],
)
def test_powers_of_ten_in_a_heading(tmp_path, heading, unit):
    """Also in superscript."""
    table = f"id,{heading}\na,0.7\nb,1.2\nc,2.5"
    line = lines_of(tmp_path, table, "dose_total_1e6")[0]
    assert f'unit = "{unit}"' in line
