"""The pages for people: one patient's answer, the model card, what the software is for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from serving.answers.card import ModelCard
from serving.http.assets import languages

EXAMPLE: dict[str, Any] = {
    "age_years": 31,
    "prior_lines": 3,
    "prior_blinatumomab": "nonresponder",
    "prior_inotuzumab": False,
    "marrow_blasts_pct": 62,
    "target_antigen": "cd19",
    "dose_1e6_per_kg": 1.0,
}
"""An invented patient: the least that a request must bring."""


FRAME = "frame.html"
"""What all pages have: head, navigation, notices, intended use."""


@dataclass(frozen=True)
class WebPage:
    """What a page is made of, inside the frame of all pages.

    Attributes
    ----------
    name : str
        Of its file, its script and its texts.
    title : str
        Until the scripts know the language.
    styles : tuple of str
        Style sheets beside those of every page, shell and touch; one named print is for paper.
    skip_to, skip_key, skip_text : str
        The first link of the page: id of its target, key of its text, and the text in English.
    """

    name: str
    title: str
    styles: tuple[str, ...]
    skip_to: str
    skip_key: str
    skip_text: str


PAGES: Mapping[str, WebPage] = {
    "/": WebPage(
        "patient",
        "Outcomes after CAR T-cell therapy in B-ALL",
        ("form", "answer", "strips", "options", "states", "print"),
        "form",
        "shell.skip_to_form",
        "Go to the form",
    ),
    "/model": WebPage(
        "model",
        "Model card: cart-outcomes",
        ("model",),
        "verdicts",
        "model.skip",
        "Go to the model card",
    ),
    "/about": WebPage("about", "About cart-outcomes", ("model",), "about", "about.skip", "Go to the text"),
}
"""The page at each path."""


def web_page(path: str, card: ModelCard) -> str:
    """Write a page as HTML.

    Parameters
    ----------
    path : str
        Entry of `PAGES`.
    card : ModelCard
        Of the model that answers.

    Returns
    -------
    html : str
        Frame and notices, everything escaped; scripts of the service fill in the rest. That the model is
        synthetic, or rests on published evidence only, is said without any script.
    """
    kind = "synthetic" if card.synthetic else "no_cohort"
    page = PAGES[path]
    return Template(_file(FRAME)).substitute(
        page=page.name,
        title=page.title,
        languages=escape(json.dumps(languages(), ensure_ascii=False)),
        styles="\n".join(map(_style, ("shell", *page.styles, "touch"))),
        skip_to=page.skip_to,
        skip_key=page.skip_key,
        skip_text=page.skip_text,
        main=_file(f"{page.name}.html"),
        notice=notice_of(card.notice, key=f"server.{kind}"),
        intended_use=escape(card.intended_use),
    )


def notice_of(text: str, *, key: str = "") -> str:
    """Write a notice at the head of a page.

    Parameters
    ----------
    text : str
        Empty for none.
    key : str
        By which scripts find the text in another language; empty where they do not.

    Examples
    --------
    >>> notice_of("a < b")
    '<p class="notice" role="note">a &lt; b</p>'
    >>> notice_of("")
    ''
    """
    named = f' data-text="{key}"' if key else ""
    return f'<p class="notice" role="note"{named}>{escape(text)}</p>' if text else ""


def _style(name: str) -> str:
    media = ' media="print"' if name == "print" else ""
    return f'<link rel="stylesheet" href="assets/{name}.css"{media}>'


@cache
def _file(name: str) -> str:
    return files("serving.pages").joinpath(name).read_text(encoding="utf-8")
