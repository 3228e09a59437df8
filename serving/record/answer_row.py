"""One answer as the service hands it to the record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from features.short_repr import ShortRepr

Origin = Literal["api", "batch", "options", "page"]
"""Where an answer was given."""

Use = Literal["answer", "copied", "exported", "printed", "typing"]
"""What an answer was used for; ``typing`` is the page while values are entered."""

ORIGINS: tuple[Origin, ...] = get_args(Origin)
USES: tuple[Use, ...] = get_args(Use)

RECORD_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,64}", re.ASCII)
"""What a record key may be; a name with spaces or accents is none."""


@dataclass(frozen=True)
class RecordedRisk:
    """A risk as it was answered.

    Attributes
    ----------
    outcome : str
        In `features.outcomes.OUTCOMES`.
    horizon_days : int
        Days from the infusion.
    risk, low, high : float or None
        The risk and its 90 % interval, in [0, 1]; None where the answer has no number.
    """

    outcome: str
    horizon_days: int
    risk: float | None = field(repr=False)
    low: float | None = field(default=None, repr=False)
    high: float | None = field(default=None, repr=False)


@dataclass(frozen=True, repr=False)
class AnswerRow(ShortRepr):
    """An answer that is to be recorded.

    Attributes
    ----------
    prediction_id : str
        Of the answer; unique.
    answered_at : datetime
        With its time zone.
    caller : str
        As the request log names the caller; empty where identity is off.
    origin : str
        In `ORIGINS`.
    version, digest : str
        Of the model.
    inputs : mapping
        The patient's fields as they were read. They are not stored: their keyed digest is.
    missing : tuple of str
        Names of fields that were not given.
    risks : tuple of RecordedRisk
    warnings : tuple of str
        Codes.
    shown : bool
        Whether the caller saw the risks; false in shadow mode.
    record_key : str or None
        Opaque text of the site by which rows are erased.
    use : str
        In `USES`.

    Raises
    ------
    ValueError
        If the record key is not 1 to 64 of the allowed characters, or the time has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> AnswerRow("p-1", datetime(2026, 1, 2, tzinfo=UTC), "key:1a2b3c4d", "api", "7", "9f", {"age": 40})
    AnswerRow(prediction_id='p-1', origin='api', version='7', shown=True, use='answer')
    """

    prediction_id: str
    answered_at: datetime = field(repr=False)
    caller: str = field(repr=False)
    origin: Origin
    version: str
    digest: str = field(repr=False)
    inputs: Mapping[str, object] = field(repr=False)
    missing: tuple[str, ...] = field(default=(), repr=False)
    risks: tuple[RecordedRisk, ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = field(default=(), repr=False)
    shown: bool = True
    record_key: str | None = field(default=None, repr=False)
    use: Use = "answer"

    def __post_init__(self) -> None:
        if self.answered_at.tzinfo is None:
            message = "answered_at must have a time zone"
            raise ValueError(message)
        if self.record_key is not None and not RECORD_KEY.fullmatch(self.record_key):
            message = "record_key must have 1 to 64 letters, digits or . _ : ~ -"
            raise ValueError(message)
