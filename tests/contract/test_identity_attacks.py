"""Attacks on keys, tokens and sign-on get a bare 401, and no secret is written anywhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from features.files.atomic_write import write_whole
from serving.http.identity_door import MESSAGES
from serving.identity.key_changes import replaced
from serving.identity.key_file import read_keys, written_keys
from tests.bundles import PATIENT
from tests.callers import (
    ISSUER,
    PROXY_USER,
    STRANGER,
    claims,
    new_key_in,
    signed_with_public_key,
    token,
    unsigned,
)
from tests.known_site import PROXY, Site


def _stale(known: Site) -> str:
    """Replace a key without an overlap, as if the overlap were over."""
    file = known.folder / "keys.json"
    old = new_key_in(file, "predict")
    before = datetime.now(UTC) - timedelta(days=8)
    changed = replaced(read_keys(file), old[6:14], now=before, overlap=timedelta(days=7))
    write_whole(file, written_keys(changed), private=True)
    time.sleep(1.1)
    return old


def _replayed(known: Site) -> str:
    once = token(claims(iss=f"{ISSUER}/once", jti="7"))
    assert known.ask(once).status_code == 200
    return once


ATTACKS: dict[str, Callable[[Site], str]] = {
    "wrong key": lambda known: new_key_in(known.folder / "other.json", "predict"),
    "expired": lambda _: token(claims(exp=int(time.time()) - 100)),
    "other audience": lambda _: token(claims(aud="another-service")),
    "alg none": lambda _: unsigned({"alg": "none", "typ": "JWT"}, claims()),
    "alg none with a signature": lambda _: unsigned({"alg": "none"}, claims(), b"x"),
    "HMAC with the public key": lambda _: signed_with_public_key(claims()),
    "replay": _replayed,
    "kid of a file": lambda _: token(kid="../../../dev/null"),
    "kid of a stranger": lambda _: token(key=STRANGER),
    "stale rotation": _stale,
    "case of a key": lambda known: known.key.swapcase(),
    "case of a token": lambda _: token().swapcase(),
    "truncated key": lambda known: known.key[:-1],
    "truncated token": lambda _: token()[:-1],
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_gets_a_bare_401(known: Site, attack: str, written: Callable[[], str]) -> None:
    """The same whatever was wrong; the log has the reason and no part of the secret."""
    secret = ATTACKS[attack](known)
    answer = known.ask(secret)
    assert (answer.status_code, answer.json()) == (401, {"error": MESSAGES[401]})
    assert answer.headers["www-authenticate"] == 'Bearer realm="cart-outcomes"'
    log = written()
    assert re.search(r"^POST /risk 401 .* refused=\w+ \|", log, re.MULTILINE)
    known.assert_silent(log + answer.text + str(answer.headers), secret)


def test_two_authorization_headers_are_refused(known: Site) -> None:
    """Also two right ones; in lower or upper case they are the same header."""
    both = [("authorization", f"Bearer {known.key}"), ("Authorization", f"Bearer {known.key}")]
    answer = known.client.post("/risk", json=PATIENT, headers=both)
    assert (answer.status_code, answer.json()["error"]) == (401, MESSAGES[401])


def test_a_key_in_the_address_is_refused_with_a_hint(known: Site, written: Callable[[], str]) -> None:
    """And not logged; the hint says what to do with the key."""
    for path in (f"/model?key={known.key}", f"/risk?access_token={token()}", f"/docs?a={known.key}"):
        answer = known.ask(known.key, path=path)
        assert (answer.status_code, answer.json()) == (400, {"error": MESSAGES[400]})
    known.assert_silent(written(), known.key)


@pytest.mark.parametrize(
    "value",
    [
        b"Bearer \xd0\xba\xd0\xbb\xd1\x8e\xd1\x87",
        b"Bearer \xff",
        b"bEARER  ",
        b"Bearer a b",
        b"\x01",
        b"B" * 8000,
    ],
)
def test_odd_headers_are_refused(known: Site, value: bytes) -> None:
    """In any script, with any byte that HTTP lets through."""
    answer = known.client.get("/model", headers=[(b"authorization", value)])
    assert answer.status_code == 401


def test_a_sign_on_header_of_a_client_is_ignored_and_counted(known: Site) -> None:
    """From this machine too: only the address of the connection counts, not what a header says of it."""
    before = known.counted("ignored_sign_on_header")
    forged = {"x-remote-user": PROXY_USER, "x-forwarded-for": PROXY, "forwarded": f"for={PROXY}"}
    assert known.ask(**forged).status_code == 401
    near = known.proxy("127.0.0.1")
    assert near.post("/risk", json=PATIENT, headers=forged).status_code == 401
    assert known.counted("ignored_sign_on_header") == before + 2


def test_a_proxy_that_names_no_one_lets_no_one_in(known: Site) -> None:
    """An empty name, or two: the proxy let a client's own header through."""
    proxied = known.proxy()
    for names in (["", PROXY_USER], [PROXY_USER, PROXY_USER], [""], ["x" * 300]):
        headers = [("x-remote-user", name) for name in names]
        assert proxied.get("/model", headers=headers).status_code == 401


def test_no_secret_is_written_anywhere(known: Site, written: Callable[[], str]) -> None:
    """Neither keys nor tokens nor names, in logs, counters, answers; also where the service fails."""
    bearer, text = token(), ""
    proxied = known.proxy()
    with pytest.MonkeyPatch.context() as patch:
        asked = [
            known.ask(known.key),
            known.ask(bearer),
            known.ask(bearer[:-4]),
            known.ask(known.key[:-4]),
            known.ask(f"{bearer}{known.key}"),
            known.ask(path=f"/model?token={bearer}"),
            proxied.post("/risk", json=PATIENT, headers={"x-remote-user": PROXY_USER}),
            proxied.get("/model", headers=[("x-remote-user", PROXY_USER)] * 2),
        ]
        patch.setattr("serving.identity.key_ring.digest", _failing)
        asked.append(known.ask(known.key))
        assert asked[-1].status_code == 500
    metrics = known.ask(known.read_key, path="/metrics").text
    text = metrics + written() + "".join(f"{answer.text} {answer.headers}" for answer in asked)
    assert 'cart_outcomes_callers_refused_total{reason="two_credentials"}' in metrics
    known.assert_silent(text, known.key, bearer)


def _failing(text: str) -> bytes:
    raise RuntimeError(text)
