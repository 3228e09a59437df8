"""What an image is made of: pinned as the lock file pins, and nothing that is anybody's data."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from _bentoml_sdk.images import populate_image_from_build_config
from bentoml._internal.bento.build_config import BentoBuildConfig, BentoPathSpec

from serving.answers.product_rates import RATES_FILE
from serving.http.assets import FOLDERS
from serving.http.budgets import DRAINED_WITHIN_SECONDS
from tests.absent import absent
from tests.packed import REQUIREMENTS, packages, packed_files, requirements

PROJECT = Path(__file__).parents[2]
COMPILERS = ("build-essential", "gcc", "g++", "make", "cargo", "rustc")


@pytest.fixture(scope="module")
def bentofile() -> dict[str, Any]:
    """As BentoML reads it."""
    stated: dict[str, Any] = yaml.safe_load((PROJECT / "bentofile.yaml").read_text())
    return stated


@pytest.fixture(scope="module")
def packed(bentofile: dict[str, Any]) -> BentoPathSpec:
    """Say of each file whether BentoML packs it; it reads its three hundred patterns once for all files."""
    return BentoPathSpec(bentofile["include"], bentofile["exclude"], str(PROJECT))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have BentoML write the files of an image as `bentoml build` does, without a model or an engine."""
    folder = tmp_path_factory.mktemp("bento")
    config = BentoBuildConfig.from_file(str(PROJECT / "bentofile.yaml")).with_defaults()
    config.docker.write_to_bento(folder, str(PROJECT), config.conda)
    return folder / "env" / "docker"


@pytest.fixture(scope="module")
def instructions(written: Path) -> list[tuple[str, str]]:
    """Read the Dockerfile as words and arguments, without comments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (written / "Dockerfile").read_text(), flags=re.MULTILINE).replace(
        "\\\n", " "
    )
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    return [(word, " ".join(rest.split())) for word, rest in lines]


def arguments(instructions: list[tuple[str, str]], word: str) -> list[str]:
    """Collect the arguments of one kind of instruction."""
    return [rest for name, rest in instructions if name == word]


def test_bentoml_uses_our_template() -> None:
    """BentoML has another way to make images, which ignores templates and installs compilers."""
    config = BentoBuildConfig.from_file(str(PROJECT / "bentofile.yaml"))
    assert populate_image_from_build_config(None, config, str(PROJECT)) is None


def test_the_image_has_python_and_no_compiler(instructions: list[tuple[str, str]]) -> None:
    """One stage, one base; nothing comes from Debian's packages, and nothing is built from source."""
    assert arguments(instructions, "FROM") == ["python:3.11-slim"]
    for command in arguments(instructions, "RUN"):
        assert not {*COMPILERS, "apt-get", "curl", "uv"} & set(command.split()), command


def test_packages_are_installed_by_their_hashes(instructions: list[tuple[str, str]]) -> None:
    """As wheels, and none beside those of the file that is packed."""
    (install,) = [command for command in arguments(instructions, "RUN") if "pip " in command]
    assert {"--require-hashes", "--no-deps", "--only-binary", "--no-cache-dir"} <= set(install.split())
    assert install.endswith("--requirement requirements.txt && pip --python /app/.venv/bin/python check")
    copied = REQUIREMENTS.relative_to(PROJECT).as_posix()
    assert arguments(instructions, "COPY") == [f"src/{copied} requirements.txt", ". ."]


def test_the_service_is_not_root_and_owns_nothing(instructions: list[tuple[str, str]]) -> None:
    """A number, since Kubernetes cannot know a name; after it nothing is run or copied."""
    words = [word for word, _ in instructions]
    assert words[-3:] == ["USER", "ENTRYPOINT", "CMD"]
    assert arguments(instructions, "USER") == ["1034:1034"]
    assert not [rest for _, rest in instructions if "chown" in rest]


def test_health_is_that_the_process_runs(instructions: list[tuple[str, str]]) -> None:
    """Not readiness: an engine may restart what is unhealthy, and a busy service must go on."""
    (check,) = arguments(instructions, "HEALTHCHECK")
    assert "http://127.0.0.1:3000/livez" in check
    assert arguments(instructions, "EXPOSE") == ["3000"]


def test_the_image_starts_what_bentoml_starts(written: Path, instructions: list[tuple[str, str]]) -> None:
    """Its entry point is there, and knows the folder."""
    (entrypoint,) = arguments(instructions, "ENTRYPOINT")
    (folder,) = arguments(instructions, "WORKDIR")
    assert entrypoint == f'["{folder}/env/docker/entrypoint.sh"]'
    assert f"BENTO_PATH={folder} " in " ".join(arguments(instructions, "ENV"))
    assert (written / "entrypoint.sh").is_file()


def test_answers_in_progress_are_completed(instructions: list[tuple[str, str]]) -> None:
    """As `cart-outcomes serve` does; without the option BentoML waits for the slowest client."""
    (command,) = arguments(instructions, "CMD")
    assert json.loads(command) == ["serve", "--timeout-graceful-shutdown", str(DRAINED_WITHIN_SECONDS)]


def test_packages_are_those_of_the_lock_file() -> None:
    """Each package that an answer needs and each that one of them needs, in the locked version."""
    assert REQUIREMENTS.read_text() == requirements(), "run `make packed`"


def test_every_package_has_a_hash() -> None:
    """And none but those of the closure."""
    entries = re.findall(
        r"^([a-z0-9._-]+)==\S+ \\\n((?:    --hash=.*\n)+)", REQUIREMENTS.read_text(), re.MULTILINE
    )
    assert [name for name, _ in entries] == packages()
    assert "\nbentoml==" in REQUIREMENTS.read_text()


def test_nothing_names_a_package_host(bentofile: dict[str, Any]) -> None:
    """Where packages come from is decided where the image is built."""
    assert bentofile["python"] == {"lock_packages": False}
    for name in ("bentofile.yaml", "serving/image/requirements.txt", "serving/image/Dockerfile.template"):
        assert "://" not in (PROJECT / name).read_text().replace("http://127.0.0.1", "")


@pytest.mark.parametrize(
    "file",
    [
        "data/cohorts/centre.csv",
        "data/synthetic.csv",
        "data/evidence.csv",
        "cohort.csv",
        "mlflow.db",
        "training/cli.py",
        "tests/bundles.py",
        "serving/notes.txt",
        ".env",
        "data/evidence/cohort.csv",
        "data/evidence/patients/effects.csv",
        "serving/pages/patients.csv",
        "serving/pages/texts/notes.json",
        "serving/patients.py",
        "features/intake/cohort_2024.py",
        "features/serving/front.py",
        "data/cohorts/LICENSE",
    ],
)
def test_only_what_is_named_is_packed(packed: BentoPathSpec, file: str) -> None:
    """A file that lies beside the named ones is not, whatever its name."""
    assert not packed.includes(file)


def test_every_file_is_named(bentofile: dict[str, Any]) -> None:
    """All under version control that an answer needs, and nothing else; `make packed` renews the list."""
    try:
        files = packed_files()
    except (OSError, subprocess.CalledProcessError) as missing:
        absent(f"no list of files under version control: {missing}")
    assert bentofile["include"] == [f"/{file}" for file in files], "run `make packed`"


def test_no_pattern_is_among_the_names(bentofile: dict[str, Any]) -> None:
    """Each names one file that is there."""
    for name in bentofile["include"]:
        assert not set(name) & set("*?[]!")
        assert (PROJECT / name[1:]).is_file()


NOT_READ = (".pyc", ".template", "constraints.txt")
"""What Python, the build of the image and that of the lock file use."""


def test_what_an_answer_reads_is_packed(packed: BentoPathSpec) -> None:
    """Code, pages, schema, the reference profile and the published rates."""
    needed = [
        *(file.relative_to(PROJECT).as_posix() for file in (PROJECT / "serving").rglob("*.*")),
        "features/terms.py",
        "data/schema.json",
        "data/evidence/reference_profile.csv",
        RATES_FILE.relative_to(PROJECT).as_posix(),
    ]
    for file in (name for name in needed if not name.endswith(NOT_READ)):
        assert packed.includes(file), file


def test_the_pages_are_packed_with_all_they_load(packed: BentoPathSpec) -> None:
    """Each page, script, style and text by its path."""
    folder = PROJECT / "serving" / "pages"
    needed = [*folder.glob("*.html"), *(file for kind in FOLDERS for file in (folder / kind).iterdir())]
    assert {file.suffix for file in needed} == {".html", ".js", ".css", ".json"}
    for file in needed:
        assert packed.includes(file.relative_to(PROJECT).as_posix())


def test_cohorts_are_ignored_whatever_is_packed() -> None:
    """A second lock on the same door."""
    ignored = (PROJECT / ".bentoignore").read_text().splitlines()
    assert {"data/cohorts/", "data/*.csv", "*.parquet", "*.xlsx", "*.db"} <= set(ignored)


def test_an_image_serves_the_release_it_was_built_with(bentofile: dict[str, Any]) -> None:
    """The alias is the name the service asks for, so a later release is not picked up by an old image."""
    assert bentofile["models"] == [{"tag": "cart_outcomes:latest", "alias": "cart_outcomes:latest"}]
