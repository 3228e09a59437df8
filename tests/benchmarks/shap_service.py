"""A service to compare with, written the plain way: XGBoost, and `shap.TreeExplainer` on every request.

It answers the risk of each outcome and a contribution for each column. It has neither intervals nor warnings.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bentoml
import numpy as np
import shap
import xgboost

from features.outcomes import OUTCOMES
from features.predictors import predictors
from features.synthetic.simulation import synthetic_patients
from serving.answers.question import Question
from serving.model.trees import TREE_COLUMNS, tree_matrix

FOLDER_VARIABLE = "CART_OUTCOMES_SHAP_MODELS"
"""Environment variable that names the folder of the models."""
PATIENTS, SEED = 250, 20260101
SETTINGS = {"objective": "binary:logistic", "max_depth": 2, "learning_rate": 0.1, "nthread": 1}


def write_models(folder: Path, outcomes: list[str], *, trees: int) -> None:
    """Fit a model an outcome to drawn patients and events, and write them.

    Parameters
    ----------
    folder : Path
        Made here.
    outcomes : list of str
        Entries of `OUTCOMES`.
    trees : int
        Of each model.
    """
    folder.mkdir()
    rng = np.random.default_rng(SEED)
    matrix = tree_matrix(predictors(synthetic_patients(PATIENTS, rng=rng)))
    for name in outcomes:
        rows = xgboost.DMatrix(matrix, label=rng.random(len(matrix)) < 0.3, nthread=1)
        xgboost.train(SETTINGS, rows, trees).save_model(folder / f"{name}.ubj")


class Explained:
    """One model an outcome, and an explainer for each, made once.

    Parameters
    ----------
    folder : Path
        As `write_models` left it.
    """

    def __init__(self, folder: Path) -> None:
        self.models: dict[str, tuple[xgboost.Booster, shap.TreeExplainer]] = {}
        for file in sorted(folder.glob("*.ubj")):
            booster = xgboost.Booster({"nthread": 1})
            booster.load_model(file)
            self.models[file.stem] = booster, shap.TreeExplainer(booster)

    def answer(self, patient: dict[str, Any]) -> dict[str, Any]:
        """State risk and contributions, in log-odds, of each outcome."""
        matrix = tree_matrix(predictors([patient]))
        return {name: self._of(name, matrix) for name in self.models}

    def _of(self, name: str, matrix: np.ndarray) -> dict[str, Any]:
        booster, explainer = self.models[name]
        (contributions,) = explainer.shap_values(matrix)
        named = zip(TREE_COLUMNS, contributions, strict=True)
        return {
            "title": OUTCOMES[name].title,
            "risk": float(booster.predict(xgboost.DMatrix(matrix, nthread=1))[0]),
            "contributions": {column.name: float(value) for column, value in named},
        }


@bentoml.service(workers=1)
class Shap:
    """The models of a folder."""

    def __init__(self) -> None:
        self.explained = Explained(Path(os.environ[FOLDER_VARIABLE]))

    @bentoml.api(route="/risk")
    async def risk(self, question: Question, /) -> dict[str, Any]:
        """Answer risk and contributions of each outcome."""
        return self.explained.answer(question.model_dump())
