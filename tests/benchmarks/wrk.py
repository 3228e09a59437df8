"""Asking a service as fast as it answers, with Debian's ``wrk``."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.services import Service
from tests.debian import found_or_installed

SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
{headers}
wrk.body = [=[{body}]=]
done = function(summary, latency, requests)
  local lost = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'FOUND {"p50": %f, "p95": %f, "p99": %f, "answers": %d, "us": %d, "refused": %d, "lost": %d}\\n',
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    summary.requests, summary.duration, summary.errors.status, lost))
end
"""
MARK = "FOUND "
WAIT_SECONDS = 30
"""For one answer; wrk's own 2 would drop the slowest ones."""


@dataclass(frozen=True)
class Load:
    """What some seconds of asking found.

    Attributes
    ----------
    p50, p95, p99 : float
        Milliseconds until an answer.
    per_second : float
        Answers.
    cpu : float
        Milliseconds of processor time of all processes of the service, an answer.
    """

    p50: float
    p95: float
    p99: float
    per_second: float
    cpu: float


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    path : str
    body : Any
        As JSON.
    headers : mapping of str to str
        Beside the type of the body.
    """

    path: str
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def wrk_program() -> str:
    """Find wrk, or install it where that is ours to do.

    Raises
    ------
    NotInstalledError
        If it is not there; says how to install it.
    """
    missing = "wrk is not installed; on Debian and Ubuntu: apt-get install wrk"
    return found_or_installed(lambda: shutil.which("wrk"), ("wrk",), missing=missing)


def asked(
    wrk: str, service: Service, question: Question, folder: Path, *, clients: int, seconds: float
) -> Load:
    """Ask a service for some seconds.

    Parameters
    ----------
    wrk : str
        Path of the program.
    service : Service
    question : Question
    folder : Path
        For the script.
    clients : int
        Connections, each with one request at a time.
    seconds : float
        At least 1.

    Raises
    ------
    RuntimeError
        If the service refused or lost a request, or wrk failed.
    """
    script = folder / "ask.lua"
    headers = "\n".join(f"wrk.headers[{name!r}] = {value!r}" for name, value in question.headers.items())
    script.write_text(SCRIPT.replace("{headers}", headers).replace("{body}", json.dumps(question.body)))
    before, address = service.cpu, service.address + question.path
    options = ("-t1", f"-c{clients}", f"-d{seconds:.0f}s", "--timeout", f"{WAIT_SECONDS}s")
    done = subprocess.run((wrk, *options, "-s", str(script), address), capture_output=True, text=True)
    return load_of(done.stdout, service.cpu - before, f"{address}: {done.stdout}{done.stderr}")


def load_of(output: str, cpu_seconds: float, words: str) -> Load:
    """Read what wrk printed.

    Parameters
    ----------
    output : str
    cpu_seconds : float
        Processor time that the service took meanwhile.
    words : str
        Name the service in an error.

    Raises
    ------
    RuntimeError
        If requests were refused or lost, or none was answered.
    """
    found = [line.removeprefix(MARK) for line in output.splitlines() if line.startswith(MARK)]
    stated = json.loads(found[0]) if found else {"answers": 0}
    if not stated["answers"] or stated["refused"] or stated["lost"]:
        message = f"requests were not answered by {words}"
        raise RuntimeError(message)
    return Load(
        *(stated[name] / 1e3 for name in ("p50", "p95", "p99")),
        per_second=1e6 * stated["answers"] / stated["us"],
        cpu=1e3 * cpu_seconds / stated["answers"],
    )
