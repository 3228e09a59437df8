"""The pages: what they are made of is served, nothing in them is anybody else's, every text is escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from serving.answers.card import NO_COHORT_NOTICE, SYNTHETIC, ModelCard, model_card
from serving.http.assets import CONTENT_SECURITY_POLICY, assets
from serving.http.body_problems import request_problems
from serving.http.identity_door import SIGN_ON_PAGE
from serving.http.openapi_page import INTERFACE
from serving.http.outer_middleware import methods_by_path
from serving.http.read_routes import documents_app
from serving.http.web_pages import EXAMPLE, FRAME, PAGES, web_page
from serving.model.bundle import Bundle
from tests.bundles import make_bundle, make_published_bundle
from tests.served_here import released

SOURCE_HOSTS = {"doi.org", "pubmed.ncbi.nlm.nih.gov", "pmc.ncbi.nlm.nih.gov", "clinicaltrials.gov"}
"""Where a study that an effect rests on can be read: links that a person may follow, never loaded."""
SVG = "http://www.w3.org/2000/svg"
EVIL = "<script>alert(1)</script>\"'$x ${x}"
MOST_BYTES = 300_000

IMPORT = re.compile(r'^\s*(?:import|export)\b[^;]*?from\s+"\./([^"]+)"', re.MULTILINE)
ADDRESS = re.compile(r"https?://[^\s\"'`]*")
FETCHED = re.compile(r"""fetch\(\s*["'`]([^"'`]+)["'`]""")


class Elements(HTMLParser):
    """Tags of a page with their attributes, and what stands between script tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.script = ""
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._inside = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        self.script += data.strip() if self._inside else ""

    def addresses(self) -> list[str]:
        """All that the page loads or links to."""
        return [
            value
            for _, attributes in self.found
            for name, value in attributes.items()
            if name in ("href", "src", "action") and value is not None
        ]


@pytest.fixture
def card(bundle: Bundle) -> ModelCard:
    """Make the card of a synthetic model."""
    return model_card(bundle)


@pytest.fixture
def pages(card: ModelCard) -> TestClient:
    """Read the pages without the rest of the service."""
    app = documents_app()
    app.state.release = released(card=card)
    return TestClient(app)


def text_of(path: str) -> str:
    return assets()[path].content.decode()


def scripts() -> list[str]:
    return [path for path in assets() if path.endswith(".js")]


def loaded_by(page: str, card: ModelCard) -> set[str]:
    """Paths of the files that a page loads in English, imports followed to their end."""
    named = Elements(web_page(page, card)).addresses()
    waiting = [f"/{name}" for name in named if name.startswith("assets/")] + ["/assets/en.json"]
    found: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [f"/assets/{name}" for name in IMPORT.findall(text_of(path))] * path.endswith(".js")
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_html_that_may_load_its_own_files_only(pages: TestClient, path: str) -> None:
    """The policy is that of the pages, not the one that forbids everything."""
    response = pages.get(path, headers={"accept": "text/html"})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "'unsafe" not in CONTENT_SECURITY_POLICY
    assert response.text.startswith('<!DOCTYPE html>\n<html lang="en"')


@pytest.mark.parametrize("path", PAGES)
def test_every_address_in_a_page_is_answered(card: ModelCard, path: str) -> None:
    """Files, pages and documents; an icon is none, and a fragment is a place of the page."""
    html = web_page(path, card)
    places = {attributes.get("id") for _, attributes in Elements(html).found}
    for address in Elements(html).addresses():
        if address.startswith("#"):
            assert address[1:] in places
        elif address != "data:,":
            assert f"/{address.removeprefix('./')}" in methods_by_path()


@pytest.mark.parametrize("path", PAGES)
def test_everything_that_a_page_loads_is_there(card: ModelCard, path: str) -> None:
    """Style sheets, scripts, what those import, and texts."""
    loaded = loaded_by(path, card)
    assert loaded <= set(assets())
    assert {file.rpartition(".")[2] for file in loaded} == {"js", "css", "json"}


def test_every_file_is_loaded_by_a_page(card: ModelCard) -> None:
    """What no page uses is not handed out."""
    used = set().union(*(loaded_by(path, card) for path in PAGES))
    interface = files("serving.pages").joinpath(INTERFACE).read_text(encoding="utf-8")
    used |= {f"/{address}" for address in Elements(interface).addresses() if address.startswith("assets/")}
    assert set(assets()) - used == {"/assets/ru.json"}


def test_scripts_ask_for_what_there_is() -> None:
    """Addresses are relative, so that the service may stand behind a prefix."""
    asked = {address for path in scripts() for address in FETCHED.findall(text_of(path))}
    assert asked
    for address in asked:
        assert f"/{address}".replace("${language}", "en") in methods_by_path()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_inline(card: ModelCard, path: str) -> None:
    """No script, style or handler that the policy would have to excuse."""
    page = Elements(web_page(path, card))
    tags = [tag for tag, _ in page.found]
    attributes = {name for _, given in page.found for name in given}
    assert page.script == ""
    assert "style" not in tags
    assert "style" not in attributes
    assert not any(name.startswith("on") for name in attributes)
    assert all("src" in given for tag, given in page.found if tag == "script")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_names_another_host(card: ModelCard, path: str) -> None:
    """Not even in a text."""
    html = web_page(path, card)
    assert not ADDRESS.search(html)
    assert not any(address.startswith("//") for address in Elements(html).addresses())


@pytest.mark.parametrize("path", assets())
def test_no_file_names_another_host(path: str) -> None:
    """But for the name of SVG, and links to the studies that effects come from."""
    named = [address for address in ADDRESS.findall(text_of(path)) if address != SVG]
    assert {urlsplit(address).hostname for address in named} <= SOURCE_HOSTS
    assert not any(address.startswith("http:") for address in named)
    if path.endswith(".css"):
        assert not re.search(r"url\(|@import|@font-face", text_of(path))


def test_the_first_page_is_light(card: ModelCard) -> None:
    """All that a clinician's browser fetches to show it, before any compression."""
    weight = len(web_page("/", card)) + sum(len(assets()[path].content) for path in loaded_by("/", card))
    assert weight < MOST_BYTES


@pytest.mark.parametrize("path", PAGES)
def test_synthetic_is_said_without_a_script(card: ModelCard, path: str) -> None:
    """In capitals; of a real cohort nothing of the kind."""
    assert SYNTHETIC in web_page(path, card)
    real = web_page(path, model_card(make_bundle(synthetic=False)))
    assert 'class="notice" role="note"' not in real
    assert "SYNTHETIC" not in real


@pytest.mark.parametrize("path", PAGES)
def test_published_evidence_only_is_said_without_a_script(path: str) -> None:
    """Where a synthetic model would say that it is one."""
    page = web_page(path, model_card(make_published_bundle()))
    assert NO_COHORT_NOTICE in page
    assert 'data-text="server.no_cohort"' in page


@pytest.mark.parametrize("path", PAGES)
def test_every_text_of_the_card_is_escaped(card: ModelCard, path: str) -> None:
    """Names, versions and notices come from outside; the pages' own templates are no place to run them."""
    changed = card.model_copy(
        update={
            "notice": EVIL,
            "intended_use": EVIL,
            "title": EVIL,
            "bundle": card.bundle.model_copy(update={"version": EVIL}),
        }
    )
    page = web_page(path, changed)
    assert EVIL not in page
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;$x ${x}" in page
    tags = [tag for tag, _ in Elements(page).found]
    assert tags.count("script") == [tag for tag, _ in Elements(web_page(path, card)).found].count("script")


def test_the_example_is_a_request() -> None:
    """Whoever copies it gets an answer."""
    assert request_problems(EXAMPLE) == []


def test_the_card_is_json_unless_html_is_asked_for(pages: TestClient) -> None:
    """For programs as for people, at one address; caches are told."""
    for accept in ("", "*/*", "application/json"):
        response = pages.get("/model", headers={"accept": accept})
        assert (response.headers["content-type"], response.headers["vary"]) == ("application/json", "Accept")
        assert response.json()["synthetic"] is True
    page = pages.get("/model", headers={"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"})
    assert (page.headers["content-type"], page.headers["vary"]) == ("text/html; charset=utf-8", "Accept")
    assert 'data-page="model"' in page.text


@pytest.mark.parametrize("path", PAGES)
def test_without_a_model_no_page_is_shown(path: str) -> None:
    """503, as for a question."""
    response = TestClient(documents_app()).get(path, headers={"accept": "text/html"})
    assert response.status_code == 503
    assert response.json() == {"error": "no model is loaded; try again when /readyz returns 200"}


def test_every_page_has_a_file_and_every_file_a_page() -> None:
    """A page that is not in `PAGES` would be packed and never shown."""
    there = {file.name for file in files("serving.pages").iterdir() if file.name.endswith(".html")}
    assert there == {*(f"{page.name}.html" for page in PAGES.values()), FRAME, INTERFACE, SIGN_ON_PAGE}
