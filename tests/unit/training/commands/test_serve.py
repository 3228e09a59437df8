"""What cannot be served is found before anything is started."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from features.problems import Refused
from serving.http.allowed_hosts import ALLOWED_HOSTS_VARIABLE
from serving.http.budgets import ANSWER_WITHIN_SECONDS
from serving.http.drain import DRAIN_SECONDS
from serving.http.own_words import OWN_WORDS_VARIABLE
from serving.http.starters import STARTER_VARIABLE
from serving.http.worker_processes import WORKERS
from serving.model.released_bundle import BUNDLE_VARIABLE
from serving.record.settings import RECORD_VARIABLE
from serving.release.public_keys import RELEASE_KEYS_VARIABLE
from tests.kept_answers import kept_answers
from training.commands.serve import service


def test_the_service_is_given_the_bundle_that_was_verified(bundle_folder: Path, free_port: int) -> None:
    """By an absolute path, and it does not call home."""
    server = service(free_port, "localhost", bundle_folder)
    assert server.environment == {
        BUNDLE_VARIABLE: str(bundle_folder.resolve()),
        ALLOWED_HOSTS_VARIABLE: "localhost",
        OWN_WORDS_VARIABLE: "",
        WORKERS.variable: "1",
        RELEASE_KEYS_VARIABLE: "",
        DRAIN_SECONDS.variable: "0",
        STARTER_VARIABLE: str(os.getpid()),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    assert server.address == f"http://127.0.0.1:{free_port}"


def test_the_service_is_given_the_names_it_answers_to(
    bundle_folder: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the options and of the environment, beside the one it listens on."""
    monkeypatch.setenv(ALLOWED_HOSTS_VARIABLE, "risk.internal.example, ")
    server = service(free_port, "127.0.0.1", bundle_folder, ["risk.hospital.example", "*.ward.example"])
    assert server.environment[ALLOWED_HOSTS_VARIABLE] == (
        "127.0.0.1,risk.hospital.example,*.ward.example,risk.internal.example"
    )


def test_a_name_that_is_none_is_refused(bundle_folder: Path, free_port: int) -> None:
    """Before anything starts."""
    with pytest.raises(Refused) as caught:
        service(free_port, "127.0.0.1", bundle_folder, ["https://risk.hospital.example"])
    assert str(caught.value) == (
        "--allowed-host: 'https://risk.hospital.example' is not a host; "
        "enter a name or an address, such as risk.example"
    )


def test_a_service_that_ends_has_time_for_its_longest_answer(bundle_folder: Path, free_port: int) -> None:
    """Its own server waits for it, and we wait for the server."""
    server = service(free_port, "127.0.0.1", bundle_folder)
    drained = int(server.arguments[server.arguments.index("--timeout-graceful-shutdown") + 1])
    assert ANSWER_WITHIN_SECONDS < drained < server.ends_within_seconds


def test_a_damaged_bundle_is_not_served(bundle_folder: Path, free_port: int) -> None:
    """The reason is the bundle's."""
    (bundle_folder / "relapse.trees.ubj").unlink()
    with pytest.raises(Refused, match=r"^relapse.trees.ubj is missing from the bundle; restore it or train"):
        service(free_port, "127.0.0.1", bundle_folder)


def test_a_taken_port_is_found_before_the_bundle_is_read(taken_port: int, tmp_path: Path) -> None:
    """Reading takes longer."""
    with pytest.raises(Refused, match="is in use"):
        service(taken_port, "127.0.0.1", tmp_path)


def test_the_service_is_given_the_words_of_the_center(
    bundle_folder: Path, free_port: int, tmp_path: Path
) -> None:
    """By an absolute path, after they were read; a mistake in them stops the start."""
    words = tmp_path / "center.toml"
    words.write_text('name = "Center North"', encoding="utf-8")
    server = service(free_port, "localhost", bundle_folder, own_words=words)
    assert server.environment[OWN_WORDS_VARIABLE] == str(words.resolve())
    words.write_text("nam = 1", encoding="utf-8")
    with pytest.raises(Refused, match=r"--own-words: center\.toml: nam: Extra inputs are not permitted"):
        service(free_port, "localhost", bundle_folder, own_words=words)


def test_the_service_is_given_the_number_of_workers(
    bundle_folder: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the option, else of the environment; a number that cannot be used stops the start."""
    monkeypatch.setenv(WORKERS.variable, "3")
    stated = [
        service(free_port, "localhost", bundle_folder, workers=workers).environment[WORKERS.variable]
        for workers in (None, 2)
    ]
    assert stated == ["3", "2"]
    monkeypatch.setenv(WORKERS.variable, "many")
    with pytest.raises(Refused) as caught:
        service(free_port, "localhost", bundle_folder)
    assert str(caught.value) == "CART_OUTCOMES_WORKERS must be a whole number from 1 to 64"


def test_the_service_is_given_the_record_that_was_checked(
    bundle_folder: Path, free_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By an absolute path; whoever starts it reads that answers are recorded, and whether they are shown."""
    kept = kept_answers(tmp_path)
    server = service(free_port, "localhost", bundle_folder, record=kept.file)
    assert server.environment[RECORD_VARIABLE] == str(kept.file.resolve())
    assert "answers are recorded before they are sent" in capsys.readouterr().out
    silent = kept_answers(tmp_path, more="shadow = true\n")
    service(free_port, "localhost", bundle_folder, record=silent.file)
    assert "shadow mode: answers are recorded and not shown" in capsys.readouterr().out


def test_a_record_of_the_environment_is_kept_too(
    bundle_folder: Path, free_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for other settings."""
    monkeypatch.setenv(RECORD_VARIABLE, str(kept_answers(tmp_path).file))
    server = service(free_port, "localhost", bundle_folder)
    assert server.environment[RECORD_VARIABLE] == str(tmp_path / "record.toml")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "record.key").chmod(0o644), r"^--record: .*run chmod 600"),
        (
            lambda folder: (folder / "record.toml").write_text("adress = 1"),
            r"^--record: record.toml: ",
        ),
    ],
)
def test_a_record_that_cannot_be_used_is_refused(
    bundle_folder: Path, free_port: int, tmp_path: Path, change: Callable[[Path], object], words: str
) -> None:
    """Before anything starts."""
    kept = kept_answers(tmp_path)
    change(tmp_path)
    with pytest.raises(Refused, match=words):
        service(free_port, "localhost", bundle_folder, record=kept.file)
