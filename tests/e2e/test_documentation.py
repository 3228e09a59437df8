"""The documentation: it builds without a warning, loads nothing from elsewhere, and what it shows works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.e2e.documentation import DOCUMENTS, Reader, blocks, docker_runs, pages, program
from tests.e2e.postgresql import PostgreSQL, postgresql
from tests.e2e.workplace import PROJECT, workplace

SHELL = {"bash", "sh", "shell", "console", "sql"}
ELSEWHERE = re.compile(r"run in (?P<files>tests/\S+(?: tests/\S+)*)")
MARKS = {
    "README.md": {"run", "serve", "tune", "run by make"},
    "backup.md": {"run with compose"},
    "container.md": {"run", "run with docker"},
    "deployment.md": {"run with compose", "run with kubectl"},
    "shared_server.md": {"run", "run in the database"},
}
"""How a page's commands may be marked; `run` and `run by make` everywhere."""

INDENTED = re.compile(r"^ {4}(?:cart-outcomes|make|mlflow|bentoml|python|curl|docker|source|pip) ", re.M)
READ_HERE = (
    pytest.param("tutorial", marks=pytest.mark.acceptance),
    pytest.param("own_cohort", marks=pytest.mark.acceptance),
    pytest.param("container", marks=pytest.mark.acceptance),
    pytest.param("mlflow_models", marks=pytest.mark.acceptance),
    "redcap",
    pytest.param("security", marks=pytest.mark.acceptance),
)
"""Pages whose commands are run; those that take minutes and repeat what other tests do, before a release."""


def is_run(page: Path, mark: str) -> bool:
    """Whether a mark says who runs a block of a page."""
    known = MARKS.get(page.name, {"run", "run by make", "refused"})
    return mark in known or mark.startswith("background until: ") or ELSEWHERE.fullmatch(mark) is not None


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page.stem)
def test_every_command_shown_is_run(page: Path) -> None:
    """Every block of commands is marked with who runs it, and none hides in indented text."""
    unmarked = [block for block in blocks(page) if block.language in SHELL and not is_run(page, block.mark)]
    assert not unmarked
    assert not INDENTED.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page.stem)
def test_commands_run_elsewhere_are_run_there(page: Path) -> None:
    """The tests that a block names have its programs in them; `make` has its targets."""
    makefile = (PROJECT / "Makefile").read_text()
    for block in blocks(page):
        lines = [line for line in block.text.splitlines() if line and not line.startswith((" ", "#"))]
        elsewhere = ELSEWHERE.fullmatch(block.mark)
        if elsewhere:
            text = "".join((PROJECT / name).read_text() for name in elsewhere["files"].split())
            whole_page = f'blocks(DOCUMENTS / "{page.name}")'
            of_page = f'"docs" / "{page.name}"' in text and 'blocks("bash")' in text
            taken_as_it_is = f'readme_blocks("{block.mark}"' in text or whole_page in text or of_page
            assert taken_as_it_is or all(word in text for line in lines for word in program(line)), block
        if block.mark == "run by make":
            targets = [line.split()[1] for line in lines if line.startswith("make ")]
            assert all(f"\n{target}: " in makefile for target in targets), block
            assert not [line for line in lines if not line.startswith(("make ", "source .venv/bin/"))]


@pytest.mark.slow
@pytest.mark.parametrize("name", READ_HERE)
def test_page_does_what_it_says(name: str, tmp_path: Path) -> None:
    """Its commands in their order, in a copy of the project; what it shows comes."""
    Reader(workplace(tmp_path / "project", quick=True)).read(DOCUMENTS / f"{name}.md")


@pytest.mark.acceptance
@pytest.mark.slow
def test_shared_server_is_made_as_described(postgresql_programs: Path, tmp_path: Path) -> None:
    """Database, server, member; a server that was away."""
    with postgresql(postgresql_programs) as database:
        reader = Reader(workplace(tmp_path / "project", quick=True), {"5432": database.port})
        page = DOCUMENTS / "shared_server.md"
        for block in blocks(page):
            if block.mark == "run in the database":
                execute(database, block.text)
        reader.read(page)
        assert not [file for file in ("mlflow.db", "mlartifacts") if (reader.place.folder / file).exists()]


@pytest.mark.slow
def test_image_is_made_as_described(tmp_path: Path) -> None:
    """The lines for a container engine, where one runs."""
    if not docker_runs():
        # No engine can be installed by a test; the lines are for those who have one.
        pytest.skip("no container engine runs here: docker info fails")
    place = workplace(tmp_path / "project")
    Reader(place).read(DOCUMENTS / "container.md")
    (block,) = [one for one in blocks(DOCUMENTS / "container.md") if one.mark == "run with docker"]
    try:
        done = place.shell("bash", "-euo", "pipefail", "-c", block.text)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        place.shell("docker", "rm", "--force", "cart-outcomes")


def execute(database: PostgreSQL, statements: str) -> None:
    """Run statements as the administrator."""
    for statement in filter(None, (part.strip() for part in statements.split(";"))):
        database.execute(statement)


def last_change() -> float:
    """When a file was changed that the documentation is made of."""
    parts = (DOCUMENTS, *(PROJECT / name for name in ("features", "serving", "training", "data")))
    left_out = {"_build", "__pycache__"}
    files = (file for part in parts for file in part.rglob("*") if left_out.isdisjoint(file.parts))
    return max(file.stat().st_mtime for file in files if file.is_file())


@pytest.fixture(scope="session")
def site() -> Path:
    """Build the documentation, unless `make docs` has since the last change; warnings are errors."""
    built = DOCUMENTS / "_build" / ".built"
    if not built.exists() or built.stat().st_mtime < last_change():
        done = subprocess.run(
            ["make", "docs"], cwd=PROJECT, env={**os.environ}, capture_output=True, text=True, timeout=900
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return DOCUMENTS / "_build"


class Links(HTMLParser):
    """What a page loads, leads to, and can be led to."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.leads: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        if tag in {"script", "img", "iframe", "source"} and "src" in found:
            self.loaded.append(found["src"])
        if tag == "link" and found.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loaded.append(found["href"])
        if tag == "a" and "href" in found:
            self.leads.append(found["href"])


def linked(site: Path) -> Iterator[tuple[Path, Links]]:
    """Read every built page."""
    for page in sorted(site.rglob("*.html")):
        links = Links()
        links.feed(page.read_text(encoding="utf-8"))
        yield page, links


@pytest.mark.slow
def test_built_pages_stand_alone(site: Path) -> None:
    """No page loads from another host, and every link within leads somewhere."""
    found = dict(linked(site))
    assert len(found) > 20
    for page, links in found.items():
        assert not [address for address in links.loaded if urlsplit(address).netloc], page
        for address in links.leads:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.exists(), (page, address)
            if parts.fragment and target in found:
                assert unquote(parts.fragment) in found[target].places, (page, address)


@pytest.mark.slow
def test_reference_names_every_command_and_module(site: Path) -> None:
    """What is generated is whole: commands, paths of the service, modules."""
    commands = (site / "reference" / "commands.html").read_text()
    asked = [sys.executable, "-m", "training", "--help"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^  ([a-z]+)  ", told.split("Commands:")[1], re.M)
    assert len(names) > 12
    assert all(f'id="cart-outcomes-{name}"' in commands for name in names)
    assert "/risk/batch" in (site / "reference" / "http.html").read_text()
    text = "".join(page.read_text() for page in (site / "reference").glob("*.html"))
    modules = [
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for package in ("features", "serving", "training")
        for path in (PROJECT / package).rglob("*.py")
        if not path.name.startswith("__")
    ]
    assert not [name for name in modules if f'id="module-{name}"' not in text]
