"""Published rates as levels of a reference patient, and the cohorts they come from, rebuilt."""

import dataclasses

import numpy as np
import pytest

from features.disease_burden import is_high_burden
from features.log_odds import expit
from features.terms import LEVEL_TERMS, TERMS
from training.evidence.base_rates import (
    INDIRECT_POPULATION,
    INDIRECT_SCALE,
    UNKNOWN_RATE,
    cohort_rates,
    levels_at,
    published_rate,
)
from training.evidence.evidence_set import read_evidence
from training.evidence.headline_rates import pooled_rates
from training.evidence.rate_rows import BaseRate
from training.evidence.rebuilt_cohorts import REBUILT_PATIENTS, rebuilt_cohort
from training.learners.model_averaging import posterior_mean_risk
from training.statistics.laplace import Fits


def rate(**changed: object) -> BaseRate:
    """Make a rate of severe CRS of 20 % among 100."""
    row = BaseRate("b1", "severe_crs", "estimate", 0.2, 100, 30, "all infused", "first", ("first series",))
    return dataclasses.replace(row, **changed)  # type: ignore[arg-type]


def level_of(wanted: float, shift: np.ndarray, variance: np.ndarray) -> tuple[float, float]:
    """Level of one cohort."""
    level, slope = levels_at(np.array([wanted]), shift[None], variance[None])
    return float(level[0]), float(slope[0])


@pytest.mark.parametrize("variance", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("wanted", [0.02, 0.12, 0.5, 0.9])
def test_a_level_gives_the_rate_on_average(variance, wanted):
    """By the rule by which models are averaged, so that a cohort keeps its rate in the averaged model."""
    shift = np.array([-0.5, 0.5])
    level, _ = level_of(wanted, shift, np.full(2, variance))
    curvature = np.diag([1e12, 1e12 if variance == 0 else 1 / variance])[None]
    # The uncertain term is 1 in every patient; what is known of them is part of the intercept.
    risks = [
        posterior_mean_risk(
            Fits(np.array([[level + float(each), 0.0]]), curvature, np.zeros(1)),
            np.ones(1),
            np.ones((1, 1)),
            n_horizons=1,
        )[0, 0]
        for each in shift
    ]
    assert np.mean(risks) == pytest.approx(wanted, rel=1e-5)


def test_the_slope_of_a_level_is_its_difference_quotient():
    """By how much the level moves where the log-odds of the rate do."""
    shift, variance = np.array([-1.0, 0.3, 2.0]), np.array([0.4, 1.0, 0.1])
    logits = np.log(0.2 / 0.8) + np.array([-1e-4, 1e-4])
    levels = [level_of(float(expit(np.array([each]))[0]), shift, variance)[0] for each in logits]
    assert level_of(0.2, shift, variance)[1] == pytest.approx((levels[1] - levels[0]) / 2e-4, rel=1e-3)


def test_one_rate_stands_for_itself():
    """On the log-odds scale and back; nothing where nothing is published."""
    assert published_rate(cohort_rates("severe_crs", (rate(),))) == pytest.approx(0.2)
    assert published_rate(()) == UNKNOWN_RATE


def test_other_patients_and_another_scale_widen_a_rate():
    """By their constants; half a patient on either side keeps the error of one without events finite."""
    plain, other, both = (
        cohort_rates("severe_crs", (rate(**changed),))[0].error
        for changed in (
            {},
            {"population_direct": False},
            {"population_direct": False, "scale_direct": False},
        )
    )
    assert plain**2 == pytest.approx(1 / 20.5 + 1 / 80.5)
    assert other**2 - plain**2 == pytest.approx(INDIRECT_POPULATION**2)
    assert both**2 - other**2 == pytest.approx(INDIRECT_SCALE**2)


def test_of_one_cohort_all_infused_come_before_responders_then_the_larger_number():
    """A consortium states relapse among responders and a rate among all infused."""
    chosen = pooled_rates("relapse", read_evidence().base_rates)
    assert "B20" not in [row.id for row in chosen]
    larger = pooled_rates("severe_crs", (rate(), rate(id="b2", n=300)))
    assert [row.id for row in larger] == ["b2"]


def test_the_schedules_of_one_cohort_are_two_rates():
    """Before the dose was split and after: other patients."""
    both = rate(id="b1", split_dose=0.0), rate(id="b2", split_dose=1.0)
    assert [row.id for row in pooled_rates("severe_crs", both)] == ["b1", "b2"]


def test_a_rebuilt_cohort_has_its_published_characteristics():
    """Every share within 8 points, every median within a fifth; what is not published is missing."""
    patients = rebuilt_cohort("FELIX", "obecabtagene", None, 1.0)
    assert len(patients) == REBUILT_PATIENTS
    assert np.median(patients["age_years"]) == pytest.approx(47, rel=0.1)
    assert (patients["split_dose"] == 1).all()
    assert np.isnan(patients["ferritin_ug_l"]).all()


def test_cohorts_given_one_academic_product_share_it():
    """By the name of the product; otherwise the cells of each cohort are a product of their own."""
    rows = (
        rate(id="b1", cohort_group="adults", academic_product="19-28z"),
        rate(id="b2", cohort_group="children", academic_product="19-28z"),
        rate(id="b3", cohort_group="elsewhere"),
    )
    assert [each.product for each in cohort_rates("severe_crs", rows)] == ["19-28z", "19-28z", "elsewhere"]


def test_a_cohort_of_cells_with_two_targets_has_its_targets():
    """As its profile says; CD19 alone otherwise."""
    for group, share in (("AUTO3", 1.0), ("FELIX", 0.0)):
        patients = rebuilt_cohort(group, "", None, None)
        assert patients.is_option("target_antigen", "cd19_cd22").mean() == share


def test_the_case_mix_of_a_cohort_is_complete_and_without_its_product():
    """What is not published is drawn: its patients differ in it all the same."""
    (found,) = cohort_rates("severe_crs", (rate(cohort_group="FELIX", product="obecabtagene"),))
    assert found.terms.shape == (REBUILT_PATIENTS, len(TERMS))
    assert np.isfinite(found.terms).all()
    assert not found.terms[:, [list(TERMS).index(name) for name in LEVEL_TERMS]].any()
    assert found.terms[:, list(TERMS).index("log2_ferritin")].std() > 0.5
    assert (found.product, found.cd28, found.split_dose) == ("obecabtagene", 0.0, 1.0)


def test_rebuilding_twice_gives_the_same_patients():
    """Seeded: a model does not depend on the hour."""
    there, back = (rebuilt_cohort.__wrapped__("ROCCA", "brexucabtagene", None, None) for _ in range(2))
    for name in ("age_years", "marrow_blasts_pct"):
        np.testing.assert_array_equal(there[name], back[name])
    assert (
        set(np.unique(is_high_burden(there["marrow_blasts_pct"]))) <= {0.0, 1.0}
        or np.isnan(there["marrow_blasts_pct"]).all()
    )
