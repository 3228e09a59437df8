"""The risk without a source is that of training with --exclude-source on the same patients."""

from dataclasses import replace

import numpy as np
import pytest

from features.predictors import predictors
from features.synthetic.simulation import simulated_cohort
from tests.bundles import patients
from training.dataset.fit_config import EvidenceChoice, FitConfig
from training.evidence.evidence_set import read_evidence
from training.fitting.train import train

OUTCOME = "severe_icans"
QUICK = FitConfig(outcomes=(OUTCOME,), models=("anchored",), validate=False, replicates=2)
SOURCES = ("10.1056/NEJMoa2406526", "10.1158/2159-8290.CD-17-0698", "Haematologica 13081")
"""A trial that rates and effects rest on, a study of effects, and a small part."""
PATIENTS = predictors(patients(30, np.random.default_rng(8)))


def cohort():
    """Draw too few patients for trees: the trees of another training would be others."""
    return simulated_cohort(60, rng=np.random.default_rng(41))


def model_of(training):
    return training.bundle.models[OUTCOME]


@pytest.fixture(scope="module", params=[True, False], ids=["of a cohort", "of evidence alone"])
def trained(request):
    """Train with all sources: the cohort, or None, and the training."""
    of_patients = cohort() if request.param else None
    return of_patients, train(of_patients, QUICK)


@pytest.mark.parametrize("source", SOURCES)
def test_it_is_the_risk_of_training_with_the_source_excluded(trained, source):
    """At every horizon of 30 patients within 10^-9."""
    of_patients, training = trained
    model = model_of(training)
    assert model.trees is None
    place = [source in each.sources for each in model.without_sources].index(True)
    excluding = replace(QUICK, evidence=EvidenceChoice(excluded=(source,)))
    expected = model_of(train(of_patients, excluding)).risk(PATIENTS)
    found = model.explain(PATIENTS).risk_without[:, place]
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert np.abs(found - model.risk(PATIENTS)).max() > 0


def test_every_source_of_the_prior_is_left_out_once(trained):
    """Those of effects and those of rates."""
    model = model_of(trained[1])
    named = [source for each in model.without_sources for source in each.sources]
    assert len(named) == len(set(named))
    of_effects = {source for term in model.linear.sources for source in term}
    assert of_effects <= set(named)
    rows = read_evidence()
    known = {source for row in (*rows.effects, *rows.base_rates) for source in row.sources}
    assert set(named) <= known


def test_the_random_numbers_of_a_training_are_as_they_were(trained):
    """Fits without a source draw nothing, so that replicates stay the same."""
    of_patients, training = trained
    again = train(of_patients, QUICK)
    np.testing.assert_array_equal(
        model_of(again).replicates.coefficients, model_of(training).replicates.coefficients
    )
