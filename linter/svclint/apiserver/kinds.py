"""Which functions speak for a kind: defaults, validation, warnings. Loaded when the first object of the kind comes.

A name is `module:function` below `svclint.apiserver`; the signatures are in `context`. A kind that is not here is
judged by its structural schema and its metadata alone.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any, NamedTuple

from svclint.apiserver.context import Defaulter, Validator, Warner
from svclint.apiserver.names import NameValidator, is_dns1123_subdomain, is_valid_path_segment_name


class Strategy(NamedTuple):
    """The functions of a kind."""

    default: Defaulter | None = None
    validate: Validator | None = None
    warn: Warner | None = None


# (group, kind) -> the names of its functions; an empty one means that there is nothing to do.
KINDS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("", "Service"): (
        "defaults.service:default_service",
        "validation.service:validate_service",
        "warnings.service:warnings_service",
    ),
    ("", "Endpoints"): (
        "defaults.endpoints:default_endpoints",
        "validation.endpoints:validate_endpoints",
        "warnings.endpoints:warnings_endpoints",
    ),
    ("", "Namespace"): ("defaults.namespace:default_namespace", "validation.namespace:validate_namespace", ""),
    ("", "ConfigMap"): ("", "validation.config:validate_config_map", ""),
    ("", "Secret"): ("defaults.config:default_secret", "validation.config:validate_secret", ""),
    ("autoscaling", "HorizontalPodAutoscaler"): ("", "validation.autoscaling:validate_horizontal_pod_autoscaler", ""),
    ("policy", "PodDisruptionBudget"): ("", "validation.disruption:validate_pod_disruption_budget", ""),
    ("rbac.authorization.k8s.io", "Role"): ("", "validation.rbac:validate_role", ""),
    ("rbac.authorization.k8s.io", "ClusterRole"): ("", "validation.rbac:validate_cluster_role", ""),
    ("rbac.authorization.k8s.io", "RoleBinding"): (
        "defaults.rbac:default_role_binding",
        "validation.rbac:validate_role_binding",
        "",
    ),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (
        "defaults.rbac:default_role_binding",
        "validation.rbac:validate_cluster_role_binding",
        "",
    ),
    ("discovery.k8s.io", "EndpointSlice"): (
        "defaults.endpoints:default_endpoint_slice",
        "validation.endpointslice:validate_endpoint_slice",
        "warnings.endpoints:warnings_endpoint_slice",
    ),
    ("networking.k8s.io", "Ingress"): (
        "",
        "validation.ingress:validate_ingress",
        "warnings.networking:warnings_ingress",
    ),
    ("networking.k8s.io", "IngressClass"): (
        "defaults.networking:default_ingress_class",
        "validation.ingress:validate_ingress_class",
        "",
    ),
    ("networking.k8s.io", "NetworkPolicy"): (
        "defaults.networking:default_network_policy",
        "validation.networkpolicy:validate_network_policy",
        "warnings.networking:warnings_network_policy",
    ),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"): ("", "policy.validate:validate_policy", ""),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): ("", "policy.validate:validate_binding", ""),
    ("", "Pod"): ("defaults.pod:default_pod", "validation.pod:validate_pod", "warnings.pod:warnings_pod"),
    ("apps", "Deployment"): (
        "defaults.workloads:default_deployment",
        "validation.workloads:validate_deployment",
        "warnings.pod:warnings_deployment",
    ),
    ("apps", "StatefulSet"): (
        "defaults.workloads:default_stateful_set",
        "validation.workloads:validate_stateful_set",
        "warnings.pod:warnings_stateful_set",
    ),
    ("apps", "DaemonSet"): (
        "defaults.workloads:default_daemon_set",
        "validation.workloads:validate_daemon_set",
        "warnings.pod:warnings_daemon_set",
    ),
    ("apps", "ReplicaSet"): (
        "defaults.workloads:default_replica_set",
        "validation.workloads:validate_replica_set",
        "warnings.pod:warnings_replica_set",
    ),
    ("", "ReplicationController"): (
        "defaults.workloads:default_replication_controller",
        "validation.workloads:validate_replication_controller",
        "warnings.pod:warnings_replication_controller",
    ),
    ("batch", "Job"): ("defaults.batch:default_job", "validation.batch:validate_job", "warnings.pod:warnings_job"),
    ("batch", "CronJob"): (
        "defaults.batch:default_cron_job",
        "validation.batch:validate_cron_job",
        "warnings.pod:warnings_cron_job",
    ),
}


def plural(kind: str) -> str:
    """A kind's name in the addresses of its objects (meta.UnsafeGuessKindToResource)."""
    name = kind.lower()
    if name == "endpoints":
        return name
    if name.endswith("s"):
        return name + "es"
    return name[:-1] + "ies" if name.endswith("y") else name + "s"


def _any_name(_: str) -> tuple[str, ...]:
    return ()


# Kinds without functions whose names are no DNS subdomains.
_NAMES: dict[tuple[str, str], NameValidator] = {
    ("apiregistration.k8s.io", "APIService"): is_valid_path_segment_name,
    ("certificates.k8s.io", "CertificateSigningRequest"): _any_name,
    ("networking.k8s.io", "IPAddress"): _any_name,
}


def name_validator(group: str, kind: str) -> NameValidator:
    """The rule for the names of a kind that has no validation of its own here."""
    return _NAMES.get((group, kind), is_dns1123_subdomain)


def _function(name: str) -> Any:
    if not name:
        return None
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(f"svclint.apiserver.{module}"), function)


@cache
def strategy(group: str, kind: str) -> Strategy:
    """The functions of a kind; a kind that has none of its own has an empty Strategy."""
    return Strategy(*map(_function, KINDS.get((group, kind), ())))
