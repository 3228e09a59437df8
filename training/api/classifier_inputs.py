"""What a user of scikit-learn gives: a table with or without column names, and labels of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from features.columns import Columns, Values
from features.field import specs
from features.nearest_name import nearest
from features.schema import Patient
from features.short_repr import ShortRepr
from training.api.frames import frame_patients

UNNAMED = (
    "X has no column names: give a DataFrame in the schema's columns, or name the columns with feature_names"
)


@dataclass(frozen=True, repr=False)
class Event(ShortRepr):
    """The labels of a fit.

    Attributes
    ----------
    classes : ndarray of shape (2,)
    label : object
        That of the event.
    happened : ndarray of shape (n_infusions,)
        1 for the event, 0 for the other label, NaN where not known.
    """

    classes: NDArray[Any]
    label: Any
    happened: Values


def headings(estimator: Any, X: Any, *, reset: bool) -> pd.DataFrame:  # noqa: N803
    """Check shape and column names, and give the table its names.

    Parameters
    ----------
    estimator : AnchoredClassifier
        Remembers number and names of the columns with ``reset``, and compares them otherwise.
    X : DataFrame or array-like of shape (n_infusions, n_features)
    reset : bool

    Returns
    -------
    frame : DataFrame
        Columns of an array without ``feature_names`` are called ``x0``, ``x1``, ...

    Raises
    ------
    ValueError
        If the shape, the number of names or the names do not fit.
    """
    if isinstance(X, pd.DataFrame) and X.shape[1] and len(X):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        return X
    checked = validate_data(estimator, X, reset=reset, dtype=None, ensure_all_finite="allow-nan")
    # Of another kind of table, or of the DataFrame that it was fitted to.
    given = getattr(estimator, "feature_names_in_", estimator.feature_names)
    if given is None and estimator.unknown_columns == "refuse":
        raise ValueError(UNNAMED)
    names = _names(given, checked.shape[1])
    return pd.DataFrame(checked, columns=names)


def checked_columns(
    frame: pd.DataFrame, *, unknown: str, contradictions: bool = True
) -> tuple[Columns, list[str]]:
    """Encode the columns of the schema, and list the others.

    Tools that change one field at a time, such as permutation importance, make rows whose fields contradict
    each other; without ``contradictions`` they are accepted.

    Raises
    ------
    ValueError
        If there are others and ``unknown`` is ``refuse``, or a value is refused.
    """
    others = [str(name) for name in frame.columns if name not in specs(Patient)]
    if others and unknown == "refuse":
        raise ValueError(_unknown(others))
    listed = [name for name in frame.columns if name in specs(Patient)]
    return frame_patients(frame[listed], contradictions=contradictions), others


def checked_event(y: Any, event_label: object, *, estimator: Any) -> Event:
    """Tell the two labels of a fit apart, and which is the event.

    Parameters
    ----------
    y : array-like of shape (n_infusions,)
        NaN or None where not known.
    event_label : object
        None for the larger label.
    estimator : AnchoredClassifier
        For messages.

    Returns
    -------
    event : Event

    Raises
    ------
    ValueError
        If there are not two labels, or ``event_label`` is none of them.
    """
    if y is None:
        message = f"{type(estimator).__name__} requires y to be passed, but the target y is None"
        raise ValueError(message)
    given = column_or_1d(y, warn=True)
    missing = np.asarray(pd.isna(given))
    labels = np.asarray(given[~missing].tolist())
    if not len(labels):
        message = "y has no known label"
        raise ValueError(message)
    check_classification_targets(labels)
    classes = _classes(labels)
    label = classes[1] if event_label is None else event_label
    if label not in classes.tolist():
        message = f"event_label must be one of the labels of y, {', '.join(map(str, classes))}, got {label}"
        raise ValueError(message)
    happened = np.full(len(given), np.nan)
    happened[~missing] = labels == label
    return Event(classes, label, happened)


def _classes(labels: NDArray[Any]) -> NDArray[Any]:
    """Give both labels; 0 and 1 belong together even if one of them is absent."""
    classes = np.unique(labels)
    if classes.dtype.kind in "iufb" and set(classes.tolist()) <= {0, 1}:
        return np.array([0, 1]).astype(classes.dtype if classes.dtype.kind in "iub" else np.int64)
    if len(classes) > 2:
        message = "Only binary classification is supported. The type of the target is multiclass."
        raise ValueError(message)
    if len(classes) < 2:
        message = "y has only one class, so the other label is not known: use 0 and 1"
        raise ValueError(message)
    return classes


def _names(given: Sequence[str] | None, count: int) -> list[str]:
    if given is None:
        return [f"x{position}" for position in range(count)]
    if len(given) != count:
        message = f"feature_names has {len(given)} names, X has {count} columns"
        raise ValueError(message)
    return list(given)


def _unknown(names: list[str]) -> str:
    """Name unknown columns, each with the column of the schema that is nearest."""
    fields = list(specs(Patient))
    hints = [f"{name} ({near}?)" if (near := nearest(name, fields)) else name for name in names]
    columns, it = ("columns", "them") if len(names) > 1 else ("column", "it")
    return (
        f"the schema has no {columns} {', '.join(hints)}: rename or drop {it}, "
        'or set unknown_columns="ignore"'
    )
