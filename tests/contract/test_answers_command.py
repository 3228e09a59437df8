"""`cart-outcomes answers`: set up, verify, checkpoint, erase, remove old rows."""

from __future__ import annotations

import re
import shlex
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from features.problems import Refused
from serving.record.settings import RECORD_VARIABLE, RecordSettings, checked_settings
from tests.command_line import ran
from tests.e2e.documentation import DOCUMENTS, blocks
from tests.kept_answers import KeptAnswers, answer, kept_answers, outcome
from training.commands import answers

ROWS = "cart_outcomes_record"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeptAnswers:
    """Keep an answer and its outcome, in the record that the environment names."""
    made = kept_answers(tmp_path)
    made.keep(answer(), answer("p-2"), outcomes=[outcome()])
    monkeypatch.setenv(RECORD_VARIABLE, str(made.file))
    return made


def printed(capsys: pytest.CaptureFixture[str], run: Callable[[], None]) -> str:
    run()
    return " ".join(capsys.readouterr().out.split())


def test_a_record_is_set_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Settings, key and database are for their owner only; it can be written and verified at once."""
    file = tmp_path / "record" / "answers.toml"
    assert "cart-outcomes serve --record" in printed(capsys, lambda: answers.set_up(file))
    modes = {made.name: stat.filemode(made.stat().st_mode) for made in file.parent.iterdir()}
    assert modes == dict.fromkeys(("answers.toml", "answers.key", "answers.db"), "-rw-------")
    assert "the record is empty" in printed(capsys, lambda: answers.verify(file))
    KeptAnswers(file).keep(answer())
    assert "rows 1 to 2 are intact" in printed(capsys, lambda: answers.verify(file))
    with pytest.raises(Refused, match="exists; name another file"):
        answers.set_up(file)


def test_a_key_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For its owner only; the key itself is not printed."""
    file = tmp_path / "second.key"
    words = printed(capsys, lambda: answers.make_key(file))
    assert file.read_text().strip() not in words
    assert stat.filemode(file.stat().st_mode) == "-rw-------"
    with pytest.raises(Refused, match="exists"):
        answers.make_key(file)


def test_verify_names_the_first_broken_row(kept: KeptAnswers, capsys: pytest.CaptureFixture[str]) -> None:
    """And says what a whole record does not show without a checkpoint."""
    words = printed(capsys, answers.verify)
    assert "(4 rows, 0 checkpoints) no checkpoint was compared" in words
    kept.change(f"UPDATE {ROWS} SET content = '' WHERE sequence = 3")
    with pytest.raises(Refused, match="the record was altered: row 3 was changed"):
        answers.verify()


def test_a_checkpoint_shows_rows_cut_at_the_end(
    kept: KeptAnswers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a whole earlier copy too."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    earlier = (tmp_path / "record.db").read_bytes()
    kept.keep(answer("p-3"))
    assert "5 rows, the last is 5" in printed(capsys, lambda: answers.checkpoint(checkpoints=folder))
    assert "1 checkpoint)" in printed(capsys, lambda: answers.verify(checkpoints=folder))
    (tmp_path / "record.db").write_bytes(earlier)
    with pytest.raises(Refused, match="row 5 is missing at the end"):
        answers.verify(checkpoints=folder)
    with pytest.raises(Refused, match="name a folder of checkpoints"):
        answers.checkpoint()
    kept.file.write_text(kept.file.read_text() + 'checkpoints = "elsewhere"\n')
    with pytest.raises(Refused, match="row 5 is missing at the end"):
        answers.verify()


def test_erase_takes_a_record_key_or_a_prediction(
    kept: KeptAnswers, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the outcomes that belong to it."""
    words = printed(capsys, lambda: answers.erase(record_key="key-of-p-1"))
    assert "erased 2 rows" in words
    assert "erased 1 row;" in printed(capsys, lambda: answers.erase(prediction="p-2"))
    assert kept.rows(f"SELECT count(*) FROM {ROWS} WHERE content IS NOT NULL") == [(0,)]
    printed(capsys, answers.verify)
    with pytest.raises(Refused, match="nothing was erased"):
        answers.erase(record_key="key-of-p-1")
    for named in ({}, {"record_key": "a", "prediction": "b"}):
        with pytest.raises(Refused, match="either --record-key KEY or --prediction ID"):
            answers.erase(**named)


def test_young_rows_are_not_removed(kept: KeptAnswers, capsys: pytest.CaptureFixture[str]) -> None:
    assert "removed 0 rows" in printed(capsys, lambda: answers.remove_old(30))
    assert kept.verified().rows == 4


def test_a_record_must_be_named_and_usable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RECORD_VARIABLE, raising=False)
    with pytest.raises(Refused, match="name the settings of the record: --record FILE"):
        answers.verify()
    with pytest.raises(Refused, match=r"cannot read .*missing\.toml"):
        answers.verify(tmp_path / "missing.toml")
    made = kept_answers(tmp_path)
    with pytest.raises(Refused, match=r"there is no record: .*record\.db does not exist"):
        answers.verify(made.file)


def test_the_commands_of_the_page_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a reader types them, in an empty folder; two answers come in after the set-up."""
    monkeypatch.chdir(tmp_path)
    lines = [
        line for block in blocks(DOCUMENTS / "record.md") if block.mark for line in block.text.splitlines()
    ]
    for line in lines:
        program, *words = shlex.split(line)
        if program == "mkdir":
            Path(*words).mkdir()
            continue
        status, _, mistakes = ran(monkeypatch, capsys, *words)
        assert (status, mistakes) == (0, ""), line
        if words[1] == "setup":
            kept = KeptAnswers(Path("record.toml"))
            kept.keep(
                answer(record_key="7c9e6679"), answer("2f1b0a54-93a1-4a7e-8f53-0d9f6a1c7be2"), answer("p-3")
            )
    assert len(lines) > 8


def test_the_page_has_every_setting() -> None:
    """So that nobody need look for another; the example is accepted."""
    page = (DOCUMENTS / "record.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == {*RecordSettings.model_fields} - {
        "folder"
    } | {"record_key"}
    for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL):
        assert checked_settings(tomllib.loads(text), Path("record.toml")).keys
