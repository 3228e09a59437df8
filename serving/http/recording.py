"""The record at the door: an answer is written down before it leaves, and in shadow mode not shown at all."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from serving.answers.schema import Caution
from serving.answers.shadow import shadow_text
from serving.answers.stated import AnswerKind, Stated
from serving.http.answer_metrics import answer_counts
from serving.http.error_response import Refusal
from serving.http.record_metrics import count_failure, timed_rows
from serving.http.record_use import UNRECORDED, stated_use
from serving.http.request_log import RequestRecord, current
from serving.model.bundle import Bundle
from serving.record.answer_row import AnswerRow, Origin, RecordedRisk, Use
from serving.record.record_error import RecordError
from serving.record.settings import RECORD_VARIABLE, environment_recorder, read_settings

if TYPE_CHECKING:
    # It imports SQLAlchemy, which a service without a record does without.
    from serving.record.recorder import Recorder

log = logging.getLogger("cart_outcomes.record")

NOT_RECORDED = Caution(
    code="not_recorded",
    field="",
    message="This answer could not be written to the record of the service.",
    details={},
)
"""The warning of an answer that leaves without a record, where the site allows it."""

ASKED_BY_PAGE: frozenset[Origin] = frozenset({"api", "options"})
"""Paths that the page asks too; only there a request can state its use."""

RETRY_AFTER_SECONDS = "5"


class Answer(Protocol):
    """What is recorded and then sent: one answer, or a comparison."""

    @property
    def prediction_id(self) -> str:
        """Identifier of the answer."""

    @property
    def record_key(self) -> str | None:
        """Text of the site under which it is recorded."""

    def stated(self) -> Iterable[Stated]:
        """State it as numbers and codes, one entry for each patient or option."""

    def kinds(self) -> Iterable[AnswerKind]:
        """State what is counted of it, one entry for each patient or option."""

    def json(self, *further: Caution) -> bytes:
        """Write it, with further warnings."""


class Recording:
    """Records the answers of a service, if it has a record.

    Parameters
    ----------
    recorder : Recorder, optional
        Without it nothing is recorded, and every answer is shown.
    """

    def __init__(self, recorder: Recorder | None = None) -> None:
        self.recorder = recorder

    @property
    def shadow(self) -> bool:
        """Whether answers are recorded and not shown."""
        return self.recorder is not None and self.recorder.shadow

    def entry(self, origin: Origin, bundle: Bundle) -> Entry:
        """Say how the answers to the request that is being answered here are recorded and shown.

        Parameters
        ----------
        origin : Origin
            The path that is asked; a request that states its use is the page's.
        bundle : Bundle
            The model that answers.

        Raises
        ------
        Refusal
            400 if the request states an unknown use.
        """
        request = current.get() or RequestRecord()
        use = stated_use(request) if origin in ASKED_BY_PAGE else None
        recorder = None if use in UNRECORDED else self.recorder
        return Entry(
            recorder=recorder,
            shadow=self.shadow,
            origin="page" if use else origin,
            use=use or "answer",
            caller=request.caller,
            bundle=bundle,
        )

    def close(self) -> None:
        """Close the record."""
        if self.recorder is not None:
            self.recorder.close()


@dataclass(frozen=True)
class Entry:
    """How the answers to one request are recorded and shown.

    Attributes
    ----------
    recorder : Recorder or None
        None where these answers are no records.
    shadow : bool
        Whether they are not shown.
    origin : Origin
    use : Use
    caller : str
        As the request log names the caller.
    bundle : Bundle
        The model that answers.
    """

    recorder: Recorder | None
    shadow: bool
    origin: Origin
    use: Use
    caller: str
    bundle: Bundle

    def text(self, answer: Answer) -> bytes:
        """Write what is sent of an answer; to be called in any thread."""
        if not self.shadow:
            return answer.json()
        return shadow_text(answer.prediction_id, self.bundle, recorded=self.recorder is not None)

    async def recorded(self, answers: Sequence[Answer], texts: Sequence[bytes]) -> Sequence[bytes]:
        """Record answers, count them, and give what is sent of them.

        Parameters
        ----------
        answers : sequence of Answer
        texts : sequence of bytes
            Of the same answers, by `text`.

        Returns
        -------
        texts : sequence of bytes
            With a warning, if they could not be recorded and leave nevertheless.

        Raises
        ------
        Refusal
            503 if they could not be recorded and must not leave.
        """
        if self.recorder is None or await self._written(self.recorder, answers):
            answer_counts.add(self.bundle.version_name, answers)
            return texts
        if self.shadow or self.recorder.policy == "refuse":
            raise not_written()
        answer_counts.add(self.bundle.version_name, answers, (NOT_RECORDED.code,))
        return [answer.json(NOT_RECORDED) for answer in answers]

    async def _written(self, recorder: Recorder, answers: Sequence[Answer]) -> bool:
        """Write the rows of answers; say whether that could be done."""
        rows = list(self._rows(answers))
        try:
            with timed_rows(len(rows)):
                await recorder.write(rows)
        except RecordError as error:
            count_failure()
            log.error("answers could not be recorded: %s", error)
            return False
        return True

    def _rows(self, answers: Iterable[Answer]) -> Iterator[AnswerRow]:
        now = datetime.now(UTC)
        for answer in answers:
            for stated in answer.stated():
                yield self._row(stated, answer.record_key, now)

    def _row(self, stated: Stated, record_key: str | None, now: datetime) -> AnswerRow:
        return AnswerRow(
            prediction_id=stated.prediction_id,
            answered_at=now,
            caller=self.caller,
            origin=self.origin,
            version=self.bundle.version_name,
            digest=self.bundle.digest,
            inputs=stated.inputs,
            missing=stated.missing,
            risks=tuple(
                RecordedRisk(each.outcome, each.horizon_days, each.risk, each.low, each.high)
                for each in stated.risks
            ),
            warnings=stated.warnings,
            shown=not self.shadow,
            record_key=record_key,
            use=self.use,
        )


def environment_recording() -> Recording:
    """Open the record that the environment names, if any; a database that is down is tried again later.

    Raises
    ------
    SettingsError
        If its settings, or a file that they name, cannot be used.
    """
    return Recording(environment_recorder())


def environment_shadow(environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether answers are not shown, by the settings that the environment names; opens no database.

    Raises
    ------
    SettingsError
        If they cannot be used.
    """
    path = environment.get(RECORD_VARIABLE, "")
    return read_settings(Path(path)).shadow if path else False


def not_written() -> Refusal:
    """Say that the record cannot be written, without the reason, which is in the log."""
    return Refusal(
        503,
        "this service records its answers, and the record cannot be written at present; try again in a few "
        "seconds, and report it to the operator if it lasts",
        headers={"retry-after": RETRY_AFTER_SECONDS},
    )
