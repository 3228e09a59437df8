"""A record that was restored from a backup: what verifies, what is reported, what is still a break."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from features.problems import Refused
from serving.record.append import read_head
from serving.record.checkpoint import Checkpoint, checkpoint_of
from serving.record.restore import report_restore
from tests.command_line import ran
from tests.kept_answers import MORNING, KeptAnswers, answer, kept_answers
from training.commands import answers
from training.commands.restored import restored
from training.release.answer_record import answer_record

ROWS = "cart_outcomes_record"
ELSEWHERE = "elsewhere"


@pytest.fixture
def kept(tmp_path: Path) -> KeptAnswers:
    """Keep two answers, a backup of them, and a third answer with a checkpoint; restore the backup."""
    made = kept_answers(tmp_path)
    (tmp_path / ELSEWHERE).mkdir()
    made.keep(answer("p-1"), answer("p-2"))
    shutil.copy(tmp_path / "record.db", tmp_path / "backup.db")
    made.keep(answer("p-3"), answer("p-4"))
    answer_record(made.file).write_checkpoint(tmp_path / ELSEWHERE)
    shutil.copy(tmp_path / "backup.db", tmp_path / "record.db")
    return made


def checkpoint(kept: KeptAnswers) -> Checkpoint:
    with kept.database.snapshot() as connection:
        return checkpoint_of(read_head(connection), kept.ring, MORNING)


def check(kept: KeptAnswers) -> None:
    answers.verify(kept.file, checkpoints=kept.file.parent / ELSEWHERE)


def report(kept: KeptAnswers, why: str = "disk failed") -> None:
    restored(why, kept.file, checkpoints=kept.file.parent / ELSEWHERE)


def reported(kept: KeptAnswers, *checkpoints: Checkpoint) -> list[Checkpoint]:
    with kept.database.connected() as connection:
        return report_restore(connection, kept.ring, checkpoints, by="operator", why="disk failed")[1]


def test_a_reported_restore_is_no_break(kept: KeptAnswers, capsys: pytest.CaptureFixture[str]) -> None:
    """Until it is reported it is one; then its row is named each time, with who and why in the record."""
    with pytest.raises(Refused, match="rows 4 to 5 are missing at the end"):
        check(kept)
    report(kept)
    kept.keep(answer("p-5"), answer("p-6"))
    check(kept)
    said = " ".join(capsys.readouterr().out.split())
    assert said == (
        "row 4 reports the restore; at least the rows up to 5 that were written after the backup are lost "
        "rows 1 to 6 are intact (6 rows, 1 checkpoint) row 4 reports a restore from a backup"
    )
    ((fixed,),) = kept.rows(f"SELECT fixed FROM {ROWS} WHERE kind = 'restore'")
    stated = json.loads(fixed)
    assert (stated["why"], stated["last"], [row for row, _ in stated["lost"]]) == ("disk failed", 3, [5])
    assert stated["by"]


def test_it_can_be_reported_after_new_rows(kept: KeptAnswers) -> None:
    """The service was started at once, and has written past the checkpoint."""
    kept.keep(*(answer(f"q-{number}") for number in range(4)))
    with pytest.raises(Refused, match="row 5 is another one than the checkpoint of"):
        check(kept)
    report(kept)
    check(kept)


def test_a_later_checkpoint_of_the_new_rows_counts(kept: KeptAnswers) -> None:
    """Also at the number of a lost one: a second restore that is not reported is a break."""
    folder = kept.file.parent
    report(kept)
    shutil.copy(folder / "record.db", folder / "backup.db")
    kept.keep(answer("p-5"))
    (lost,) = kept.rows(f"SELECT sequence, hash FROM {ROWS} WHERE sequence = 5")
    again = checkpoint(kept)
    assert (again.sequence, again.hash) == lost
    shutil.copy(folder / "backup.db", folder / "record.db")
    broken = kept.verified([again]).broken
    assert broken is not None
    assert (broken.reason, broken.sequence) == ("cut", 5)
    assert reported(kept, again) == [again]
    verification = kept.verified([again])
    assert (verification.broken, verification.restores) == (None, (4, 5))


def test_a_report_that_was_written_without_the_key_does_not_count(kept: KeptAnswers) -> None:
    """A row of this kind is verified as every other."""
    report(kept)
    kept.change(f"UPDATE {ROWS} SET fixed = replace(fixed, '[5,', '[6,') WHERE kind = 'restore'")
    with pytest.raises(Refused, match="row 4 was changed"):
        check(kept)
    kept.change(f"UPDATE {ROWS} SET fixed = replace(fixed, '[6,', '[5,') WHERE kind = 'restore'")
    check(kept)
    kept.change(f"UPDATE {ROWS} SET kind = 'restore', fixed = '{{}}' WHERE sequence = 2")
    with pytest.raises(Refused, match="row 2 was changed"):
        check(kept)


def test_a_record_that_was_altered_is_not_reported_as_restored(kept: KeptAnswers) -> None:
    """Nothing is written."""
    kept.change(f"UPDATE {ROWS} SET content = '' WHERE sequence = 2")
    with pytest.raises(Refused, match="the restored record was altered: row 2 was changed"):
        report(kept)
    assert kept.rows(f"SELECT count(*) FROM {ROWS}") == [(3,)]


def test_nothing_may_be_lost(kept: KeptAnswers, capsys: pytest.CaptureFixture[str]) -> None:
    """By the checkpoints that there are."""
    assert reported(kept) == []
    assert reported(kept, checkpoint(kept)) == []
    report(kept)
    report(kept)
    assert "row 7 reports the restore;" in " ".join(capsys.readouterr().out.split())
    check(kept)


@pytest.mark.parametrize("why", ["", "  ", "x" * 501, "two\nlines", "\x1b[2J"])
def test_a_reason_is_needed_on_one_line(why: str, kept: KeptAnswers) -> None:
    """A terminal would obey control characters; nothing is written."""
    with pytest.raises(Refused, match=r"^--why must "):
        report(kept, why)
    assert kept.rows(f"SELECT count(*) FROM {ROWS} WHERE kind = 'restore'") == [(0,)]


def test_the_command_line_takes_it(
    kept: KeptAnswers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the settings of the environment."""
    monkeypatch.setenv("CART_OUTCOMES_RECORD", str(kept.file))
    words = ("answers", "restored", "--checkpoints", kept.file.parent / ELSEWHERE, "--why", "disk failed")
    status, said, mistakes = ran(monkeypatch, capsys, *words)
    assert (status, mistakes) == (0, "")
    assert said.startswith("row 4 reports the restore")
