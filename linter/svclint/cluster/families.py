"""IP families and cluster IPs of Services as the server stores them (pkg/registry/core/service/storage/alloc.go)."""

from __future__ import annotations

from svclint.kube.facts import Facts
from svclint.kube.service import Service


def family_of(address: str) -> str:
    """`IPv4` or `IPv6`."""
    return "IPv6" if ":" in address else "IPv4"


def service_families(service: Service, facts: Facts) -> tuple[str, ...]:
    """spec.ipFamilies of the stored Service. A Service range that isn't known is taken to have both families, IPv4
    first, as a RequireDualStack Service in the sources presumes."""
    if service.is_external_name:
        return ()
    ranges = tuple(dict.fromkeys(family_of(cidr) for cidr in facts.service_cidrs)) or ("IPv4", "IPv6")
    families = list(dict.fromkeys(service.ip_families))
    for address in service.cluster_ips:
        family = family_of(address)
        if address not in ("None", "<allocated>") and family not in families:
            families.append(family)
    if not families:
        families.append(ranges[0])
    policy = service.ip_family_policy
    if policy is None and service.headless and not service.selector:
        policy, ranges = "RequireDualStack", ("IPv4", "IPv6")
    if policy in ("PreferDualStack", "RequireDualStack") and len(families) == 1 and len(ranges) > 1:
        families.append("IPv6" if families[0] == "IPv4" else "IPv4")
    return tuple(families[:2])


def known_cluster_ips(service: Service) -> tuple[str, ...]:
    """The cluster IPs that the manifest asks for."""
    return tuple(address for address in service.cluster_ips if address not in ("None", "<allocated>"))
