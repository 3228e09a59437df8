"""The audit log: lines of JSON, private, without values, opened again after a rotation."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from pathlib import Path

import pytest

from serving.http.audit_log import AuditLog, AuditLogError, environment_audit_log
from serving.http.request_log import RequestRecord, current, write_failure, write_request

CANARY = "CANARY-31"


def lines(file: Path) -> list[dict[str, object]]:
    """Read every line."""
    return [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]


@pytest.fixture
def file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Path:
    """Name a file in a fresh folder, with requests logged."""
    caplog.set_level(logging.INFO, "cart_outcomes")
    return tmp_path / "audit.jsonl"


def test_a_batch_is_one_line_with_all_its_answers(file: Path) -> None:
    """The plain log has a line for each."""
    log = AuditLog(file)
    record = RequestRecord(prediction_ids=("a", "b"), caller="key:7f", accept=CANARY)
    write_request(record, method="POST", path="/risk/batch", status=200, milliseconds=3.14159)
    log.close()
    (line,) = lines(file)
    assert line.pop("time")
    assert line == {
        "format": 1,
        "level": "info",
        "kind": "requests",
        "method": "POST",
        "path": "/risk/batch",
        "status": 200,
        "milliseconds": 3.1,
        "caller": "key:7f",
        "refused": "",
        "prediction_ids": ["a", "b"],
    }
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_failure_has_its_identifier_and_place_and_no_message(file: Path) -> None:
    """Also an exception that is logged by others below our logger."""
    log, record = AuditLog(file), RequestRecord()
    token = current.set(record)
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        write_failure(error)
        logging.getLogger("cart_outcomes.release").exception("not read: %s", CANARY)
    finally:
        current.reset(token)
        log.close()
    failure, other = lines(file)
    assert (failure["kind"], failure["error_id"]) == ("failures", record.error_id)
    assert str(failure["place"]).startswith("ValueError < test_audit_log.py:")
    assert (other["kind"], other["level"]) == ("release", "error")
    assert CANARY not in file.read_text(encoding="ascii")


def test_no_text_can_begin_a_line(file: Path) -> None:
    """Line ends of any script are escaped."""
    log = AuditLog(file)
    logging.getLogger("cart_outcomes.identity").warning("file a\n{}\u2028b is not read")
    log.close()
    (line,) = lines(file)
    assert line["message"] == "file a\n{}\u2028b is not read"


def test_a_rotated_file_is_made_again_and_private(file: Path) -> None:
    """As logrotate moves it; nothing is lost."""
    log = AuditLog(file)
    logger = logging.getLogger("cart_outcomes.workers")
    logger.warning("first")
    file.rename(file.with_suffix(".1"))
    logger.warning("second")
    log.close()
    logger.warning("third")
    assert [line["message"] for line in lines(file.with_suffix(".1"))] == ["first"]
    assert [line["message"] for line in lines(file)] == ["second"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_gone_stops_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither an answer nor the thread of the record, which log; it is told once on standard error."""
    file = file.parent / "logs" / file.name
    file.parent.mkdir()
    log, logger = AuditLog(file), logging.getLogger("cart_outcomes.record")
    file.parent.rename(file.parent.with_name("away"))
    for _ in range(3):
        logger.error("lost")
    told = "the audit log cannot be written, lines are lost: FileNotFoundError\n"
    assert capsys.readouterr().err == told
    file.parent.mkdir()
    logger.error("kept")
    file.parent.rename(file.parent.with_name("away again"))
    logger.error("lost")
    assert capsys.readouterr().err == told
    log.close()
    file = file.parent.with_name("away again") / file.name
    assert [line["message"] for line in lines(file)] == ["kept"]


def test_a_full_disk_stops_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does it fill the other log with what could not be written."""
    log, logger = AuditLog(Path("/dev/full")), logging.getLogger("cart_outcomes.record")
    for _ in range(3):
        logger.error("lost")
    assert capsys.readouterr().err == "the audit log cannot be written, lines are lost: OSError\n"
    with contextlib.suppress(OSError):  # what is still buffered
        log.close()


def test_a_pipe_that_nobody_reads_is_not_waited_for(file: Path) -> None:
    """It would hold up the start, and every answer once it is full."""
    os.mkfifo(file)
    with pytest.raises(AuditLogError, match=r"audit\.jsonl cannot be written"):
        AuditLog(file)


def test_the_environment_names_it_or_none(file: Path, tmp_path: Path) -> None:
    """A place where nothing can be written is refused at the start."""
    assert environment_audit_log({}) is None
    with pytest.raises(AuditLogError, match="a cannot be written"):
        environment_audit_log({"CART_OUTCOMES_AUDIT_LOG": str(tmp_path / "missing" / "a")})
    log = environment_audit_log({"CART_OUTCOMES_AUDIT_LOG": str(file)})
    assert log is not None
    log.close()
