"""Finding Firefox on this machine, and driving it over WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/).

Playwright drives the Firefox that it patches. The one that people have speaks BiDi by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from httpx_ws import WebSocketSession, connect_ws

from tests.debian import NotInstalledError, found_or_installed
from tests.e2e.workplace import Running

NAMES = ("firefox-esr", "firefox")
PACKAGES = ("firefox-esr", "fonts-dejavu-core")
"""Debian's. Without a font a page has no text to look at."""

PREFERENCES = """
user_pref("network.dns.disabled", true);
user_pref("ui.prefersReducedMotion", 1);
"""
"""No name of another host is looked up, whatever a page or the browser itself asks for; nothing moves."""

LISTENING = "WebDriver BiDi listening on "
ABORTED = "NS_BINDING_ABORTED"
"""A request that the page gave up, or that was under way when the page was left."""

EVENTS = ("log.entryAdded", "network.responseCompleted", "network.fetchError")
CALLED = "async (given) => JSON.stringify(await (%s)(...JSON.parse(given)) ?? null)"
PATIENCE_SECONDS = 15
BETWEEN_LOOKS_SECONDS = 0.025
CONTROL = "\ue009"
"""The key, as WebDriver names it."""


class NoFirefoxError(Exception):
    """There is no Firefox here; the message says why it could not be had either."""


class CommandError(Exception):
    """Firefox refused a command, or a function of the test failed in the page."""


def firefox_path() -> str:
    """Find Firefox; on a Debian machine that is ours to change, install it first.

    Returns
    -------
    path : str
        Of the program.

    Raises
    ------
    NoFirefoxError
        If it is not on the PATH and cannot be installed: not root, no apt-get, or apt-get failed.
    """
    try:
        return found_or_installed(_found, PACKAGES, missing=f"none of {', '.join(NAMES)} is on the PATH")
    except NotInstalledError as missing:
        raise NoFirefoxError(missing) from missing


class Tab:
    """The one tab of a Firefox that was started for a test.

    Attributes
    ----------
    events : list of dict
        What the page wrote to the console and which requests ended, since `open`.
    """

    def __init__(self, socket: WebSocketSession) -> None:
        self._socket = socket
        self._sent = 0
        self.events: list[dict[str, Any]] = []
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=list(EVENTS))
        self._context = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and give its result; keep the events before it."""
        self._sent += 1
        self._socket.send_json({"id": self._sent, "method": method, "params": params})
        while True:
            message: dict[str, Any] = self._socket.receive_json(timeout=PATIENCE_SECONDS)
            if message["type"] == "event":
                self.events.append(message)
            elif message["type"] == "error":
                refusal = f"{method}: {message['error']}: {message['message']}"
                raise CommandError(refusal)
            else:
                result: dict[str, Any] = message["result"]
                return result

    def open(self, url: str, *, width: int, height: int) -> None:
        """Go to a page, on a screen of that size in CSS pixels; forget the events of the page before."""
        self.send(
            "browsingContext.setViewport",
            context=self._context,
            viewport={"width": width, "height": height},
        )
        self.events.clear()
        self.send("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def back(self) -> None:
        """Go back, as by the browser's button; the page may come as it was left."""
        self.send("browsingContext.traverseHistory", context=self._context, delta=-1)

    def reload(self) -> None:
        """Reload the page."""
        self.send("browsingContext.reload", context=self._context, wait="complete")

    def run(self, function: str, *arguments: Any) -> Any:
        """Run a JavaScript function in the page; arguments and result are those of JSON."""
        done = self.send(
            "script.callFunction",
            functionDeclaration=CALLED % function,
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self._context},
            awaitPromise=True,
        )
        if done["type"] == "exception":
            raise CommandError(done["exceptionDetails"]["text"])
        return json.loads(done["result"]["value"])

    def wait_for(self, function: str, *arguments: Any) -> Any:
        """Wait until a JavaScript function gives something true, and give that."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := self.run(function, *arguments)):
            assert time.monotonic() < deadline, (function, arguments)
            time.sleep(BETWEEN_LOOKS_SECONDS)
        return found

    def text(self, selector: str) -> str:
        """Wait for an element that is shown, and give its text as it is seen."""
        found: list[str] = self.wait_for(
            "(selector) => { const place = document.querySelector(selector);"
            " return place?.checkVisibility() && [place.innerText]; }",
            selector,
        )
        return found[0]

    def click(self, selector: str) -> None:
        """Click an element in its middle, as with a mouse; it is scrolled to first."""
        self.text(selector)
        self.run(
            "(selector) => document.querySelector(selector).scrollIntoView({ block: 'center' })", selector
        )
        located = self.send(
            "browsingContext.locateNodes",
            context=self._context,
            locator={"type": "css", "value": selector},
            maxNodeCount=1,
        )
        element = {"type": "element", "element": {"sharedId": located["nodes"][0]["sharedId"]}}
        self._act(
            {"type": "pointer", "id": "mouse"},
            {"type": "pointerMove", "x": 0, "y": 0, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        )

    def type(self, selector: str, text: str) -> None:
        """Type a text in place of what a field holds."""
        self.click(selector)
        keys = [("keyDown", CONTROL), ("keyDown", "a"), ("keyUp", "a"), ("keyUp", CONTROL)]
        keys += [(act, key) for key in text for act in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard"}, *({"type": act, "value": key} for act, key in keys))

    def faults(self, address: str) -> list[str]:
        """List what a page of the service must not do: complain, fail to load something, ask another host."""
        return [fault for event in self.events if (fault := _fault(event, address))]

    def _act(self, source: dict[str, str], *actions: dict[str, Any]) -> None:
        self.send(
            "input.performActions", context=self._context, actions=[{**source, "actions": list(actions)}]
        )


@contextmanager
def started(path: str, folder: Path) -> Iterator[Tab]:
    """Start Firefox without a window, with a profile of its own; end it afterwards.

    Parameters
    ----------
    path : str
        Of the program.
    folder : Path
        Empty; the profile and the program's output go there.

    Yields
    ------
    tab : Tab
        Blank.
    """
    (folder / "user.js").write_text(PREFERENCES)
    log = folder / "output.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            (path, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0"),
            env={**os.environ, "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Running(process, log)
    try:
        running.wait_for(LISTENING, seconds=60)
        address = log.read_text().partition(LISTENING)[2].split()[0]
        with connect_ws(f"{address}/session") as socket:
            yield Tab(socket)
    finally:
        running.stop(signal.SIGTERM)


def _fault(event: dict[str, Any], address: str) -> str | None:
    params = event["params"]
    if event["method"] == "log.entryAdded":
        return f"{params['level']}: {params['text']}" if params["level"] in ("warn", "error") else None
    url, failure = params["request"]["url"], params.get("errorText")
    if url.startswith("data:") or failure == ABORTED:
        return None
    if not url.startswith(f"{address}/"):
        return f"asked another host: {url}"
    status = params.get("response", {}).get("status", 0)
    return f"{url}: {failure or status}" if failure or status >= 400 else None


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
