"""The page /docs holds all that the OpenAPI document holds, and nothing that a browser would run."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from serving.http.openapi import interface
from serving.http.openapi_page import interface_page
from serving.http.outer_middleware import methods_by_path

EVIL = "<script>alert(1)</script>\"'$x ${x}"
HEALTH = {
    path: {"get": {"description": f"health at {path}", "responses": {"200": {"description": "fine"}}}}
    for path in ("/livez", "/readyz", "/healthz", "/metrics")
}


class Elements(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def document() -> dict[str, Any]:
    """Describe the interface as the service does."""
    return interface({"paths": HEALTH}, version="7")


def test_every_path_and_field_is_on_the_page(document: dict[str, Any]) -> None:
    """With all statuses of the questions."""
    text = Elements(interface_page(document)).text
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert f"{method.upper()} {path}" in text
            assert (operation.get("summary") or operation["description"]) in text
    for schema in document["components"]["schemas"].values():
        assert all(field in text for field in schema.get("properties", {}))
    assert all(f"{status}" in text for status in document["paths"]["/risk"]["post"]["responses"])
    assert "0 to 100 %" in text


def test_descriptions_are_one_paragraph(document: dict[str, Any]) -> None:
    """Sections of a docstring are for those who read the code."""
    described = [each.get("description", "") for each in document["components"]["schemas"].values()]
    assert any(described)
    assert not [text for text in described if "\n\n" in text or "----" in text]


def test_every_link_leads_somewhere(document: dict[str, Any]) -> None:
    """To a place on the page, or to a path of the service; no place has two names."""
    tags = Elements(interface_page(document)).tags
    places = Counter(str(found["id"]) for _, found in tags if "id" in found)
    links = [str(found["href"]) for _, found in tags if "href" in found]
    assert set(places.values()) == {1}
    for link in (link for link in links if link != "data:,"):
        known, address = (places, link[1:]) if link.startswith("#") else (methods_by_path(), f"/{link}")
        assert address.replace("/./", "/") in known


def test_nothing_runs_and_nothing_is_loaded_from_elsewhere(document: dict[str, Any]) -> None:
    """No script at all, no style inside, no address of another host."""
    html = interface_page(document)
    tags = Elements(html).tags
    assert not {"script", "style", "iframe", "img", "form"} & {tag for tag, _ in tags}
    assert not any(name.startswith("on") or name in {"style", "src"} for _, found in tags for name in found)
    assert set(re.findall(r"https?://[^/ \"<]+", html)) == {"http://127.0.0.1:3000"}


def test_texts_are_escaped(document: dict[str, Any]) -> None:
    """Of the model, whose name and notice others write, and of every description."""
    document["info"]["version"] = document["paths"]["/risk"]["post"]["summary"] = EVIL
    document["components"]["schemas"]["Answer"]["description"] = EVIL
    html = interface_page(document, notice=EVIL)
    assert "<script" not in html
    assert Elements(html).text.count(EVIL) == 4


def test_tables_can_be_read_aloud_and_reached_by_keyboard(document: dict[str, Any]) -> None:
    """Each has a caption, heads with a scope, and what scrolls can be focused and has a name."""
    tags = Elements(interface_page(document)).tags
    count = Counter(tag for tag, _ in tags)
    assert count["table"] == count["caption"] == count["thead"] > 20
    assert all("scope" in found for tag, found in tags if tag == "th")
    scrolling = [found for tag, found in tags if found.get("class") == "wide" or tag == "pre"]
    assert all(
        found["tabindex"] == "0" and found["role"] == "region" and found["aria-label"] for found in scrolling
    )
    assert count["h1"] == count["main"] == 1
