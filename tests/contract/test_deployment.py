"""The files for Kubernetes, Compose and nginx: valid, closed, consistent with the limits of the service."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from bentoml._internal.container.generate import BENTO_UID_GID
from check_jsonschema.builtin_schemas import get_builtin_schema

from serving.http.allowed_hosts import ALLOWED_HOSTS_VARIABLE, allowed_hosts
from serving.http.audit_log import AUDIT_LOG_VARIABLE
from serving.http.body_reading import LARGEST_BODY
from serving.http.budgets import ANSWER_WITHIN_SECONDS, DRAINED_WITHIN_SECONDS, MOST_BODY_BYTES
from serving.http.drain import DRAIN_SECONDS
from serving.http.outer_middleware import PATHS, methods_by_path
from serving.http.own_words import OWN_WORDS_VARIABLE
from serving.http.steady_process import KEPT_BYTES
from serving.model.released_bundle import BUNDLE_VARIABLE
from serving.record.settings import RECORD_VARIABLE
from serving.release.public_keys import RELEASE_KEYS_VARIABLE

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "docs" / "deployment"
NGINX = (FOLDER / "nginx.conf").read_text()
TEMPLATE = (PROJECT / "serving" / "image" / "Dockerfile.template").read_text()

VARIABLES = {
    *(ALLOWED_HOSTS_VARIABLE, OWN_WORDS_VARIABLE, BUNDLE_VARIABLE, DRAIN_SECONDS.variable),
    *(AUDIT_LOG_VARIABLE, RECORD_VARIABLE, RELEASE_KEYS_VARIABLE),
}
"""What the service reads of its environment."""

OLDEST_KUBERNETES = "1.25"
TWO_PROCESSES = 240 * 10**6
"""Bytes of memory that the service uses, as measured with a small model."""

UNITS = {"k": 2**10, "m": 2**20, "Mi": 2**20, "Gi": 2**30}

Manifest = dict[str, Any]


@pytest.fixture
def manifests() -> dict[str, Manifest]:
    """Read the objects for Kubernetes, by their kind."""
    return {one["kind"]: one for one in yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text())}


@pytest.fixture
def pod(manifests: dict[str, Manifest]) -> Manifest:
    """Read what a pod is made of."""
    spec: Manifest = manifests["Deployment"]["spec"]["template"]["spec"]
    return spec


@pytest.fixture
def container(pod: Manifest) -> Manifest:
    """Read the only container of a pod."""
    (container,) = pod["containers"]
    assert isinstance(container, dict)
    return container


@pytest.fixture
def compose() -> Manifest:
    """Read the Compose file."""
    stated: Manifest = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return stated


def size(text: str) -> int:
    """Read an amount of memory.

    Examples
    --------
    >>> size("512Mi") == size("512m") == 2**29
    True
    """
    number, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


def seconds(text: str) -> int:
    """Read a duration such as ``45s``."""
    return int(text.removesuffix("s"))


def directives(name: str) -> list[str]:
    """Find what nginx.conf sets under a name, wherever it is set."""
    return re.findall(rf"^\s*{name}\s+([^;]+);", NGINX, re.MULTILINE)


@pytest.mark.parametrize("version", [OLDEST_KUBERNETES, kubernetes_validate.latest_version()])
def test_kubernetes_knows_every_key(manifests: dict[str, Manifest], version: str) -> None:
    """By the schemas of Kubernetes itself, where a key that it does not know is an error."""
    for manifest in manifests.values():
        kubernetes_validate.validate(manifest, version, strict=True)


def test_a_misspelled_key_is_found(manifests: dict[str, Manifest]) -> None:
    """The check of the check."""
    manifests["Deployment"]["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError, match="'replica' was unexpected"):
        kubernetes_validate.validate(manifests["Deployment"], OLDEST_KUBERNETES, strict=True)


def test_all_objects_are_there_and_none_names_a_namespace(manifests: dict[str, Manifest]) -> None:
    """The namespace is chosen by whoever applies them."""
    assert set(manifests) == {
        *("Deployment", "Service", "NetworkPolicy", "PodDisruptionBudget", "HorizontalPodAutoscaler"),
    }
    assert not [kind for kind, one in manifests.items() if "namespace" in one["metadata"]]


def test_all_objects_mean_the_same_pods(manifests: dict[str, Manifest]) -> None:
    """By one label, and the autoscaler by the name of the deployment."""
    labels = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]
    specs = {kind: one["spec"] for kind, one in manifests.items()}
    assert specs["Service"]["selector"] == labels
    assert specs["NetworkPolicy"]["podSelector"]["matchLabels"] == labels
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert specs[kind]["selector"]["matchLabels"] == labels
    target = specs["HorizontalPodAutoscaler"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", manifests["Deployment"]["metadata"]["name"])


def test_a_pod_can_do_nothing_but_answer(pod: Manifest, container: Manifest) -> None:
    """The rules of the profile "restricted" of Kubernetes, and a file system that is read only."""
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": BENTO_UID_GID,
        "runAsGroup": BENTO_UID_GID,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
    assert [set(volume) for volume in pod["volumes"]] == [{"name", "emptyDir"}]


@pytest.mark.parametrize(
    ("probe", "path"),
    [("startupProbe", "/readyz"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")],
)
def test_probes_ask_paths_that_answer(container: Manifest, probe: str, path: str) -> None:
    """At the port that the container names."""
    asked = container[probe]["httpGet"]
    assert asked == {"path": path, "port": container["ports"][0]["name"]}
    assert "GET" in PATHS[path]
    assert container["ports"][0]["containerPort"] == 3000


def test_a_pod_has_the_time_to_complete_its_answers(pod: Manifest, container: Manifest) -> None:
    """The drain, and then as long as the service takes at most."""
    environment = {each["name"]: each["value"] for each in container["env"]}
    drained = DRAIN_SECONDS.read(environment)
    assert drained > 0
    assert pod["terminationGracePeriodSeconds"] >= drained + DRAINED_WITHIN_SECONDS


def test_an_update_takes_no_pod_away_first(manifests: dict[str, Manifest]) -> None:
    """Nor does maintenance take the last one."""
    spec = manifests["Deployment"]["spec"]
    assert spec["replicas"] == manifests["HorizontalPodAutoscaler"]["spec"]["minReplicas"] == 2
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert manifests["PodDisruptionBudget"]["spec"]["minAvailable"] < spec["replicas"]


def test_a_pod_reaches_nothing(manifests: dict[str, Manifest]) -> None:
    """And is reached at its port alone."""
    policy = manifests["NetworkPolicy"]["spec"]
    assert policy["egress"] == []
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert [port["port"] for entry in policy["ingress"] for port in entry["ports"]] == ["http"]


def test_memory_is_enough(container: Manifest, compose: Manifest) -> None:
    """Two processes, all bodies that may arrive at once, and what a process keeps of freed memory."""
    needed = TWO_PROCESSES + MOST_BODY_BYTES + KEPT_BYTES
    resources = container["resources"]
    assert size(resources["requests"]["memory"]) > TWO_PROCESSES
    assert size(resources["limits"]["memory"]) > needed
    assert size(compose["services"]["cart-outcomes"]["mem_limit"]) > needed


def test_pods_are_added_at_the_load_of_the_formula(manifests: dict[str, Manifest]) -> None:
    """The share of a core that the page on deployment calculates with."""
    (metric,) = manifests["HorizontalPodAutoscaler"]["spec"]["metrics"]
    assert metric["resource"]["target"]["averageUtilization"] == 60
    assert "/ 0.6" in (PROJECT / "docs" / "deployment.md").read_text()


def test_every_variable_is_one_that_the_service_reads(container: Manifest, compose: Manifest) -> None:
    """And the host names are such that it accepts."""
    stated = {entry["name"]: entry["value"] for entry in container["env"]}
    composed = compose["services"]["cart-outcomes"]["environment"]
    assert stated.keys() | composed.keys() <= VARIABLES
    host = stated[ALLOWED_HOSTS_VARIABLE]
    assert allowed_hosts(host.split(",")).allows(host)


def test_compose_knows_every_key(compose: Manifest) -> None:
    """By the schema of the Compose specification."""
    jsonschema.validate(compose, get_builtin_schema("vendor.compose-spec"))
    compose["services"]["proxy"]["read_onli"] = True
    with pytest.raises(jsonschema.ValidationError, match="read_onli"):
        jsonschema.validate(compose, get_builtin_schema("vendor.compose-spec"))


def test_services_of_compose_are_closed(compose: Manifest) -> None:
    """Read only, without privileges; the service is reached through the proxy alone, and reaches nothing."""
    for service in compose["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert seconds(service["stop_grace_period"]) > DRAINED_WITHIN_SECONDS
    assert "ports" not in compose["services"]["cart-outcomes"]
    assert compose["services"]["cart-outcomes"]["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}


def test_what_compose_mounts_is_there(compose: Manifest) -> None:
    """The configuration in this folder; certificates are the hospital's, where nginx reads them."""
    proxy = compose["services"]["proxy"]
    assert [(FOLDER / volume["source"]).name for volume in proxy["volumes"]] == ["nginx.conf"]
    assert all((FOLDER / volume["source"]).is_file() and volume["read_only"] for volume in proxy["volumes"])
    read = [*directives("ssl_certificate"), *directives("ssl_certificate_key")]
    assert read == [f"/run/secrets/{secret}" for secret in proxy["secrets"]]
    assert compose["secrets"].keys() == set(proxy["secrets"])


def test_health_checks_of_compose_ask_what_answers(compose: Manifest) -> None:
    """The service as its image does, the proxy through TLS, so that both are known to work."""
    asked = {name: " ".join(one["healthcheck"]["test"]) for name, one in compose["services"].items()}
    assert "http://127.0.0.1:3000/livez" in asked["cart-outcomes"]
    assert re.findall(r"HEALTHCHECK (.*) \\", TEMPLATE) == [
        "--interval=30s --timeout=5s --start-period=60s --retries=3"
    ]
    (port,) = directives("listen")
    assert f"https://127.0.0.1:{port.split()[0]}/livez" in asked["proxy"]
    assert compose["services"]["proxy"]["ports"] == [f"443:{port.split()[0]}"]


def test_nginx_passes_bodies_as_large_as_the_service_takes() -> None:
    """And keeps them in memory: patients' values are not written to a disk."""
    assert [size(one) for one in directives("client_max_body_size")] == [LARGEST_BODY]
    assert [size(one) for one in directives("client_body_buffer_size")] == [LARGEST_BODY]
    assert directives("proxy_max_temp_file_size") == ["0"]
    assert f"larger than {LARGEST_BODY // 2**20} MiB" in NGINX


def test_nginx_waits_for_the_longest_answer() -> None:
    """The service reports first that an answer took too long."""
    assert [seconds(one) for one in directives("proxy_read_timeout")] == [ANSWER_WITHIN_SECONDS + 5]


def test_nginx_logs_no_value() -> None:
    """The path without what follows a question mark, no body, no header; errors without their requests."""
    (form,) = directives("log_format")
    logged = set(re.findall(r"\$(\w+)", form))
    assert logged == {
        *(
            "time_iso8601",
            "remote_addr",
            "request_method",
            "uri",
            "status",
            "upstream_status",
            "request_time",
        ),
    }
    assert directives("error_log") == ["stderr crit"]


def test_nginx_passes_the_public_name_on() -> None:
    """Where the service compares it with its list."""
    assert "Host $host" in directives("proxy_set_header")


def test_nginx_names_paths_that_answer() -> None:
    """Each exact location is one of the service's."""
    named = re.findall(r"location = (\S+)", NGINX)
    assert named
    assert set(named) <= methods_by_path().keys()


def test_a_page_is_within_the_limit_of_requests() -> None:
    """All files of the pages at once, three times over."""
    (burst,) = re.findall(r"burst=(\d+)", NGINX)
    assert int(burst) >= 3 * len(methods_by_path())
