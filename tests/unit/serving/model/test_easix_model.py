"""EASIX alone: the index, and the risk that a logistic model of it states."""

from __future__ import annotations

import math

import numpy as np
import pytest

from features.predictors import predictors
from serving.model.easix_model import INPUTS, EasixModel, easix_index

LABS = {"ldh_u_l": 400.0, "creatinine_mg_dl": 0.8, "platelets_1e9_l": 80.0}


def test_index_and_risk_worked_by_hand() -> None:
    """400 x 0.8 / 80 = 4, log2 of it 2: log-odds -2.5 + 2 x 0.5 = -1.5, a risk of 0.1824."""
    index = easix_index(predictors([LABS]))
    assert index.tolist() == [4.0]
    risk = EasixModel(intercept=-2.5, coefficient=0.5).risk(index)
    assert risk[0] == pytest.approx(1 / (1 + math.exp(1.5)), abs=1e-12)
    assert risk[0] == pytest.approx(0.1824, abs=5e-5)


@pytest.mark.parametrize("absent", INPUTS)
def test_without_one_of_three_there_is_neither(absent: str) -> None:
    """NaN, not a guess."""
    index = easix_index(predictors([LABS | {absent: None}]))
    assert np.isnan(index).all()
    assert np.isnan(EasixModel(-2.5, 0.5).risk(index)).all()
