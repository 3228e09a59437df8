"""The risks of a part of a cohort as the bytes of a file: the same infusions always give the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from features.columns import Values
from features.problems import Refused
from serving.answers.infusion_lines import FIRST, Detail, Layout, layout_of, predicted

if TYPE_CHECKING:
    from features.cohort import Cohort
    from serving.answers.scorer import Scorer

CSV, PARQUET = ".csv", ".parquet"
COMPRESSION = "zstd"


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


def is_scored_part(file: Path) -> bool:
    """Whether a file has the columns of a part in Parquet; one that cannot be read has not."""
    import pyarrow
    import pyarrow.parquet

    if file.suffix != PARQUET or file.is_symlink():
        return False
    try:
        names = pyarrow.parquet.read_schema(file).names
    except (OSError, pyarrow.ArrowInvalid):
        return False
    return tuple(names[: len(FIRST)]) == FIRST


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
