"""Who may ask over HTTP, and for what: scopes of paths, sign-on of the page, published addresses, the log."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from serving.http.assets import assets
from serving.http.identity_door import MESSAGES
from serving.http.outer_middleware import PATHS, methods_by_path
from serving.http.route_scopes import ROUTE_SCOPES, scope_of
from tests.bundles import PATIENT
from tests.callers import PROXY_USER, token
from tests.known_site import PROXY, Site


def test_every_path_has_a_scope() -> None:
    """In one list: those of the service, none beside them; files of the pages are read."""
    assert list(ROUTE_SCOPES) == list(PATHS)
    assert {scope_of(path) for path in assets()} == {"read"}
    assert [path for path, needed in ROUTE_SCOPES.items() if needed is None] == [
        "/livez",
        "/readyz",
        "/healthz",
    ]


@pytest.mark.parametrize("path", methods_by_path())
def test_no_path_but_health_answers_strangers(known: Site, path: str) -> None:
    """Nor is it said whether a document exists."""
    status = known.ask(path=path).status_code
    assert status == (200 if ROUTE_SCOPES.get(path, "read") is None else 401)


@pytest.mark.parametrize("path", methods_by_path())
def test_a_scope_opens_its_own_paths(known: Site, path: str) -> None:
    """A key that may read asks about no patient: 403 with the scope that it lacks."""
    answer, needed = known.ask(known.read_key, path=path), scope_of(path)
    if needed not in ("read", None):
        assert answer.status_code == 403
        assert answer.json() == {"error": f"this caller may not do this: it lacks the scope {needed}"}
        assert f'error="insufficient_scope", scope="{needed}"' in answer.headers["www-authenticate"]
    else:
        assert answer.status_code in (200, 404)  # a center without a logo has none


def test_callers_get_the_same_answer(known: Site) -> None:
    """By key, token and sign-on."""
    proxied = known.proxy()
    answers = [
        known.ask(known.key),
        known.ask(token()),
        proxied.post("/risk", json=PATIENT, headers={"x-remote-user": PROXY_USER}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({json.dumps(answer.json()["outcomes"]) for answer in answers}) == 1


def test_a_person_without_a_sign_on_sees_a_page(known: Site) -> None:
    """That says what to do, in both languages, and loads nothing; a program gets JSON."""
    answer = known.ask(path="/", accept="text/html,*/*")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert answer.headers["www-authenticate"] == 'Bearer realm="cart-outcomes"'
    assert "Sign-on needed" in answer.text
    assert "Требуется вход" in answer.text
    assert "<script" not in answer.text
    assert "sha256-" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert known.ask(path="/", accept="application/json").json() == {"error": MESSAGES[401]}


def test_a_person_who_is_signed_on_gets_the_page_with_its_files(known: Site) -> None:
    """And every answer that the page asks for."""
    proxied = known.proxy()
    headers = {"x-remote-user": PROXY_USER, "accept": "text/html"}
    for path in ("/", "/model", "/about", "/docs", "/form", "/own-words", *assets()):
        assert proxied.get(path, headers=headers).status_code == 200


def test_a_published_prefix_is_taken_off(known: Site) -> None:
    """Of a trusted proxy alone; the public address is in the examples of the interface."""
    outside = {"x-remote-user": PROXY_USER, "x-forwarded-prefix": "/cart", "x-forwarded-proto": "https"}
    proxied = known.proxy()
    assert proxied.post("/cart/risk", json=PATIENT, headers=outside).status_code == 200
    assert proxied.post("/risk", json=PATIENT, headers=outside).status_code == 200
    assert proxied.post("/other/risk", json=PATIENT, headers=outside).status_code == 404
    page = proxied.get("/cart/docs", headers={**outside, "host": "risk.hospital.example"})
    assert page.status_code == 421  # the name is not allowed here
    page = proxied.get("/cart/docs", headers={**outside, "host": "localhost"})
    assert "curl https://localhost/cart/risk -H" in page.text
    assert "authorization: Bearer YOUR_KEY" in page.text
    known_path = known.client.post("/cart/risk", json=PATIENT, headers={**outside, "x-forwarded-for": PROXY})
    assert known_path.status_code == 404


def test_the_log_names_the_caller(known: Site, written: Callable[[], str]) -> None:
    """By the id of a key or the digest of a person, as a field of its own."""
    prediction = known.ask(known.key).json()["prediction_id"]
    line = next(line for line in written().splitlines() if prediction in line)
    assert f" prediction_id={prediction} caller=key:{known.key[6:14]} |" in line
    known.ask(known.read_key)
    assert f" caller=key:{known.read_key[6:14]} refused=missing_scope" in written()
    known.ask(token())
    assert " caller=token:" in written()


def test_the_interface_states_the_scopes(known: Site) -> None:
    """From the list that the service goes by; health needs none."""
    document = known.ask(known.key, path="/docs.json").json()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, item in document["paths"].items():
        for operation in item.values():
            needed = ROUTE_SCOPES[path]
            assert operation.get("security") == (None if needed is None else [{"bearer": [needed]}])
            assert needed is None or {"401", "403", "429"} <= operation["responses"].keys()
