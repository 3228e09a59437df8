"""Tokens: what is accepted, and every way in which one may be wrong."""

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwk, jws

from serving.identity.denied import Denied, Reason
from serving.identity.followed_file import FollowedFile
from serving.identity.private_file import SettingsError
from serving.identity.signers import Signers, parsed_signers
from serving.identity.token_check import Issuer, TokenCheck
from serving.identity.token_memory import Checked, CheckedTokens, OnceOnly
from tests.callers import (
    AUDIENCE,
    ISSUER,
    KID,
    SIGNER,
    STRANGER,
    SUBJECT,
    base64,
    claims,
    signed_with_public_key,
    token,
    unsigned,
)

NOW = time.time()
TWO_ALGORITHMS, NO_TEXT = b'{"alg":"ES256","alg":"none"}', b"\xff"


WITHOUT_KID = {name: part for name, part in SIGNER.as_dict(private=False).items() if name != "kid"}


@pytest.fixture(autouse=True)
def still_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass between the start of all tests and this one."""
    monkeypatch.setattr(time, "time", lambda: NOW)


class Unchanged(FollowedFile[Signers]):
    """Keys without a file."""

    def __init__(self, *keys: Any) -> None:
        stated = {"keys": [key.as_dict(private=False) for key in keys]}
        self.version = 0
        self.signers = parsed_signers(json.dumps(stated).encode(), "login.json")

    def current(self) -> Signers:
        """Give the keys."""
        return self.signers


def check(*, once: bool = False, keys: tuple[Any, ...] = (SIGNER,)) -> TokenCheck:
    issuer = Issuer(ISSUER, AUDIENCE, ("ES256",), "scope", once, Unchanged(*keys))
    return TokenCheck([issuer], digest_key=b"k" * 32)


def reason(text: str, *, checking: TokenCheck | None = None, now: float | None = None) -> Reason:
    """Say why a token is refused."""
    with pytest.raises(Denied) as caught:
        (checking or check()).caller(text, now=time.time() if now is None else now)
    assert caught.value.__cause__ is None
    assert text[30:] == "" or text not in repr(caught.value)
    return caught.value.reason


def test_a_token_of_the_issuer_is_accepted() -> None:
    """With those of its scopes that this service knows; the person is named by a digest."""
    caller = check().caller(token(), now=time.time())
    assert (caller.kind, caller.scopes) == ("token", frozenset({"predict", "read"}))
    assert SUBJECT not in caller.label
    assert caller == check().caller(token(claims(exp=int(NOW) + 60)), now=time.time())
    assert caller != check().caller(token(claims(sub="another")), now=time.time())


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["other", AUDIENCE]},
        {"nbf": int(NOW) + 50},
        {"iat": None},
        {"exp": int(NOW) - 50},
        {"exp": NOW + 60.5},
        {"jti": "1"},
    ],
)
def test_what_a_token_may_say(changed: dict[str, Any]) -> None:
    """A list of audiences, and clocks that differ by less than a minute."""
    assert check().caller(token(claims(**changed)), now=NOW).kind == "token"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"aud": "another-service"}, Reason.WRONG_AUDIENCE),
        ({"aud": [AUDIENCE.upper()]}, Reason.WRONG_AUDIENCE),
        ({"aud": {"a": AUDIENCE}}, Reason.WRONG_AUDIENCE),
        ({"aud": None}, Reason.WRONG_AUDIENCE),
        ({"exp": int(NOW) - 61}, Reason.EXPIRED_TOKEN),
        ({"exp": None}, Reason.WRONG_CLAIMS),
        ({"exp": True}, Reason.WRONG_CLAIMS),
        ({"exp": str(int(NOW) + 60)}, Reason.WRONG_CLAIMS),
        ({"exp": float("inf")}, Reason.WRONG_CLAIMS),
        ({"exp": 10**400}, Reason.WRONG_CLAIMS),
        ({"nbf": int(NOW) + 65}, Reason.EARLY_TOKEN),
        ({"iat": int(NOW) + 65}, Reason.EARLY_TOKEN),
        ({"sub": None}, Reason.WRONG_CLAIMS),
        ({"sub": ""}, Reason.WRONG_CLAIMS),
        ({"sub": "x" * 257}, Reason.WRONG_CLAIMS),
        ({"iss": f"{ISSUER}/"}, Reason.UNKNOWN_ISSUER),
        ({"iss": ISSUER.upper()}, Reason.UNKNOWN_ISSUER),
        ({"iss": None}, Reason.WRONG_CLAIMS),
        ({"iss": [ISSUER]}, Reason.WRONG_CLAIMS),
    ],
)
def test_a_wrong_claim_is_refused(changed: dict[str, Any], why: Reason) -> None:
    """However well it is signed."""
    assert reason(token(claims(**changed)), now=NOW) is why


@pytest.mark.parametrize("claim", ["sub", "iss"])
def test_half_a_character_is_no_name(claim: str) -> None:
    """JSON can state a surrogate alone, which has no digest."""
    stated = json.dumps(claims(**{claim: "\ud800"})).encode()
    assert reason(jws.serialize_compact({"alg": "ES256", "kid": KID}, stated, SIGNER)) is Reason.WRONG_CLAIMS


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (lambda: unsigned({"alg": "none"}, claims(), b"x"), Reason.REFUSED_ALGORITHM),
        (lambda: unsigned({"alg": "none"}, claims()), Reason.MALFORMED_TOKEN),
        (lambda: unsigned({"alg": "NONE"}, claims(), b"x"), Reason.REFUSED_ALGORITHM),
        (lambda: unsigned({}, claims(), b"x"), Reason.REFUSED_ALGORITHM),
        (lambda: unsigned({"alg": ["ES256"]}, claims(), b"x"), Reason.REFUSED_ALGORITHM),
        (lambda: signed_with_public_key(claims()), Reason.REFUSED_ALGORITHM),
        (lambda: token(alg="ES384", key=jwk.ECKey.generate_key("P-384")), Reason.REFUSED_ALGORITHM),
        (lambda: token(key=STRANGER), Reason.WRONG_SIGNATURE),
        (lambda: token(kid="../../dev/null"), Reason.UNKNOWN_SIGNER),
        (lambda: token(kid="x' UNION SELECT 'key"), Reason.UNKNOWN_SIGNER),
        (lambda: unsigned({"alg": "ES256", "kid": 7}, claims(), b"x"), Reason.UNKNOWN_SIGNER),
        (lambda: unsigned({"alg": "ES256", "kid": {}}, claims(), b"x"), Reason.UNKNOWN_SIGNER),
        (lambda: token(key=STRANGER, jwk=STRANGER.as_dict(private=False)), Reason.WRONG_SIGNATURE),
        (lambda: token(key=STRANGER, jku="https://attacker.example/keys"), Reason.WRONG_SIGNATURE),
        (
            lambda: unsigned({"alg": "ES256", "crit": ["b64"], "b64": False}, claims(), b"x"),
            Reason.REFUSED_ALGORITHM,
        ),
        (lambda: token(typ="JWE"), Reason.MALFORMED_TOKEN),
    ],
)
def test_a_header_chooses_nothing(text, why: Reason) -> None:
    """Neither the algorithm nor the key, nor where a key is."""
    assert reason(text()) is why


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text[1:],
        lambda text: text.swapcase(),
        lambda text: f"{text}=",
        lambda text: f"{text}.",
        lambda text: text.replace(".", "..", 1),
        lambda text: text.rpartition(".")[0],
        lambda text: f"{text.rpartition('.')[0]}.",
        lambda text: text[:30] + "\u200b" + text[30:],
        lambda text: text + "A" * 8192,
        lambda _: "a.b.c",
        lambda _: "..",
        lambda _: "",
        lambda _: f"{base64(b'[' * 3000)}.{base64(b'[' * 3000)}.AA",
        lambda text: f"{base64(TWO_ALGORITHMS)}.{text.partition('.')[2]}",
        lambda _: f"{base64(b'[]')}.{base64(b'{}')}.AA",
        lambda _: f"{base64(NO_TEXT)}.{base64(b'{}')}.AA",
    ],
)
def test_a_changed_text_is_refused(change) -> None:
    """Shortened, lengthened, in other case; the reason differs, the refusal does not."""
    assert reason(change(token())).value.startswith(("malformed", "wrong", "refused", "unknown"))


def test_every_bit_of_a_signature_counts() -> None:
    """Also the last ones, which base64 does not need: no second text is the same token."""
    text = token()
    for at in (-1, -2, -43):
        for letter in "ABCDwxyz0189-_":
            changed = text[:at] + letter + text[at:][1:]
            if changed != text:
                assert reason(changed) in (Reason.MALFORMED_TOKEN, Reason.WRONG_SIGNATURE)


def test_a_token_without_kid_has_the_only_key() -> None:
    """Where there are two, it could be either."""
    text = token(kid=None)
    assert check().caller(text, now=time.time()).kind == "token"
    other = jwk.ECKey.generate_key("P-256", {"kid": "other"})
    assert reason(text, checking=check(keys=(SIGNER, other))) is Reason.UNKNOWN_SIGNER


def test_a_token_is_accepted_once_where_the_site_says_so() -> None:
    """By its identifier, which it must have; a second time, and in the last minute, it is refused."""
    checking = check(once=True)
    text = token(claims(jti="7"))
    assert checking.caller(text, now=time.time()).kind == "token"
    assert reason(text, checking=checking) is Reason.REPLAYED_TOKEN
    assert reason(token(claims(jti="7", sub="another")), checking=checking) is Reason.REPLAYED_TOKEN
    assert reason(text, checking=checking, now=time.time() + 650) is Reason.REPLAYED_TOKEN
    assert reason(token(), checking=checking) is Reason.WRONG_CLAIMS
    assert reason(token(claims(jti="8", exp=int(NOW) + 7200)), checking=checking) is Reason.LONG_TOKEN


def test_a_refused_token_is_not_remembered_as_used() -> None:
    """Or a forger could use up the identifiers of others."""
    checking = check(once=True)
    assert reason(token(claims(jti="7"), key=STRANGER), checking=checking) is Reason.WRONG_SIGNATURE
    assert checking.caller(token(claims(jti="7")), now=time.time()).kind == "token"


def test_a_remembered_token_still_expires() -> None:
    """Its signature is not computed again, its time is looked at."""
    checking, text = check(), token()
    assert checking.caller(text, now=time.time()) == checking.caller(text, now=time.time() + 600)
    assert reason(text, checking=checking, now=time.time() + 661) is Reason.EXPIRED_TOKEN


def test_a_key_that_is_taken_away_takes_its_tokens_along() -> None:
    """Also those that were checked before."""
    keys = Unchanged(SIGNER)
    checking = TokenCheck([Issuer(ISSUER, AUDIENCE, ("ES256",), "scope", False, keys)], digest_key=b"k")
    text = token()
    assert checking.caller(text, now=time.time()).kind == "token"
    keys.signers, keys.version = Signers(), 1
    assert reason(text, checking=checking) is Reason.UNKNOWN_SIGNER


def test_memory_is_bounded() -> None:
    """Of tokens that were checked the oldest is forgotten; of those that may come once none is."""
    checked = CheckedTokens(most=3)
    for number in range(10):
        checked.add(bytes([number]), Checked(check().caller(token(), now=NOW), NOW + 60, 0))
    assert [checked.get(bytes([n]), now=NOW) is None for n in range(10)] == [True] * 7 + [False] * 3
    once = OnceOnly(most=2)
    once.add("i", "1", expires=10, now=0)
    once.add("i", "2", expires=20, now=0)
    with pytest.raises(Denied) as full:
        once.add("i", "3", expires=20, now=5)
    assert (full.value.status, full.value.retry_after) == (503, 60)
    once.add("i", "3", expires=20, now=10)


def test_a_hundred_thousand_identifiers_need_little_memory() -> None:
    """The bytes that the module states for each."""
    once = OnceOnly()
    tracemalloc.start()
    for number in range(2000):
        once.add(ISSUER, str(number), expires=float(number + 10**6), now=0)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used / 2000 < 300


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ([SIGNER.as_dict(private=True)], "key 1 is private or symmetric"),
        ([SIGNER.as_dict(private=False)] * 2, "needs a kid of its own"),
        ([{"kty": "RSA", "n": "AQ", "e": "AQAB"}], "key 1 is no RSA"),
        ([{"kty": "CANARY"}], "key 1 is no RSA, EC or OKP key"),
        ([{**SIGNER.as_dict(private=False), "use": "enc"}], "has no key for signatures"),
        ([], "has no key for signatures"),
        ([3], "is no JSON Web Key Set"),
        ([WITHOUT_KID, WITHOUT_KID], "needs a kid of its own"),
        ([SIGNER.as_dict(private=False), WITHOUT_KID], "needs a kid of its own"),
    ],
)
def test_a_set_of_keys_that_cannot_be_used_is_refused(keys: list[Any], message: str) -> None:
    """A private key above all: it does not belong on this machine."""
    with pytest.raises(SettingsError) as caught:
        parsed_signers(json.dumps({"keys": keys}).encode(), "login.json")
    assert message in str(caught.value)
    assert "CANARY" not in str(caught.value)


def test_a_single_key_needs_no_kid() -> None:
    """Nor does a token then."""
    signers = parsed_signers(json.dumps({"keys": [WITHOUT_KID]}).encode(), "login.json")
    assert signers.key(None) is not None
    assert signers.key("2026-11") is None


def test_short_rsa_keys_are_refused() -> None:
    """1024 bits can be factored."""
    short = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    numbers = {
        name: base64(number.to_bytes((number.bit_length() + 7) // 8, "big"))
        for name, number in (("n", short.n), ("e", short.e))
    }
    with pytest.raises(SettingsError, match="key 1 is too short; an RSA key needs 2048 bits"):
        parsed_signers(json.dumps({"keys": [{"kty": "RSA", **numbers}]}).encode(), "login.json")


def test_keys_are_not_printed(tmp_path: Path) -> None:
    """Nor digests: where an object is, its secrets are not."""
    assert str(Unchanged(SIGNER).signers) == "Signers()"
