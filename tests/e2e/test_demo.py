"""The README's first command: from nothing to a served answer."""

import json
import socket
import urllib.request

import pytest

from tests.e2e.workplace import free_port, readme_blocks, workplace

pytestmark = pytest.mark.slow


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


def test_demo_finds_a_taken_port_before_any_work(tmp_path):
    """A clear message, exit status 1, nothing trained."""
    place = workplace(tmp_path / "project", quick=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = place.run("demo", "--port", str(port), "--ui-port", str(free_port()), status=1)
    assert done.stderr.startswith(
        f"port {port} on 127.0.0.1 is in use; stop the program that uses it, or choose another"
    )
    assert "train" not in done.stdout
