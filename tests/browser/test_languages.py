"""A language that is not shipped: one file of texts is all that a page needs to speak it."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from playwright.sync_api import Route, expect

from serving.http.assets import assets, languages
from tests.browser.patient_page import answered, enter_all, fill_example, unfold
from tests.browser.test_words_and_colors import TEXTS_SHOWN

CODE, NAME, MARK = "uk", "Українська", "«"
"""A real code with the plurals of the Russian texts; every text is the Russian one between marks."""


WORDS = re.compile(r"[a-z]{4,}")
"""Words, not units, codes of antigens or letters of options."""


def marked(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: marked(each) for name, each in part.items()}
    return f"{MARK}{part}»"


def with_the_language(route: Route) -> None:
    """Serve the page as it would be with one more file."""
    response = route.fetch()
    listed = escape(json.dumps(dict(languages()), ensure_ascii=False))
    more = escape(json.dumps({**languages(), CODE: NAME}, ensure_ascii=False))
    assert listed in response.text()
    route.fulfill(response=response, body=response.text().replace(listed, more))


def test_one_file_is_a_language(open_page: Any, address: str) -> None:
    """Chosen from the list, it says every text of the form and the answer; the other pages offer it too."""
    texts = {**marked(json.loads(assets()["/assets/ru.json"].content)), "language": NAME}
    page = open_page(None)
    page.route(f"{address}/", with_the_language)
    page.route(f"**/assets/{CODE}.json", lambda route: route.fulfill(json=texts))
    page.goto("/", wait_until="networkidle")
    page.select_option("#language", CODE)
    expect(page.locator("html")).to_have_attribute("lang", CODE)
    fill_example(page)
    enter_all(page, {"ecog": 1})
    answered(page)
    unfold(page)
    shown = page.evaluate(TEXTS_SHOWN)
    assert sum(MARK in text for text in shown) > 100
    unmarked = {text for text in shown if WORDS.search(text) and MARK not in text and "10." not in text}
    assert unmarked == {"cart-outcomes"}
