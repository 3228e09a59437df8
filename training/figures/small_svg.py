"""A figure as SVG with a tenth of the characters: short numbers, one font, no groups without a purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as Xml

SVG, LINK = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
FONT = "DejaVu Sans,Verdana,sans-serif"
"""Of all text. Verdana is as wide as DejaVu Sans, by which the texts were placed."""
LEFT_OUT = frozenset({f"{{{SVG}}}metadata"})
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
FAMILY = re.compile(r"font-family:[^;]*;?|font: (?=[\d.]+px 'DejaVu)|'DejaVu Sans'[^;]*")
UNTURNED = re.compile(r"rotate\(-?0(?: [-\d.]+){2}\)")
DOUBLED = re.compile(r"#([0-9a-f])\1([0-9a-f])\2([0-9a-f])\3")
"""A color of three pairs, which has a short name."""
FINE = 10.0
"""Points. Numbers below have two decimals, others one: 0.1 points are 0.04 mm."""


def small_svg(svg: str) -> str:
    """Write an SVG of matplotlib's with fewer characters, for a page of many figures.

    Parameters
    ----------
    svg : str
        As matplotlib writes it with ``svg.fonttype`` ``none``.

    Returns
    -------
    svg : str
        Without declaration; it looks the same. Texts are still texts.

    Raises
    ------
    xml.etree.ElementTree.ParseError
        If the text is not XML.

    Examples
    --------
    >>> small_svg('<svg xmlns="http://www.w3.org/2000/svg" width="72pt"><g id="a"><path id="b" '
    ...           'd="M 0 1.23456 &#10;L 20.345678 0 &#10;z" style="fill: #ffffff"/></g></svg>')
    '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" font-family="DejaVu Sans,Verdana,sans-serif">\
<path d="M0 1.23L20.3 0z" style="fill:#fff"/></svg>'
    """
    root = Xml.fromstring(svg)
    known = {name: f"i{n}" for n, name in enumerate(_named(root))}
    _shorten(root, known)
    root.set("font-family", FONT)
    Xml.register_namespace("", SVG)
    return Xml.tostring(root, encoding="unicode").replace(" />", "/>")


def _named(root: Xml.Element) -> Iterator[str]:
    """List the names that other elements refer to, each once."""
    text = Xml.tostring(root, encoding="unicode")
    yield from dict.fromkeys(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", text))


def _shorten(element: Xml.Element, known: dict[str, str]) -> None:
    """Shorten the attributes of an element and of all below it; put children in place of their group."""
    for name, value in list(element.attrib.items()):
        del element.attrib[name]
        short = _attribute(name, value, known)
        if short:
            element.set("href" if name == LINK else name, short)
    if element.text is not None and not element.text.strip():
        element.text = None
    children = []
    for child in element:
        if child.tag in LEFT_OUT:
            continue
        child.tail = None
        _shorten(child, known)
        bare = child.tag == f"{{{SVG}}}g" and not child.attrib
        children += list(child) if bare else [child]
    element[:] = children


def _attribute(name: str, value: str, known: dict[str, str]) -> str:
    """Shorten the value of an attribute; empty where the attribute is not needed."""
    if name == "id":
        return known.get(value, "")
    if name == LINK:
        return f"#{known[value[1:]]}" if value.startswith("#") else value
    if name == "transform":
        value = UNTURNED.sub("", value).strip()
    if name == "style":
        value = _style(value)
    if name == "d":
        value = re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(value.split()))
    named = re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{known[match[1]]})", value)
    return named if name in {"viewBox", "width", "height"} else NUMBER.sub(_short, named)


def _style(style: str) -> str:
    """Shorten a style, without its font."""
    kept = FAMILY.sub("", style)
    tight = re.sub(r"\s*([;:])\s*", r"\1", kept).strip("; ")
    return DOUBLED.sub(r"#\1\2\3", tight)


def _short(number: re.Match[str]) -> str:
    value = float(number[0])
    text = f"{value:.{2 if abs(value) < FINE else 1}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
