"""A center's own words: what a file may hold, and every mistake named in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.http.own_words import (
    LARGEST_FILE_BYTES,
    LARGEST_LOGO_BYTES,
    OWN_WORDS_VARIABLE,
    OwnWordsError,
    described,
    own_pages,
    own_pages_of_environment,
)
from serving.http.read_routes import documents_app
from tests.served_here import released

WHOLE = """
name = {en = "Center North", ru = "Центр Север"}
logo = "logo.svg"

[[at_risk]]
outcome = "severe_crs"
from_percent = 20
words = "Reserve a bed in intensive care for days 1 to 7"
link = "https://intranet.example/crs"

[[protocols]]
title = "Tocilizumab"
link = "https://intranet.example/tocilizumab"
"""
LOGO = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    (tmp_path / "logo.svg").write_bytes(LOGO)
    file = tmp_path / "center.toml"
    file.write_text(WHOLE, encoding="utf-8")
    return file


def test_a_whole_file_is_served_with_its_logo(file: Path) -> None:
    app = documents_app()
    with TestClient(app) as client:
        assert client.get("/own-words").json() == {
            "name": None,
            "logo": None,
            "at_risk": [],
            "protocols": [],
        }
        assert client.get("/own-words/logo").status_code == 404
        app.state.release = released(own_pages=own_pages(file))
        stated = client.get("/own-words").json()
        logo = client.get("/own-words/logo")
    assert stated["name"] == {"en": "Center North", "ru": "Центр Север"}
    assert stated["at_risk"][0]["from_percent"] == 20
    assert stated["protocols"] == [{"title": "Tocilizumab", "link": "https://intranet.example/tocilizumab"}]
    assert stated["logo"] == "own-words/logo"
    assert (logo.content, logo.headers["content-type"]) == (LOGO, "image/svg+xml")
    assert "script-src 'self'" in logo.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        ("name = 3", ["name: must be a text of 1 to 300 characters"]),
        ("name = {}", ["name: must be a text"]),
        ('name = ""', ["name: must be a text"]),
        ("colour = 1", ["colour: Extra inputs are not permitted"]),
        (
            '[[at_risk]]\noutcome = "crs"\nfrom_percent = 120\nwords = "x"\nlink = "javascript:x"',
            [
                "at_risk 1 outcome: must be one of severe_crs,",
                "at_risk 1 from_percent: Input should be less than or equal to 100",
                "at_risk 1 link: must start with https:// or http://",
            ],
        ),
        ('[[protocols]]\ntitle = "x"', ["protocols 1 link: Field required"]),
        ("name = ", ["center.toml is not TOML: Invalid value"]),
        ('logo = "logo.gif"', ["logo must be a file of type .png or .svg"]),
        ('logo = "absent.png"', ["cannot read", "absent.png: No such file"]),
    ],
)
def test_every_mistake_is_named_in_its_place(file: Path, words: str, problems: list[str]) -> None:
    file.write_text(words, encoding="utf-8")
    with pytest.raises(OwnWordsError) as refused:
        own_pages(file)
    assert all(problem in str(refused.value) for problem in problems)


def test_a_file_that_is_no_text_or_too_large_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(OwnWordsError, match="not UTF-8"):
        own_pages(file)
    file.write_bytes(b"#" * (LARGEST_FILE_BYTES + 1))
    with pytest.raises(OwnWordsError, match="larger than 100,000 bytes"):
        own_pages(file)
    file.write_text('logo = "logo.svg"', encoding="utf-8")
    (file.parent / "logo.svg").write_bytes(b" " * (LARGEST_LOGO_BYTES + 1))
    with pytest.raises(OwnWordsError, match=r"logo.svg is larger than 200,000 bytes"):
        own_pages(file)


def test_the_environment_names_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OWN_WORDS_VARIABLE, raising=False)
    assert described(own_pages_of_environment())["name"] is None
    monkeypatch.setenv(OWN_WORDS_VARIABLE, str(file))
    assert own_pages_of_environment().words.at_risk[0].outcome == "severe_crs"
