"""External validation: a released model on another cohort, without refitting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from features.cohort import Cohort
from features.columns import Values
from features.measures import GAIN
from features.outcomes import OUTCOMES
from features.problem_codes import Code
from features.problems import DataError, Problem, Refused
from serving.answers.scorer import Scorer
from serving.model.bundle import UNREGISTERED, Bundle
from serving.model.measured import Measured
from serving.model.outcome_risks import OutcomeRisks
from serving.model.risk_model import RiskModel
from training.console.progress import Progress, silent
from training.console.stopwatch import Period, Stopwatch
from training.dataset.cohort_summary import same_patients
from training.dataset.event_counts import distinct_events, event_free_patients
from training.dataset.fit_config import FEWEST_EVENTS, FitConfig
from training.dataset.outcome_dataset import OutcomeData, outcome_data
from training.dataset.training_set import TrainingSet
from training.dataset.unavailable import NoData, Unavailable
from training.external.closed_testing import Choice, choose_update
from training.external.measures_of_few import measures_of_few
from training.external.update_methods import prediction
from training.statistics.metrics import log_loss
from training.tasks.serial import SERIAL
from training.tasks.task import Runner, Shared, Task, results
from training.validation.bootstrap_intervals import all_measures
from training.validation.cross_validation import Validation, log_loss_gain
from training.validation.shared_folds import Folds, patient_bootstrap


class NotExternal(Refused):
    """The cohort is one that the model was trained or updated on."""


@dataclass(frozen=True)
class ExternalOutcome:
    """One outcome of a released model on another cohort.

    Attributes
    ----------
    data : OutcomeData
        Of the new cohort, at the horizons that both the cohort and the model have.
    validation : Validation
        The risks of the scorer and their metrics, as if cross-validated: one repeat, one fold.
    patients : mapping of int to (int, int)
        By horizon: patients with the event, patients known event-free.
    choice : Choice
        The update that is indicated.
    internal : mapping of int to mapping of str to Measured
        Out-of-fold metrics of internal validation; empty without it.
    """

    data: OutcomeData
    validation: Validation
    patients: Mapping[int, tuple[int, int]]
    choice: Choice
    internal: Mapping[int, Mapping[str, Measured]]

    @property
    def headline_days(self) -> int:
        """The first horizon in the data."""
        return self.data.horizons_days[0]

    @property
    def headline(self) -> Mapping[str, Measured]:
        """Every measure at that horizon."""
        return self.validation.metrics[self.headline_days]

    @property
    def not_computed(self) -> tuple[str, ...]:
        """Measures that could not be computed at that horizon."""
        return tuple(name for name, figure in self.headline.items() if figure.value is None)


@dataclass(frozen=True)
class ExternalValidation:
    """A released version on another cohort.

    Attributes
    ----------
    bundle : Bundle
    cohort : Cohort
    config : FitConfig
        Estimand of the bundle, scale allowed, seed, draws.
    outcomes : mapping of str to ExternalOutcome
    left_out : mapping of str to str
        Outcomes of the bundle that cannot be validated in the cohort, and why.
    external : bool
        False if the model was trained or updated on this cohort.
    periods : mapping of str to Period
        When each outcome was measured.
    """

    bundle: Bundle
    cohort: Cohort
    config: FitConfig
    outcomes: Mapping[str, ExternalOutcome]
    left_out: Mapping[str, str]
    external: bool
    periods: Mapping[str, Period] = field(default_factory=dict)


def validate_externally(
    bundle: Bundle,
    cohort: Cohort,
    config: FitConfig,
    *,
    allow_training_cohort: bool = False,
    progress: Progress = silent,
    runner: Runner = SERIAL,
) -> ExternalValidation:
    """Validate a released model on a cohort, and test which update is indicated.

    Parameters
    ----------
    bundle : Bundle
    cohort : Cohort
    config : FitConfig
        ``outcomes``, ``allow_grading``, ``seed`` and ``bootstrap_draws`` count; the estimand is the bundle's.
    allow_training_cohort : bool
        Whether to accept a cohort that the model was trained or updated on.
    progress : Progress
        Shows how far the work is.
    runner : Runner
        Runs a task for each outcome; the numbers do not depend on which.

    Returns
    -------
    validation : ExternalValidation
        Risks are those of the scorer that answers; censoring weights are of the new cohort.

    Raises
    ------
    NotExternal
        If the model was trained or updated on this file, or trained on its patients in another file.
    DataError
        If no outcome can be validated, with the reason for each; if a grading scale is refused.
    """
    external = cohort.sha256 not in seen_cohorts(bundle) and not same_patients(bundle.cohort, cohort)
    if not (external or allow_training_cohort):
        raise NotExternal(not_external(bundle, cohort))
    config = replace(config, estimand=bundle.estimand)
    risks = Scorer(bundle).risks(cohort.patients)
    rngs = dict(zip(OUTCOMES, np.random.default_rng(config.seed).spawn(len(OUTCOMES)), strict=True))
    datas: dict[str, OutcomeData] = {}
    left_out: dict[str, str] = {}
    for name in config.outcomes:
        data = _shared_data(bundle, cohort, name, config)
        if isinstance(data, OutcomeData):
            datas[name] = data
        else:
            left_out[name] = data.reason
    if not datas:
        problems = [
            Problem(Code.OUTCOME_NOT_VALIDATED, f"{name} cannot be validated: {reason}")
            for name, reason in left_out.items()
        ]
        raise DataError(problems, source=cohort.name)
    tasks = [_task(bundle, data, risks[name], rngs[name], config) for name, data in datas.items()]
    with progress("outcomes validated", len(tasks)) as advance:
        done = results(runner, tasks, advance=advance)
    watch, outcomes = Stopwatch(), {}
    for (name, data), each in zip(datas.items(), done, strict=True):
        watch.add_all(name, [each])
        validation, patients, choice = each.value
        internal = bundle.summaries[name].metrics
        outcomes[name] = ExternalOutcome(data, validation, patients, choice, internal)
    return ExternalValidation(bundle, cohort, config, outcomes, left_out, external, watch.periods())


def seen_cohorts(bundle: Bundle) -> set[str]:
    """Digests of the cohorts that a bundle was trained or updated on."""
    updates = [summary.update for summary in bundle.summaries.values() if summary.update is not None]
    updated = {sha256 for update in updates for sha256 in (update.cohort_sha256, *update.earlier)}
    return {bundle.cohort.sha256, *updated} - {""}


def not_external(bundle: Bundle, cohort: Cohort) -> str:
    """Say why a validation on this cohort would not be external."""
    trained = cohort.sha256 == bundle.cohort.sha256
    which = "the bundle" if bundle.version == UNREGISTERED else f"version {bundle.version}"
    made = "trained" if trained else "updated"
    file = f"is the file that {which} was {made} on (equal SHA-256)"
    copy = f"has the patients that {which} was trained on, in another file or order (equal distributions)"
    return (
        f"{cohort.name} {file if cohort.sha256 in seen_cohorts(bundle) else copy}: "
        "this would not be external validation. `cart-outcomes compare` shows the out-of-fold metrics; "
        "validate on this file anyway with --allow-training-cohort"
    )


def patients_at(training: TrainingSet, position: int) -> tuple[int, int]:
    """Count patients with the event by a horizon, and patients known event-free there."""
    known, event = training.weight[:, position] > 0, training.label[:, position] == 1
    with_event, without = (len(np.unique(training.groups[known & each])) for each in (event, ~event))
    return with_event, without


def _shared_data(bundle: Bundle, cohort: Cohort, name: str, config: FitConfig) -> OutcomeData | Unavailable:
    """Prepare an outcome at the shared horizons, or say why it cannot be validated."""
    if name not in bundle.models:
        return Unavailable(
            f"the model does not predict it: {bundle.left_out.get(name, 'it was not trained')}"
        )
    data = outcome_data(cohort, OUTCOMES[name], config)
    if isinstance(data, NoData):
        return Unavailable(data.reason)
    known = bundle.models[name].horizons_days
    shared = tuple(days for days in data.horizons_days if days in known)
    if not shared:
        days = ", ".join(str(each) for each in data.horizons_days)
        return Unavailable(
            f"the model has no risk by day {days}, and no other day can be validated in this cohort"
        )
    dropped = {days: "the model has no risk by this day" for days in data.horizons_days if days not in shared}
    seen = data.observation
    return replace(
        data,
        horizons_days=shared,
        dropped_horizons={**data.dropped_horizons, **dropped},
        n_events=distinct_events(cohort, data.position, seen, horizon_days=max(shared)),
        n_headline_events=distinct_events(cohort, data.position, seen, horizon_days=shared[0]),
        n_headline_free=event_free_patients(seen, data.groups, horizon_days=shared[0]),
    )


def _task(
    bundle: Bundle, data: OutcomeData, risks: OutcomeRisks, rng: np.random.Generator, config: FitConfig
) -> Task:
    """Make the task that measures one outcome."""
    name, columns = data.outcome.name, [risks.horizons_days.index(days) for days in data.horizons_days]
    # As another process gets it: the order in memory decides the last bit of a sum.
    risk = np.ascontiguousarray(risks.risk[data.position][:, columns])
    arguments = (bundle.models[name], Shared(data), risk, rng, config.bootstrap_draws)
    return Task(f"{name}/external", measured_outcome, arguments)


def measured_outcome(
    model: RiskModel, data: OutcomeData, risk: Values, rng: np.random.Generator, n_draws: int
) -> tuple[Validation, dict[int, tuple[int, int]], Choice]:
    """Measure the risks of one outcome, count patients by horizon, and choose the update.

    Parameters
    ----------
    model : RiskModel
    data : OutcomeData
    risk : ndarray of shape (n_infusions, n_horizons)
        At the horizons of the data.
    rng : numpy.random.Generator
        For the patient bootstrap.
    n_draws : int

    Returns
    -------
    measured : tuple of (Validation, dict of int to (int, int), Choice)
    """
    horizons, whole = data.horizons_days, data.scoring_set()
    folds = Folds(
        number=np.zeros((1, len(data)), dtype=np.int64),
        label=whole.label,
        weight=whole.weight,
        draws=patient_bootstrap(data.groups, n_draws, rng),
    )
    patients = {days: patients_at(whole, position) for position, days in enumerate(horizons)}
    choice = choose_update(prediction(model, data.patients, horizons), data.training_set())
    return _validation(risk, horizons, folds, patients), patients, choice


def _validation(
    risk: Values, horizons_days: tuple[int, ...], folds: Folds, patients: Mapping[int, tuple[int, int]]
) -> Validation:
    """Measure risks at every horizon; the prevalence that they are compared with is that of this cohort."""
    nothing = np.array([[log_loss(risk[:, 0], folds.label[:, 0], folds.weight[None, :, 0])[0]]])
    bare = Validation(horizons_days, risk[None], folds, {}, nothing)
    share = (folds.weight * folds.label).sum(axis=0) / folds.weight.sum(axis=0)
    prevalence = replace(bare, risk=np.broadcast_to(share, risk.shape)[None])
    metrics = {}
    for position, days in enumerate(horizons_days):
        too_few = min(patients[days]) < FEWEST_EVENTS
        measures = all_measures(bare.risk[:, :, position], folds, position)
        measures[GAIN] = log_loss_gain(bare, prevalence, position=position)
        if too_few:
            known = risk[:, position], folds.label[:, position], folds.weight[:, position]
            measures = measures_of_few(measures, *known, patients=sum(patients[days]))
        metrics[days] = measures
    return replace(bare, metrics=metrics)
