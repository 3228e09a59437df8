"""A product whose true rate is twice the published one: the truth, and what is printed."""

import numpy as np
import pytest

from features.log_odds import expit
from features.terms import LEVEL_TERMS, term_matrix
from tests.benchmarks import twice_the_rate
from tests.benchmarks.twice_the_rate import excesses, main, patients_of, true_log_odds


@pytest.mark.parametrize("product", ["tisagenlecleucel", "obecabtagene"])
def test_patients_of_a_product_have_the_rate(product):
    """Over 4,000 of them the mean true risk is the rate, and no effect of a product is left."""
    effects, intercept = true_log_odds("right", product, 0.3, np.random.default_rng(1))
    assert not set(effects) & set(LEVEL_TERMS)
    patients = patients_of(product, 4000, np.random.default_rng(2))
    assert patients.is_option("product", product).all()
    moved = term_matrix(patients, tuple(effects)) @ np.array(list(effects.values()))
    assert expit(intercept + moved).mean() == pytest.approx(0.3, abs=0.01)


def test_every_learner_is_measured_on_the_cohort(monkeypatch):
    """Excess log loss is above 0, and the same again."""
    monkeypatch.setattr(twice_the_rate, "variants", lambda *_: [("prevalence", "terms")])
    first, second = (excesses("right", "tisagenlecleucel", 30, 0) for _ in range(2))
    assert first == second
    assert list(first) == ["anchored", "prevalence terms"]
    assert all(loss > 0 for loss in first.values())


def test_the_best_peer_of_each_kind_is_named(monkeypatch, capsys):
    """By the mean over cohorts: .05 and .04 of patients alone, .03 and .02 of the literature."""

    def made_up(*_):
        losses = {"anchored": 0.02, "ridge_logistic raw": 0.05, "prevalence terms": 0.04}
        return {**losses, "firth terms": 0.03, "evidence_recalibrated terms": 0.02}

    monkeypatch.setattr(twice_the_rate, "excesses", made_up)
    main(["--cohorts", "2", "--sizes", "30", "--products", "tisagenlecleucel"])
    assert capsys.readouterr().out == (
        "tisagenlecleucel, 30 patients: anchored 0.0200; of patients alone 0.0400 (prevalence terms), "
        "ratio 0.50; of the literature 0.0200 (evidence_recalibrated terms), ratio 1.00\n"
    )
