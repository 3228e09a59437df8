"""The record where callers must be known: whose answers are recorded, and under which name."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from serving.http.record_use import USE_HEADER
from serving.record.settings import RECORD_VARIABLE
from tests.bundles import PATIENT
from tests.callers import PROXY_USER, token
from tests.kept_answers import KeptAnswers, kept_answers
from tests.known_site import Site, known_site
from tests.recorded_site import read_rows


@pytest.fixture(scope="module")
def known_and_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, KeptAnswers]]:
    """Run a service that knows callers by key, token and proxy."""
    folder = tmp_path_factory.mktemp("known")
    kept = kept_answers(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(RECORD_VARIABLE, str(kept.file))
        with known_site(folder) as it:
            yield it, kept


def test_a_program_cannot_evade_the_record(known_and_kept: tuple[Site, KeptAnswers]) -> None:
    """Typing is the page's: of a person who signed on at the proxy, never of a key or a token."""
    known, kept = known_and_kept
    for credentials in (known.key, token()):
        answer = known.ask(credentials, **{USE_HEADER: "typing"}).json()
        row = read_rows(kept)[-1]
        assert row["prediction_id"] == answer["prediction_id"]
        assert row["caller"].partition(":")[0] in ("key", "token")
        assert (row["origin"], row["use"]) == ("api", "answer")
    before = len(read_rows(kept))
    headers = {"x-remote-user": PROXY_USER, USE_HEADER: "typing"}
    assert known.proxy().post("/risk", json=PATIENT, headers=headers).status_code == 200
    assert len(read_rows(kept)) == before


def test_a_row_names_the_caller_as_the_log_does(known_and_kept: tuple[Site, KeptAnswers]) -> None:
    """By the id of a key, or the digest of a person."""
    known, kept = known_and_kept
    known.ask(known.key)
    assert read_rows(kept)[-1]["caller"] == f"key:{known.key[6:14]}"
    headers = {"x-remote-user": PROXY_USER, USE_HEADER: "printed"}
    known.proxy().post("/risk", json=PATIENT, headers=headers)
    row = read_rows(kept)[-1]
    assert row["caller"].startswith("proxy:")
    assert (row["origin"], row["use"]) == ("page", "printed")
    known.assert_silent(json.dumps(row))
