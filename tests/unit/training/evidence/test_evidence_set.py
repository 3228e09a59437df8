"""Reading evidence files: what is taken, and every way in which one is refused."""

from __future__ import annotations

import csv
from math import exp
from pathlib import Path

import pytest

from features.outcomes import OUTCOMES
from features.problems import DataError, Refused
from features.project_files import EVIDENCE
from features.time_course import TIME_COURSE_FILE, odds_share
from training.evidence.cells import RowCells
from training.evidence.evidence_set import Evidence, read_evidence
from training.evidence.rate_rows import rate_of

ESTIMATE = {
    "outcome": "relapse",
    "term": "cns3",
    "use": "estimate",
    "measure": "OR",
    "estimate": "2.0",
    "ci_low": "1.0",
    "ci_high": "4.0",
    "source": "own series",
}
RATE = {
    "outcome": "relapse",
    "term": "base_rate",
    "use": "estimate",
    "measure": "rate",
    "estimate": "0.4",
    "n": "80",
    "horizon_days": "365",
    "source": "own series",
}


def site_file(tmp_path: Path, *rows: dict[str, str]) -> Path:
    """Write a site's own file; columns are those that any row has."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with (tmp_path / "own.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path / "own.csv"


def ids(evidence: Evidence) -> set[str]:
    return {row.id for row in evidence.effects} | {row.id for row in evidence.base_rates}


def refusal(tmp_path: Path, *rows: dict[str, str]) -> str:
    with pytest.raises(DataError) as refused:
        read_evidence(site_file(tmp_path, *rows))
    return str(refused.value)


def test_every_row_of_the_files_is_read():
    """Ids are unique over both files."""
    found = read_evidence()
    listed = []
    for name in ("effects.csv", "base_rates.csv"):
        with (EVIDENCE / name).open(encoding="utf-8", newline="") as lines:
            listed += [row["id"] for row in csv.DictReader(lines)]
    assert len(set(listed)) == len(listed)
    assert ids(found) == set(listed)


def test_cells_become_numbers_or_none():
    """Blank numbers are None, yes is True, signs are 1, -1 and 0."""
    row = next(row for row in read_evidence().effects if row.id == "E003")
    assert (row.estimate, row.ci_low, row.ci_high, row.direction) == (4.05, 2.52, 6.53, 1)
    assert (row.n, row.multivariable, row.endpoint_direct) == (412, False, False)
    blank = next(row for row in read_evidence().effects if row.id == "E023")
    assert (blank.measure, blank.estimate, blank.unexposed_risk) == ("", None, None)


def test_a_site_adds_effects_and_rates_of_its_own(tmp_path):
    """Few columns are enough; ids, cohort and who was infused are understood."""
    own = read_evidence(site_file(tmp_path, ESTIMATE, RATE), literature=False)
    (effect,), (rate,) = own.effects, own.base_rates
    assert (effect.id, effect.per, effect.cohort_group) == ("site-1", "", "own series")
    assert (rate.id, rate.rate, rate.n, rate.horizon_days) == ("site-2", 0.4, 80, 365)
    assert rate.among == "all infused"


def test_a_cohort_without_events_says_so():
    """Its rate, half an event of one patient more, is what the prior is made of."""
    none = [row for row in read_evidence().base_rates if row.events == 0]
    assert {"B71", "B126"} <= {row.id for row in none}
    for row in none:
        assert row.n is not None
        assert row.rate == pytest.approx(0.5 / (row.n + 1), abs=0.001)


def test_a_site_s_rows_stand_beside_the_literature(tmp_path):
    """Nothing of it is lost."""
    assert ids(read_evidence(site_file(tmp_path, ESTIMATE))) == ids(read_evidence()) | {"site-1"}


def test_a_direction_needs_no_numbers(tmp_path):
    """A sign and a source."""
    row = {"outcome": "relapse", "term": "cns3", "use": "direction", "direction": "+", "source": "own"}
    (effect,) = read_evidence(site_file(tmp_path, row), literature=False).effects
    assert effect.direction == 1


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {"outcome": "relapsed"},
            "outcome must be one of severe_crs, severe_icans, relapse, death_without_relapse, death, "
            "crs_grade_2_or_higher, severe_icaht, iec_hs, got relapsed (row 2): did you mean "
            "relapse?",
        ),
        ({"term": "cns_3"}, "term must be a term of the model, got cns_3 (row 2): did you mean cns3?"),
        (
            {"use": "estimates"},
            "use must be one of estimate, direction, context, upper_bound, got estimates (row 2): did you "
            "mean estimate?",
        ),
        ({"measure": "MD"}, "measure must be one of OR, HR, RR, got MD (row 2)"),
        ({"measure": ""}, "measure must be one of OR, HR, RR, got blank (row 2)"),
        ({"direction": "up"}, "direction must be one of +, -, 0, blank, got up (row 2)"),
        (
            {"direction": "-"},
            "direction must be the sign of the estimate, or 0, got - (row 2): the estimate is 2",
        ),
        ({"estimate": ""}, "estimate must not be blank where use is estimate (row 2)"),
        ({"ci_low": ""}, "ci_low must not be blank where use is estimate (row 2)"),
        ({"ci_high": ""}, "ci_high must not be blank where use is estimate (row 2)"),
        ({"ci_low": "4"}, "ci_low must be below ci_high, got 4 (row 2): ci_high is 4"),
        ({"estimate": "5"}, "estimate must be within its interval, got 5 (row 2): the interval is 1 to 4"),
        ({"ci_low": "0"}, "ci_low must be a number above 0, got 0 (row 2)"),
        ({"estimate": "-2"}, "estimate must be a number above 0, got -2 (row 2)"),
        ({"estimate": "nan"}, "estimate must be a number above 0, got nan (row 2)"),
        ({"ci_high": "inf"}, "ci_high must be a number above 0, got inf (row 2)"),
        ({"ci_high": "1_0"}, "ci_high must be a number above 0, got 1_0 (row 2)"),
        (
            {"unexposed_risk": "40"},
            "unexposed_risk must be a number above 0 and below 1, got 40 (row 2)",
        ),
        (
            {"measure": "RR", "unexposed_risk": "0.6"},
            "unexposed_risk must be below 1 / the risk ratio, got 0.6 (row 2): the risk ratio is 2",
        ),
        ({"n": "12.5"}, "n must be a whole number above 0, got 12.5 (row 2)"),
        ({"multivariable": "true"}, "multivariable must be one of yes, no, blank, got true (row 2)"),
        (
            {"per": "per doubling"},
            "per must be a contrast of cns3, got per doubling (row 2): write yes vs no",
        ),
        ({"source": ""}, "source must not be blank (row 2)"),
        ({"id": "E001"}, "id must be unique, got E001 (row 2)"),
        (
            {"horizon_days": "365"},
            "horizon_days must be blank unless the term is base_rate, got 365 (row 2)",
        ),
    ],
)
def test_a_malformed_effect_is_refused(tmp_path, changed, problem):
    """With column, rule, what was found and where."""
    assert refusal(tmp_path, {**ESTIMATE, **changed}) == f"own.csv: 1 problem\n  {problem}"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {"use": "direction"},
            "use must be one of estimate, context, upper_bound, got direction (row 2)",
        ),
        ({"measure": "OR"}, "measure must be one of rate, got OR (row 2)"),
        ({"estimate": "40"}, "estimate must be a number above 0 and below 1, got 40 (row 2)"),
        ({"n": ""}, "n must not be blank where use is estimate (row 2)"),
        ({"horizon_days": ""}, "horizon_days must not be blank where use is estimate (row 2)"),
        (
            {"horizon_days": "1000"},
            "horizon_days must be within the time course of the outcome, got 1000 (row 2): "
            "the time course of relapse is days 30 to 730",
        ),
    ],
)
def test_a_malformed_rate_is_refused(tmp_path, changed, problem):
    """A rate that cannot be pooled or brought to the headline horizon is no rate."""
    assert refusal(tmp_path, {**RATE, **changed}) == f"own.csv: 1 problem\n  {problem}"


def test_a_rate_s_product_must_be_one_of_the_schema():
    """A misspelled product would silently be shown to nobody."""
    row = {key: value for key, value in RATE.items() if key not in ("term", "measure", "estimate")}
    cells = RowCells({**row, "id": "x", "rate": "0.4", "product": "obecabtagen"}, row=2)
    rate_of(cells)
    (problem,) = cells.problems
    assert str(problem).startswith("product must be one of academic, tisagenlecleucel,")
    assert str(problem).endswith("got obecabtagen (row 2): did you mean obecabtagene?")
    known = RowCells({**row, "id": "x", "rate": "0.4", "product": "obecabtagene"}, row=2)
    assert rate_of(known).product == "obecabtagene"
    assert known.problems == []


def test_all_problems_are_told_at_once(tmp_path):
    """Unknown and missing columns with those of every row."""
    row = {name: value for name, value in ESTIMATE.items() if name != "source"}
    assert refusal(tmp_path, {**row, "ci_lo": "1", "n": "0"}, {**row, "measure": "hr"}) == (
        "own.csv: 5 problems\n"
        "  ci_lo is not a column of an evidence file: did you mean ci_low?\n"
        "  source is a required column, and the file does not have it\n"
        "  source must not be blank (2 rows: 2-3)\n"
        "  n must be a whole number above 0, got 0 (row 2)\n"
        "  measure must be one of OR, HR, RR, got hr (row 3): did you mean HR?"
    )


def test_ids_of_a_file_are_unique(tmp_path):
    """Also within it."""
    named = {**ESTIMATE, "id": "own-1"}
    assert refusal(tmp_path, named, named) == ("own.csv: 1 problem\n  id must be unique, got own-1 (row 3)")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b"outcome,term,use,source\n", "the file has headings but no rows"),
        (
            b"outcome,term,use,source\nrelapse,cns3,context,Andr\xe9\n",
            "the file must be UTF-8 text, got byte 0xe9 on line 2: ",
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, content, problem):
    """As any other file of a site is."""
    (tmp_path / "own.csv").write_bytes(content)
    with pytest.raises(DataError) as refused:
        read_evidence(tmp_path / "own.csv")
    assert str(refused.value).startswith(f"own.csv: 1 problem\n  {problem}")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    """By name."""
    with pytest.raises(DataError, match=r"^own\.csv: 1 problem\n  the file does not exist$"):
        read_evidence(tmp_path / "own.csv")


@pytest.mark.parametrize(
    "name",
    [
        "10.1200/JCO.21.01405",
        "10.1200/jco.21.01405",
        "https://doi.org/10.1200/JCO.21.01405",
        "doi:10.1200/JCO.21.01405",
    ],
)
def test_an_excluded_source_takes_its_rows_with_it(name):
    """However its DOI is written."""
    assert ids(read_evidence()) - ids(read_evidence(excluded=(name,))) == {"E001", "E002", "E003", "E004"}


def test_a_row_of_several_sources_goes_with_any_of_them():
    """It would count the same patients."""
    left_out = ids(read_evidence()) - ids(read_evidence(excluded=("10.1200/JCO.20.03585",)))
    assert left_out == {"E010", "B21", "B30"}


def test_a_citation_with_and_is_one_source(tmp_path):
    """Only a bar separates sources; a site may cite two authors."""
    row = {**ESTIMATE, "source": "Smith and Jones 2020 | 10.1000/own"}
    own = read_evidence(site_file(tmp_path, row), literature=False)
    assert own.effects[0].sources == ("Smith and Jones 2020", "10.1000/own")
    with pytest.raises(Refused):
        read_evidence(site_file(tmp_path, row), literature=False, excluded=("Smith",))


def test_an_unknown_source_is_refused_with_those_alike():
    """A misspelled exclusion that excludes nothing would count a center's patients twice."""
    with pytest.raises(Refused) as refused:
        read_evidence(excluded=("Hay 2017",))
    assert str(refused.value) == "no row has the source Hay 2017: did you mean Hay 2017, Blood 130(21):2295?"
    with pytest.raises(Refused, match=r"^no row has the source zzz: see cart-outcomes evidence$"):
        read_evidence(excluded=("zzz",))
    with pytest.raises(Refused, match=r"^no row has the source : "):
        read_evidence(excluded=("",))


def test_without_literature_only_the_site_s_rows_remain(tmp_path):
    """Names of sources are still checked against all rows."""
    assert ids(read_evidence(literature=False)) == set()
    own = site_file(tmp_path, ESTIMATE, RATE)
    assert ids(read_evidence(own, literature=False, excluded=("NCT02906371",))) == {"site-1", "site-2"}
    assert ids(read_evidence(own, literature=False, excluded=("OWN series",))) == set()


def test_the_time_course_follows_its_formula():
    """15 % by day 28, the rest of 46 % by day 365 exponentially with a time constant of 200 days."""

    def odds(day: int) -> float:
        risk = 0.15 + 0.31 * (1 - exp(-day / 200)) / (1 - exp(-365 / 200))
        return risk / (1 - risk)

    for day in (90, 180, 365, 548, 730):
        assert odds_share("relapse", day) == pytest.approx(odds(day) / odds(365), abs=5e-5)


def test_the_time_course_covers_every_horizon_and_rises():
    """Each share is assumed, and says why."""
    for name, outcome in OUTCOMES.items():
        shares = [odds_share(name, day) for day in sorted(outcome.horizons_days)]
        assert shares == sorted(shares)
    with TIME_COURSE_FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert all(row["basis"] == "assumed" and row["source"] and row["outcome"] in OUTCOMES for row in rows)


def test_between_days_the_logarithm_of_the_share_is_linear_in_that_of_the_day():
    """Halfway between days 90 and 180 on that scale lies their geometric mean."""
    share = odds_share("relapse", 127)
    assert share == pytest.approx((odds_share("relapse", 90) * odds_share("relapse", 180)) ** 0.5, rel=2e-3)
