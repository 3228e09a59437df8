"""The main job: a cohort file becomes a tracked, released model that answers for one patient."""

import json
import re
import socket
import urllib.request

import pandas as pd
import pytest

from tests.e2e.workplace import free_port, readme_blocks, workplace

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return workplace(tmp_path_factory.mktemp("main-job") / "project", quick=True)


def shown_subset(shown, found, path="answer"):
    """Compare what the README shows with what came, leaving out what it leaves out."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            if value != "...":
                shown_subset(value, found[key], f"{path}.{key}")
    elif isinstance(shown, list):
        listed = [value for value in shown if value != "..."]
        for place, value in enumerate(listed):
            shown_subset(value, found[place], f"{path}[{place}]")
    elif isinstance(shown, float):
        assert found == pytest.approx(shown, abs=0.006), path
    else:
        assert found == shown, path


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


def test_demo_serves_the_answer_that_the_readme_shows(tmp_path):
    """Check, train, promote, serve; both addresses answer; Ctrl-C ends both."""
    place = workplace(tmp_path / "project")
    port, ui_port = free_port(), free_port()
    demo = place.running("demo", "--port", str(port), "--ui-port", str(ui_port), until=f"127.0.0.1:{ui_port}")
    with demo as running:
        assert f"http://127.0.0.1:{port}" in running.log.read_text()
        (call,) = readme_blocks("serve", "bash")
        answer = json.loads(place.shell("bash", "-c", call.replace(":3000", f":{port}")).stdout)
        (shown,) = readme_blocks("answer", "json")
        shown_subset(json.loads(shown), answer)
        with urllib.request.urlopen(f"http://127.0.0.1:{ui_port}/", timeout=20) as page:
            assert b"MLflow" in page.read()
        running.stop()
    for used in (port, ui_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", used)) != 0


def test_demo_finds_a_taken_port_before_any_work(place):
    """A clear message, exit status 1, nothing trained."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = place.run("demo", "--port", str(port), "--ui-port", str(free_port()), status=1)
    assert done.stderr.startswith(
        f"port {port} on 127.0.0.1 is in use; stop the program that uses it, or choose another"
    )
    assert "train" not in done.stdout


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
