"""What the data-quality page is made of, one truth each."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features.advice import Advice, plain
from features.cohort import Cohort, cohort_from_rows
from features.columns import Columns
from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.problem_codes import Code
from features.problems import Problem
from features.schema import FollowUp, Patient, all_fields
from training.pages.html import Table, environment, source_link
from training.pages.quality.distributions import class_edges, distribution
from training.pages.quality.missingness import MOST_PATTERNS, missing_patterns
from training.pages.quality.outcome_flow import outcome_flow
from training.pages.quality.page import Examination, quality_page
from training.pages.quality.published_beside import assumed_fields, published_outcomes
from training.pages.svg import bars, columns, grid, stacked


def cohort(*rows: dict[str, object]) -> Cohort:
    full = [{"patient_id": f"P-{place}", **row} for place, row in enumerate(rows)]
    return cohort_from_rows(full, name="c.csv", sha256="00", present=frozenset(all_fields()))


def test_patterns_count_every_infusion_once():
    """Those shown and the others together."""
    rng = np.random.default_rng(3)
    names = ("ecog", "ldh_u_l", "crp_mg_l", "weight_kg", "mrd_pct", "anc_1e9_l")
    rows = [{name: 1.0 for name in names if rng.random() < 0.5} for _ in range(300)]
    found = missing_patterns(predictors(rows))
    assert sum(pattern.count for pattern in found.shown) + found.in_others == 300
    assert len(found.shown) == MOST_PATTERNS
    assert "weight_kg" not in found.fields
    assert "age_years" in found.never


def test_complete_columns_are_in_no_pattern():
    """They would be empty squares only."""
    found = missing_patterns(predictors([{"ecog": 1}, {"ecog": 2}]))
    assert (found.fields, [pattern.missing for pattern in found.shown]) == ((), [()])


@given(
    low=st.floats(0, 1e5, allow_nan=False).filter(lambda each: each == 0 or each > 1e-9),
    width=st.floats(0, 1e5, allow_nan=False).filter(lambda each: each == 0 or each > 1e-9),
)
@example(low=1.2e-7, width=8e4)
@example(low=0.05, width=0.025)
def test_classes_hold_every_value(low, width):
    """From the least to the largest, and they do not get too many."""
    edges = class_edges(low, low + width)
    assert edges[0] <= low
    assert edges[-1] >= low + width
    assert all(earlier < later for earlier, later in itertools.pairwise(edges))
    assert len(edges) <= 27


@pytest.mark.parametrize("name", ["ecog", "sex", "ph_positive", "ferritin_ug_l", "age_years", "prior_lines"])
def test_counts_add_up_to_what_is_known(name):
    """Whatever the kind of a field."""
    rng = np.random.default_rng(5)
    spec = all_fields()[name]
    high = 2 if spec.kind in ("choice", "boolean") else 5
    column = rng.integers(1, high, size=80).astype(float)
    column[:7] = np.nan
    found = distribution(spec, column)
    assert (found.known, found.rows, sum(found.counts)) == (73, 80, 73)
    assert len(found.labels) == len(found.counts)


def test_median_and_quartiles_of_hand_worked_values():
    """1 to 5 have the median 3 and quartiles 2 and 4."""
    found = distribution(all_fields()["age_years"], np.array([1.0, 2, 3, 4, 5, np.nan]))
    assert (found.lower, found.median, found.upper) == (2, 3, 4)


def test_flow_of_a_cohort_worked_by_hand():
    """A relapse, a death, one followed long enough, one lost, one of whom nothing is known."""
    found = outcome_flow(
        cohort(
            {"response_day28": "cr", "relapse_day": 80, "last_contact_day": 400},
            {"response_day28": "cr", "death_day": 60, "last_contact_day": 60},
            {"response_day28": "cr", "last_contact_day": 800},
            {"response_day28": "cr", "last_contact_day": 100},
            {},
        ),
        OUTCOMES["relapse"],
    )
    assert (found.enrolled, found.known) == (5, 4)
    counts = {at.horizon_days: (at.events, at.competing, at.free, at.censored) for at in found.horizons}
    assert counts == {90: (1, 1, 2, 0), 180: (1, 1, 1, 1), 365: (1, 1, 1, 1), 730: (1, 1, 1, 1)}
    assert found.horizons[0].risk == pytest.approx(1 / 4)
    assert found.decisions["last contact missing, left out"] == 1


@pytest.mark.parametrize("name", OUTCOMES)
def test_flow_accounts_for_every_infusion(name):
    """Of any outcome: the four counts are those whose outcome is known."""
    rng = np.random.default_rng(9)
    rows = [
        {
            "crs_grade": int(rng.integers(0, 5)),
            "crs_grading_system": "astct_2019",
            "icans_grade": int(rng.integers(0, 5)),
            "icaht_grade": int(rng.integers(0, 5)),
            "iec_hs": bool(rng.random() < 0.1),
            "response_day28": "cr",
            "relapse_day": int(day) if rng.random() < 0.4 else None,
            "last_contact_day": int(day) + 10,
        }
        for day in rng.integers(30, 900, size=60)
    ]
    found = outcome_flow(cohort(*rows, {}), OUTCOMES[name])
    assert found.known == 60
    for at in found.horizons:
        assert at.events + at.competing + at.free + at.censored == 60


def test_another_grading_scale_is_told():
    """Training would leave the outcome out; what was recorded is shown all the same."""
    found = outcome_flow(cohort({"crs_grade": 3, "crs_grading_system": "lee_2014"}), OUTCOMES["severe_crs"])
    assert found.left_out.startswith(
        "fewer than 5 rows: crs_grading_system must be astct_2019 for severe_crs"
    )
    assert (found.horizons[0].events, found.horizons[0].risk) == (1, None)


@pytest.mark.parametrize(
    "drawn",
    [
        bars(["a<b", "c"], [1, 2], ["1", "2"], title='say "x" & y', most=2),
        bars(["a"], [0], ["0"], title="t", most=0),
        columns(["0 to 1"], [0], title="t"),
        stacked([("by day 30", [0, 0, 0])], title="t"),
        stacked([("by day 30", [1, 2000])], title="t"),
        grid([[True], [False]], ["a"], [3, 1], title="t"),
    ],
)
def test_charts_are_xml_inside_their_frame(drawn):
    """Whatever the labels and counts; nothing is drawn outside."""
    svg = ET.fromstring(drawn)
    assert svg.get("role") == "img"
    assert svg.get("aria-label")
    _, _, width, height = map(float, svg.get("viewBox", "").split())
    for rect in svg.iter("rect"):
        x, y, wide, tall = (float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + wide <= width + 0.6
        assert 0 <= y <= y + tall <= height + 0.6


def test_published_rates_have_sources():
    """Every row of every outcome; each DOI is linked."""
    for name in OUTCOMES:
        rates = published_outcomes(name)
        assert rates
        assert all(rate.sources and 0 < rate.rate < 1 for rate in rates)
    assert source_link("10.1/a") == '<a href="https://doi.org/10.1/a">doi:10.1/a</a>'
    assert source_link("Hay <2017>, ALL and NHL") == "Hay &lt;2017&gt;, ALL and NHL"


def test_assumptions_are_of_fields():
    """And never of a term that joins several."""
    assert set(assumed_fields()) <= set(Patient.model_fields)
    assert "platelets_1e9_l" not in assumed_fields()


def test_cells_of_tables_are_escaped():
    """A centre may be called anything."""
    pieces = environment().get_template("pieces.html").module
    shown = Table(["<script>"], [["<script>", "<script>"]], caption="<script>")
    for macro in (pieces.table, pieces.headed_table):
        assert "<script>" not in macro(shown)
        assert macro(shown).count("&lt;script&gt;") >= 4


def test_problems_are_told_without_values():
    """Nor in the fix, where it repeats one."""
    problems = (
        Problem(
            Code.OUTSIDE_LIMITS,
            "must be 0 to 100 years",
            "age_years",
            row=3,
            value_text="310",
            advice=Advice("write 31.0 or 310"),
        ),
        Problem(
            Code.OUTSIDE_LIMITS,
            "must be 0 to 50",
            "dose",
            rows=(2, 3),
            examples=("777", "888"),
            advice=plain("divide by 1e6"),
        ),
        Problem(
            Code.NOT_A_NUMBER,
            "must be a number",
            "weight_kg",
            row=4,
            value_text="45 kg",
            advice=Advice("pattern reads 45 from it", general="read it with pattern"),
        ),
    )
    page = quality_page(Examination("c.csv", problems=problems))
    shown = re.search(r"<ul>(.*?)</ul>", page, re.DOTALL)
    assert shown is not None
    assert shown[1] == (
        '<li data-code="outside_limits">age_years must be 0 to 100 years (row 3)</li>'
        '<li data-code="outside_limits">dose must be 0 to 50 (2 rows: 2-3): divide by 1e6</li>'
        '<li data-code="not_a_number">weight_kg must be a number (row 4): read it with pattern</li>'
    )


def test_page_of_a_cohort_of_one():
    """Nothing divides by zero, nothing warns."""
    one = cohort({"age_years": 30.0, "crs_grade": 3, "crs_grading_system": "astct_2019"})
    page = quality_page(Examination("c.csv", patients=one.patients, follow_up=one.follow_up, cohort=one))
    assert "1 infusion of 1 patient" in page
    empty = Columns.from_rows(FollowUp, [])
    assert quality_page(Examination("c.csv", patients=predictors([]), follow_up=empty))
