"""What the settings of identity change in a running service."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.http.identity_door import MESSAGES
from serving.identity.identity import IDENTITY_VARIABLE
from tests.callers import token
from tests.known_site import known_site
from tests.served_here import served_here


def test_counters_are_open_where_the_settings_say_so(tmp_path: Path) -> None:
    """For a monitoring that has no key; nothing else is open."""
    with known_site(tmp_path, more="open_metrics = true\n") as known:
        assert known.ask(path="/metrics").status_code == 200
        assert known.ask(path="/model").status_code == 401
        document = known.ask(token(), path="/docs.json").json()
    assert "security" not in document["paths"]["/metrics"]["get"]


def test_too_many_requests_of_one_caller_are_refused(tmp_path: Path) -> None:
    """With the time to wait; another caller goes on."""
    with known_site(tmp_path, more='rate = "2/minute"\n') as known:
        asked = [known.ask(known.key, path="/model") for _ in range(3)]
        other = known.ask(known.read_key, path="/model")
    assert [answer.status_code for answer in asked] == [200, 200, 429]
    assert asked[-1].json() == {"error": MESSAGES[429]}
    assert 1 <= int(asked[-1].headers["retry-after"]) <= 60
    assert other.status_code == 200


def test_settings_that_cannot_be_used_stop_the_start(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than an open door."""
    monkeypatch.setenv(IDENTITY_VARIABLE, str(tmp_path / "none.toml"))
    with pytest.raises(ValueError, match="cannot read"), served_here(bundle_folder):
        pass


def test_without_settings_everybody_may_ask(bundle_folder: Path) -> None:
    """As on a person's own machine; headers of proxies mean nothing then."""
    with served_here(bundle_folder) as client:
        assert client.get("/model", headers={"authorization": "Bearer x"}).status_code == 200
        assert client.get("/cart/model", headers={"x-forwarded-prefix": "/cart"}).status_code == 404
        document = client.get("/docs.json").json()
    assert "securitySchemes" not in document["components"]
