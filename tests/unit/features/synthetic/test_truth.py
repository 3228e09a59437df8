"""The truth of the synthetic cohorts is what their outcomes show."""

from __future__ import annotations

import numpy as np
import pytest

from features.cohort import cohort_from_rows
from features.columns import Columns
from features.event_labels import labels
from features.outcome import observe
from features.outcomes import OUTCOMES
from features.schema import Patient, all_fields
from features.synthetic.follow_up import draw_course
from features.synthetic.patients import first_infusions
from features.synthetic.simulation import simulate
from features.synthetic.truth import (
    TRUE_EFFECTS,
    relapse_odds_share,
    relapse_point,
    true_log_odds,
    true_nonrelapse_mortality,
    true_relapse_risk,
    true_risks,
)
from features.terms import KNOWN_TERMS

MANY = 20_000

ONE_PATIENT = {
    "age_years": 45.0,
    "sex": "female",
    "diagnosis": "b_all",
    "prior_lines": 4,
    "prior_blinatumomab": "nonresponder",
    "prior_inotuzumab": True,
    "split_dose": False,
    "prior_allo_hsct": False,
    "prior_car_t": False,
    "kmt2a_rearranged": False,
    "ph_positive": False,
    "tp53_altered": True,
    "marrow_blasts_pct": 60.0,
    "extramedullary_disease": False,
    "cns_status": "cns1",
    "ldh_u_l": 400.0,
    "creatinine_mg_dl": 0.8,
    "crp_mg_l": 31.0,
    "ferritin_ug_l": 1024.0,
    "platelets_1e9_l": 40.0,
    "target_antigen": "cd19",
    "costimulatory_domain": "cd28",
    "cell_source": "autologous",
    "dose_1e6_per_kg": 2.0,
    "fludarabine_mg_m2": 90.0,
    "tocilizumab_prophylaxis": True,
}


def one_patient(**changed):
    return Columns.from_rows(Patient, [{**ONE_PATIENT, **changed}])


def greatest_decile_error(risk, happened):
    """Largest difference between observed and true frequency in tenths of risk, in standard errors."""
    errors = []
    for tenth in np.array_split(np.argsort(risk), 10):
        variance = (risk[tenth] * (1 - risk[tenth])).sum()
        errors.append(abs(happened[tenth].sum() - risk[tenth].sum()) / np.sqrt(variance))
    return max(errors)


def censoring_survival(day, event, at):
    """Kaplan-Meier of censoring just before each day; on tied days events come before censoring."""
    days = np.unique(day)
    censored = np.array([((day == each) & (event == 0)).sum() for each in days])
    at_risk = np.array([((day > each) | ((day == each) & (event == 0))).sum() for each in days])
    steps = np.cumprod(1 - censored / np.maximum(at_risk, 1))
    return np.concatenate([[1.0], steps])[np.searchsorted(days, at, side="left")]


def test_log_odds_of_one_patient_by_hand():
    """Intercept -0.35, then each effect times what the term is above its centre."""
    easix = np.log2(400 * 0.8 / 40)  # 3
    by_hand = (
        -0.35
        + 0.80 * 0.40  # 60 % blasts
        - 0.50 * 0.15
        - 0.20 * 0.05
        + 1.10 * 0.80  # no response to blinatumomab
        - 0.15 * 0.28
        + 0.20 * 0.70  # inotuzumab
        - 0.20 * 0.33
        - 0.60 * 0.10
        + 0.08 * 1.00  # four lines
        - 0.05 * 1.00  # 45 years
        + 0.30 * 0.25
        - 0.30 * 0.05
        + 0.15 * 0.70  # CD28
        - 0.20 * 0.60  # 2 x 10^6/kg
        - 0.80 * 0.05  # fludarabine
        + 0.15 * (easix - 1.30)
        + 0.10 * 0.20  # ferritin 2^10
        + 0.90 * 0.87  # TP53
        - 0.20 * 0.08
        + 0.10 * 0.18
    )
    assert true_log_odds("relapse", one_patient())[0] == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("outcome", "changed", "difference"),
    [
        ("severe_crs", {"tocilizumab_prophylaxis": False}, 0.90),
        ("severe_crs", {"dose_1e6_per_kg": 4.0}, 0.25),
        ("severe_crs", {"ldh_u_l": 800.0}, 0.35),
        ("severe_crs", {"split_dose": True}, -1.20),
        ("severe_icans", {"costimulatory_domain": "4_1bb"}, -1.00),
        ("relapse", {"prior_blinatumomab": "none"}, -1.10),
        ("relapse", {"tp53_altered": False}, -0.90),
        ("relapse", {"fludarabine_mg_m2": 0.0}, 0.80),
        ("relapse", {"tocilizumab_prophylaxis": False}, 0.0),
    ],
)
def test_one_change_moves_the_log_odds_by_its_effect(outcome, changed, difference):
    """Effects are those of the table, one at a time."""
    moved = true_log_odds(outcome, one_patient(**changed)) - true_log_odds(outcome, one_patient())
    assert moved[0] == pytest.approx(difference)


def test_truth_needs_complete_predictors():
    """A missing predictor is refused, not skipped."""
    with pytest.raises(ValueError) as refusal:
        true_risks(one_patient(ferritin_ug_l=None))
    assert str(refusal.value) == "the true risk needs complete predictors, log2_ferritin is missing in some."


def test_effects_are_of_terms_and_centred_near_the_mean():
    """Each centre is within a third of a standard deviation of the mean of first infusions."""
    patients = first_infusions(MANY, rng=np.random.default_rng(1)).patients
    for effect in TRUE_EFFECTS:
        term = KNOWN_TERMS[effect.term].compute(patients)
        assert abs(term.mean() - effect.center) < term.std() / 3, effect.term


def test_truth_covers_every_outcome_and_horizon():
    """A new outcome or horizon needs a truth; death after relapse has none in closed form."""
    known = {name: outcome for name, outcome in OUTCOMES.items() if name != "death"}
    expected = {(name, day) for name, outcome in known.items() for day in outcome.horizons_days}
    assert set(true_risks(one_patient())) == expected


def test_relapse_odds_share_is_one_at_a_year_and_levels_off():
    """R(28) = 0.2, R(365) = 1, R never falls, and some never relapse."""
    assert relapse_odds_share(28) == pytest.approx(0.2)
    assert relapse_odds_share(365) == pytest.approx(1.0)
    shares = [relapse_odds_share(day) for day in range(1, 4000, 7)]
    assert (np.diff(shares) >= 0).all()
    assert shares[-1] < relapse_odds_share(np.inf) < 1.4


def test_relapse_point_inverts_the_share():
    """The day at which R reaches R(day) is the day."""
    days = np.array([46.0, 90.0, 365.0, 730.0])
    shares = np.array([relapse_odds_share(day) for day in days])
    np.testing.assert_allclose(relapse_point(shares), days)


@pytest.mark.parametrize("grade", ["crs_grade", "icans_grade"])
def test_severe_toxicity_is_as_frequent_as_its_true_risk(grade):
    """In each tenth of risk, within binomial error."""
    rng = np.random.default_rng(2)
    patients = first_infusions(MANY, rng=rng).patients
    course = draw_course(patients, rng=rng)
    risk = true_risks(patients)[
        grade.replace("crs_grade", "severe_crs").replace("icans_grade", "severe_icans"), 30
    ]
    assert greatest_decile_error(risk, getattr(course, grade) >= 3) < 4


def test_severe_toxicities_come_together():
    """Severe ICANS is more frequent with severe CRS than the true risks alone would make it."""
    rng = np.random.default_rng(3)
    patients = first_infusions(MANY, rng=rng).patients
    course = draw_course(patients, rng=rng)
    risks = true_risks(patients)
    both = ((course.crs_grade >= 3) & (course.icans_grade >= 3)).mean()
    assert both > 1.5 * (risks["severe_crs", 30] * risks["severe_icans", 30]).mean()


@pytest.mark.parametrize("horizon_days", [90, 180, 365, 730])
def test_relapse_is_as_frequent_as_its_closed_form(horizon_days):
    """Without censoring, in each tenth of risk: the closed form is the cumulative incidence."""
    rng = np.random.default_rng(4)
    patients = first_infusions(MANY, rng=rng).patients
    course = draw_course(patients, rng=rng)
    happened = labels(course.event_day, course.event, horizon_days=horizon_days) == 1
    assert greatest_decile_error(true_relapse_risk(patients, day=horizon_days), happened) < 4


def test_no_response_is_the_atom_of_the_curve():
    """No response is found with the probability of relapse by day 28, on the day of the assessment."""
    rng = np.random.default_rng(5)
    patients = first_infusions(MANY, rng=rng).patients
    course = draw_course(patients, rng=rng)
    assert greatest_decile_error(true_relapse_risk(patients, day=28), course.no_response) < 4
    late = (course.event == 1) & ~course.no_response
    assert course.event_day[late].min() > 45 > course.response_day.max()


def test_death_competes_among_those_who_would_never_relapse():
    """Its probability is (1 - F1(infinity)) times the mortality."""
    rng = np.random.default_rng(6)
    patients = first_infusions(MANY, rng=rng).patients
    course = draw_course(patients, rng=rng)
    expected = (1 - true_relapse_risk(patients, day=np.inf)) * true_nonrelapse_mortality(patients)
    assert greatest_decile_error(expected, course.event == 2) < 4


@pytest.mark.parametrize("horizon_days", [90, 180, 365, 730])
def test_death_without_relapse_is_as_frequent_as_its_closed_form(horizon_days):
    """Without censoring, in each tenth of risk; with relapse it leaves somebody in remission."""
    rng = np.random.default_rng(12)
    patients = first_infusions(MANY, rng=rng).patients
    course = draw_course(patients, rng=rng)
    risks = true_risks(patients)
    risk = risks["death_without_relapse", horizon_days]
    assert greatest_decile_error(risk, (course.event == 2) & (course.event_day <= horizon_days)) < 4
    assert (risk + risks["relapse", horizon_days] < 1).all()


@pytest.mark.parametrize(
    ("outcome", "happened"),
    [
        ("crs_grade_2_or_higher", lambda course: course.crs_grade >= 2),
        ("severe_icaht", lambda course: course.icaht_grade >= 3),
        ("iec_hs", lambda course: course.iec_hs == 1),
    ],
)
def test_further_toxicity_is_as_frequent_as_its_true_risk(outcome, happened):
    """In each tenth of risk, within binomial error; grade 2 or higher is no rarer than grade 3 or higher."""
    rng = np.random.default_rng(13)
    patients = first_infusions(MANY, rng=rng).patients
    course, risks = draw_course(patients, rng=rng), true_risks(patients)
    assert greatest_decile_error(risks[outcome, OUTCOMES[outcome].horizons_days[0]], happened(course)) < 4
    assert (risks["crs_grade_2_or_higher", 30] >= risks["severe_crs", 30]).all()


def test_transplant_says_nothing_of_relapse_beyond_the_predictors():
    """Event-free on day 150, those transplanted by then relapse as their predictors say."""
    rng = np.random.default_rng(7)
    patients = first_infusions(40_000, rng=rng).patients
    course = draw_course(patients, rng=rng)
    by_150, by_730, ever = (true_relapse_risk(patients, day=day) for day in (150, 730, np.inf))
    dies = (1 - ever) * true_nonrelapse_mortality(patients)
    expected = (by_730 - by_150) / (1 - by_150 - dies)
    chosen = (course.event != 2) & (course.event_day > 150) & (course.allo_hsct_day <= 150)
    assert chosen.sum() > 3000
    happened = course.event_day[chosen] <= 730
    error = np.sqrt((expected * (1 - expected))[chosen].sum())
    assert abs(happened.sum() - expected[chosen].sum()) < 3.5 * error


def test_censoring_is_independent_of_every_predictor():
    """No term, and no risk, correlates with the day on which follow-up ends."""
    rng = np.random.default_rng(8)
    patients = first_infusions(MANY, rng=rng).patients
    censoring_day = draw_course(patients, rng=rng).censoring_day
    columns = [KNOWN_TERMS[effect.term].compute(patients) for effect in TRUE_EFFECTS]
    columns += list(true_risks(patients).values())
    for column in columns:
        assert abs(np.corrcoef(column, censoring_day)[0, 1]) < 4 / np.sqrt(MANY)


def test_observed_labels_weighted_for_censoring_recover_the_truth():
    """From rows with gaps, relapse and competing death included: by third of risk, at every horizon."""
    simulation = simulate(6000, rng=np.random.default_rng(9))
    cohort = cohort_from_rows(simulation.rows, name="c", sha256="0", present=frozenset(all_fields()))
    seen = observe(OUTCOMES["relapse"], cohort.follow_up)
    for horizon in OUTCOMES["relapse"].horizons_days:
        risk = simulation.risks["relapse", horizon]
        label = labels(seen.day, seen.event, horizon_days=horizon)
        for third in np.array_split(np.argsort(risk), 3):
            day, event = seen.day[third], seen.event[third]
            weight = 1 / censoring_survival(day, event, np.minimum(day, horizon))
            observed = np.nansum(label[third] * weight) / len(third)
            spread = np.sqrt(np.nansum((label[third] * weight - observed) ** 2)) / len(third)
            assert abs(observed - risk[third].mean()) < 4 * spread, horizon


def test_censoring_of_the_cohort_is_the_same_at_high_and_low_risk():
    """Second infusions included: half of each is still followed at the same time."""
    simulation = simulate(6000, rng=np.random.default_rng(10))
    cohort = cohort_from_rows(simulation.rows, name="c", sha256="0", present=frozenset(all_fields()))
    seen = observe(OUTCOMES["relapse"], cohort.follow_up)
    high = simulation.risks["relapse", 365] > np.median(simulation.risks["relapse", 365])
    at = np.array([180.0, 365.0, 730.0])
    curves = [censoring_survival(seen.day[half], seen.event[half], at) for half in (high, ~high)]
    np.testing.assert_allclose(curves[0], curves[1], atol=0.04)
    assert curves[0][2] > 0.3


def test_a_mislaid_response_hides_no_outcome():
    """Every infusion followed to its event is seen with it, on its day, though some responses are missing."""
    simulation = simulate(3000, rng=np.random.default_rng(11))
    cohort = cohort_from_rows(simulation.rows, name="c", sha256="0", present=frozenset(all_fields()))
    seen = observe(OUTCOMES["relapse"], cohort.follow_up)
    mislaid = np.isnan(cohort.follow_up["response_day28"]) & (simulation.event_day < 45)
    followed = mislaid & (cohort.follow_up["last_contact_day"] > 60)
    assert followed.sum() > 10
    np.testing.assert_array_equal(seen.event[followed], 1)
    happened = seen.event > 0
    np.testing.assert_array_equal(seen.event[happened], simulation.event[happened])
    np.testing.assert_array_equal(seen.day[happened], simulation.event_day[happened])
