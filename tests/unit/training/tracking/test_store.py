"""What is shown of an address, and how long a last word may take."""

from __future__ import annotations

import os

import pytest

from training.tracking.store import IMPATIENT, impatient, without_credentials


@pytest.mark.parametrize(
    "login", ["ada:secret", "ada:s@cret", "ada:s/cret", "ada:s%40cret", ":secret", "token-secret", "ada:"]
)
@pytest.mark.parametrize("scheme", ["http", "https", "postgresql+pg8000"])
def test_user_and_password_are_taken_out_of_addresses(scheme: str, login: str) -> None:
    """Whatever characters they have, and wherever the address stands in a message."""
    said = without_credentials(
        f"request to '{scheme}://{login}@host.example:5000/api' failed: {scheme}://{login}@h"
    )
    assert said == f"request to '{scheme}://host.example:5000/api' failed: {scheme}://h"


def test_addresses_without_credentials_stay_as_they_are() -> None:
    """So does a mail address in another word."""
    said = "request to https://host.example/api?x=1 failed, ask ada@host.example"
    assert without_credentials(said) == said


def test_impatience_ends_with_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user has set is set again; what was not set is not."""
    set_by_user, not_set = IMPATIENT
    monkeypatch.setenv(set_by_user, "7")
    monkeypatch.delenv(not_set, raising=False)
    with impatient():
        assert {name: os.environ[name] for name in IMPATIENT} == IMPATIENT
    assert os.environ[set_by_user] == "7"
    assert not_set not in os.environ
