"""Which update an external cohort needs: the closed test of Vergouwe, on the model's own likelihood.

The most extensive update that can be fitted is tested against each smaller one, the smallest first; the
first that is not rejected is taken. However many are tested, a model that needs no update is given one with
the probability of a single test.

The likelihood is that of the fit: binomial at every horizon, weighted by the inverse probability of
censoring, a horizon's labels sharing the infusion's weight. Its labels are not independent:
horizons overlap, patients have several infusions, and weights let some represent others. The statistic
is therefore divided by the mean design effect of the parameters under test, from the scores summed a patient,
and compared with F of as many degrees of freedom in the denominator as there are patients less parameters. In
cohorts without any of that it is the likelihood-ratio test: in 1,000 simulated cohorts each of 60, 100, 200
and 500 patients where nothing had changed the plain test rejected .03, .05, .06 and .06 of severe CRS, known
in everybody, and .02 to .03 of relapse over four horizons; divided, .03, .04, .06 and .06, and about .05.

References
----------
Vergouwe et al. 2017, doi:10.1002/sim.7179; Rao & Scott 1984, doi:10.1214/aos/1176346391; Rotnitzky & Jewell
1990, doi:10.1093/biomet/77.3.485 (the same for repeated labels of one patient).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.columns import Values
from features.log_odds import expit
from training.dataset.stacked_labels import stacked
from training.dataset.training_set import TrainingSet
from training.external.update_methods import Prediction, Update, patients_who_tell, possible_updates

ALPHA = 0.05


@dataclass(frozen=True)
class Step:
    """The most extensive update against a smaller one.

    Attributes
    ----------
    smaller, larger : str
        Entries of `UPDATES`.
    statistic : float
        Twice the gain in weighted log likelihood.
    design_effect : float
        By which it is divided; 1 where every label is an independent patient's.
    df : int
        Parameters that the larger one has more.
    p_value : float
    """

    smaller: str
    larger: str
    statistic: float
    design_effect: float
    df: int
    p_value: float

    @property
    def rejected(self) -> bool:
        """Whether the smaller update is not enough."""
        return self.p_value < ALPHA


@dataclass(frozen=True)
class Choice:
    """What the closed test decided.

    Attributes
    ----------
    update : Update
        The one to take.
    possible : tuple of Update
        Those that can be fitted to these patients, the smallest first.
    steps : tuple of Step
        The tests in their order; none where nothing could be fitted.
    ended : str
        Why a more extensive update could not be fitted, in words; empty if none failed.
    """

    update: Update
    possible: tuple[Update, ...]
    steps: tuple[Step, ...]
    ended: str = ""


def choose_update(predicted: Prediction, training: TrainingSet) -> Choice:
    """Choose the smallest update that the closed test does not reject.

    Parameters
    ----------
    predicted : Prediction
        By the released model, of the infusions of ``training`` at its horizons.
    training : TrainingSet

    Returns
    -------
    choice : Choice
    """
    candidates = possible_updates(predicted, training)
    possible, steps = candidates.updates, []
    for smaller in possible[:-1]:
        steps.append(likelihood_step(predicted, training, smaller, possible))
        if not steps[-1].rejected:
            return Choice(smaller, possible, tuple(steps), candidates.ended)
    return Choice(possible[-1], possible, tuple(steps), candidates.ended)


def likelihood_step(
    predicted: Prediction, training: TrainingSet, smaller: Update, possible: Sequence[Update]
) -> Step:
    """Test the most extensive update against a smaller one.

    Parameters
    ----------
    predicted : Prediction
    training : TrainingSet
    smaller : Update
    possible : sequence of Update
        The last of them is the most extensive.

    Returns
    -------
    step : Step

    Raises
    ------
    ValueError
        If the most extensive one has no finite fit in these patients.
    """
    # It takes a quarter of a second to import.
    from scipy.stats import f as f_distribution

    larger = possible[-1]
    before, after = (log_likelihood(predicted, training, each) for each in (smaller, larger))
    df = larger.n_parameters - smaller.n_parameters
    statistic = max(0.0, 2 * (after - before))
    effect = _design_effect(predicted, training, larger, fixed=smaller.n_parameters)
    left = patients_who_tell(training) - larger.n_parameters
    p_value = float(f_distribution.sf(statistic / effect / df, df, max(1, left)))
    return Step(smaller.kind, larger.kind, statistic, effect, df, p_value)


def log_likelihood(predicted: Prediction, training: TrainingSet, update: Update) -> float:
    """Weighted log likelihood of an update."""
    rows, log_odds = stacked(predicted.design, training), _updated(predicted, update)
    return float((rows.weight * (rows.label * log_odds - np.logaddexp(0.0, log_odds))).sum())


def _updated(predicted: Prediction, update: Update) -> Values:
    """Log-odds under an update, stacked horizon by horizon."""
    added = _columns(predicted, update) @ update.parameters
    return (predicted.log_odds + added[:, None]).T.ravel()


def _columns(predicted: Prediction, update: Update) -> Values:
    """Columns that an update uses."""
    named = [2 + predicted.fields.index(name) for name in update.added_factors]
    return predicted.design[:, [0, 1, *named][: update.n_parameters]]


def _design_effect(predicted: Prediction, training: TrainingSet, larger: Update, *, fixed: int) -> float:
    """Mean ratio of the variance of the parameters under test to what the likelihood says.

    Parameters
    ----------
    predicted : Prediction
    training : TrainingSet
    larger : Update
        At which the scores are taken.
    fixed : int
        Parameters of the smaller update, which come first.

    Returns
    -------
    effect : float
        Above 0.
    """
    rows = stacked(_columns(predicted, larger), training)
    risk = expit(_updated(predicted, larger))
    information = (rows.design.T * (rows.weight * risk * (1 - risk))) @ rows.design
    scores = ((rows.weight * (rows.label - risk))[:, None] * rows.design).reshape(
        len(training.horizons_days), len(training), -1
    )
    by_patient = np.zeros((int(training.groups.max()) + 1, rows.design.shape[1]))
    np.add.at(by_patient, training.groups, scores.sum(axis=0))
    n_patients = patients_who_tell(training)
    spare = n_patients / max(1, n_patients - larger.n_parameters)
    assumed = _inverse(information, larger.kind)
    seen = spare * assumed @ (by_patient.T @ by_patient) @ assumed
    ratio = np.linalg.solve(assumed[fixed:, fixed:], seen[fixed:, fixed:])
    return float(np.trace(ratio) / len(ratio))


def _inverse(information: Values, kind: str) -> Values:
    """Invert, or say what is wrong: `possible_updates` leaves out what cannot be fitted."""
    size = np.sqrt(np.diag(information))
    if (size > 0).all():
        even = information / np.outer(size, size)
        if np.linalg.eigvalsh(even)[0] > np.finfo(float).eps:
            return np.asarray(np.linalg.inv(even) / np.outer(size, size))
    message = f"{kind} cannot be tested: its information matrix is singular, so it has no finite fit"
    raise ValueError(message)


def choice_words(choice: Choice) -> tuple[str, ...]:
    """Write every test, and why a more extensive update was not among them.

    Examples
    --------
    >>> step = Step("none", "intercept", 9.0, 1.0, 1, 0.0031)
    >>> choice_words(Choice(Update(), (), (step,), "recalibration could not be fitted: why"))
    ('intercept against none: p = 0.003', 'recalibration could not be fitted: why')
    """
    ended = (choice.ended,) if choice.ended else ()
    return (*map(step_words, choice.steps), *ended)


def step_words(step: Step) -> str:
    """Write a test.

    Examples
    --------
    >>> step_words(Step("none", "revision", 30.0, 1.0, 4, 1e-6))
    'revision against none: p < 0.001'
    """
    size = f"p = {np.floor(step.p_value * 1000) / 1000:.3f}"
    return f"{step.larger} against {step.smaller}: {'p < 0.001' if step.p_value < 0.001 else size}"
