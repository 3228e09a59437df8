"""The page on identity and the deployment files: settings that work, scopes and statuses as they are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema

from serving.http.route_scopes import ROUTE_SCOPES
from serving.identity.api_key import PATTERN
from serving.identity.denied import STATUS
from serving.identity.identity import IDENTITY_VARIABLE
from serving.identity.proxies import in_networks
from serving.identity.settings import IdentitySettings, checked_settings
from serving.identity.signers import ALGORITHMS
from serving.identity.token_memory import MOST_ONCE

FOLDER = Path(__file__).parents[2] / "docs"
PAGE = (FOLDER / "security.md").read_text(encoding="utf-8")
EXAMPLE = (FOLDER / "deployment" / "identity.toml").read_text(encoding="utf-8")
UNCOMMENTED = re.sub(r"^# (?=\[\[|\w+ = )", "", EXAMPLE, flags=re.MULTILINE)


def loaded(name: str) -> Any:
    return yaml.safe_load((FOLDER / "deployment" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", [*re.findall(r"```toml\n(.*?)```", PAGE, re.S), EXAMPLE, UNCOMMENTED])
def test_settings_that_are_shown_are_accepted(text: str) -> None:
    """Those of the page, and those of the file with and without its comments."""
    assert checked_settings(tomllib.loads(text), "identity.toml").proxy is not None


def test_the_example_has_every_setting() -> None:
    """So that no one need look for another."""
    stated = tomllib.loads(UNCOMMENTED)
    settings = IdentitySettings.model_validate(stated)
    assert stated.keys() == IdentitySettings.model_fields.keys()
    assert stated["issuers"][0].keys() == type(settings.issuers[0]).model_fields.keys()
    assert stated["proxy"].keys() == type(settings.proxy).model_fields.keys()


def test_the_table_of_scopes_is_that_of_the_service() -> None:
    """Path by path."""
    rows = re.findall(r"^\| (`predict`|`read`|`outcome`|none needed) \| (.*) \|$", PAGE, re.MULTILINE)
    shown = {path: scope.strip("`") for scope, paths in rows for path in re.findall(r"`(/[^`]*)`", paths)}
    assert shown == {path: scope or "none needed" for path, scope in ROUTE_SCOPES.items()}


def test_every_status_of_a_refusal_is_explained() -> None:
    """And the algorithms, the form of a key, the number of tokens."""
    assert {int(status) for status in re.findall(r"^\| (\d{3})\b", PAGE, re.MULTILINE)} == {
        401,
        *STATUS.values(),
    }
    assert all(f"`{name}`" in PAGE for name in ALGORITHMS)
    assert PATTERN.pattern.replace("(", "").replace(")", "") in PAGE
    assert f"{MOST_ONCE:,}" in PAGE


def test_compose_with_callers_is_valid() -> None:
    """It adds to services and networks that are there, and nginx is in the network that is trusted."""
    added, compose = loaded("compose.identity.yaml"), loaded("compose.yaml")
    jsonschema.validate(added, get_builtin_schema("vendor.compose-spec"))
    assert added["services"].keys() <= compose["services"].keys()
    assert added["services"]["cart-outcomes"]["environment"].keys() == {IDENTITY_VARIABLE}
    (network,) = added["networks"]
    assert network in compose["services"]["proxy"]["networks"]
    subnet = added["networks"][network]["ipam"]["config"][0]["subnet"]
    settings = checked_settings(tomllib.loads(EXAMPLE), "identity.toml")
    assert settings.proxy is not None
    assert settings.proxy.addresses == (subnet,)
    assert in_networks("172.30.9.2", settings.proxy.networks)


def test_nginx_sends_the_header_that_is_trusted() -> None:
    """Always, so that a client's own is replaced."""
    nginx = (FOLDER / "deployment" / "nginx.conf").read_text()
    settings = checked_settings(tomllib.loads(EXAMPLE), "identity.toml")
    assert settings.proxy is not None
    sent = re.findall(r"^\s*proxy_set_header (\S+)", nginx, re.MULTILINE)
    assert settings.proxy.user_header in map(str.lower, sent)


def test_kubernetes_with_callers_names_what_is_there() -> None:
    """The container of the deployment, by the group that it runs as."""
    manifests = yaml.safe_load_all((FOLDER / "deployment" / "kubernetes.yaml").read_text())
    pod = next(one for one in manifests if one["kind"] == "Deployment")["spec"]["template"]["spec"]
    added = loaded("kubernetes.identity.yaml")["spec"]["template"]["spec"]
    assert [one["name"] for one in added["containers"]] == [one["name"] for one in pod["containers"]]
    assert added["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]
    (container,), (volume,) = added["containers"], added["volumes"]
    (variable,), (mount,) = container["env"], container["volumeMounts"]
    assert variable["name"] == IDENTITY_VARIABLE
    assert variable["value"].startswith(f"{mount['mountPath']}/")
    assert mount["name"] == volume["name"]
    assert volume["secret"]["defaultMode"] == 0o440
