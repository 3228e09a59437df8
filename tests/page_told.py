"""What the page `/model` shows of a card, by its own scripts, and where that is not what the card says."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from features.measures import GAIN, decimals
from tests.absent import absent
from tests.stated import Card, Figure, half_up, plain

PROJECT = Path(__file__).parents[1]
TOLD = PROJECT / "tests/page/told.js"
ENGLISH = json.loads((PROJECT / "serving/pages/texts/en.json").read_text(encoding="utf-8"))
TEXTS = ENGLISH["model"]
PAGE_BASELINES: Mapping[str, str] = TEXTS["baselines"]
Shown = list[tuple[str, list[list[list[str]]]]]
"""Tables of a page: caption, rows, cells, texts of a cell."""


def told_by_page(card: Card, form: Card, *, risks: list[float], numbers: list[list[float]]) -> Card:
    """Ask the page's own scripts what they show."""
    node = shutil.which("node")
    if node is None:
        absent("there is no node to run the page's scripts with")
    asked = {"card": card, "form": form, "risks": risks, "numbers": numbers, "language": "en"}
    done = subprocess.run(
        [node, str(TOLD)], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    found: Card = json.loads(done.stdout)
    return found


def page_disagreements(card: Card, told: Card) -> list[str]:
    """Figures of the card that the page shows otherwise, or not at all."""
    found = []
    for outcome in card["outcomes"]:
        shown = shown_figures(told["outcomes"][outcome["name"]]["tables"])
        for place, name, figure in card_figures(outcome, told["names"]):
            if not agrees(name, figure, shown.pop(place, ["missing"])):
                found.append(f"{outcome['name']}: {' / '.join(place)}")
        found += [f"{outcome['name']}: {' / '.join(place)} is not of the card" for place in shown]
    return found


def card_figures(outcome: Card, names: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], str, Figure]]:
    """Every figure of an outcome: where on the page, its name, itself."""
    for at, measures in outcome["metrics"].items():
        headline = int(at) == outcome["headline_days"]
        for name, figure in measures.items():
            if not (headline and name == GAIN):
                place = "headline" if headline else ENGLISH["horizons"][at]
                yield (place, names[name]), name, figure
    for baseline, gain in outcome["paired"].items():
        yield ("gains", PAGE_BASELINES[baseline]), GAIN, gain
    for label, center in outcome["by_center"].items():
        for name, figure in center["metrics"].items():
            yield ("centers", center_name(label), names[name]), name, figure
    for place, group in enumerate(
        group for groups in outcome["by_subgroup"].values() for group in groups.values()
    ):
        for name, figure in group["metrics"].items():
            yield ("groups", str(place), names[name]), name, figure


def center_name(label: str) -> str:
    """Name of a center on the page: its number is all that a card tells of it."""
    return TEXTS["centers"]["center"].replace("{n}", label)


def shown_figures(tables: Shown) -> dict[tuple[str, ...], list[str]]:
    """Texts of every figure on the page, value and interval, by where it stands."""
    found: dict[tuple[str, ...], list[str]] = {}
    for caption, (head, *rows) in tables:
        titles = ["".join(cell) for cell in head]
        for number, row in enumerate(rows):
            label = row[0][0]
            if caption.startswith("Metrics by "):
                found["headline", label] = [*row[1], *row[2]]
            elif caption == TEXTS["figures"]["others"]:
                found |= {(title, label): cell for title, cell in zip(titles[1:], row[1:], strict=True)}
            elif caption == TEXTS["gains"]["title"]:
                found["gains", label] = [*row[1], *row[2]]
            elif caption in (TEXTS["centers"]["title"], TEXTS["groups"]["title"]):
                kind, which = (
                    ("centers", label) if caption == TEXTS["centers"]["title"] else ("groups", str(number))
                )
                found |= {(kind, which, title): cell for title, cell in zip(titles[3:], row[3:], strict=True)}
    return found


def agrees(name: str, figure: Figure, shown: list[str]) -> bool:
    """Say whether the page shows a figure: as it is, or of a hundred with two digits less."""
    texts = [plain(part) for text in shown for part in text.split(" to ")]
    none = {"–", TEXTS["groups"]["none"], TEXTS["groups"]["no_interval"]}
    parts = [figure[part] for part in ("value", "low", "high")]
    known = [part for part in parts if part is not None]
    digits = decimals(name)
    ways = [
        [half_up(part, digits) for part in known],
        [half_up(part, digits - 2, times=100) for part in known],
    ]
    return [text for text in texts if text not in none] in ways[: 1 + (digits > 2)]
