"""The page on monitoring and the rules for alarms: they name the metrics that the service has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from serving.http.answer_metrics import WARNING_CODES
from serving.http.outer_middleware import PATHS
from tests.bundles import PATIENT

FOLDER = Path(__file__).parents[2] / "docs"
PAGE = (FOLDER / "monitoring.md").read_text(encoding="utf-8")
GROUPS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "deployment" / "alerts.yaml").read_text())["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
OWN = re.compile(r"\b(?:cart_outcomes|bentoml)_\w+|\bup\b")
PROMETHEUS_OWN = {"up"}

TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
RULE = {
    "type": "object",
    "required": ["alert", "expr", "labels", "annotations"],
    "additionalProperties": False,
    "properties": {
        "alert": {"type": "string", "pattern": "^[A-Za-z]+$"},
        "expr": {"type": "string", "minLength": 1},
        "for": {"type": "string", "pattern": "^[0-9]+[smhd]$"},
        "labels": {**TEXTS, "required": ["severity"]},
        "annotations": {**TEXTS, "required": ["summary", "description"]},
    },
}
FILE = {
    "type": "object",
    "required": ["groups"],
    "additionalProperties": False,
    "properties": {
        "groups": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "rules"],
                "additionalProperties": False,
                "properties": {"name": {"type": "string"}, "rules": {"type": "array", "items": RULE}},
            },
        }
    },
}
"""What Prometheus accepts as a file of alert rules, as far as it is used here."""


@pytest.fixture
def found(client: TestClient) -> dict[str, set[str]]:
    """Read the metrics of a service that has answered: labels by the name of a sample."""
    client.post("/risk", json=PATIENT)
    client.post("/risk", json={})
    families = text_string_to_metric_families(client.get("/metrics").text)
    labels: dict[str, set[str]] = {}
    for sample in (sample for family in families for sample in family.samples):
        labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


def test_the_file_has_the_form_of_rules() -> None:
    """Of Prometheus; no two alarms have one name."""
    jsonschema.validate(yaml.safe_load((FOLDER / "deployment" / "alerts.yaml").read_text()), FILE)
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["expr"].count("(") == rule["expr"].count(")")


def test_rules_name_metrics_that_there_are(found: dict[str, set[str]]) -> None:
    """In `/metrics` of a service that runs; `up` is Prometheus' own."""
    named = {name for rule in RULES for name in OWN.findall(rule["expr"])}
    assert len(named) > 5
    assert named - PROMETHEUS_OWN <= found.keys()


def test_rules_name_labels_that_there_are(found: dict[str, set[str]]) -> None:
    """The job is Prometheus' own; codes and paths are those of the service."""
    expressions = " ".join(rule["expr"] for rule in RULES)
    selected = re.findall(r"(\w+)\{([^}]*)\}", expressions)
    assert selected
    for name, matchers in selected:
        labels = set(re.findall(r"(\w+)(?:=~|!=|=)", matchers))
        assert labels <= found.get(name, set()) | {"job"}
    assert set(re.findall(r'code="(\w+)"', expressions)) - {"422"} <= set(WARNING_CODES)
    assert set(re.findall(r'endpoint="([^"]+)"', expressions)) <= PATHS.keys()


def test_the_page_explains_every_alarm() -> None:
    """And no other."""
    assert re.findall(r"^\| `(CartOutcomes\w+)`", PAGE, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_the_page_explains_every_metric(found: dict[str, set[str]]) -> None:
    """With its labels, as far as they are the service's."""
    rows = re.findall(r"^\| `((?:cart_outcomes|bentoml)_\w+)` \| (.*?) ?\|", PAGE, re.MULTILINE)
    stated = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    for name, labels in stated.items():
        shown = found[name if name in found else f"{name}_count"]
        assert labels <= shown
        assert name.startswith("bentoml_") or labels == shown - {"pid"}
    parts = ("_bucket", "_count", "_sum", "_created")
    own = {name for name in found if name.startswith("cart_outcomes_") and not name.endswith(parts)}
    assert own <= stated.keys()
