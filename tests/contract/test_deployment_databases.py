"""The Compose files with databases: valid, closed, and naming one another by the same names."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from bentoml._internal.container.generate import BENTO_UID_GID
from check_jsonschema.builtin_schemas import get_builtin_schema

from serving.record.settings import RECORD_VARIABLE, RecordSettings, checked_settings

FOLDER = Path(__file__).parents[2] / "docs" / "deployment"
DOCKERFILE = (FOLDER / "mlflow.Dockerfile").read_text()
IGNORED = (Path(__file__).parents[2] / ".gitignore").read_text().splitlines()

EXAMPLE = (FOLDER / "record.toml").read_text()
UNCOMMENTED = re.sub(r"^# (?=\w+ = )", "", EXAMPLE, flags=re.MULTILINE)
OLDEST_KUBERNETES = "1.25"

FILES = {"compose.record.yaml": "database", "compose.mlflow.yaml": "mlflow-database"}
"""Each file with the service in it that is a database."""

Stated = dict[str, Any]


def stated(file: str) -> Stated:
    """Read a file of Compose."""
    read: Stated = yaml.safe_load((FOLDER / file).read_text())
    return read


@pytest.mark.parametrize("file", FILES)
def test_compose_knows_every_key(file: str) -> None:
    """By the schema of Compose, which refuses a key that it does not know."""
    read = stated(file)
    jsonschema.validate(read, get_builtin_schema("vendor.compose-spec"))
    read["services"][FILES[file]]["read_onli"] = True
    with pytest.raises(jsonschema.ValidationError, match="read_onli"):
        jsonschema.validate(read, get_builtin_schema("vendor.compose-spec"))


@pytest.mark.parametrize("file", FILES)
def test_a_database_is_closed(file: str) -> None:
    """No port, no way to other machines, nothing to write to but its data; the password is a secret."""
    read = stated(file)
    database = read["services"][FILES[file]]
    assert "ports" not in database
    assert read["networks"][database["networks"][0]] == {"internal": True}
    assert database["networks"] == ["data"]
    assert (database["read_only"], database["cap_drop"], database["user"]) == (True, ["ALL"], "70:70")
    assert [each["type"] for each in database["volumes"]] == ["volume"]
    (secret,) = database["secrets"]
    assert database["environment"]["POSTGRES_PASSWORD_FILE"] == f"/run/secrets/{secret}"
    assert not [name for name in database["environment"] if name == "POSTGRES_PASSWORD"]


@pytest.mark.parametrize("file", FILES)
def test_all_that_is_mounted_is_stated_and_never_committed(file: str) -> None:
    """Secrets and volumes by name; folders beside the file are a hospital's own."""
    read = stated(file)
    named = {secret for one in read["services"].values() for secret in one.get("secrets", [])}
    assert named == read["secrets"].keys()
    mounts = [mount for one in read["services"].values() for mount in one["volumes"]]
    assert {each["source"] for each in mounts if each["type"] == "volume"} == read["volumes"].keys()
    beside = [each["source"] for each in mounts if each["type"] == "bind"]
    beside += [secret["file"].rpartition("/")[0] for secret in read["secrets"].values()]
    assert {f"docs/deployment/{each.removeprefix('./')}/" for each in beside} <= set(IGNORED)


@pytest.mark.parametrize("file", FILES)
def test_health_is_that_of_the_database_that_is_made(file: str) -> None:
    """Asked as the user, about the database."""
    database = stated(file)["services"][FILES[file]]
    asked = database["healthcheck"]["test"]
    made = database["environment"]
    assert asked[1] == "pg_isready"
    assert asked[asked.index("--username") + 1] == made["POSTGRES_USER"]
    assert asked[asked.index("--dbname") + 1] == made["POSTGRES_DB"]


def test_the_server_finds_its_database() -> None:
    """By the name of the service, the user, the database and the secret of the Compose file."""
    read = stated("compose.mlflow.yaml")["services"]
    (found,) = re.findall(
        r"postgresql\+pg8000://(\w+):\$\(cat /run/secrets/(\w+)\)@([\w-]+)/(\w+) ", DOCKERFILE
    )
    user, secret, host, name = found
    made = read[host]["environment"]
    assert (user, name) == (made["POSTGRES_USER"], made["POSTGRES_DB"])
    assert read["mlflow"]["secrets"] == [secret]
    assert read["mlflow"]["ports"] == ["127.0.0.1:5000:5000"]
    assert [each["target"] for each in read["mlflow"]["volumes"]] == ["/files"]
    assert "--artifacts-destination /files " in DOCKERFILE


@pytest.mark.parametrize("text", [EXAMPLE, UNCOMMENTED])
def test_the_example_of_settings_is_accepted(text: str) -> None:
    """With and without its comments, and with every setting."""
    settings = checked_settings(tomllib.loads(text), Path("record.toml"))
    assert settings.on_server
    assert tomllib.loads(UNCOMMENTED).keys() == RecordSettings.model_fields.keys() - {"folder"}


def test_the_service_finds_its_record() -> None:
    """Address, password, key and checkpoints of the settings are those of the Compose file."""
    read = stated("compose.record.yaml")
    service, settings = read["services"]["cart-outcomes"], checked_settings(tomllib.loads(EXAMPLE), Path())
    user, host, name = re.findall(r"//(\w+)@([\w-]+)/(\w+)$", settings.address)[0]
    made = read["services"][host]["environment"]
    assert (user, name) == (made["POSTGRES_USER"], made["POSTGRES_DB"])
    assert host in service["depends_on"]
    assert set(read["services"][host]["networks"]) <= set(service["networks"])
    assert settings.password_file == made["POSTGRES_PASSWORD_FILE"]
    assert service["secrets"] == read["services"][host]["secrets"]
    targets = {mount["target"]: mount for mount in service["volumes"]}
    assert settings.checkpoints in targets
    assert "read_only" not in targets[settings.checkpoints]
    folder = PurePosixPath(service["environment"][RECORD_VARIABLE]).parent
    assert targets[str(folder)]["read_only"] is True


def test_the_record_adds_to_what_is_there() -> None:
    """To the service of compose.yaml, which stays in its network."""
    compose, read = stated("compose.yaml"), stated("compose.record.yaml")
    both = compose["services"].keys() & read["services"].keys()
    assert both == {"cart-outcomes"}
    assert set(compose["services"]["cart-outcomes"]["networks"]) < set(
        read["services"]["cart-outcomes"]["networks"]
    )


def test_one_password_is_read_by_both_users() -> None:
    """By its owner, the database, and by the group of the service; the page has the command."""
    page = (FOLDER.parent / "deployment.md").read_text()
    command = f"install --owner 70 --group {BENTO_UID_GID} --mode 0440"
    for file, database in FILES.items():
        read = stated(file)
        assert read["services"][database]["user"] == "70:70"
        for secret in read["secrets"].values():
            assert f"{command} password {secret['file'].removeprefix('./')}" in page
    assert f"USER {BENTO_UID_GID}:{BENTO_UID_GID}" in DOCKERFILE


def test_kubernetes_with_a_record_names_what_is_there() -> None:
    """The container of the deployment, by the group that it runs as; the way out is to the database alone."""
    manifests = yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text())
    pod = next(one for one in manifests if one["kind"] == "Deployment")["spec"]["template"]["spec"]
    added = stated("kubernetes.record.yaml")["spec"]["template"]["spec"]
    assert [one["name"] for one in added["containers"]] == [one["name"] for one in pod["containers"]]
    assert added["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]
    (container,), (volume,) = added["containers"], added["volumes"]
    (variable,), (mount,) = container["env"], container["volumeMounts"]
    assert variable == {"name": RECORD_VARIABLE, "value": f"{mount['mountPath']}/record.toml"}
    assert (mount["name"], volume["secret"]["defaultMode"]) == (volume["name"], 0o440)
    policy = stated("kubernetes.database.yaml")
    for version in (OLDEST_KUBERNETES, kubernetes_validate.latest_version()):
        kubernetes_validate.validate(policy, version, strict=True)
    ports = [port["port"] for way in policy["spec"]["egress"] for port in way["ports"]]
    assert ports == [5432, 53, 53]
    assert policy["spec"]["policyTypes"] == ["Egress"]
