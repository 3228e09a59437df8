"""The interface as a page for people, made from the OpenAPI document; it needs no script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from serving.http.web_pages import notice_of

METHODS = ("get", "post")

ADDRESS = "http://127.0.0.1:3000"
"""Of the service in examples, where no proxy states another one."""

INTERFACE = "interface.html"
"""File of the page's frame."""


def interface_page(document: Mapping[str, Any], *, notice: str = "", address: str = ADDRESS) -> str:
    """Write the interface as HTML.

    Parameters
    ----------
    document : mapping
        OpenAPI 3.1, as `serving.http.openapi.interface` makes it.
    notice : str
        Of the model that answers, such as that it is synthetic; empty for none.
    address : str
        Of the service, for examples.

    Returns
    -------
    html : str
        Every path with its answers, every schema with its fields; all texts escaped.
    """
    operations = [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    schemas = document["components"]["schemas"]
    template = files("serving.pages").joinpath(INTERFACE).read_text(encoding="utf-8")
    return Template(template).substitute(
        notice=notice_of(notice),
        version=escape(document["info"]["version"]),
        intended_use=escape(document["info"]["description"]),
        contents=_contents(operations, schemas),
        operations="".join(_operation(*one, address) for one in operations),
        schemas="".join(_schema(name, schema) for name, schema in schemas.items()),
    )


def _contents(operations: Iterable[tuple[str, str, Any]], schemas: Iterable[str]) -> str:
    paths = [_link(_anchor(method, path), f"{method.upper()} {path}") for method, path, _ in operations]
    bodies = [_link(name, name) for name in schemas]
    lists = ("".join(f"<li>{link}</li>" for link in links) for links in (paths, bodies))
    return "".join(f"<ul>{one}</ul>" for one in lists)


def _operation(method: str, path: str, operation: Mapping[str, Any], address: str) -> str:
    anchor, summary = _anchor(method, path), operation.get("summary") or operation.get("description", "")
    parts = [
        f'<section aria-labelledby="{anchor}">',
        f'<h2 id="{anchor}"><code>{method.upper()} {escape(path)}</code></h2><p>{escape(summary)}</p>',
    ]
    parts += [f"<p>Needs the scope <code>{escape(scope)}</code>.</p>" for scope in _scopes(operation)]
    parts += [_parameter(each) for each in operation.get("parameters", ())]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        parts.append(f"<p>Body: {_type(content['schema'])}, as application/json.</p>")
        parts.append(_example(operation, address + path, content["example"]))
    rows = [
        (f"<code>{escape(status)}</code>", escape(answer.get("description", "")), _bodies(answer))
        for status, answer in operation.get("responses", {}).items()
    ]
    parts += [_table(f"Answers of {path}", ("Status", "Meaning", "Body"), rows), "</section>"]
    return "".join(parts)


def _parameter(parameter: Mapping[str, Any]) -> str:
    options = ", ".join(parameter["schema"]["enum"])
    meaning = f"{parameter['description']}: {options}"
    return f"<p>Header <code>{escape(parameter['name'])}</code> (optional). {escape(meaning)}.</p>"


def _scopes(operation: Mapping[str, Any]) -> list[str]:
    return [scope for way in operation.get("security", ()) for scopes in way.values() for scope in scopes]


def _example(operation: Mapping[str, Any], address: str, example: object) -> str:
    body = json.dumps(example, indent=2)
    key = " -H 'authorization: Bearer YOUR_KEY'" if "security" in operation else ""
    command = f"curl {address} -H 'content-type: application/json'{key} -d '{body}'"
    return f'<pre tabindex="0" role="region" aria-label="Example"><code>{escape(command)}</code></pre>'


def _bodies(answer: Mapping[str, Any]) -> str:
    return "; ".join(
        f"<code>{escape(media_type)}</code> {_type(content.get('schema', {}))}".rstrip()
        for media_type, content in answer.get("content", {}).items()
    )


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = [
        (
            f"<code>{escape(field)}</code>",
            _type(part),
            escape(_limits(part)),
            escape("yes" if field in required else part.get("x-required", "no")),
            escape(": ".join(part[name] for name in ("title", "description") if name in part)),
        )
        for field, part in schema.get("properties", {}).items()
    ]
    fields = _table(f"Fields of {name}", ("Field", "Type", "Values", "Required", "Meaning"), rows)
    description = escape(schema.get("description", ""))
    heading = f'<h2 id="{name}"><code>{name}</code></h2><p>{description}</p>'
    return f'<section aria-labelledby="{name}">{heading}{fields}</section>'


def _table(label: str, heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    caption = f'<caption class="unseen">{escape(label)}</caption>'
    table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}">{table}</div>'


def _type(part: Mapping[str, Any]) -> str:
    """Name a type, a schema as a link to its fields."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return _link(name, name)
    if "anyOf" in part:
        return " or ".join(_type(one) for one in part["anyOf"])
    stated = part.get("type", "any" if part else "")
    if stated == "array":
        return f"list of {_type(part.get('items', {}))}"
    if stated == "object" and isinstance(part.get("additionalProperties"), dict):
        return f"object of {_type(part['additionalProperties'])}"
    return escape(" or ".join(stated) if isinstance(stated, list) else stated)


def _limits(part: Mapping[str, Any]) -> str:
    options = part.get("enum") or [one for some in part.get("anyOf", ()) for one in some.get("enum", ())]
    low, high = part.get("minimum"), part.get("maximum")
    limits = f"{low:g} to {high:g} {part.get('x-unit', '')}" if low is not None and high is not None else ""
    items = f"{part['minItems']} to {part['maxItems']} entries" if "maxItems" in part else ""
    return "; ".join(
        one.strip() for one in (", ".join(one for one in options if one is not None), limits, items) if one
    )


def _anchor(method: str, path: str) -> str:
    return f"{method}{path.replace('/', '-').replace('.', '-')}"


def _link(anchor: str, text: str) -> str:
    return f'<a href="#{escape(anchor)}">{escape(text)}</a>'
