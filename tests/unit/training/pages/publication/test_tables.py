"""Tables of a publication: numbers of cohorts worked out by hand, and what is masked."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from features.outcomes import OUTCOMES
from features.problems import Refused
from serving.answers.card import model_card
from serving.model.status_at_horizon import HorizonCounts
from tests.bundles import full_summary, make_bundle
from tests.publication_cohort import cohort_of, plain_cohort
from training.dataset.fit_config import FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.pages.publication.baseline_table import baseline_table
from training.pages.publication.cohort_groups import (
    NO_CENTER,
    Group,
    groups_by_center,
    groups_by_outcome,
    large_enough,
)
from training.pages.publication.incidence_table import incidence_table, observed_outcomes
from training.pages.publication.manuscript_table import MASKED, MASKED_NOTE, csv_text, with_mask_note
from training.pages.publication.model_table import model_table
from training.pages.publication.performance_table import performance_table


def rows_of(table) -> dict[str, tuple[str, ...]]:
    """Give the cells by label; a label of a later variable replaces an earlier one."""
    return {row[0].strip(): row[1:] for row in table.rows}


def by_crs(cohort, *, mask: bool = True):
    """Part a cohort by severe CRS."""
    data = outcome_data(cohort, OUTCOMES["severe_crs"], FitConfig())
    assert isinstance(data, OutcomeData)
    return groups_by_outcome(data, cohort.patient_id, mask=mask)


def all_data(cohort):
    """Read every outcome off a cohort."""
    return observed_outcomes(cohort, FitConfig())


def test_a_variable_that_separates_the_groups_differs_infinitely() -> None:
    """All with the event are female, none without: 0.00 would call the groups equal."""
    sexes = ["female"] * 10 + ["male"] * 15
    cohort = cohort_of(
        [{"sex": sex, "crs_grade": 3 if sex == "female" else 1, "crs_onset_day": 4} for sex in sexes]
    )
    table = baseline_table(cohort, by_crs(cohort), by="severe CRS")
    assert rows_of(table)["Sex, n (%)"] == ("", "", "", "∞")
    assert any("infinite (∞)" in note for note in table.notes)


def test_baseline_by_hand() -> None:
    """40 patients aged 20 to 59, half of them female; 12 with the event are the youngest."""
    cohort = plain_cohort()
    table = baseline_table(cohort, by_crs(cohort), by="severe CRS")
    assert table.headings == (
        "Characteristic", "All (N = 40)", "Event by day 30 (n = 12)", "No event by day 30 (n = 28)", "SMD",
    )  # fmt: skip
    rows = rows_of(table)
    ages = ("39.5 [29.8 to 49.3]", "25.5 [22.8 to 28.3]", "45.5 [38.8 to 52.3]")
    spread = np.sqrt((np.arange(12).var(ddof=1) + np.arange(28).var(ddof=1)) / 2)
    assert rows["Age at infusion, years, median [IQR]"] == (*ages, f"{20 / spread:.2f}")
    assert rows["Female"] == ("20 (50.0)", "6 (50.0)", "14 (50.0)", "")
    assert rows["Sex, n (%)"] == ("", "", "", "0.00")
    assert rows["Prior inotuzumab ozogamicin, n (%)"] == ("10 (25.0)", MASKED, MASKED, MASKED)


def test_small_counts_are_shown_on_request() -> None:
    """The same cells without the mask, and no note about it."""
    cohort = plain_cohort()
    table = baseline_table(cohort, by_crs(cohort, mask=False), by="severe CRS", mask=False)
    p, q = 3 / 12, 7 / 28
    difference = abs(p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    cells = ("10 (25.0)", "3 (25.0)", "7 (25.0)", f"{difference:.2f}")
    assert rows_of(table)["Prior inotuzumab ozogamicin, n (%)"] == cells
    assert not table.masked
    assert with_mask_note(table) == table.notes


def test_missing_values_are_stated_and_count_in_the_percentages() -> None:
    """10 of 40 have no value: they are of all, and no median is made of them."""
    cohort = cohort_of([{"ldh_u_l": 100.0 + number if number >= 10 else None} for number in range(40)])
    rows = rows_of(baseline_table(cohort, [], by=""))
    assert rows["missing, n (%)"] == ("10 (25.0)",)
    assert rows["Lactate dehydrogenase, U/L, median [IQR]"] == ("125 [117 to 132]",)


def test_a_column_without_a_value_has_no_median() -> None:
    """It is in the file, so it is in the table; what is not in the file is named below."""
    cohort = cohort_of([{"crp_mg_l": None, "age_years": 30.0} for _ in range(30)])
    table = baseline_table(cohort, [], by="")
    assert rows_of(table)["C-reactive protein, mg/L, median [IQR]"] == ("–",)
    assert rows_of(table)["missing, n (%)"] == ("30 (100.0)",)
    assert "Not recorded in this cohort: Sex;" in table.notes[-1]


def test_summaries_of_few_patients_are_masked() -> None:
    """Nine values; their number is not small, so it stays."""
    cohort = cohort_of([{"ldh_u_l": 100.0 + number if number < 9 else None} for number in range(40)])
    rows = rows_of(baseline_table(cohort, [], by=""))
    assert rows["Lactate dehydrogenase, U/L, median [IQR]"] == (MASKED,)
    assert rows["missing, n (%)"] == ("31 (77.5)",)


def test_several_infusions_of_few_patients_are_few() -> None:
    """Six infusions of two patients are masked: patients are counted, not infusions."""
    rows = [
        {"patient_id": f"P{number // 3}", "infusion_number": 1 + number % 3, "sex": "female"}
        for number in range(6)
    ]
    rows += [{"patient_id": f"Q{number}", "sex": "male"} for number in range(30)]
    table = baseline_table(cohort_of(rows), [], by="")
    assert rows_of(table)["Female"] == (MASKED,)
    assert table.notes[-1].startswith("Not recorded")
    assert with_mask_note(table)[-1] == MASKED_NOTE


def test_patients_with_several_infusions_are_not_given_away() -> None:
    """One patient with two infusions: the number of patients is left out; with the switch it is stated."""
    rows = [
        {"patient_id": f"P{max(number, 1)}", "infusion_number": 2 - min(number, 1)} for number in range(20)
    ]
    assert baseline_table(cohort_of(rows), [], by="").notes[0].startswith("20 infusions. ")
    shown = baseline_table(cohort_of(rows), [], by="", mask=False).notes[0]
    assert shown.startswith("20 infusions of 19 patients. ")


def test_few_not_known_are_joined_with_those_without_the_event() -> None:
    """Nearly all of their counts would be masked, and the others' with them."""
    cohort = plain_cohort()
    cohort.follow_up.values["crs_grade"][-6:] = np.nan
    assert [group.title for group in by_crs(cohort)] == [
        "Event by day 30",
        "No event, or not known, by day 30",
    ]
    assert [group.members.sum() for group in by_crs(cohort, mask=False)] == [12, 22, 6]


def test_centers_have_numbers_and_small_ones_are_joined() -> None:
    """No name of a center is in a table."""
    rows = [{"center": "Ulm"}] * 20 + [{"center": "=Kiel"}] * 8 + [{"center": "Bonn"}] * 3 + [{}] * 2
    cohort = cohort_of([{**row, "patient_id": f"P{at}"} for at, row in enumerate(rows)])
    groups = groups_by_center(cohort)
    assert [(group.title, int(group.members.sum())) for group in groups] == [
        ("Center 1", 20), ("Center 2", 8), ("Center 3", 3), ("Center not recorded", 2),
    ]  # fmt: skip
    joined = large_enough(groups, cohort.patient_id)
    titles = ["Center 1", "Center 2", "Center 3 or center not recorded"]
    assert [group.title for group in joined] == titles


def test_one_center_cannot_be_compared() -> None:
    """With the remedy."""
    with pytest.raises(Refused) as refused:
        groups_by_center(cohort_of([{"center": "Ulm"}] * 9))
    assert str(refused.value) == NO_CENTER


def test_a_group_of_few_leaves_nothing_to_compare() -> None:
    """One event: the cohort is described as a whole."""
    cohort = plain_cohort(n_events=1)
    assert large_enough(by_crs(cohort), cohort.patient_id) == []
    table = baseline_table(cohort, [], by="severe CRS")
    assert table.title == "Characteristics before the infusion"
    assert "Not shown by severe CRS: a group would have fewer than 5 patients." in table.notes


def test_incidence_by_hand() -> None:
    """12 relapses by day 51 and 10 deaths on day 300, of 40, nobody lost: shares."""
    table = incidence_table(plain_cohort(), all_data(plain_cohort()))
    rows = {(row[0], row[1]): row[2:] for row in table.rows}
    title = OUTCOMES["relapse"].title
    assert rows[title, "90"][:5] == ("40", "12", "0", "28", "0")
    n_deaths = sum(number % 3 == 0 for number in range(12, 40))
    assert rows[title, "365"][:5] == ("40", "12", f"{n_deaths}", f"{28 - n_deaths}", "0")
    assert rows[title, "365"][5].startswith("30.0 (")
    assert rows["death from any cause", "365"][5].startswith(f"{100 * n_deaths / 40:.1f} (")
    assert rows["severe CRS (grade 3 or higher)", "30"][:3] == ("40", "12", "–")


def test_one_event_is_masked_with_its_estimate() -> None:
    """And the event-free, from which it could be computed."""
    cohort = plain_cohort(n_events=1)
    rows = {row[0]: row[2:] for row in incidence_table(cohort, all_data(cohort)).rows}
    assert rows["severe CRS (grade 3 or higher)"] == ("40", MASKED, "–", MASKED, "0", MASKED)
    shown = {row[0]: row[2:] for row in incidence_table(cohort, all_data(cohort), mask=False).rows}
    assert shown["severe CRS (grade 3 or higher)"][1:5] == ("1", "–", "39", "0")


def test_cohort_without_deaths_has_no_interval_of_them() -> None:
    """Nothing happened: 0, without an interval."""
    cohort = cohort_of([{}] * 30)
    rows = {(row[0], row[1]): row[-1] for row in incidence_table(cohort, all_data(cohort)).rows}
    assert rows["death from any cause", "365"] == "0.0 (–)"


def test_model_by_hand() -> None:
    """Odds ratios are exponentials; the two parts multiply to the whole; sources are numbered."""
    model = make_bundle().models["severe_crs"]
    linear = model.linear
    table = model_table(model)
    first = table.rows[0]
    assert first[1].startswith(f"{np.exp(linear.coefficients[0]):.2f} (")
    low = np.exp(linear.prior_mean[0] - 1.6449 * 0.3)
    assert f"({low:.2f} to " in first[2]
    assert float(first[3]) * float(first[4]) == pytest.approx(np.exp(linear.coefficients[0]), abs=0.03)
    assert first[5] == "1"
    assert table.notes[-1] == "Sources: 1, doi:10.1182/bloodadvances.2021006418."


def outcome_card(counts: HorizonCounts | None):
    """Make the card of severe CRS with such counts by day 30."""
    from dataclasses import replace

    made = make_bundle()
    summary = replace(full_summary(), horizon_counts={30: counts} if counts else {})
    return model_card(replace(made, summaries={**made.summaries, "severe_crs": summary})).outcomes[0]


def test_performance_is_that_of_the_card() -> None:
    """Every measure, rounded as the catalog says."""
    rows = rows_of(performance_table(outcome_card(HorizonCounts(40, 0, 108, 2))))
    assert rows["Events"] == ("40",)
    assert rows["AUROC"] == ("0.71 (0.60 to 0.80)",)


def test_performance_with_few_events_is_masked() -> None:
    """With three events the metrics would give the number away, and the reasons name it."""
    few = outcome_card(HorizonCounts(3, 0, 140, 7))
    rows = rows_of(performance_table(few))
    assert rows["Events"] == rows["AUROC"] == (MASKED,)
    assert rows_of(performance_table(few, mask=False))["Events"] == ("3",)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """For the programs that open CSV files."""
    from training.pages.publication.manuscript_table import ManuscriptTable

    text = csv_text(ManuscriptTable("t", "T", ("a",), ((cell,),)))
    (_, row) = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert row == [f"'{cell}".replace("\r", " ")]


def test_groups_repr_holds_no_value() -> None:
    """Not even which infusions are in it."""
    assert repr(Group("A", np.ones(3, dtype=bool))) == (
        "Group(title='A', members=<array of shape (3,)>, compared=True)"
    )
