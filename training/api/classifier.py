"""A scikit-learn classifier of one outcome at one horizon, anchored to published effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from features.columns import Values
from features.outcomes import OUTCOMES
from training.api.classifier_inputs import checked_columns, checked_event, headings
from training.api.classifier_labels import labeled_data, weighted_draws
from training.dataset.fit_config import FitConfig
from training.dataset.known_names import known, listed
from training.evidence.evidence_set import read_evidence
from training.figures.shap_data import FieldContributions, shap_explanation
from training.learners.anchored import Anchored
from training.learners.bootstrap_replicates import replicate

LARGEST_SEED = 2**31 - 1


class AnchoredClassifier(ClassifierMixin, BaseEstimator):
    """Risk of one outcome by one horizon: published effects, corrected by the patients of a cohort.

    It is the model ``anchored`` of a training, fitted to labels that the user gives, for use in pipelines and
    other tools of scikit-learn. A training does more: it learns from milder grades, from all horizons at
    once and from centers, and it validates. Use `training.api.fit` for a model that is to be released.

    Parameters
    ----------
    outcome : str
        Entry of `OUTCOMES` that everybody can have: ``severe_crs``, ``severe_icans``, ``relapse``,
        ``severe_icaht`` or ``iec_hs``.
    horizon_days : int, optional
        One of the outcome's horizons; the first by default.
    feature_names : sequence of str, optional
        Columns of the schema, in order, for an ``X`` without column names.
    unknown_columns : {"refuse", "ignore"}
        What to do with columns that the schema does not have: there is no published effect of them, and the
        model does not learn one. ``ignore`` lists them in ``unused_features_``.
    event_label : object, optional
        Label of the event in ``y``. By default the larger of the two labels.
    literature : bool
        Whether to use published evidence as the prior.
    exclude_sources : str or sequence of str
        DOI, PMID or citation of sources to leave out, such as the center's own publication.
    replicates : int
        Refits behind `predict_interval`; 0 for none.
    random_state : int, RandomState or None
        For the inner folds and the replicates.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        Labels. 0 and 1 are both there, even if the patients have only one of them.
    event_label_ : object
        The label of the event.
    model_ : RiskModel
        The fitted model; it holds no row of a patient.
    horizon_days_ : int
    evidence_weight_ : float
        How far the model follows published effects, 0 to 1.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features,)
        If ``X`` has column names.
    unused_features_ : list of str
        Columns of ``X`` that the schema does not have.
    n_unlabeled_ : int
        Rows without a label.

    Notes
    -----
    ``X`` has a row an infusion. Yes and no may be booleans, 0 and 1, or words; choices are words; a missing
    value is NaN or None and needs no imputation: it is expected given disease burden. Values outside the
    limits of the schema are refused, by column and row, never with the value. Rows whose fields contradict
    each other are refused when the classifier is fitted. They are accepted in a prediction, since tools of
    inspection make them.

    Rows whose label is NaN are not known at the horizon. Without ``day`` they are left out; where they were
    censored before the horizon, that overstates the risk. Give ``day``, so that others are weighted for
    them, or the weights of `training.api.labels` as ``sample_weight``.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"age_years": [31, 54, 23, 40], "marrow_blasts_pct": [80, 2, 64, np.nan],
    ...                   "prior_lines": [3, 2, 5, 4]})
    >>> classifier = AnchoredClassifier("severe_crs").fit(X, [1, 0, 0, 0])
    >>> classifier.predict_proba(X).shape, bool(classifier.predict_proba(X)[0, 1] > 0.1)
    ((4, 2), True)
    >>> classifier.fit(X.rename(columns={"age_years": "age"}), [1, 0, 0, 0])
    Traceback (most recent call last):
        ...
    ValueError: the schema has no column age (age_years?): rename or drop it, or set unknown_columns="ignore"
    """

    def __init__(
        self,
        outcome: str = "severe_crs",
        *,
        horizon_days: int | None = None,
        feature_names: Sequence[str] | None = None,
        unknown_columns: Literal["refuse", "ignore"] = "refuse",
        event_label: object = None,
        literature: bool = True,
        exclude_sources: Sequence[str] = (),
        replicates: int = 0,
        random_state: Any = FitConfig.seed,
    ) -> None:
        self.outcome = outcome
        self.horizon_days = horizon_days
        self.feature_names = feature_names
        self.unknown_columns = unknown_columns
        self.event_label = event_label
        self.literature = literature
        self.exclude_sources = exclude_sources
        self.replicates = replicates
        self.random_state = random_state

    def fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        sample_weight: ArrayLike | None = None,
        *,
        day: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_infusions, n_features)
        y : array-like of shape (n_infusions,)
            Label at the horizon; NaN or None where not known.
        sample_weight : array-like of shape (n_infusions,), optional
            Weights of the infusions, 1 by default. Their scale has no effect: weighted infusions are worth
            their effective sample size (Kish).
        day : array-like of shape (n_infusions,), optional
            Day of the event, of a competing event, or of the last observation. With it the inverse
            probability of remaining uncensored is estimated from these infusions and multiplies the weights.
        groups : array-like of shape (n_infusions,), optional
            Patient of each infusion; a patient an infusion by default.

        Returns
        -------
        self : AnchoredClassifier

        Raises
        ------
        ValueError
            If an argument is refused, or ``y`` has more than two labels.
        """
        days = self._horizon()
        frame = headings(self, X, reset=True)
        event = checked_event(y, self.event_label, estimator=self)
        patients, self.unused_features_ = checked_columns(frame, unknown=self.unknown_columns)
        data, weight = labeled_data(
            OUTCOMES[self.outcome], days, patients, event, sample_weight=sample_weight, day=day, groups=groups
        )
        self.classes_, self.event_label_ = event.classes, event.label
        self.n_unlabeled_ = int(np.isnan(event.happened).sum())
        rng = np.random.default_rng(check_random_state(self.random_state).randint(LARGEST_SEED))
        evidence = read_evidence(excluded=listed(self.exclude_sources), literature=self.literature)
        learner, training = Anchored(evidence), data.training_set(multiplicity=weight)
        choice = learner.choose(training, rng)
        model = learner.fit(training, choice)
        if self.replicates:
            draws = weighted_draws(data, weight, self.replicates, rng)
            model = replace(model, replicates=replicate(learner, choice, draws, rng))
        self.model_, self.horizon_days_, self.evidence_weight_ = model, days, model.evidence_weight
        return self

    def predict_proba(self, X: Any) -> Values:  # noqa: N803
        """Predict the risk by the horizon.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_infusions, n_features)

        Returns
        -------
        probabilities : ndarray of shape (n_infusions, 2)
            In the order of ``classes_``; that of the event is the risk, in (0, 1).
        """
        patients = self._patients(X)
        risk = self.model_.risk(patients)[:, self._position]
        columns = [risk if label == self.event_label_ else 1 - risk for label in self.classes_]
        return np.column_stack(columns)

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """Predict the likelier label, which for a rare event is seldom the event: use `predict_proba`."""
        likelier = self.predict_proba(X).argmax(axis=1)
        return self.classes_[likelier]

    def predict_interval(self, X: Any) -> Values:  # noqa: N803
        """State the 90 % interval of the risk: shape (n_infusions, 2), lower and upper end.

        Raises
        ------
        ValueError
            If the classifier was fitted without ``replicates``.
        """
        patients = self._patients(X)
        if self.model_.replicates is None:
            message = "predict_interval needs a classifier fitted with replicates, for example replicates=200"
            raise ValueError(message)
        low, high = self.model_.interval(patients)
        return np.column_stack([low[:, self._position], high[:, self._position]])

    def explain(self, X: Any) -> FieldContributions:  # noqa: N803
        """State what each field contributes to the log-odds of the risk, as `shap.Explanation`."""
        patients, model = self._patients(X), self.model_
        return shap_explanation(
            model.explain(patients),
            patients,
            outcome=self.outcome,
            horizons_days=model.horizons_days,
            days=self.horizon_days_,
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.classifier_tags.multi_class = False
        # A risk stays near published rates; few patients, or none, are likelier than not to have the event.
        tags.classifier_tags.poor_score = True
        return tags

    def _repr_html_(self) -> str:
        """Show a notebook the parameters and what was fitted, in place of a diagram."""
        fitted = ""
        if hasattr(self, "model_"):
            words = f"by day {self.horizon_days_}; weight of published effects {self.evidence_weight_:.0%}"
            label = self.event_label_
            fitted = f"; event {(label.item() if isinstance(label, np.generic) else label)!r} {words}"
        return f"<code>{escape(f'{self!r}{fitted}')}</code>"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    @property
    def _position(self) -> int:
        return self.model_.horizons_days.index(self.horizon_days_)

    def _patients(self, X: Any) -> Any:  # noqa: N803
        check_is_fitted(self)
        frame = headings(self, X, reset=False)
        return checked_columns(frame, unknown=self.unknown_columns, contradictions=False)[0]

    def _horizon(self) -> int:
        """Check the parameters, and give the horizon."""
        known("unknown_columns", (self.unknown_columns,), ("refuse", "ignore"))
        if self.replicates < 0:
            message = f"replicates must be 0 or more, got {self.replicates}"
            raise ValueError(message)
        entry = OUTCOMES[known("outcome", (self.outcome,), tuple(OUTCOMES))[0]]
        if entry.given is not None:
            possible = ", ".join(name for name, each in OUTCOMES.items() if each.given is None)
            message = (
                f"the risk of {self.outcome} is composed with that of another outcome: "
                f"choose one of {possible}, or use training.api.fit"
            )
            raise ValueError(message)
        days = entry.horizons_days[0] if self.horizon_days is None else self.horizon_days
        if days not in entry.horizons_days:
            allowed = ", ".join(map(str, sorted(entry.horizons_days)))
            message = f"horizon_days must be one of {allowed} for {self.outcome}, got {days}"
            raise ValueError(message)
        return days
