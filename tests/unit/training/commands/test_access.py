"""Who may ask the service that is started: other machines never by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.problems import Refused
from serving.identity.identity import IDENTITY_VARIABLE, KEYS_VARIABLE
from tests.callers import new_key_in, site
from training.commands.access import Access, access_environment
from training.commands.serve import service

EVERYWHERE = "0.0.0.0"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    new_key_in(tmp_path / "keys.json", "read")
    return tmp_path / "keys.json"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1"])
def test_on_this_machine_everybody_may_ask(address: str) -> None:
    """As before there were callers."""
    assert access_environment(Access(), address) == {}


@pytest.mark.parametrize("address", [EVERYWHERE, "10.0.0.5", "::", "192.168.1.2"])
def test_other_machines_need_an_identity(address: str, keys: Path) -> None:
    """Or an explicit word; the message says how."""
    with pytest.raises(Refused) as caught:
        access_environment(Access(), address)
    assert str(caught.value) == (
        f"other machines can reach {address}, and nothing says who may ask. Choose one:\n"
        "  API keys: cart-outcomes keys create LABEL, then serve --keys .cart-outcomes/keys.json\n"
        "  tokens or single sign-on: serve --identity FILE (docs/security.md)\n"
        "  everybody: serve --open-access"
    )
    assert access_environment(Access(open_access=True), address) == {}
    assert access_environment(Access(keys=keys), address)[KEYS_VARIABLE] == str(keys)


def test_a_service_on_another_address_is_refused_before_its_model_is_read(
    tmp_path: Path, free_port: int
) -> None:
    """Reading takes longer."""
    with pytest.raises(Refused, match="other machines can reach"):
        service(free_port, EVERYWHERE, tmp_path)


def test_the_service_is_given_the_files(
    bundle_folder: Path, free_port: int, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By absolute paths, of the options or of the environment."""
    monkeypatch.setenv(IDENTITY_VARIABLE, str(site(tmp_path)))
    server = service(free_port, "127.0.0.1", bundle_folder, access=Access(keys=keys))
    assert server.environment[KEYS_VARIABLE] == str(keys)
    assert server.environment[IDENTITY_VARIABLE] == str(tmp_path / "identity.toml")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda keys: keys.chmod(0o644), r"^--keys: .*run chmod 600"),
        (lambda keys: keys.unlink(), r"^--keys: cannot read"),
        (
            lambda keys: keys.write_text('{"format": 1, "keys": []}'),
            r"^--keys: keys\.json has no active key; create one with cart-outcomes keys create LABEL$",
        ),
    ],
)
def test_keys_that_let_no_one_in_are_refused(keys: Path, spoil, message: str) -> None:
    """Before anything starts, on any address."""
    spoil(keys)
    with pytest.raises(Refused, match=message):
        access_environment(Access(keys=keys), "127.0.0.1")


def test_settings_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    """By the name of the option."""
    settings = site(tmp_path, more='rate = "often"\n')
    with pytest.raises(Refused, match=r"^--identity: rate: 'often' is no rate"):
        access_environment(Access(identity=settings), EVERYWHERE)
