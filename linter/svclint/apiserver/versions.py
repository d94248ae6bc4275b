"""Every difference between versions of the API server that svclint knows, in one table.

Sources: k8s.io/kubernetes pkg/features/kube_features.go (gates, by the version that turned them on by default), the
changelogs for rules that changed without a gate, recorded verdicts of 1.33 to 1.36.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

# Name -> the first minor version (of 1.x) that has it on. A name in lower case is a change without a gate.
SINCE = {
    # Service and addresses
    "ServiceTrafficDistribution": 31,  # spec.trafficDistribution
    "PreferSameTrafficDistribution": 34,  # PreferSameZone, PreferSameNode
    "MultiCIDRServiceAllocator": 33,  # cluster IPs as IPAddress objects: other texts
    "StrictIPCIDRValidation": 36,  # no leading zeros, no IPv4-mapped IPv6, no bits beyond the prefix
    "RelaxedServiceNameValidation": 36,  # a Service's name may begin with a digit
    "kubelet-port-on-load-balancer": 33,  # 10250 may be a LoadBalancer's port
    "endpoints-deprecated": 33,  # warning
    "external-ips-deprecated": 36,  # warning
    "prefer-close-deprecated": 35,  # warning
    "headless-ignored-fields": 34,  # warnings about what a headless Service ignores
    # Pods
    "AppArmorFields": 30,
    "ContainerRestartRules": 35,
    "DynamicResourceAllocation": 34,
    "EnvFiles": 35,
    "HostnameOverride": 35,
    "ImageVolume": 35,
    "InPlacePodVerticalScaling": 33,
    "MatchLabelKeysInPodAffinity": 31,
    "PodLevelResources": 34,
    "PodLifecycleSleepAction": 30,
    "PodLifecycleSleepActionAllowZero": 33,
    "ProcMountType": 33,
    "RecursiveReadOnlyMounts": 31,
    "RelaxedDNSSearchValidation": 33,  # "_" in a search domain, "." alone
    "RelaxedEnvironmentVariableValidation": 32,
    "SELinuxChangePolicy": 33,
    "SupplementalGroupsPolicy": 33,
    "UserNamespacesSupport": 33,
    "VolumeAttributesClass": 34,
    "git-repo-disabled": 33,  # warning
    # Workloads
    "JobBackoffLimitPerIndex": 29,
    "JobManagedBy": 32,
    "JobPodReplacementPolicy": 29,
    "JobSuccessPolicy": 31,
    "MaxUnavailableStatefulSet": 35,
    "stateful-set-service-name": 33,  # spec.serviceName is a DNS label
    "stateful-set-template": 34,  # a StatefulSet's pod template is validated
    # Texts
    "embedded-struct-in-path": 35,  # `spec.rules.IngressRuleValue.http` where a field has the wrong type
    "label-length-in-bytes": 35,  # `must be no more than 63 bytes`, `a valid label key must …`
    "dns-search-text": 34,  # a bad search domain's message names the expression that allows "_"
    "values-as-json": 34,  # before, a bad value that is no string or number was printed as Go syntax
}


@cache
def gates(version: tuple[int, int]) -> Mapping[str, bool]:
    """Whether `version` has each gate or rule of the table."""
    return {gate: version >= (1, since) for gate, since in SINCE.items()}


def enabled(gate: str, version: tuple[int, int]) -> bool:
    """Whether `version` has the gate or rule. A name that is not in the table is a programming error: KeyError."""
    return gates(version)[gate]
