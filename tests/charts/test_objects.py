"""What the charts install, for each environment."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import helm_python
import kubernetes_validate
import pytest
from pydantic import BaseModel

from firstframe.animation.settings import AnimationSettings
from firstframe.cli.models_engines import EngineSettings
from firstframe.cli.settings import CliSettings
from firstframe.orchestrator.settings import OrchestratorSettings
from support.charts import (
    ENVIRONMENTS,
    NAMESPACE,
    RELEASE,
    ROOT,
    SERVICES,
    STAGES,
    Object,
    built,
    containers,
    of_kind,
    pod_templates,
    render,
    render_text,
    values_of,
)

VERSIONS = ("1.32", "1.33", "1.34")
CUSTOM = {"Certificate", "Issuer", "PodMonitor", "PrometheusRule", "ScaledObject"}
"""Kinds whose schemas come with their operators; `make test-kube` installs them on a real API server."""


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_helm_finds_nothing_to_say(environment: str) -> None:
    found = helm_python.lint(built(), values_of(environment), strict=True, with_subcharts=True)

    assert [one for one in found["messages"] if one["severity"] not in {"INFO", 1, "info"}] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_objects_are_what_kubernetes_takes(environment: str, version: str) -> None:
    for one in render(environment):
        if one["kind"] not in CUSTOM:
            kubernetes_validate.validate(one, version, strict=True)


def test_rendering_twice_gives_the_same(environment: str) -> None:
    assert render_text(environment) == render_text(environment)


def test_objects_are_in_the_namespace_and_of_the_release(environment: str) -> None:
    for one in render(environment):
        if one["kind"] != "PriorityClass":
            assert one["metadata"]["namespace"] == NAMESPACE, one["metadata"]["name"]
        assert one["metadata"]["name"].startswith(f"{RELEASE}-")


def test_every_pod_is_restricted(environment: str) -> None:
    templates = pod_templates(render(environment))
    assert len(templates) > len(SERVICES)
    for name, template in templates.items():
        pod = template["spec"]["securityContext"]
        assert (pod["runAsNonRoot"], pod["seccompProfile"]["type"]) == (True, "RuntimeDefault"), name
        for container in containers(template):
            own = container["securityContext"]
            assert own["allowPrivilegeEscalation"] is False, (name, container["name"])
            assert own["readOnlyRootFilesystem"] is True, (name, container["name"])
            assert own["capabilities"] == {"drop": ["ALL"]}, (name, container["name"])
            assert container["resources"]["limits"]["memory"], (name, container["name"])
        assert not any("hostPath" in volume for volume in template["spec"].get("volumes", [])), name


def test_only_the_orchestrator_has_a_token(environment: str) -> None:
    objects = render(environment)
    with_token = {
        name for name, one in pod_templates(objects).items() if one["spec"].get("automountServiceAccountToken", True)
    }

    assert with_token == {f"StatefulSet/{RELEASE}-orchestrator"}
    (role,) = of_kind(objects, "Role").values()
    assert role["rules"] == [
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]}
    ]
    (binding,) = of_kind(objects, "RoleBinding").values()
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": f"{RELEASE}-orchestrator", "namespace": NAMESPACE}
    ]
    assert not of_kind(objects, "ClusterRole")


def names_of(kind: type[BaseModel], prefix: str) -> set[str]:
    found = set()
    for name, field in kind.model_fields.items():
        parts = [one for one in (field.annotation, *get_args(field.annotation)) if isinstance(one, type)]
        inner = next((one for one in parts if issubclass(one, BaseModel)), None)
        if inner:
            found |= names_of(inner, f"{prefix}{name.upper()}__")
        else:
            found.add(f"{prefix}{name.upper()}")
    return found


def known_variables() -> set[str]:
    kinds: list[Any] = [OrchestratorSettings, EngineSettings, CliSettings]
    for stage in STAGES:
        module = import_module(f"firstframe.{stage}.settings")
        kinds += [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    return {name for kind in kinds for name in names_of(kind, kind.model_config["env_prefix"])}


def test_every_setting_of_ours_exists(environment: str) -> None:
    known = known_variables()
    given = {
        variable["name"]
        for template in pod_templates(render(environment)).values()
        for container in containers(template)
        for variable in container.get("env", [])
    }

    assert {name for name in given if name.startswith("FIRSTFRAME_")} - known == set()
    assert "FIRSTFRAME_IMAGEGEN_LISTEN" in given


def test_secrets_are_references(environment: str) -> None:
    for template in pod_templates(render(environment)).values():
        for container in containers(template):
            for variable in container.get("env", []):
                if any(
                    word in variable["name"]
                    for word in ("SECRET", "ACCESS_KEY", "PASSWORD", "DATABASE_URL", "APPROVAL_KEY", "CONSENT_KEY")
                ):
                    assert "secretKeyRef" in variable["valueFrom"], variable["name"]


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_outside_a_cluster_of_one_the_release_holds_no_secret(environment: str) -> None:
    assert not of_kind(render(environment), "Secret")


def test_a_pod_ends_after_its_drain(environment: str) -> None:
    for name, template in pod_templates(render(environment)).items():
        drains = [
            float(variable["value"])
            for container in containers(template)
            for variable in container.get("env", [])
            if variable["name"].endswith("_DRAIN_GRACE_S")
        ]
        assert all(template["spec"]["terminationGracePeriodSeconds"] > drain for drain in drains), name


def test_probes_ask_the_port_that_serves_them(environment: str) -> None:
    for service in SERVICES:
        template = template_of(render(environment), service)
        (container,) = template["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        settings = {variable["name"]: variable.get("value", "") for variable in container["env"]}
        prefix = f"FIRSTFRAME_{service.upper()}_"
        assert settings[f"{prefix}LISTEN"] == f"0.0.0.0:{ports['grpc']}"
        assert settings[f"{prefix}METRICS_LISTEN"] == f"0.0.0.0:{ports['metrics']}"
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] == "metrics"
        start = container["startupProbe"]
        assert start["failureThreshold"] * start["periodSeconds"] >= 300


def template_of(objects: list[Object], service: str) -> Object:
    kind = "StatefulSet" if service == "orchestrator" else "Deployment"
    template: Object = of_kind(objects, kind)[f"{RELEASE}-{service}"]["spec"]["template"]
    return template


@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_has_gpus_of_its_own_pool(environment: str, stage: str) -> None:
    spec = template_of(render(environment), stage)["spec"]

    assert spec["nodeSelector"] == {"firstframe.dev/pool": stage}
    keys = {(one["key"], one.get("value")) for one in spec["tolerations"]}
    assert keys == {("firstframe.dev/pool", stage), ("nvidia.com/gpu", None)}
    counts = [one["resources"]["limits"].get("nvidia.com/gpu", 0) for one in containers({"spec": spec})]
    assert sorted(counts, reverse=True)[0] == sum(counts) == 1


def test_the_orchestrator_needs_no_gpu_node(environment: str) -> None:
    spec = template_of(render(environment), "orchestrator")["spec"]

    assert "nodeSelector" not in spec
    assert "tolerations" not in spec


def test_slices_of_gpus_are_asked_for_by_name() -> None:
    objects = render("staging", {"imagegen.gpu": {"count": 2, "resource": "nvidia.com/mig-1g.10gb"}})
    (container,) = template_of(objects, "imagegen")["spec"]["containers"]

    assert container["resources"]["limits"]["nvidia.com/mig-1g.10gb"] == 2
    assert "nvidia.com/gpu" not in container["resources"]["limits"]


def test_with_triton_the_server_has_the_gpu_and_the_stage_reaches_it_on_loopback() -> None:
    spec = template_of(render("production"), "imagegen")["spec"]
    found = {one["name"]: one for one in containers({"spec": spec})}

    assert list(found) == ["repository", "triton", "imagegen"]
    assert found["triton"]["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert "nvidia.com/gpu" not in found["imagegen"]["resources"]["limits"]
    assert "--grpc-address=127.0.0.1" in found["triton"]["args"]
    assert found["triton"]["restartPolicy"] == "Always"
    assert "/tmp" in {one["mountPath"] for one in found["triton"]["volumeMounts"]}
    settings = {one["name"]: one.get("value") for one in found["imagegen"]["env"]}
    assert settings["FIRSTFRAME_IMAGEGEN_MODELS__TRITON"] == "127.0.0.1:8001"
    assert json.loads(settings["FIRSTFRAME_IMAGEGEN_MODELS__PACKS"]) == ["sdxl"]


def test_a_pool_that_films_has_the_renderer_its_variant_and_the_gpu() -> None:
    """The values of docs/filming.md."""
    changes = {"animation.image": {"name": "animation-scene"}, "animation.settings": {"VARIANT": "cuda_ad_rgb"}}
    (container,) = template_of(render("staging", changes), "animation")["spec"]["containers"]
    settings = {one["name"]: one.get("value") for one in container["env"]}

    assert container["image"].startswith("ghcr.io/firstframe/animation-scene:")
    assert (
        AnimationSettings.model_validate({"variant": settings["FIRSTFRAME_ANIMATION_VARIANT"]}).variant == "cuda_ad_rgb"
    )
    assert container["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert all(
        words in (ROOT / "docs" / "filming.md").read_text() for words in ("animation-scene", "VARIANT: cuda_ad_rgb")
    )


def test_an_images_own_tag_goes_before_that_of_all_and_a_digest_before_both() -> None:
    def image(**changes: Any) -> str:
        objects = render("staging", {"global.imageTag": "2", "imagegen.image": {"name": "imagegen", **changes}})
        (container,) = template_of(objects, "imagegen")["spec"]["containers"]
        return str(container["image"])

    digest = "sha256:" + "a" * 64
    assert image() == "ghcr.io/firstframe/imagegen:2"
    assert image(tag="3") == "ghcr.io/firstframe/imagegen:3"
    assert image(tag="3", digest=digest) == f"ghcr.io/firstframe/imagegen@{digest}"


def test_without_packs_there_are_no_models() -> None:
    spec = template_of(render("staging"), "imagegen")["spec"]

    assert "initContainers" not in spec
    assert not any("MODELS__" in one["name"] for one in spec["containers"][0]["env"])


def test_without_a_claim_every_pod_pulls_its_packs() -> None:
    changes = {"imagegen.models": {"packs": ["sdxl"]}}
    spec = template_of(render("staging", changes), "imagegen")["spec"]

    (pull,) = spec["initContainers"]
    assert (pull["name"], pull["args"]) == ("pull", ["sdxl"])
    assert pull["image"] == "ghcr.io/firstframe/models:0.1.0"
    assert next(one for one in spec["volumes"] if one["name"] == "models")["emptyDir"]


def test_engines_are_built_in_the_pool_before_the_deployment_rolls() -> None:
    jobs = of_kind(render("production"), "Job")

    jobs = {name: one for name, one in jobs.items() if "engines" in name}
    assert set(jobs) == {f"{RELEASE}-imagegen-engines-sm-89", f"{RELEASE}-animation-engines-sm-90"}
    job = jobs[f"{RELEASE}-imagegen-engines-sm-89"]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    spec = job["spec"]["template"]["spec"]
    assert spec["nodeSelector"] == {
        "firstframe.dev/pool": "imagegen",
        "nvidia.com/gpu.product": "NVIDIA-L40S",
    }
    assert (
        "firstframe models build --home /models/packs --target tensorrt --arch sm_89 sdxl"
        in (spec["containers"][0]["args"][0])
    )
    assert spec["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == 1


def test_what_a_hook_makes_goes_when_it_has_done_its_work(environment: str) -> None:
    hooks = [one for one in render(environment) if "helm.sh/hook" in one["metadata"].get("annotations", {})]

    assert hooks
    for one in hooks:
        policy = one["metadata"]["annotations"]["helm.sh/hook-delete-policy"].split(",")
        assert set(policy) == {"before-hook-creation", "hook-succeeded"}, one["metadata"]["name"]


def test_later_stages_go_before_earlier_ones() -> None:
    classes = of_kind(render("production"), "PriorityClass")
    values = {name.removeprefix(f"{RELEASE}-"): one["value"] for name, one in classes.items()}

    assert sorted(values, key=values.__getitem__) == ["imagegen", "animation", "upscaling", "stitching", "orchestrator"]
    for service in SERVICES:
        assert template_of(render("production"), service)["spec"]["priorityClassName"] == f"{RELEASE}-{service}"


def test_no_stage_takes_the_place_of_what_a_cluster_of_one_keeps() -> None:
    templates = pod_templates(render("local"))
    kept = {
        name: one["spec"].get("priorityClassName")
        for name, one in templates.items()
        if name.endswith(("-postgres", "-s3", "-client"))
    }

    assert set(kept.values()) == {f"{RELEASE}-orchestrator"}
    assert len(kept) == 3


def test_every_service_has_a_disruption_budget_that_matches_its_pods(environment: str) -> None:
    objects = render(environment)
    for service in SERVICES:
        budget = of_kind(objects, "PodDisruptionBudget")[f"{RELEASE}-{service}"]
        labels = template_of(objects, service)["metadata"]["labels"]
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert budget["spec"]["maxUnavailable"] == 1


def test_the_orchestrator_follows_the_services_of_its_stages(environment: str) -> None:
    objects = render(environment)
    (container,) = template_of(objects, "orchestrator")["spec"]["containers"]
    text = next(one["value"] for one in container["env"] if one["name"].endswith("POOLS_SERVICES"))

    assert json.loads(text) == {stage: f"{NAMESPACE}/{RELEASE}-{stage}:grpc" for stage in STAGES}
    for stage in STAGES:
        service = of_kind(objects, "Service")[f"{RELEASE}-{stage}"]["spec"]
        assert service["ports"][0]["name"] == "grpc"
        assert service["selector"].items() <= template_of(objects, stage)["metadata"]["labels"].items()


def test_campaigns_are_in_postgres_or_on_a_volume() -> None:
    def variables(database: dict[str, Any]) -> tuple[dict[str, Any], Object]:
        objects = render(
            "local", {"orchestrator.database": database, "postgres.enabled": database["kind"] == "postgres"}
        )
        (container,) = template_of(objects, "orchestrator")["spec"]["containers"]
        return {one["name"].rpartition("ORCHESTRATOR_")[2]: one for one in container["env"]}, of_kind(
            objects, "StatefulSet"
        )[f"{RELEASE}-orchestrator"]

    given, _ = variables({"kind": "postgres"})
    assert given["DATABASE_URL"]["valueFrom"]["secretKeyRef"] == {"name": f"{RELEASE}-postgres", "key": "url"}
    assert "STATE_FOLDER" not in given
    given, stateful = variables({"kind": "sqlite"})
    assert given["STATE_FOLDER"]["value"] == "/state"
    assert "DATABASE_URL" not in given
    assert stateful["spec"]["volumeClaimTemplates"][0]["metadata"]["name"] == "state"


def test_the_database_is_changed_before_a_new_version_starts(environment: str) -> None:
    objects = render(environment)
    job = of_kind(objects, "Job")[f"{RELEASE}-orchestrator-migrate"]
    (migrate,) = job["spec"]["template"]["spec"]["containers"]
    (orchestrator,) = template_of(objects, "orchestrator")["spec"]["containers"]

    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-upgrade"
    assert migrate["image"] == orchestrator["image"]
    given = {one["name"]: one for one in orchestrator["env"]}
    assert migrate["env"] == [given[one["name"]] for one in migrate["env"]]
    # It is none of the pods behind the orchestrator's Service.
    service = of_kind(objects, "Service")[f"{RELEASE}-orchestrator"]["spec"]["selector"]
    assert not service.items() <= job["spec"]["template"]["metadata"]["labels"].items()
    without = render("local", {"orchestrator.database": {"kind": "sqlite"}, "postgres.enabled": False})
    assert not of_kind(without, "Job")


def test_consent_is_sealed_and_checked_with_one_secret_that_no_other_pod_has() -> None:
    def given(environment: str) -> dict[str, Any]:
        return {
            name: variable["valueFrom"]
            for name, template in pod_templates(render(environment)).items()
            for container in containers(template)
            for variable in container.get("env", [])
            if variable["name"].endswith("_CONSENT_KEY")
        }

    assert given("local") == {}
    secret = {"secretKeyRef": {"name": "firstframe-consent", "key": "key"}}
    holders = {name.partition("/")[2].removeprefix(f"{RELEASE}-").partition("-")[0] for name in given("production")}
    assert holders == {"animation", "orchestrator"}
    assert all(source == secret for source in given("production").values())


def test_decisions_are_sealed_by_a_secret_of_ones_own() -> None:
    def key(environment: str) -> Any:
        (container,) = template_of(render(environment), "orchestrator")["spec"]["containers"]
        return next((one["valueFrom"] for one in container["env"] if one["name"].endswith("APPROVAL_KEY")), None)

    assert key("production") == {"secretKeyRef": {"name": "firstframe-approval", "key": "key"}}
    assert key("staging") is None


@pytest.mark.parametrize("server", ["postgres", "s3"])
def test_a_server_of_the_release_keeps_its_data_unless_told_otherwise(server: str) -> None:
    kept = of_kind(render("local"), "StatefulSet")[f"{RELEASE}-{server}"]["spec"]
    lost = of_kind(render("local", {f"{server}.persistent": False}), "StatefulSet")[f"{RELEASE}-{server}"]["spec"]

    assert [one["metadata"]["name"] for one in kept["volumeClaimTemplates"]] == ["data"]
    assert "data" not in {one["name"] for one in kept["template"]["spec"]["volumes"]}
    assert "volumeClaimTemplates" not in lost
    assert "data" in {one["name"] for one in lost["template"]["spec"]["volumes"]}


def test_certificates_name_the_role(environment: str) -> None:
    objects = render(environment)
    for service in SERVICES:
        certificate = of_kind(objects, "Certificate")[f"{RELEASE}-{service}"]["spec"]
        assert certificate["dnsNames"] == [f"{service}.firstframe.svc"]
        volumes = {one["name"]: one for one in template_of(objects, service)["spec"]["volumes"]}
        assert volumes["tls"]["secret"]["secretName"] == certificate["secretName"]


def test_without_tls_nothing_of_it_is_left() -> None:
    objects = render("local", {"global.tls": {"enabled": False}})

    assert not of_kind(objects, "Certificate")
    assert not of_kind(objects, "Issuer")
    text = json.dumps(objects)
    assert "TLS__" not in text
    assert "/tls" not in text


def test_the_generated_files_are_those_of_the_generator(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / "gen_charts.py", tmp_path], check=True, timeout=60)

    for path in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        assert (ROOT / path.relative_to(tmp_path)).read_text() == path.read_text(), path


def test_rules_and_dashboards_come_along_where_they_are_watched() -> None:
    objects = render("production")
    (rule,) = of_kind(objects, "PrometheusRule").values()
    boards = of_kind(objects, "ConfigMap")

    assert rule["metadata"]["labels"]["release"] == "prometheus"
    alerts = {one["alert"] for group in rule["spec"]["groups"] for one in group["rules"] if "alert" in one}
    assert "FirstframeStageWithoutServers" in alerts
    files = sorted(path.name for path in (ROOT / "deploy" / "helm" / "dashboards").glob("*.json"))
    assert sorted(name for one in boards.values() for name in one["data"]) == files
    for one in boards.values():
        assert one["metadata"]["labels"]["grafana_dashboard"] == "1"
        (text,) = one["data"].values()
        assert json.loads(text)["panels"]
    assert not of_kind(render("local"), "PrometheusRule")
    assert not of_kind(render("local"), "ConfigMap")


def test_every_service_is_scraped_where_it_is_watched() -> None:
    objects = render("production")
    for service in SERVICES:
        monitor = of_kind(objects, "PodMonitor")[f"{RELEASE}-{service}"]["spec"]
        template = template_of(objects, service)
        assert monitor["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        ports = {port["name"] for one in containers(template) for port in one.get("ports", [])}
        assert {one["port"] for one in monitor["podMetricsEndpoints"]} == ports - {"grpc"}
