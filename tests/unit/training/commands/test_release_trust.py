"""Which releases the service that is started accepts: on another address never any by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.problems import Refused
from serving.model.bundle_error import BundleError
from serving.release.public_keys import RELEASE_KEYS_VARIABLE
from tests.signing import public, site_key
from training.commands.access import Access
from training.commands.release_trust import ReleaseTrust, trust_environment
from training.commands.serve import service

EVERYWHERE, HERE = "0.0.0.0", "127.0.0.1"
OPEN = Access(open_access=True)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return public(site_key(tmp_path))


@pytest.mark.parametrize("address", [HERE, "127.0.0.2", "::1"])
def test_on_this_machine_a_release_may_be_unsigned(address: str) -> None:
    """As before there were signatures."""
    assert trust_environment(ReleaseTrust(), address) == {RELEASE_KEYS_VARIABLE: ""}


@pytest.mark.parametrize("address", [EVERYWHERE, "10.0.0.5", "::"])
def test_other_machines_get_signed_releases(address: str, keys: Path) -> None:
    """Or an explicit word; the message says how."""
    with pytest.raises(Refused) as refused:
        trust_environment(ReleaseTrust(), address)
    assert str(refused.value) == (
        f"other machines can reach {address}, and nothing says which releases are accepted. Choose one:\n"
        "  signed releases: serve --release-keys FILE (docs/security.md)\n"
        "  any release: serve --unsigned"
    )
    assert trust_environment(ReleaseTrust(unsigned=True), address) == {RELEASE_KEYS_VARIABLE: ""}
    assert trust_environment(ReleaseTrust(keys), address) == {RELEASE_KEYS_VARIABLE: str(keys)}


def test_the_environment_names_the_keys(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option takes precedence, and so does the switch."""
    monkeypatch.setenv(RELEASE_KEYS_VARIABLE, str(keys))
    assert trust_environment(ReleaseTrust(), EVERYWHERE)[RELEASE_KEYS_VARIABLE] == str(keys)
    assert trust_environment(ReleaseTrust(unsigned=True), HERE)[RELEASE_KEYS_VARIABLE] == ""


def test_the_keys_or_the_switch(keys: Path) -> None:
    """Both together mean nothing."""
    with pytest.raises(Refused, match=r"^name --release-keys or --unsigned, not both$"):
        trust_environment(ReleaseTrust(keys, unsigned=True), HERE)


def test_keys_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    """By the name of the option."""
    with pytest.raises(Refused, match=r"^--release-keys: cannot read "):
        trust_environment(ReleaseTrust(tmp_path / "none"), HERE)


def test_a_folder_that_was_never_released_needs_the_switch(
    bundle_folder: Path, free_port: int, keys: Path
) -> None:
    """Where keys are named: it is unsigned."""
    trust = ReleaseTrust(keys)
    with pytest.raises(BundleError, match="is not signed: it has no manifest"):
        service(free_port, HERE, bundle_folder, trust=trust)
    server = service(free_port, EVERYWHERE, bundle_folder, access=OPEN, trust=ReleaseTrust(unsigned=True))
    assert server.environment[RELEASE_KEYS_VARIABLE] == ""


def test_a_service_on_another_address_is_refused_before_its_model_is_read(
    tmp_path: Path, free_port: int
) -> None:
    """Reading takes longer."""
    with pytest.raises(Refused, match="nothing says which releases are accepted"):
        service(free_port, EVERYWHERE, tmp_path, access=OPEN)
