"""What a test needs beside the environment may be absent: then it is skipped, and fails under CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def absent(reason: str) -> NoReturn:
    """Skip a test that cannot run on this machine; under CI everything must run, so it fails."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
