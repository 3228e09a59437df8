"""The main job: a cohort file becomes a tracked, released model that answers for one patient."""

import re

import pandas as pd
import pytest

from tests.e2e.workplace import readme_blocks, workplace

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return workplace(tmp_path_factory.mktemp("main-job") / "project", quick=True)


def test_readme_commands_run_in_their_order(place):
    """Every command that the README tells to run, in a copy of the project."""
    for block in readme_blocks("run", "bash"):
        done = place.shell("bash", "-euo", "pipefail", "-c", block)
        assert done.returncode == 0, done.stdout + done.stderr
    risks = pd.read_csv(place.folder / "risks.csv")
    assert list(risks.columns) == [
        "patient_id",
        "infusion_number",
        "outcome",
        "horizon_days",
        "risk",
        "low",
        "high",
    ]
    assert ((risks.low >= 0) & (risks.high <= 1)).all()
    assert ((risks.low <= risks.risk) & (risks.risk <= risks.high)).all()


@pytest.mark.acceptance
def test_the_same_seed_gives_the_same_bundle_digest(place):
    """Two trainings, one digest; another seed, another."""
    digests = []
    for seed, folder in ((1, "a"), (1, "b"), (2, "c")):
        place.run(
            *("train", "data/synthetic.csv", "--no-validation", "--seed", str(seed), "--bundle-out", folder)
        )
        digests.append((place.folder / folder / "bundle.json").read_bytes())
    assert digests[0] == digests[1] != digests[2]


def test_a_refused_cohort_leaves_nothing_and_no_traceback(place):
    """Exit status 1, the problem in words, no bundle, no run."""
    (place.folder / "bad.csv").write_text("patient_id,age_years\nsecret-7,twelve\n")
    done = place.run("train", "bad.csv", "--bundle-out", "never", status=1)
    assert re.search(r"age_years must be 0 to 100 years, got twelve \(row 2\)", done.stderr)
    assert "Traceback" not in done.stderr
    assert "secret-7" not in done.stdout + done.stderr
    assert not (place.folder / "never").exists()


def test_usage_errors_exit_2(place):
    """A command that does not exist."""
    place.run("predict", status=2)
