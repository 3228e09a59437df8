"""An Applied Model Card as XML, schema v0.2 of the Coalition for Health AI."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from serving.model.bundle import Bundle
from training.pages.applied_card.card_text import (
    Texts,
    bibliography,
    card_texts,
    keywords,
    resources,
)
from training.pages.applied_card.key_metrics import KeyMetric, key_metrics
from training.pages.report.facts import Facts
from training.pages.xml_text import xml_text

NAMESPACE = "https://mc.chai.org/v0.2/schema.xsd"


def applied_model_card(bundle: Bundle, *, mask: bool = True) -> str:
    """Write the card of a bundle.

    Parameters
    ----------
    bundle : Bundle
        Verified, as `read_bundle` returns it.
    mask : bool
        Whether the figures of outcomes with few events are left out.

    Returns
    -------
    xml : str
        Valid by the schema. A field for which the bundle has no fact is ``not stated``. No time of writing is
        in it.

    References
    ----------
    Coalition for Health AI, Applied Model Card, schema v0.2: github.com/coalition-for-health-ai/mc-schema
    """
    facts = Facts(bundle)
    root = ET.Element("AppliedModelCard", {"xmlns": NAMESPACE})
    _add_texts(root, card_texts(facts))
    listed = ET.SubElement(_child(root, "ModelSummary"), "Keywords")
    for keyword in keywords(facts):
        _add_text(listed, "Keyword", keyword)
    _add_metrics(root, key_metrics(facts, mask=mask))
    _add_texts(root, {"Resources": resources()})
    _add_text(root, "Bibliography", bibliography(facts))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_texts(parent: ET.Element, texts: Texts) -> None:
    for name, content in texts.items():
        if isinstance(content, str):
            _add_text(parent, name, content)
        else:
            _add_texts(ET.SubElement(parent, name), content)


def _add_text(parent: ET.Element, name: str, words: str) -> None:
    ET.SubElement(parent, name).text = xml_text(words)


def _add_metrics(root: ET.Element, sections: Mapping[str, KeyMetric]) -> None:
    metrics = ET.SubElement(root, "KeyMetrics")
    for name, section in sections.items():
        made = ET.SubElement(metrics, name)
        _add_text(made, "MetricGoal", section.goal)
        results = ET.SubElement(made, "Results")
        for result in section.results:
            _add_texts(
                ET.SubElement(results, "MetricResult"),
                {"Label": result.label, "ValueJson": result.value_json},
            )
        _add_text(made, "Interpretation", section.interpretation)
        _add_text(made, "TestType", section.test_type)
        _add_text(made, "TestingDataDescription", section.testing_data)
        _add_text(made, "ValidationProcessAndJustification", section.validation)


def _child(parent: ET.Element, name: str) -> ET.Element:
    """Give the element of a name that was added before."""
    return next(each for each in parent if each.tag == name)
