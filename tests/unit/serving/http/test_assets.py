"""The files of the pages: found, named, typed, tagged, and nothing beside them."""

from __future__ import annotations

import hashlib
import json
import re
from html import unescape
from importlib.resources import files
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.answers.card import model_card
from serving.http import web_pages
from serving.http.assets import FOLDERS, assets, languages
from serving.http.outer_middleware import methods_by_path
from serving.http.read_routes import documents_app
from tests.bundles import make_bundle

TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
}


@pytest.fixture
def served() -> TestClient:
    """Serve the files; no model is needed for that."""
    return TestClient(documents_app())


def test_every_file_of_the_folders_is_there() -> None:
    """One path a file: two of the same name would hide one another."""
    there = [
        file.name
        for folder, (ending, _) in FOLDERS.items()
        for file in files("serving.pages").joinpath(folder).iterdir()
        if file.name.endswith(ending)
    ]
    assert sorted(assets()) == sorted(f"/assets/{name}" for name in there)
    assert len(there) == len(set(there))


def test_files_of_another_kind_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an editor or a file system leaves beside them is nobody's business."""
    for name in ("scripts/a.js", "scripts/a.js~", "styles/a.css", "styles/.DS_Store", "texts/en.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("content")
    monkeypatch.setattr("serving.http.assets.files", lambda _: tmp_path)
    assert sorted(assets.__wrapped__()) == ["/assets/a.css", "/assets/a.js", "/assets/en.json"]


def test_the_service_answers_to_all_of_them() -> None:
    """To reading alone."""
    assert {methods_by_path()[path] for path in assets()} == {("GET", "HEAD", "OPTIONS")}


@pytest.mark.parametrize("path", assets())
def test_a_file_is_served_as_what_it_is(served: TestClient, path: str) -> None:
    """Content, type, and a tag that is the content's."""
    response = served.get(path)
    assert response.status_code == 200
    assert response.content == assets()[path].content
    assert response.headers["content-type"] == TYPES[path.rpartition(".")[2]]
    assert response.headers["etag"] == f'"{hashlib.sha256(response.content).hexdigest()[:20]}"'
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", assets())
def test_who_has_it_is_not_sent_it_again(served: TestClient, path: str) -> None:
    """304 to the tag of today, the whole file to any other."""
    tag = served.get(path).headers["etag"]
    again = served.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert served.get(path, headers={"if-none-match": '"older"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets/nothing.js",
        "/assets/patient.html",
        "/assets/__init__.py",
        "/assets/scripts/patient.js",
        "/assets/..%2fcard.py",
        "/assets/%2e%2e/%2e%2e/card.py",
        "/assets/..\\card.py",
        "/assets//etc/passwd",
        "/assets/shell.css%00.js",
        "/assets/SHELL.CSS",
    ],
)
def test_nothing_else_is_served(served: TestClient, path: str) -> None:
    """No path is made from what was asked for, so none leads elsewhere."""
    assert served.get(f"http://testserver{path}").status_code == 404


def test_each_file_of_texts_is_a_language_named_in_itself() -> None:
    """A further language is one more file."""
    assert languages() == {"en": "English", "ru": "Русский"}


def test_the_page_lists_the_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Escaped, since a name may have any letter."""
    named = {"en": "English", "xx": 'A "language" & more'}
    monkeypatch.setattr(web_pages, "languages", lambda: named)
    html = web_pages.web_page("/about", model_card(make_bundle()))
    (listed,) = re.findall('data-languages="([^"]*)"', html)
    assert json.loads(unescape(listed)) == named
