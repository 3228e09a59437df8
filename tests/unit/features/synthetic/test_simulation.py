"""Synthetic cohorts: what they look like, and that each row could be a patient's."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from features.checking.rows_of_a_patient import row_conflicts
from features.field import specs
from features.predictors import predictors
from features.product_names import PRODUCT_NAME
from features.rules import follow_up_contradictions, patient_contradictions
from features.schema import GROUPS, Patient, all_fields
from features.synthetic.gaps import INFUSION_GAPS, LABORATORY_GAPS, PERSON_GAPS
from features.synthetic.simulation import SIMULATED_COLUMNS, simulate, simulated_cohort, synthetic_patients
from features.synthetic.tables import simulation_table, truth_table
from features.synthetic.truth import true_risks


def infusions_by_patient(rows):
    patients = defaultdict(list)
    for row in rows:
        patients[row["patient_id"]].append(row)
    return list(patients.values())


def missing(rows, name):
    return np.array([row[name] is None for row in rows])


def test_every_row_satisfies_the_schema_and_contradicts_nothing():
    """Limits, options, types and rules within and between rows hold over many seeds."""
    dose = specs(Patient)["dose_1e6_per_kg"]
    for seed in range(25):
        rows = simulate(80, rng=np.random.default_rng(seed)).rows
        assert row_conflicts(rows) == []
        for row in rows:
            assert list(row) == list(SIMULATED_COLUMNS)
            assert patient_contradictions(row, dose=dose, dose_needed=True) == []
            assert follow_up_contradictions(row) == []
            for model in GROUPS.values():
                model(**{name: row[name] for name in specs(model) if name in row})


def test_same_generator_state_gives_the_same_cohort():
    """One seed, one cohort; another seed, another."""
    first, again, other = (simulate(60, rng=np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert first.rows == again.rows
    assert first.rows != other.rows
    np.testing.assert_array_equal(first.risks["relapse", 365], again.risks["relapse", 365])


def test_a_generator_is_used_up():
    """A second cohort from one generator is not the first."""
    rng = np.random.default_rng(7)
    assert simulate(30, rng=rng).rows != simulate(30, rng=rng).rows


def test_base_rates_are_those_of_adults_with_relapsed_disease():
    """Severe CRS 0.15 to 0.2, severe ICANS 0.07 to 0.12, relapse by a year about 0.45, 1.2 infusions each."""
    simulation = simulate(3000, rng=np.random.default_rng(2))
    assert 0.15 < simulation.risks["severe_crs", 30].mean() < 0.20
    assert 0.07 < simulation.risks["severe_icans", 30].mean() < 0.12
    assert 0.40 < simulation.risks["relapse", 365].mean() < 0.50
    assert 1.12 < len(simulation) / 3000 < 1.25


def test_burden_ties_the_predictors_together():
    """More marrow blasts: higher LDH, ferritin and CRP, lower platelets, fewer blinatumomab responders."""
    patients = simulate(2000, rng=np.random.default_rng(3)).patients
    blasts = np.log1p(patients["marrow_blasts_pct"])
    for name, sign in {"ldh_u_l": 1, "ferritin_ug_l": 1, "crp_mg_l": 1, "platelets_1e9_l": -1}.items():
        assert sign * np.corrcoef(blasts, np.log(patients[name]))[0, 1] > 0.25
    failed = patients.is_option("prior_blinatumomab", "nonresponder") == 1
    responded = patients.is_option("prior_blinatumomab", "responder") == 1
    assert blasts[failed].mean() > blasts[responded].mean() + 0.3


def test_products_go_with_their_constructs():
    """Brexucabtagene has CD28, the other two licensed products 4-1BB; all three CD19 and own cells."""
    patients = simulate(2000, rng=np.random.default_rng(4)).patients
    licensed = patients.is_option("product", "tisagenlecleucel", "brexucabtagene", "obecabtagene") == 1
    cd28 = patients.is_option("costimulatory_domain", "cd28") == 1
    np.testing.assert_array_equal(
        cd28[licensed], patients.is_option("product", "brexucabtagene")[licensed] == 1
    )
    assert (patients.is_option("target_antigen", "cd19")[licensed] == 1).all()
    assert (patients.is_option("cell_source", "autologous")[licensed] == 1).all()


def test_later_infusions_follow_from_the_earlier():
    """What is constant stays, what accumulates grows, and both rows tell the same end."""
    rows = simulate(1500, rng=np.random.default_rng(5)).rows
    pairs = [pair for rows_of in infusions_by_patient(rows) for pair in pairwise(rows_of)]
    assert len(pairs) > 100
    for before, after in pairs:
        assert after["infusion_number"] == before["infusion_number"] + 1
        assert after["prior_car_t"] is True
        assert after["prior_lines"] > before["prior_lines"]
        assert after["age_years"] >= before["age_years"]
        constant = ("center", "sex", "diagnosis", "kmt2a_rearranged", "ph_positive", "tp53_altered")
        assert [after[name] for name in constant] == [before[name] for name in constant]
        assert (before["prior_blinatumomab"] == "none") or (after["prior_blinatumomab"] != "none")
        assert before["next_infusion_day"] + after["last_contact_day"] == before["last_contact_day"]
        died = after["death_day"] is not None
        assert before["death_day"] == (before["last_contact_day"] if died else None)


def test_only_infusions_with_another_in_the_cohort_name_the_next():
    """No patient is said to have had cells again without a row for it."""
    for rows_of in infusions_by_patient(simulate(1500, rng=np.random.default_rng(6)).rows):
        assert [row["next_infusion_day"] is not None for row in rows_of] == [True] * (len(rows_of) - 1) + [
            False
        ]


def test_transplant_between_infusions_is_known_at_the_next():
    """An alloHSCT after one infusion is a prior alloHSCT of the next."""
    rows = simulate(3000, rng=np.random.default_rng(7)).rows
    pairs = [pair for rows_of in infusions_by_patient(rows) for pair in pairwise(rows_of)]
    after_transplant = [after for before, after in pairs if before["allo_hsct_day"] is not None]
    assert len(after_transplant) > 10
    assert {row["prior_allo_hsct"] for row in after_transplant} <= {True, None}


def test_grade_five_is_death_within_the_month():
    """Fatal toxicity happens, early, and is a death."""
    rows = simulate(3000, rng=np.random.default_rng(8)).rows
    fatal = [row for row in rows if 5 in (row["crs_grade"], row["icans_grade"])]
    assert len(fatal) > 10
    assert all(row["death_day"] == row["last_contact_day"] <= 30 for row in fatal)


def test_values_go_missing_at_the_stated_rates_without_regard_to_values():
    """Shares agree with the constants, and marrow blasts are alike with and without each value."""
    simulation = simulate(4000, rng=np.random.default_rng(9))
    blasts = np.log1p(simulation.patients["marrow_blasts_pct"])
    for name in [*INFUSION_GAPS, *PERSON_GAPS, *LABORATORY_GAPS]:
        gone = missing(simulation.rows, name)
        stated = {**INFUSION_GAPS, **PERSON_GAPS}.get(name)
        if stated is not None and name != "prior_car_t":
            assert gone.mean() == pytest.approx(stated, abs=0.02)
        standard_error = blasts.std() / np.sqrt(gone.sum())
        assert abs(blasts[gone].mean() - blasts.mean()) < 4.5 * standard_error, name


def test_blood_values_go_missing_together():
    """Where no blood was taken nothing is known: LDH and ferritin go missing together."""
    rows = simulate(3000, rng=np.random.default_rng(10)).rows
    ldh, ferritin = missing(rows, "ldh_u_l"), missing(rows, "ferritin_ug_l")
    assert (ldh & ferritin).mean() > 2 * ldh.mean() * ferritin.mean()


def test_truth_is_of_the_values_before_they_went_missing():
    """Risks are those of the complete predictors, and rows are these predictors less the gaps."""
    simulation = simulate(300, rng=np.random.default_rng(11))
    for key, risk in true_risks(simulation.patients).items():
        np.testing.assert_array_equal(risk, simulation.risks[key])
    complete = [simulation.patients.row(place) for place in range(len(simulation))]
    for row, full in zip(simulation.rows, complete, strict=True):
        for name in specs(Patient):
            hidden = row[name] is None or row[name] == "response_unknown"
            assert hidden or row[name] == full[name]


def test_derived_dose_is_the_stated_dose():
    """Where only total and weight are given, the dose per kg comes out within rounding."""
    simulation = simulate(1000, rng=np.random.default_rng(12))
    derived = predictors(simulation.rows)["dose_1e6_per_kg"]
    assert missing(simulation.rows, "dose_1e6_per_kg").sum() > 50
    np.testing.assert_allclose(derived, simulation.patients["dose_1e6_per_kg"], rtol=0.006)


def test_synthetic_patients_are_bodies_of_requests():
    """Each is a `Patient`, without identifiers and without nulls."""
    for body in synthetic_patients(200, rng=np.random.default_rng(13)):
        assert Patient(**body).model_dump(exclude_none=True) == body


def test_simulated_cohort_has_every_column_and_a_digest_of_its_rows():
    """The digest follows the rows: same seed same digest."""
    first, again, other = (simulated_cohort(40, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.present == frozenset(SIMULATED_COLUMNS) == set(all_fields()) - {PRODUCT_NAME}
    assert first.sha256 == again.sha256 != other.sha256
    assert first.synthetic
    assert first.n_patients == 40


def test_table_writes_values_as_a_site_would():
    """Blank, true and false, whole numbers without decimals; schema order."""
    simulation = simulate(100, rng=np.random.default_rng(14))
    table = simulation_table(simulation)
    assert list(table.columns) == list(SIMULATED_COLUMNS)
    assert set(table["prior_inotuzumab"]) == {"true", "false"}
    assert set(table["prior_car_t"]) == {"true", "false", ""}
    assert not table.apply(lambda column: column.str.endswith(".0")).to_numpy().any()
    assert not table.isin(["nan", "None", "True", "False"]).to_numpy().any()


def test_truth_table_names_each_risk_once():
    """As many an infusion as there are outcomes and horizons."""
    simulation = simulate(50, rng=np.random.default_rng(15))
    table = truth_table(simulation)
    assert list(table.columns) == ["patient_id", "infusion_number", "outcome", "horizon_days", "risk"]
    assert len(table) == len(simulation.risks) * len(simulation)
    assert table["patient_id"].iloc[:: len(simulation.risks)].tolist() == [
        row["patient_id"] for row in simulation.rows
    ]
    assert not table.duplicated(["patient_id", "infusion_number", "outcome", "horizon_days"]).any()


@pytest.mark.parametrize("draw", [simulate, simulated_cohort, synthetic_patients])
def test_no_patients_are_refused(draw):
    """Zero is a mistake, not an empty cohort."""
    with pytest.raises(ValueError, match=r"^n_patients must be at least 1, got 0\.$"):
        draw(0, rng=np.random.default_rng(1))
