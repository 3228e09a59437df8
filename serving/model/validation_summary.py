"""What is known of the worth of one outcome's model, in aggregates, never a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from serving.model.easix_model import EasixModel
from serving.model.group_results import ByCenter, BySubgroup
from serving.model.imputation_sensitivity import ImputationSensitivity
from serving.model.measured import Measured
from serving.model.score_model import ScoreModel
from serving.model.status_at_horizon import HorizonCounts
from serving.model.validation_curves import Calibration, DecisionCurve


class Status(StrEnum):
    """What may be claimed of a model."""

    VALIDATED = "internally validated"
    NOT_VALIDATED = "not validated locally"
    PUBLISHED_EVIDENCE_ONLY = "published evidence only"
    """No local patient had a part in it."""


@dataclass(frozen=True)
class Doubt:
    """Why the data behind a model are implausible: no validation counts, and a release needs ``--force``.

    Attributes
    ----------
    code : str
        Names the kind of doubt.
    text : str
        In words: fields and aggregates, no value of a patient.
    """

    code: str
    text: str


@dataclass(frozen=True)
class Reason:
    """A remark as data, so that it can be stated in every language.

    Attributes
    ----------
    code : str
        Kind of remark.
    text : str
        In English, without its full stop.
    figures : mapping of str to float or str
        The numbers and names of the text.
    """

    code: str
    text: str
    figures: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class SampleSize:
    """Sample size of the cohort and the minimum for the model, by Riley's criteria.

    Attributes
    ----------
    n_needed : int
        Infusions needed.
    events_needed : float
        Events needed.
    n, events : int
        Infusions and events of the cohort.
    parameters : int
        Of the model, as the criteria count them.
    verdict : str
        In words.
    """

    n_needed: int
    events_needed: float
    n: int
    events: int
    parameters: int
    verdict: str

    @property
    def sufficient(self) -> bool:
        """Whether both infusions and events are as many as the criteria ask for."""
        return self.n >= self.n_needed and self.events >= self.events_needed


@dataclass(frozen=True)
class ModelUpdate:
    """Update of a released model on another cohort.

    Attributes
    ----------
    kind : str
        Entry of `training.external.update_methods.UPDATES`.
    shift, slope : float
        Added to the log-odds at every horizon; factor of everything that moves the model from its reference.
    more : mapping of str to float
        Added to the factor of single fields.
    tests : tuple of str
        The tests behind the choice, in words.
    parent_digest : str
        Of the bundle that was updated.
    cohort, cohort_sha256 : str
        File name and digest of the patients' cohort.
    earlier : tuple of str
        Digests of cohorts that the outcome was updated on before.
    """

    kind: str
    shift: float
    slope: float
    more: Mapping[str, float]
    tests: tuple[str, ...]
    parent_digest: str
    cohort: str
    cohort_sha256: str
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutcomeSummary:
    """Follow-up of one outcome, and the out-of-fold performance of its model.

    Attributes
    ----------
    n_infusions : int
        Infusions with anything known.
    n_events, n_competing : int, optional
        Events and competing events among them by the last horizon kept; None where they are masked
        (`serving.model.masked_bundle`).
    cumulative_incidence : mapping of int to float
        Observed, by horizon in days (Aalen-Johansen); the published base rate where there was no cohort.
    mean_risk : mapping of int to float
        Mean predicted risk of the same infusions, by horizon: out of fold where validated, and by the model
        itself otherwise; empty without a cohort, and in bundles of earlier versions.
    dropped_horizons : mapping of int to str
        Horizons left out, and why.
    counts : mapping of str to int
        Infusions by the code of the decision made about them (`features.decisions.Decision`); bundles of
        earlier versions have the words as keys.
    grading : str
        What was allowed about the grading scale; empty where nothing had to be.
    censoring : str
        Assumption about censoring, in words.
    interval_note : str
        What is known to be wrong with the interval of the risks; empty where nothing is.
    evidence_note : str
        Where the local data disagree with the published effects, in words; empty where they do not.
    metrics : mapping of int to mapping of str to Measured
        Out-of-fold, by horizon in days; empty without validation.
    paired : mapping of str to Measured
        Paired gain in out-of-fold log loss at the headline horizon over each baseline, by its name.
    by_center : mapping of int to CenterResult
        Each center predicted by the others; by number, never by name.
    center_notes : tuple of str
        Centers that could not be predicted by the others, and why; empty without validation.
    by_subgroup : mapping of str to mapping of str to SubgroupResult
        By field, then by code of a group of at least twenty infusions and five events, see
        `training.validation.subgroups`.
    horizon_counts : mapping of int to HorizonCounts
        What became of the infusions by each horizon kept.
    sample_size : SampleSize, optional
    instability : Measured, optional
        Width of the interval of the headline risk over the training infusions: median (``value``), 25th
        (``low``) and 75th (``high``) percentile.
    imputation_sensitivity : ImputationSensitivity, optional
        How far the headline risk depends on the expected values of missing inputs in fitting; None without a
        linear part, for updated models, without a cohort, and in bundles of earlier versions.
    easix : EasixModel, optional
        What EASIX alone says of the headline horizon; None where the cohort cannot tell.
    scores : mapping of str to ScoreModel
        What each other published score of the outcome alone says of it; empty where there is none, where the
        cohort cannot tell, and in bundles of earlier versions.
    calibration : Calibration, optional
    decision_curve : DecisionCurve, optional
        Of the headline horizon out of fold; None without validation there.
    status : str
        ``internally validated``, ``not validated locally`` or ``published evidence only``.
    status_reasons : tuple of str
        What is missing for validation.
    status_facts : tuple of Reason
        The same as data, in the same order; empty in bundles of earlier versions.
    interval_fact, evidence_fact : Reason, optional
        The notes as data; None where there is no note, and in bundles of earlier versions.
    update : ModelUpdate, optional
        Where a released model was updated; all else is then of the cohort that it was updated on.
    doubts : tuple of Doubt
        What makes the data implausible; a version with any is released with ``--force`` only.
    """

    n_infusions: int
    n_events: int | None
    n_competing: int | None
    cumulative_incidence: Mapping[int, float]
    dropped_horizons: Mapping[int, str]
    counts: Mapping[str, int]
    grading: str
    censoring: str
    interval_note: str = ""
    evidence_note: str = ""
    metrics: Mapping[int, Mapping[str, Measured]] = field(default_factory=dict)
    paired: Mapping[str, Measured] = field(default_factory=dict)
    by_center: ByCenter = field(default_factory=dict)
    center_notes: tuple[str, ...] = ()
    by_subgroup: BySubgroup = field(default_factory=dict)
    horizon_counts: Mapping[int, HorizonCounts] = field(default_factory=dict)
    sample_size: SampleSize | None = None
    instability: Measured | None = None
    easix: EasixModel | None = None
    calibration: Calibration | None = None
    decision_curve: DecisionCurve | None = None
    status: Status = Status.NOT_VALIDATED
    status_reasons: tuple[str, ...] = ()
    status_facts: tuple[Reason, ...] = ()
    interval_fact: Reason | None = None
    evidence_fact: Reason | None = None
    update: ModelUpdate | None = None
    doubts: tuple[Doubt, ...] = ()
    mean_risk: Mapping[int, float] = field(default_factory=dict)
    imputation_sensitivity: ImputationSensitivity | None = None
    scores: Mapping[str, ScoreModel] = field(default_factory=dict)

    def events_by(self, horizon_days: int) -> int | None:
        """Events by a horizon; None where they are masked, and in a summary of an earlier version."""
        counts = self.horizon_counts.get(horizon_days)
        return None if counts is None else counts.events

    @property
    def size_note(self) -> str:
        """Verdict on the size of the cohort; empty without one, or where the status states it."""
        size = self.sample_size
        stated = size is not None and self.status is Status.VALIDATED and not size.sufficient
        return "" if size is None or stated else size.verdict
