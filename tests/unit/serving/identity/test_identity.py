"""Who gets in: by which header, from where, how often; and what settings are refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from serving.identity.caller import Caller, digest_of_name
from serving.identity.denied import Denied, Reason
from serving.identity.identity import IGNORED_SIGN_ON, Identity, environment_identity
from serving.identity.open_identity import identity
from serving.identity.private_file import SettingsError
from serving.identity.proxies import published
from serving.identity.settings import checked_settings, read_settings
from tests.callers import PROXY_USER, claims, new_key_in, site, token

PROXY, CLIENT = "10.0.0.5", "10.0.0.77"
USER = b"x-remote-user"


@pytest.fixture
def known(tmp_path: Path) -> Identity:
    """Know keys, tokens and a proxy."""
    return identity(keys=_keys(tmp_path), settings=site(tmp_path))


@pytest.fixture
def key(known: Identity, tmp_path: Path) -> bytes:
    """Give the key of the file."""
    return f"Bearer {(tmp_path / 'key.txt').read_text()}".encode()


def _keys(folder: Path) -> Path:
    (folder / "key.txt").write_text(new_key_in(folder / "keys.json", "predict", "read"))
    return folder / "keys.json"


def asked(known: Identity, *headers: tuple[bytes, bytes], peer: str = CLIENT, query: bytes = b"") -> Caller:
    return asyncio.run(known.caller(peer, headers, query))


def reason(known: Identity, *headers: tuple[bytes, bytes], peer: str = CLIENT, query: bytes = b"") -> Reason:
    with pytest.raises(Denied) as caught:
        asked(known, *headers, peer=peer, query=query)
    return caught.value.reason


def test_each_way_in(known: Identity, key: bytes) -> None:
    """A key, a token, a sign-on at the proxy."""
    assert asked(known, (b"authorization", key)).kind == "key"
    assert asked(known, (b"authorization", f"bearer {token()}".encode())).kind == "token"
    signed_on = asked(known, (USER, PROXY_USER.encode()), peer=PROXY)
    assert signed_on.label == f"proxy:{digest_of_name(PROXY_USER, key=b'k' * 32)}"
    assert signed_on.scopes == {"predict", "read"}


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ((), Reason.NO_CREDENTIALS),
        (((b"authorization", b""),), Reason.UNKNOWN_SCHEME),
        (((b"authorization", b"Bearer"),), Reason.UNKNOWN_SCHEME),
        (((b"authorization", b"Basic YTpi"),), Reason.UNKNOWN_SCHEME),
        (((b"authorization", b"Bearer "),), Reason.MALFORMED_TOKEN),
        (((b"authorization", b"Bearer \xff\xfe"),), Reason.MALFORMED_TOKEN),
        (((b"authorization", "Bearer cartk_é".encode()),), Reason.MALFORMED_KEY),
        (((b"x-api-key", b"cartk_1"),), Reason.NO_CREDENTIALS),
    ],
)
def test_nothing_valid_is_refused(
    known: Identity, headers: tuple[tuple[bytes, bytes], ...], why: Reason
) -> None:
    """Whatever bytes there are."""
    assert reason(known, *headers) is why


def test_two_credentials_are_refused(known: Identity, key: bytes) -> None:
    """Also two right ones: a proxy may have looked at the other."""
    assert reason(known, (b"authorization", key), (b"authorization", key)) is Reason.TWO_CREDENTIALS


@pytest.mark.parametrize("peer", [CLIENT, "", "testclient", "127.0.0.1", "::1", "10.0.0.50", "10.0.0.5.evil"])
def test_a_sign_on_that_a_client_sends_itself_is_ignored_and_counted(
    known: Identity, key: bytes, peer: str
) -> None:
    """It neither lets in nor keeps out."""
    noted: list[str] = []
    known.note = noted.append
    assert reason(known, (USER, b"dr-a"), peer=peer) is Reason.NO_CREDENTIALS
    assert asked(known, (USER, b"dr-a"), (b"authorization", key), peer=peer).kind == "key"
    assert noted == [IGNORED_SIGN_ON] * 2


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([b"dr-a", b"dr-b"], Reason.TWO_CREDENTIALS),
        ([b"", b"dr-b"], Reason.TWO_CREDENTIALS),
        ([b"x" * 257], Reason.MALFORMED_SIGN_ON),
        ([b"dr\x00a"], Reason.MALFORMED_SIGN_ON),
        ([b"dr\ta"], Reason.MALFORMED_SIGN_ON),
        ([b""], Reason.NO_CREDENTIALS),
        ([b"  "], Reason.NO_CREDENTIALS),
    ],
)
def test_a_sign_on_that_is_none_is_refused(known: Identity, names: list[bytes], why: Reason) -> None:
    """Two names, control characters, none at all: the proxy lets a client's own header through."""
    assert reason(known, *((USER, name) for name in names), peer=PROXY) is why


def test_names_in_any_script_differ(known: Identity) -> None:
    """By their bytes."""
    callers = {
        asked(known, (USER, name.encode()), peer=PROXY).name for name in ("Иванова", "Ivanova", "ivanova")
    }
    assert len(callers) == 3


@pytest.mark.parametrize(
    "query",
    [b"key=1", b"a=1&api_key=x", b"API-KEY=x", b"access_token=x", b"token=x", b"x=cartk_1a2b3c4d", b"jwt=x"],
)
def test_a_secret_in_the_address_is_refused(known: Identity, key: bytes, query: bytes) -> None:
    """Also beside a right header: the address is in somebody's log now."""
    assert reason(known, (b"authorization", key), query=query) is Reason.SECRET_IN_ADDRESS


def test_other_queries_are_let_through(known: Identity, key: bytes) -> None:
    """A monkey is no key."""
    assert asked(known, (b"authorization", key), query=b"monkey=1&page=2").kind == "key"


def test_a_caller_that_asks_too_often_waits(tmp_path: Path) -> None:
    """Each for itself; it learns for how long."""
    limited = identity(keys=_keys(tmp_path), settings=site(tmp_path, more='rate = "3/minute"\n'))
    signed_on = [(USER, b"dr-a")]

    async def ask() -> Denied:
        for _ in range(3):
            await limited.caller(PROXY, signed_on)
        with pytest.raises(Denied) as caught:
            await limited.caller(PROXY, signed_on)
        await limited.caller(PROXY, [(USER, b"dr-b")])
        return caught.value

    denied = asyncio.run(ask())
    assert (denied.reason, denied.status) == (Reason.TOO_MANY_REQUESTS, 429)
    assert 1 <= denied.retry_after <= 60


@pytest.mark.parametrize(
    ("prefix", "stated"),
    [
        (b"/cart", "/cart"),
        (b"/tools/cart/", "/tools/cart"),
        (b"cart", ""),
        (b"//evil.example", ""),
        (b"/../cart", ""),
        (b"/ca rt", ""),
        (b"/<script>", ""),
        (b"/", ""),
    ],
)
def test_a_prefix_is_a_path(prefix: bytes, stated: str) -> None:
    """And nothing that leads elsewhere."""
    assert published([(b"x-forwarded-prefix", prefix)]).prefix == stated


def test_what_is_forwarded_twice_is_left_out(known: Identity) -> None:
    """One of the two may be a client's; so is all that does not come from the proxy."""
    assert published([(b"x-forwarded-proto", b"https")] * 2).scheme == ""
    assert known.published(CLIENT, [(b"x-forwarded-proto", b"https")]).scheme == ""
    assert known.published(PROXY, [(b"x-forwarded-proto", b"https")]).scheme == "https"


ISSUER = '[[issuers]]\nname = "a"\naudience = "b"\nkeys = "c"\nalgorithms = '


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[proxy]\naddresses = ["0.0.0.0/0"]', "proxy addresses 1: must not be every address"),
        ('[proxy]\naddresses = ["10.0.0.1/16"]', "proxy addresses 1: must be an address or a network"),
        ('[proxy]\naddresses = ["proxy"]', "proxy addresses 1: must be an address or a network"),
        ("[proxy]\naddresses = []", "proxy addresses: Tuple should have at least 1 item"),
        ('[proxy]\naddresses = ["::1"]\nuser_header = "Authorization"', "must be a header of its own"),
        ('[proxy]\naddresses = ["::1"]\nuser_header = "X-Forwarded-For"', "must be a header of its own"),
        ('[proxy]\naddresses = ["::1"]\nuser_header = "X User"', "proxy user_header: String should match"),
        ('[proxy]\naddresses = ["::1"]\nscopes = ["all"]', "proxy scopes 1: Input should be 'predict'"),
        (f'{ISSUER}["none"]', "issuers 1 algorithms 1: Input should be 'RS256'"),
        (f'{ISSUER}["HS256"]', "issuers 1 algorithms 1: Input should be 'RS256'"),
        (f"{ISSUER}[]", "issuers 1 algorithms: Tuple should have at least 1 item"),
        (f'{ISSUER}["ES256"]\n' * 2, "two issuers have the same name"),
        ("[[issuers]]", "issuers 1 name: Field required; issuers 1 audience: Field required"),
        ('keys = "keys\\u0000.json"', "keys: String should match pattern"),
        ("rate = ", "is not TOML"),
        ('key = "keys.json"', "key: Extra inputs are not permitted"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(tmp_path: Path, text: str, problem: str) -> None:
    """Each mistake by its place."""
    file = tmp_path / "identity.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_settings(file)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('rate = "often"\n', "rate: 'often' is no rate"),
        ('rate = "0/minute"\n', "rate: '0/minute' is no rate"),
        ('rate_storage = "file:///tmp/x"\n', "rate_storage: must begin with memory:// or redis://"),
        ('keys = "none.json"\n', "cannot read"),
    ],
)
def test_files_and_limits_are_opened_at_the_start(tmp_path: Path, more: str, problem: str) -> None:
    """What does not work is found before anybody asks."""
    with pytest.raises(SettingsError) as caught:
        identity(settings=site(tmp_path, more=more))
    assert problem in str(caught.value)


def test_a_short_key_of_digests_is_refused(tmp_path: Path) -> None:
    """And one that others can read."""
    settings = site(tmp_path)
    (tmp_path / "caller.key").write_text("short")
    with pytest.raises(SettingsError, match="must have 32 bytes or more"):
        identity(settings=settings)
    (tmp_path / "caller.key").chmod(0o644)
    with pytest.raises(SettingsError, match="run chmod 600"):
        identity(settings=settings)


def test_settings_with_a_password_are_private(tmp_path: Path) -> None:
    """As the files of keys."""
    settings = site(tmp_path, more='rate_storage = "redis://:CANARY@127.0.0.1:6379/0"\n')
    settings.chmod(0o644)
    with pytest.raises(SettingsError) as caught:
        identity(settings=settings)
    assert "run chmod 600" in str(caught.value)
    assert "CANARY" not in str(caught.value)
    settings.chmod(0o600)
    assert identity(settings=settings).tokens is not None


def test_settings_that_let_no_one_in_are_refused(tmp_path: Path) -> None:
    """The service would answer no one."""
    file = tmp_path / "identity.toml"
    file.write_text("open_metrics = true")
    with pytest.raises(SettingsError, match="let no one in"):
        identity(settings=file)
    file.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        identity(settings=file)


def test_the_environment_names_the_files(tmp_path: Path) -> None:
    """Without them identity is off."""
    assert environment_identity({}) is None
    keys = environment_identity({"CART_OUTCOMES_KEYS": str(_keys(tmp_path))})
    assert keys is not None
    assert reason(keys, (b"authorization", f"Bearer {token()}".encode())) is Reason.MALFORMED_KEY
    both = environment_identity({"CART_OUTCOMES_IDENTITY": str(site(tmp_path))})
    assert both is not None
    assert reason(both, (b"authorization", b"Bearer cartk_x")) is Reason.UNKNOWN_KEY
    named = site(tmp_path, more='keys = "keys.json"\n')
    assert asked(
        identity(settings=named), (b"authorization", (b"Bearer %s" % (tmp_path / "key.txt").read_bytes()))
    )


def test_a_person_has_one_digest_for_each_way_in(known: Identity) -> None:
    """While the key of the digests is the same."""
    first, second = (asked(known, (b"authorization", f"Bearer {token(claims())}".encode())) for _ in range(2))
    assert first == second


def test_no_secret_is_printed(known: Identity, key: bytes) -> None:
    """Of all that knows one."""
    settings = checked_settings({"rate_storage": "redis://:CANARY@10.0.0.7"}, "identity.toml")
    for printed in (repr(known), repr(known.proxies), repr(settings)):
        assert "kkkk" not in printed
        assert key.decode().split("_")[2] not in printed
        assert "CANARY" not in printed
