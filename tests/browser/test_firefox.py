"""The patient page in Firefox, on a desk and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from serving.http.web_pages import EXAMPLE
from tests.absent import absent
from tests.browser.firefox import NoFirefoxError, Tab, firefox_path, started
from tests.browser.patient_page import ANSWERED, NO_NUMBER, percent, risk

SCREENS = {1366: 768, 360: 740}
ON_EVERY_SCREEN = pytest.mark.parametrize("width", SCREENS)
RISKS = """() => Object.fromEntries([...document.querySelectorAll(".outcome")].map((strip) =>
    [strip.dataset.outcome, [".risk", ".range"].map((part) => strip.querySelector(part).innerText)]))"""
UNFOLD = "() => document.querySelectorAll('details').forEach((part) => { part.open = true; })"
EMPTY = """() => document.getElementById("age_years")?.value === ""
    && document.getElementById("answer").dataset.state === "waiting" """
CHOOSE = """(theme) => {
    const choice = document.getElementById("theme");
    choice.value = theme;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    return getComputedStyle(document.body).backgroundColor;
}"""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """Start Firefox; a person without one may go on, continuous integration may not."""
    try:
        path = firefox_path()
    except NoFirefoxError as missing:
        absent(f"no firefox: {missing}")
    with started(path, tmp_path_factory.mktemp("firefox")) as tab:
        yield tab


@pytest.fixture
def tab(firefox: Tab, address: str, width: int) -> Iterator[Tab]:
    """Show the answer for the example; afterwards, find no fault in what the page did."""
    firefox.open(address, width=width, height=SCREENS[width])
    firefox.wait_for("() => document.querySelector('#groups [data-field]') !== null")
    firefox.click("#example")
    firefox.text(ANSWERED)
    yield firefox
    assert firefox.faults(address) == []


@ON_EVERY_SCREEN
def test_the_risks_are_the_services(tab: Tab, address: str) -> None:
    """Each main outcome with its interval, as the service answers without a page."""
    outcomes = {outcome["name"]: outcome for outcome in risk(address, EXAMPLE)["outcomes"]}
    shown = tab.run(RISKS)
    assert set(shown) == set(outcomes)
    for name, (number, interval) in shown.items():
        low, high = (percent(outcomes[name]["interval"][end]) for end in ("low", "high"))
        assert (number, interval) == (str(percent(outcomes[name]["risk"])), f"{low} to {high}")


@ON_EVERY_SCREEN
def test_an_unusable_optional_value_leaves_the_answer(tab: Tab) -> None:
    """The page names it, beside its field and above the risks, which stay."""
    before = tab.run(RISKS)
    tab.run(UNFOLD)
    tab.type("#ferritin_ug_l", "1,200")
    assert "Ferritin" in tab.text(".left-out")
    assert NO_NUMBER in tab.text("#ferritin_ug_l-problem")
    tab.text(ANSWERED)
    assert tab.run(RISKS) == before


@ON_EVERY_SCREEN
def test_options_are_compared(tab: Tab, address: str) -> None:
    """With the risks as entered in the first column, and those of the option in the second."""
    tab.type("#option-1-dose_1e6_per_kg", "0.3")
    as_entered, option = (
        {outcome["name"]: percent(outcome["risk"]) for outcome in risk(address, patient)["outcomes"]}
        for patient in (EXAMPLE, {**EXAMPLE, "dose_1e6_per_kg": 0.3})
    )
    for name in as_entered:
        row = f'#options-table .results [data-result="{name}"]'
        assert tab.text(f"{row} td:nth-of-type(1)").split()[0] == str(as_entered[name])
        assert tab.text(f"{row} td:nth-of-type(2)").split()[0] == str(option[name])


@ON_EVERY_SCREEN
def test_both_themes_fit(tab: Tab, width: int) -> None:
    """Everything unfolded, there is nothing to scroll sideways; the colors are two."""
    tab.run(UNFOLD)
    backgrounds = set()
    for theme in ("light", "dark"):
        backgrounds.add(tab.run(CHOOSE, theme))
        assert tab.run("() => document.documentElement.scrollWidth") <= width
    assert len(backgrounds) == 2


@pytest.mark.parametrize("width", [1366])
@pytest.mark.parametrize("page", ["model", "about"])
def test_going_back_shows_an_empty_form(tab: Tab, address: str, page: str) -> None:
    """Also where the browser kept the page as it was left."""
    tab.open(f"{address}/{page}", width=1366, height=768)
    tab.text("h1")
    tab.back()
    tab.wait_for(EMPTY)


@pytest.mark.parametrize("width", [1366])
def test_reloading_shows_an_empty_form(tab: Tab) -> None:
    """Firefox puts what was typed back into the fields of other pages."""
    tab.type("#age_years", "41")
    tab.reload()
    tab.wait_for(EMPTY)


def test_faults_are_found(firefox: Tab, address: str) -> None:
    """What the page must not do, provoked: an error, a refused style, a missing file."""
    firefox.open(address, width=1366, height=768)
    firefox.run("() => { setTimeout(() => { throw new Error('thrown'); }); }")
    firefox.run("() => document.body.setAttribute('style', 'color: red')")
    firefox.run("() => fetch('assets/none.js').then((answer) => answer.text())")
    found = "\n".join(firefox.faults(address))
    for words in ("error: Error: thrown", "inline style", "assets/none.js: 404"):
        assert words in found


def test_no_other_host_is_reached(firefox: Tab, address: str) -> None:
    """The browser looks up no name; that a page asked for one is a fault."""
    firefox.open("data:text/html,<title>t</title>", width=1366, height=768)
    fetched = "() => fetch('http://example.com/', { mode: 'no-cors' }).then(() => 'reached', () => 'refused')"
    assert firefox.run(fetched) == "refused"
    assert firefox.faults(address) == ["asked another host: http://example.com/"]
