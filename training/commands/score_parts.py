"""The risks of a part of a cohort as the bytes of a file: the same infusions always give the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from features.columns import Columns, Values
from features.field import specs
from features.problems import Refused
from features.schema import Patient

if TYPE_CHECKING:
    from features.cohort import Cohort
    from serving.answers.scorer import Scorer
    from serving.model.bundle import Bundle
    from serving.model.explanation import Explanation

PREDICTED = 256
"""Infusions that are predicted at a time: more take more memory, and no less time for each. A multiple of
`serving.model.stacked_terms.AT_ONCE`, so that a part and the whole agree to the last bit."""

CSV, PARQUET = ".csv", ".parquet"
COMPRESSION = "zstd"
FIRST = ("patient_id", "infusion_number", "outcome", "horizon_days")


class Detail(StrEnum):
    """What is written of each infusion, outcome and horizon."""

    RISK = "risk"
    INTERVAL = "interval"
    CONTRIBUTIONS = "contributions"


def detail_named(name: str, *, contributions: bool = False) -> Detail:
    """Read the name of a detail, and the shorter name of the last one.

    Examples
    --------
    >>> detail_named("all")
    Traceback (most recent call last):
        ...
    features.problems.Refused: --detail must be risk, interval or contributions, got all
    """
    if name not in list(Detail):
        *names, last = Detail
        message = f"--detail must be {', '.join(names)} or {last}, got {name}"
        raise Refused(message)
    if contributions and name == Detail.RISK:
        message = "--contributions and --detail risk exclude each other: omit one"
        raise Refused(message)
    return Detail.CONTRIBUTIONS if contributions else Detail(name)


@dataclass(frozen=True)
class Line:
    """What is the same in every infusion: an outcome at a horizon.

    Attributes
    ----------
    outcome : str
    horizon : int
        Place of the horizon in the outcome's model.
    days : int
    """

    outcome: str
    horizon: int
    days: int


@dataclass(frozen=True)
class Layout:
    """Lines of an infusion, and columns of numbers.

    Attributes
    ----------
    lines : tuple of Line
        In the order of the file.
    numbers : tuple of str
        Columns after those of `FIRST`.
    """

    lines: tuple[Line, ...]
    numbers: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the file."""
        return (*FIRST, *self.numbers)


def layout_of(bundle: Bundle, detail: Detail) -> Layout:
    """Lay out the file of a bundle.

    Parameters
    ----------
    bundle : Bundle
    detail : Detail

    Returns
    -------
    layout : Layout
        Outcomes in the order of the bundle, horizons in the order of time.
    """
    lines = tuple(
        Line(name, horizon, days)
        for name, model in bundle.models.items()
        for horizon, days in sorted(enumerate(model.horizons_days), key=lambda item: item[1])
    )
    numbers = ("risk",) if detail is Detail.RISK else ("risk", "low", "high")
    if detail is Detail.CONTRIBUTIONS:
        fields = dict.fromkeys(field for model in bundle.models.values() for field in _fields(model))
        contributions = (f"contribution_{field}" for field in fields)
        numbers = (*numbers, "risk_among", "reference_log_odds", *contributions)
    return Layout(lines, numbers)


def scored_part(scorer: Scorer, cohort: Cohort, *, detail: Detail, suffix: str) -> bytes:
    """Score a part of a cohort.

    Parameters
    ----------
    scorer : Scorer
    cohort : Cohort
        The part.
    detail : Detail
    suffix : str
        ``.csv`` or ``.parquet``.

    Returns
    -------
    content : bytes
        Lines of CSV without headings, or a whole Parquet file.
    """
    layout = layout_of(scorer.bundle, detail)
    return encoded(predicted(scorer, cohort, layout, detail), layout, suffix)


def predicted(
    scorer: Scorer, cohort: Cohort, layout: Layout, detail: Detail
) -> Iterator[tuple[Cohort, Values]]:
    """Predict a few infusions at a time.

    Parameters
    ----------
    scorer : Scorer
    cohort : Cohort
    layout : Layout
        Of the bundle and the detail.
    detail : Detail

    Yields
    ------
    infusions : Cohort
    numbers : ndarray of shape (n_infusions, n_lines, n_numbers)
        NaN where an outcome's model does not use a field.
    """
    for start in range(0, len(cohort), PREDICTED):
        infusions = cohort.take(np.arange(start, min(start + PREDICTED, len(cohort))))
        yield infusions, _numbers(scorer, infusions.patients, layout, detail)


def encoded(predictions: Iterable[tuple[Cohort, Values]], layout: Layout, suffix: str) -> bytes:
    """Write predictions as the bytes of a file, as `scored_part` gives them."""
    if suffix == PARQUET:
        return _as_parquet([_table(infusions, layout, numbers) for infusions, numbers in predictions])
    return b"".join(_as_csv(infusions, layout, numbers) for infusions, numbers in predictions)


def csv_heading(layout: Layout) -> bytes:
    """Write the first line of a CSV file."""
    return (",".join(layout.columns) + "\n").encode()


def expected_bytes(layout: Layout, suffix: str, n_infusions: int) -> int:
    """Estimate the size of a file: a number has at most 20 characters, names and identifiers 100."""
    of_line = 100 + 20 * (len(layout.numbers) + 2) if suffix == CSV else 40 + 8 * len(layout.numbers)
    return n_infusions * len(layout.lines) * of_line


def risks_alone(bundle: Bundle, patients: Columns) -> dict[str, Values]:
    """Compute risks without intervals.

    Parameters
    ----------
    bundle : Bundle
    patients : Columns of `Patient`

    Returns
    -------
    risks : dict of str to ndarray of shape (n_infusions, n_horizons)
        By outcome, as `Scorer.risks` computes them.
    """
    done: dict[str, Values] = {}

    def of(name: str) -> Values:
        if name not in done:
            model = bundle.models[name]
            done[name] = model.composed(model.explain(patients).risk, lambda part: of(part.outcome))
        return done[name]

    return {name: of(name) for name in bundle.models}


def _fields(model: Any) -> tuple[str, ...]:
    """Rows of a model's explanation."""
    unknown = Columns(Patient, {name: np.full(1, np.nan) for name in specs(Patient)})
    fields: tuple[str, ...] = model.explain(unknown).fields
    return fields


def _numbers(scorer: Scorer, patients: Columns, layout: Layout, detail: Detail) -> Values:
    """Compute the numbers of infusions: shape (n_infusions, n_lines, n_numbers)."""
    if detail is Detail.RISK:
        alone = risks_alone(scorer.bundle, patients)
        return np.stack([alone[line.outcome][:, line.horizon, None] for line in layout.lines], axis=1)
    risks = scorer.risks(patients)
    numbers = np.full((len(patients), len(layout.lines), len(layout.numbers)), np.nan)
    at = {name: index for index, name in enumerate(layout.numbers)}
    for index, line in enumerate(layout.lines):
        of_outcome = risks[line.outcome]
        numbers[:, index, at["risk"]] = of_outcome.risk[:, line.horizon]
        numbers[:, index, at["low"]] = of_outcome.low[:, line.horizon]
        numbers[:, index, at["high"]] = of_outcome.high[:, line.horizon]
        if detail is Detail.CONTRIBUTIONS:
            _explain(numbers[:, index], at, of_outcome.explanation, line.horizon)
    return numbers


def _explain(numbers: Values, at: Mapping[str, int], explanation: Explanation, horizon: int) -> None:
    numbers[:, at["risk_among"]] = explanation.risk[:, horizon]
    numbers[:, at["reference_log_odds"]] = explanation.reference[horizon]
    for position, field in enumerate(explanation.fields):
        numbers[:, at[f"contribution_{field}"]] = explanation.contributions[:, position]


def _as_csv(cohort: Cohort, layout: Layout, numbers: Values) -> bytes:
    middles = [f",{line.outcome},{line.days}," for line in layout.lines]
    lines = _texts(numbers)
    return "".join(
        f"{infusion}{middle}{next(lines)}\n" for infusion in _infusions(cohort) for middle in middles
    ).encode("utf-8")


def _texts(numbers: Values) -> Iterator[str]:
    """Write each line's numbers, blank where there is none."""
    n_numbers = numbers.shape[2]
    texts = list(map(repr, numbers.ravel().tolist()))
    if np.isnan(numbers).any():
        texts = ["" if text == "nan" else text for text in texts]
    for start in range(0, len(texts), n_numbers):
        yield ",".join(texts[start : start + n_numbers])


def _infusions(cohort: Cohort) -> list[str]:
    """Write the identifier and number of each infusion, quoted where needed."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    texts = []
    for identifier, number in zip(cohort.patient_id.tolist(), cohort.infusion_number.tolist(), strict=True):
        writer.writerow((identifier, number))
        texts.append(written.getvalue()[:-1])
        written.seek(0)
        written.truncate()
    return texts


def _table(cohort: Cohort, layout: Layout, numbers: Values) -> Any:
    import pyarrow

    n_lines = len(layout.lines)
    infusion = np.repeat(np.arange(len(cohort)), n_lines)
    line = np.tile(np.arange(n_lines), len(cohort))
    outcomes = pyarrow.array([each.outcome for each in layout.lines], pyarrow.string())
    columns = {
        "patient_id": pyarrow.array(cohort.patient_id.tolist(), pyarrow.string()).take(infusion),
        "infusion_number": cohort.infusion_number[infusion],
        "outcome": outcomes.take(line),
        "horizon_days": np.array([each.days for each in layout.lines], dtype=np.int64)[line],
    }
    for index, name in enumerate(layout.numbers):
        columns[name] = pyarrow.array(numbers[:, :, index].ravel(), from_pandas=True)
    return pyarrow.table(columns)


def _as_parquet(tables: Sequence[Any]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.concat_tables(tables), sink, compression=COMPRESSION)
    return bytes(sink.getvalue().to_pybytes())
