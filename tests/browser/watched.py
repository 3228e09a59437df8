"""What a page does that nobody sees: its console, its failures, and whom it asks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

COMPLAINTS = ("error", "warning", "assert")
OWN_SCHEMES = ("about", "blob", "data")
"""Addresses that no host is asked for."""


@dataclass
class Watched:
    """Everything the pages of one test wrote to the console, threw, and requested.

    Attributes
    ----------
    address : str
        Of the service: the one host that may be asked.
    console : list of str
        Errors and warnings, such as ``error: Refused to load ...``; refused styles and scripts are here too.
    thrown : list of str
        Errors of scripts that nothing caught.
    requests : list of Request
        In order; `method`, `url`, `post_data_json` tell what was sent.
    """

    address: str
    console: list[str] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Watch every page that is opened in a context from now on."""
        context.on("console", self._heard)
        context.on("weberror", self._threw)
        context.on("request", self._asked)

    def foreign(self) -> list[str]:
        """Name the requests that left for another host."""
        return [request.url for request in self.requests if not self._own(request.url)]

    def faults(self, allowed: Iterable[str] = ()) -> list[str]:
        """List what a page must not do.

        Parameters
        ----------
        allowed : iterable of str
            Regular expressions; what one of them finds in the console is let pass.

        Returns
        -------
        faults : list of str
            Console errors and warnings, uncaught errors, requests to other hosts.
        """
        excused = [re.compile(pattern) for pattern in allowed]
        said = [line for line in self.console if not any(pattern.search(line) for pattern in excused)]
        return [*said, *self.thrown, *(f"asked another host: {url}" for url in self.foreign())]

    def _own(self, url: str) -> bool:
        return urlsplit(url).scheme in OWN_SCHEMES or url.startswith(f"{self.address}/")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in COMPLAINTS:
            self.console.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _threw(self, failure: WebError) -> None:
        self.thrown.append(f"uncaught: {failure.error.stack or failure.error.message}")

    def _asked(self, request: Request) -> None:
        self.requests.append(request)
