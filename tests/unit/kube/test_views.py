"""Typed views: defaults as the API server fills them in, wrong types as absent."""

from __future__ import annotations

from typing import TypeVar

import pytest

from svclint.kube.endpoints import Endpoints, EndpointSlice
from svclint.kube.labels import LabelSelector, matches
from svclint.kube.network_policy import NetworkPolicy
from svclint.kube.references import (
    HorizontalPodAutoscaler,
    Monitor,
    PodDisruptionBudget,
    pod_references,
    service_references,
)
from svclint.kube.resource import ObjectView, Resource, resources
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.yaml import parse

V = TypeVar("V", bound=ObjectView)


def resource(text: str) -> Resource:
    return next(item for document in parse(text, "f.yaml").documents for item in resources(document))


def view(kind: type[V], text: str) -> V:
    found = resource(text)
    assert kind.reads(found)
    return kind(found)


def service(spec: str) -> Service:
    return view(Service, f"apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {spec}\n")


def workload(kind: str, body: str, api: str = "apps/v1") -> Workload:
    (found,) = Workload.read(resource(f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web}}\n{body}"))
    return found


@pytest.mark.parametrize(
    ("spec", "target"),
    [
        ("{ports: [{port: 80}]}", 80),
        ("{ports: [{port: 80, targetPort: 0}]}", 80),
        ('{ports: [{port: 80, targetPort: ""}]}', 80),
        ("{ports: [{port: 80, targetPort: http}]}", "http"),
        ("{ports: [{port: 80, targetPort: 8080}]}", 8080),
        ("{ports: [{port: 80, targetPort: true}]}", 80),
        ("{ports: [{port: 80, targetPort: [1]}]}", 80),
    ],
)
def test_target_port_defaults_to_port(spec: str, target: int | str) -> None:
    assert service(spec).ports[0].target_port == target


def test_service_defaults() -> None:
    found = service("{ports: [{port: 80}]}")
    assert (found.type, found.headless, found.session_affinity, found.internal_traffic_policy) == (
        "ClusterIP",
        False,
        "None",
        "Cluster",
    )
    assert found.ports[0].protocol == "TCP"
    assert str(found.ports[0]) == "80/TCP"


@pytest.mark.parametrize(
    ("spec", "headless"),
    [
        ("{clusterIP: None}", True),
        ("{clusterIP: none}", False),
        ("{type: ExternalName, clusterIP: None}", False),
        ("{clusterIP: ~}", False),
    ],
)
def test_headless(spec: str, headless: bool) -> None:
    assert service(spec).headless is headless


def test_null_selector_value_is_the_empty_string() -> None:
    assert service("{selector: {app: ~, x: 7}}").selector == {"app": ""}


def test_service_of_wrong_types_reads_as_empty() -> None:
    found = service("{ports: {a: 1}, selector: [a], type: 7, externalIPs: a, clusterIPs: [1]}")
    assert (found.ports, found.selector, found.type, found.external_ips, found.cluster_ips) == (
        (),
        {},
        "ClusterIP",
        (),
        (),
    )
    assert service("7").ports == ()


def test_ports_know_their_place() -> None:
    found = service("{ports: [{port: 80}, {port: 81, targetPort: a}]}")
    assert found.ports[1].at("targetPort").path == ("spec", "ports", 1, "targetPort")
    assert found.port_numbered(81) is not None
    assert found.port_numbered(81, "UDP") is None
    assert found.port_named("") is found.ports[0]


def test_selector_needs_the_key() -> None:
    assert matches({"app": ""}, {"app": ""})
    assert not matches({"app": ""}, {})


@pytest.mark.parametrize(
    ("expression", "labels", "expected"),
    [
        ("{key: a, operator: In, values: [x, z]}", {"a": "z"}, True),
        ("{key: a, operator: In, values: [x]}", {}, False),
        ("{key: a, operator: NotIn, values: [x]}", {}, True),
        ("{key: a, operator: NotIn, values: [x]}", {"a": "x"}, False),
        ("{key: a, operator: Exists}", {"a": ""}, True),
        ("{key: a, operator: DoesNotExist}", {"a": ""}, False),
        ("{key: a, operator: in, values: [x]}", {"a": "x"}, False),
    ],
)
def test_requirements(expression: str, labels: dict[str, str], expected: bool) -> None:
    read = parse(f"matchExpressions: [{expression}]", "f").documents[0].value
    assert LabelSelector.read(read).matches(labels) is expected


TEMPLATE = "template: {metadata: {labels: {app: web}}, spec: {containers: [%s], initContainers: [%s]}}"


@pytest.mark.parametrize(
    ("kind", "api", "added"),
    [
        ("Deployment", "apps/v1", {"pod-template-hash"}),
        ("ReplicaSet", "apps/v1", set()),
        (
            "StatefulSet",
            "apps/v1",
            {"controller-revision-hash", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"},
        ),
        ("DaemonSet", "apps/v1", {"controller-revision-hash", "pod-template-generation"}),
        ("Rollout", "argoproj.io/v1alpha1", {"rollouts-pod-template-hash"}),
    ],
)
def test_labels_that_controllers_add_are_unknown(kind: str, api: str, added: set[str]) -> None:
    labels = workload(kind, f"spec: {{{TEMPLATE % ('', '')}}}", api).pod_labels
    assert labels.added == added
    assert labels.matches({"app": "web"}) is True
    assert labels.matches({"app": "other"}) is False
    assert labels.matches({"x": "y"}) is False
    for key in added:
        assert labels.matches({"app": "web", key: "x"}) is None


def test_a_job_knows_its_own_label() -> None:
    labels = workload("Job", f"spec: {{completionMode: Indexed, {TEMPLATE % ('', '')}}}", "batch/v1").pod_labels
    assert labels.matches({"job-name": "web"}) is True
    assert labels.matches({"batch.kubernetes.io/job-name": "other"}) is False
    assert labels.matches({"batch.kubernetes.io/job-completion-index": "0"}) is None


def test_pods_of_an_operator_have_its_labels_and_ports() -> None:
    found = workload("Prometheus", "spec: {replicas: 2, portName: metrics}", "monitoring.coreos.com/v1")
    assert found.pod_labels.matches({"app.kubernetes.io/name": "prometheus", "prometheus": "web"}) is True
    assert found.template.find_port("metrics", "TCP") == 9090
    assert (found.replicas, found.pods_name, found.built_in) == (2, "prometheus-web", False)


def test_configured_kinds_are_workloads() -> None:
    from svclint.kube.custom_workloads import TemplateAt

    found = resource("{apiVersion: x.io/v1, kind: App, metadata: {name: a}, spec: {pod: {metadata: {labels: {a: b}}}}}")
    assert Workload.read(found) == ()
    (read,) = Workload.read(found, {("x.io", "App"): (TemplateAt(("spec", "pod")),)})
    assert read.pod_labels.matches({"a": "b"}) is True


def test_named_ports_are_found_in_containers_then_sidecars() -> None:
    containers = "{ports: [{name: a, containerPort: 1, protocol: UDP}]}, {ports: [{name: a, containerPort: 2}]}"
    inits = (
        "{ports: [{name: b, containerPort: 3}]}, "
        "{restartPolicy: Always, ports: [{name: b, containerPort: 4}, {name: a, containerPort: 5}]}"
    )
    template = workload("Deployment", f"spec: {{{TEMPLATE % (containers, inits)}}}").template
    assert template.find_port("a", "TCP") == 2
    assert template.find_port("a", "UDP") == 1
    assert template.find_port("b", "TCP") == 4
    assert template.find_port("c", "TCP") is None
    assert template.find_port(99, "TCP") == 99
    assert template.declares(4, "TCP")
    assert not template.containers_declare(4, "TCP")
    assert [item.role for item in template.containers] == ["container", "container", "init", "sidecar"]


def test_replicas() -> None:
    assert workload("Deployment", "spec: {}").replicas == 1
    assert workload("Deployment", "spec: {replicas: 0}").replicas == 0
    assert workload("Deployment", "spec: {replicas: x}").replicas == 1


def test_replication_controller_takes_labels_from_each_other() -> None:
    found = workload("ReplicationController", "spec: {selector: {a: b}, template: {spec: {}}}", "v1")
    assert found.pod_labels.labels == {"a": "b"}
    other = workload("ReplicationController", f"spec: {{{TEMPLATE % ('', '')}}}", "v1")
    assert other.selector is not None
    assert other.selector.labels == {"app": "web"}


def test_slices_and_endpoints() -> None:
    text = """\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: a, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 80}, {}]
endpoints:
- {addresses: [10.0.0.1, 7], conditions: {ready: false, terminating: true}, hints: {forZones: [{name: z}]}}
- 7
"""
    found = view(EndpointSlice, text)
    assert found.service_name == "web"
    assert [tuple(port) for port in found.ports] == [("http", 80, "TCP", None), ("", None, "TCP", None)]
    first, second = found.endpoints
    assert (first.addresses, first.ready, first.terminating, first.zone_hints) == (("10.0.0.1",), False, True, ("z",))
    assert (second.addresses, second.ready) == ((), None)
    written = view(
        Endpoints, "{apiVersion: v1, kind: Endpoints, metadata: {name: a}, subsets: [{notReadyAddresses: [{ip: a}]}]}"
    )
    assert written.is_mirrored
    assert written.subsets[0].not_ready_addresses[0].ip == "a"


@pytest.mark.parametrize(
    ("labels", "mirrored"), [("{endpointslice.kubernetes.io/skip-mirror: 'true'}", False), ("{}", True)]
)
def test_skip_mirror(labels: str, mirrored: bool) -> None:
    text = f"{{apiVersion: v1, kind: Endpoints, metadata: {{name: a, labels: {labels}}}}}"
    assert view(Endpoints, text).is_mirrored is mirrored


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        ("{}", ("Ingress",)),
        ("{egress: []}", ("Ingress",)),
        ("{egress: [{}]}", ("Ingress", "Egress")),
        ("{policyTypes: [Egress]}", ("Egress",)),
    ],
)
def test_policy_types(spec: str, types: tuple[str, ...]) -> None:
    text = f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: a}}, spec: {spec}}}"
    assert view(NetworkPolicy, text).types == types


def test_references() -> None:
    scaler = view(
        HorizontalPodAutoscaler,
        "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, "
        "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}",
    )
    assert scaler.target is not None
    assert scaler.target[:4] == ("apps", "Deployment", "default", "web")
    budget = view(
        PodDisruptionBudget, "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {}}"
    )
    assert budget.selector is None
    monitor = view(
        Monitor,
        "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: a}, "
        "spec: {endpoints: [{port: web}], namespaceSelector: {any: true}}}",
    )
    assert monitor.namespaces is None
    assert monitor.endpoints[0].port == "web"


def test_webhooks_name_services() -> None:
    found = resource(
        "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: a}, "
        "webhooks: [{clientConfig: {service: {name: hook, namespace: ops}}}, {clientConfig: {url: x}}]}"
    )
    ((reference, port, _),) = service_references(found)
    assert (reference.namespace, reference.name, port) == ("ops", "hook", 443)


def test_pods_name_config_maps_and_secrets() -> None:
    body = """\
spec:
  template:
    spec:
      serviceAccountName: robot
      containers:
      - envFrom: [{configMapRef: {name: env, optional: true}}]
        env: [{name: A, valueFrom: {secretKeyRef: {name: secret, key: a}}}]
      volumes: [{configMap: {name: files}}, {projected: {sources: [{secret: {name: more}}]}}]
"""
    found = {(item.kind, item.name, item.optional) for item in pod_references(workload("Deployment", body).template)}
    assert found == {
        ("ServiceAccount", "robot", False),
        ("ConfigMap", "env", True),
        ("Secret", "secret", False),
        ("ConfigMap", "files", False),
        ("Secret", "more", False),
    }
