"""Filling in the patient's page as a person does, and asking the service the same without a page."""

from __future__ import annotations

import json
import math
import urllib.request
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Page, Route

from serving.answers.product_rates import published_rates
from serving.http.form import form
from serving.http.web_pages import EXAMPLE

FULL: Mapping[str, Any] = {
    **EXAMPLE,
    "age_years": 31.5,
    "sex": "female",
    "ecog": 1,
    "diagnosis": "b_all",
    "marrow_blasts_pct": 62.5,
    "mrd_pct": 40,
    "extramedullary_disease": True,
    "cns_status": "cns2",
    "tp53_altered": False,
    "kmt2a_rearranged": False,
    "ph_positive": True,
    "prior_inotuzumab": True,
    "inotuzumab_response": "responder",
    "refractory_to_last_line": False,
    "prior_allo_hsct": True,
    "months_from_hsct_to_relapse": 9,
    "neurologic_comorbidity": False,
    "split_dose": False,
    "prior_car_t": False,
    "bridging_therapy": True,
    "costimulatory_domain": "4_1bb",
    "product": "academic",
    "product_name": "CART19-41BB",
    "cell_source": "autologous",
    "fludarabine_mg_m2": 90,
    "cyclophosphamide_mg_m2": 1500,
    "tocilizumab_prophylaxis": True,
    "ldh_u_l": 412,
    "creatinine_mg_dl": 0.9,
    "platelets_1e9_l": 45,
    "crp_mg_l": 12.5,
    "ferritin_ug_l": 1800,
    "hemoglobin_g_dl": 8.4,
    "anc_1e9_l": 0.7,
}
"""An invented patient of whom everything is known; the dose per kg stands for its inputs."""

WARNED: Mapping[str, Any] = {
    **{name: value for name, value in FULL.items() if name != "product_name"},
    "age_years": 9,
    "diagnosis": "b_lbl",
    "product": "tisagenlecleucel",
    "dose_1e6_per_kg": 30,
}
"""The same patient with all that can be warned of at once: outside the intended use in two ways, with a dose
outside the training cohort, given the product with the most published rates."""

FORM = form()
FIELDS: Mapping[str, Any] = FORM["fields"]
INPUTS = {name for inputs in FORM["derived"].values() for name in inputs}
REQUIRED = [name for name in FULL if FIELDS[name]["required"]]
ANSWERED = '#answer[data-state="shown"] #shown[aria-busy="false"]'
"""Shown, and not of a patient before the last edit."""

WAITS, BETWEEN_WAITS_MILLISECONDS = 600, 25
"""Fifteen seconds in all."""

DEBOUNCED_MILLISECONDS = 300
"""After which a page that means to ask has asked."""

NO_NUMBER = "Not a number, or ambiguous. Enter digits without thousands separators."
"""What the page says of a text that it cannot read."""

STORED = """async () => ({
    local: Object.keys(localStorage), session: Object.keys(sessionStorage), cookies: document.cookie,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    state: history.state, name: window.name, address: location.href,
})"""
"""What a browser keeps beside a page."""

UNFOLD_FORM = "document.querySelectorAll('#groups details').forEach((part) => { part.open = true; })"

PLACES = """() => Object.fromEntries([...document.querySelectorAll('#groups [data-field]')].map((field) =>
    [field.dataset.field, field.closest('.group').dataset.group]))"""


def answered(page: Page) -> None:
    """Wait for the answer to what is entered now."""
    page.wait_for_selector(ANSWERED)


def wait_until(page: Page, expression: str, arg: Any = None) -> None:
    """Wait until an expression holds; asked from outside, because the page may not evaluate texts itself."""
    for _ in range(WAITS):
        if page.evaluate(expression, arg):
            return
        page.wait_for_timeout(BETWEEN_WAITS_MILLISECONDS)
    message = f"does not hold: {expression}"
    raise AssertionError(message)


def fill_example(page: Page) -> None:
    """Fill the form with the invented patient and wait for the answer."""
    # The button is there before the form, and does nothing yet.
    page.wait_for_selector("#groups [data-field]", state="attached")
    page.click("#example")
    answered(page)


def enter(page: Page, name: str, value: Any, *, prefix: str = "") -> None:
    """Enter one value: type a number, choose an option; what the field is folded in is unfolded."""
    page.evaluate(UNFOLD_FORM)
    spec, place = FIELDS[name], f"{prefix}{name}"
    if spec["kind"] in ("number", "integer", "text"):
        page.fill(f"#{place}", str(value))
        return
    option = str(value).lower() if isinstance(value, bool) else value
    radio = page.locator(f"#{place}-{option}")
    if radio.count():
        radio.check()
    else:
        page.select_option(f"#{place}", option)


def forget(page: Page, name: str) -> None:
    """Leave a field open again: blank a number, choose "unknown" of a choice."""
    page.evaluate(UNFOLD_FORM)
    radio = page.locator(f"#{name}-blank")
    if FIELDS[name]["kind"] in ("number", "integer"):
        page.fill(f"#{name}", "")
    elif radio.count():
        radio.check()
    else:
        page.select_option(f"#{name}", "")


def places(page: Page) -> dict[str, str]:
    """Say in which group of the form each field is, in the order of the page."""
    found: dict[str, str] = page.evaluate(PLACES)
    return found


def enter_all(page: Page, patient: Mapping[str, Any]) -> None:
    """Enter a patient, value by value."""
    for name, value in patient.items():
        enter(page, name, value)


def sent_after(page: Page, act: Any) -> dict[str, Any]:
    """Do something, and give the patient that the page then asks about."""
    with page.expect_request("**/risk") as asked:
        act()
    body: dict[str, Any] = asked.value.post_data_json
    return body


def risk(address: str, patient: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the service about a patient without the page."""
    request = urllib.request.Request(
        f"{address}/risk", json.dumps(dict(patient)).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def with_severe_icans(route: Route) -> None:
    """Answer with one outcome more than the small bundle has: as many as there can be."""
    response = route.fetch()
    answer = response.json()
    crs, relapse = answer["outcomes"]
    answer["outcomes"] = [crs, {**crs, "name": "severe_icans", "title": "severe ICANS"}, relapse]
    answer["warnings"].append({**answer["warnings"][-2], "field": "severe_icans"})
    for warning in answer["warnings"]:
        if warning["code"] == "product_not_in_model":
            details = warning["details"]
            more = published_rates(details["product"], "severe_icans")
            details["rates"] += [rate.model_dump() for rate in more]
            details["unaware"].append("severe_icans")
    route.fulfill(response=response, json=answer)


def percent(risk: float) -> int:
    """Percent of a risk as a whole number, halves up."""
    return math.floor(100 * risk + 0.5)


def card(page: Page, outcome: str) -> Locator:
    """Find the card of an outcome."""
    return page.locator(f'[data-outcome="{outcome}"]')


def problem(page: Page, name: str) -> str:
    """Read what the page says is wrong with a field."""
    return page.inner_text(f"#{name}-problem")


def invalid(page: Page, name: str) -> bool:
    """Say whether a field is marked as wrong for those who do not see it."""
    return page.get_attribute(f"#{name}", "aria-invalid") == "true"


def assert_explained(page: Page, name: str, words: str) -> None:
    """Check that a field says what is wrong with it, to those who do not see it too."""
    assert problem(page, name) == words
    assert invalid(page, name)
    assert f"{name}-problem" in (page.get_attribute(f"#{name}", "aria-describedby") or "").split()


def unfold(page: Page) -> None:
    """Open everything that can be opened."""
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
