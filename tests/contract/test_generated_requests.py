"""Whatever can be generated from its own description, the service answers as it describes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.http.outer_middleware import PATHS
from tests.callers import new_key_in
from tests.generated_requests import generated
from tests.known_site import known_site
from tests.recorded_site import recorded_site

EXAMPLES = (5, pytest.param(300, marks=pytest.mark.acceptance))
"""Requests of each path and kind: in continuous integration, and in the campaign."""


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("more", ["", "shadow = true\n"], ids=["shown", "shadow"])
def test_every_answer_is_as_described(tmp_path: Path, more: str, examples: int) -> None:
    """Status, headers, type and schema; what is right is answered, what is wrong is refused."""
    with recorded_site(tmp_path, more=more) as site:
        sent = list(generated(site.client, examples=examples))
        assert {each.split()[1] for each in sent} == set(PATHS)
        assert site.kept.verified().broken is None


@pytest.mark.parametrize("examples", EXAMPLES)
def test_every_answer_to_a_known_caller_is_as_described(tmp_path: Path, examples: int) -> None:
    """The same with a key, and without one a refusal."""
    key = new_key_in(tmp_path / "keys.json", "predict", "read", "outcome")
    with known_site(tmp_path, more='rate = "1000000/minute"\n') as known:
        sent = list(generated(known.client, examples=examples, headers={"Authorization": f"Bearer {key}"}))
        assert {each.split()[1] for each in sent} == set(PATHS)
