"""The files that the pages are made of: which there are, where they are served, how browsers keep them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response

FOLDERS: Mapping[str, tuple[str, str]] = {
    "scripts": (".js", "text/javascript"),
    "styles": (".css", "text/css"),
    "texts": (".json", "application/json"),
}
"""Folder beside the pages, ending of its files, media type."""

PATH = "/assets/"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a page may load: this service's own scripts, styles and answers, and nothing from elsewhere."""


@dataclass(frozen=True)
class Asset:
    """One file.

    Attributes
    ----------
    content : bytes
    media_type : str
    tag : str
        Changes with the content; a browser that has it is not sent it again.
    """

    content: bytes
    media_type: str
    tag: str


@cache
def assets() -> Mapping[str, Asset]:
    """Read the files, by path; once, so that a page and its scripts are of one version."""
    return dict(_packaged())


@cache
def languages() -> Mapping[str, str]:
    """List the languages of the pages by code, each named in itself: one file of texts a language."""
    texts = {path: file for path, file in assets().items() if file.media_type == FOLDERS["texts"][1]}
    codes = {path.removeprefix(PATH).removesuffix(FOLDERS["texts"][0]): path for path in texts}
    return {code: json.loads(texts[path].content)["language"] for code, path in codes.items()}


def asset(request: Request) -> Response:
    """Answer with a file, or that it has not changed."""
    file = assets()[request.url.path]
    headers = {"cache-control": "no-cache", "etag": file.tag}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


def _packaged() -> Iterator[tuple[str, Asset]]:
    for folder, (ending, media_type) in FOLDERS.items():
        for file in _files(folder):
            if file.name.endswith(ending):
                content = file.read_bytes()
                tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
                yield f"{PATH}{file.name}", Asset(content, media_type, tag)


def _files(folder: str) -> list[Traversable]:
    return sorted(files("serving.pages").joinpath(folder).iterdir(), key=lambda file: file.name)
