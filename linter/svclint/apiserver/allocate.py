"""Families, cluster IPs, node ports and health check ports of a new Service, in the server's order.

All of it happens before validation: if it fails, the user sees nothing else.

Source: k8s.io/kubernetes pkg/registry/core/service/storage/alloc.go, ipallocator/, portallocator/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Path
from svclint.apiserver.validation.service import validate_cluster_ips_related_fields
from svclint.apiserver.verdict import Verdict, internal_error, invalid

if TYPE_CHECKING:
    from svclint.apiserver.addresses import CIDR, IP

ALLOCATED = "<allocated>"
SPEC = Path()["spec"]
FAMILIES = ("IPv4", "IPv6")
OTHER_FAMILY = {"IPv4": "IPv6", "IPv6": "IPv4"}


class Refused(Exception):
    """The allocators refuse the Service: with field errors (422), or with an internal error (500)."""

    def __init__(self, errors: list[field.Error], message: str = "", place: tuple[field.Step, ...] = ()) -> None:
        self.errors = errors
        self.message = message
        self.place = place


class Allocation(NamedTuple):
    """What one Service has taken; it counts once the Service is created."""

    ips: list[IP]
    ports: list[int]


class Allocators:
    """What is taken in one cluster. Without --service-cidr the ranges are unknown and nothing is held against them."""

    __slots__ = ("_cidrs", "_ips", "_ports")

    def __init__(self, context: Context) -> None:
        self._cidrs: dict[str, CIDR] = {}
        self._ips: set[IP] = set()
        self._ports: set[int] = set()
        if context.facts.service_cidrs:
            self._configure(context.facts.service_cidrs)

    def _configure(self, cidrs: tuple[str, ...]) -> None:
        from svclint.apiserver.addresses import IP, parse_cidr

        for text in cidrs:
            cidr = parse_cidr(text)
            if cidr is not None:
                self._cidrs[f"IPv{cidr.family}"] = cidr
        # default/kubernetes has the first address of each range.
        self._ips.update(IP(cidr.family, cidr.number + 1) for cidr in self._cidrs.values())

    def allocate(self, service: dict[str, Any], context: Context) -> Allocation | Verdict:
        """What a new Service takes, or the server's refusal."""
        try:
            return self.allocate_create(service, context)
        except Refused as refused:
            if refused.message:
                return internal_error(refused.message, refused.place)
            return invalid("", "Service", service["metadata"].get("name", ""), refused.errors)

    def commit(self, allocation: Allocation) -> None:
        self._ips.update(allocation.ips)
        self._ports.update(allocation.ports)

    def allocate_create(self, service: dict[str, Any], context: Context) -> Allocation:
        """Fills in what the allocators choose (`<allocated>` where the value is theirs). Raises Refused."""
        allocation = Allocation([], [])
        spec = service["spec"]
        self._init_ip_families(spec, context)
        self._cluster_ips(service, spec, allocation, context)
        if spec["type"] in ("NodePort", "LoadBalancer"):
            self._node_ports(spec, allocation, context)
        if needs_health_check(spec):
            self._health_check_node_port(spec, allocation, context)
        return allocation

    def _configured(self, family: str) -> bool:
        return not self._cidrs or family in self._cidrs

    def _init_ip_families(self, spec: dict[str, Any], context: Context) -> None:
        if spec["type"] == "ExternalName":
            return
        headless_without_selector = spec.get("clusterIP") == "None" and not spec.get("selector")
        if "ipFamilyPolicy" not in spec:
            spec["ipFamilyPolicy"] = "RequireDualStack" if headless_without_selector else "SingleStack"
        policy = spec["ipFamilyPolicy"]
        if errors := validate_cluster_ips_related_fields(spec, context):
            raise Refused(errors)
        families = spec["ipFamilies"] = list(spec.get("ipFamilies", ()))
        if errors := self._infer_families(spec, policy, families, context):
            raise Refused(errors)
        default = next(iter(self._cidrs), "IPv4")
        if headless_without_selector:
            if not families:
                families.append(default)
            if len(families) < 2 and policy != "SingleStack":
                families.append(OTHER_FAMILY[families[0]])
            return
        if policy == "RequireDualStack" and len(self._cidrs) == 1:
            at = SPEC["ipFamilyPolicy"]
            errors.append(field.invalid(at, policy, "this cluster is not configured for dual-stack services"))
        for i, family in enumerate(families):
            if not self._configured(family):
                at = SPEC["ipFamilies"][i]
                errors.append(field.invalid(at, family, "not configured on this cluster"))
        if errors:
            raise Refused(errors)
        if not families:
            families.append(default)
        # Whether a cluster of unknown ranges has two families shows only where the Service demands them.
        dual = len(self._cidrs) == 2 or (not self._cidrs and policy == "RequireDualStack")
        if policy != "SingleStack" and len(families) == 1 and dual:
            families.append(OTHER_FAMILY[families[0]])

    def _infer_families(
        self, spec: dict[str, Any], policy: str, families: list[str], context: Context
    ) -> list[field.Error]:
        ips = spec.get("clusterIPs", [])
        if not ips and not families:
            return []
        from svclint.apiserver.addresses import parse_ip

        errors = []
        at = SPEC["ipFamilyPolicy"]
        if policy == "SingleStack":
            detail = "must be 'RequireDualStack' or 'PreferDualStack' when multiple {} are specified"
            if len(ips) == 2:
                errors.append(field.invalid(at, policy, detail.format("cluster IPs")))
            if len(families) == 2:
                errors.append(field.invalid(at, policy, detail.format("IP families")))
        for i, text in enumerate(ips):
            if text == "None":
                break
            ip = parse_ip(text)
            if ip is None or i < len(families):
                continue
            family = f"IPv{ip.family}"
            if self._configured(family):
                families.append(family)
            else:
                errors.append(
                    field.invalid(
                        SPEC["clusterIPs"][i],
                        context.shown(ips, "[]string"),
                        f"{family} is not configured on this cluster",
                    )
                )
        return errors

    def _cluster_ips(
        self, service: dict[str, Any], spec: dict[str, Any], allocation: Allocation, context: Context
    ) -> None:
        ips = spec.get("clusterIPs", [])
        if spec["type"] == "ExternalName" or ips[:1] == ["None"]:
            return
        name = service.get("metadata", {}).get("name", "")
        out = []
        for i, family in enumerate(spec["ipFamilies"]):
            text = ips[i] if i < len(ips) else ""
            if not text:
                if not name and context.enabled("MultiCIDRServiceAllocator"):
                    raise Refused([], "failed to allocate a serviceIP: " + _nameless(ALLOCATED), ("metadata", "name"))
                out.append(ALLOCATED)
                continue
            if wrong := self._wrong_ip(text, family, name, allocation, context):
                # The server has filled its list up with "" by now.
                value = [*ips, *[""] * (len(spec["ipFamilies"]) - len(ips))]
                detail = f"failed to allocate IP {text}: {wrong}"
                at = SPEC["clusterIPs"]
                raise Refused([field.invalid(at, context.shown(value, "[]string"), detail)])
            out.append(text)
        spec["clusterIPs"] = out
        spec["clusterIP"] = out[0]

    def _wrong_ip(self, text: str, family: str, name: str, allocation: Allocation, context: Context) -> str:
        from svclint.apiserver.addresses import IP, parse_ip

        ip = parse_ip(text)
        assert ip is not None  # validate_cluster_ips_related_fields has seen to it
        cidr = self._cidrs.get(family)
        by_objects = context.enabled("MultiCIDRServiceAllocator")
        if cidr is not None and not _usable(cidr, ip):
            if by_objects:
                return "the provided network does not match the current range"
            base = IP(cidr.family, cidr.number).canonical
            return (
                f"the provided IP ({ip.canonical}) is not in the valid range. "
                f"The range of valid IPs is {base}/{cidr.prefix}"
            )
        if by_objects:
            if not name:
                return _nameless(ip.canonical)
            if wrong := names.is_valid_path_segment_name(name):
                return _bad_parent(ip.canonical, field.invalid(_PARENT_NAME, name, wrong[0]).body)
        if ip in self._ips or ip in allocation.ips:
            return "provided IP is already allocated"
        allocation.ips.append(ip)
        return ""

    def _port(self, port: int, allocation: Allocation, context: Context) -> str:
        low, high = context.facts.node_port_range
        if not low <= port <= high:
            return f"provided port is not in the valid range. The range of valid ports is {low}-{high}"
        if port in self._ports or port in allocation.ports:
            return "provided port is already allocated"
        allocation.ports.append(port)
        return ""

    def _node_ports(self, spec: dict[str, Any], allocation: Allocation, context: Context) -> None:
        """Ports of the same number (of other protocols) share a node port; the first that names one decides."""
        chosen: dict[int, Any] = {}
        ports = spec.get("ports", [])
        requested: dict[int, int] = {}
        for port in ports:
            if "nodePort" in port:
                requested.setdefault(port["port"], port["nodePort"])
        automatic = spec["type"] == "NodePort" or spec.get("allocateLoadBalancerNodePorts", True)
        for i, port in enumerate(ports):
            number = port["port"]
            if "nodePort" not in port and not automatic:
                continue
            if number not in chosen:
                wanted = requested.get(number)
                if wanted is not None:
                    self._take(i, wanted, allocation, context)
                chosen[number] = port["nodePort"] = ALLOCATED if wanted is None else wanted
            elif "nodePort" not in port:
                port["nodePort"] = chosen[number]
            elif port["nodePort"] != chosen[number]:
                self._take(i, port["nodePort"], allocation, context)

    def _take(self, i: int, port: int, allocation: Allocation, context: Context) -> None:
        if wrong := self._port(port, allocation, context):
            raise Refused([field.invalid(SPEC["ports"][i]["nodePort"], port, wrong)])

    def _health_check_node_port(self, spec: dict[str, Any], allocation: Allocation, context: Context) -> None:
        port = spec.get("healthCheckNodePort")
        if port is None:
            spec["healthCheckNodePort"] = ALLOCATED
        elif wrong := self._port(port, allocation, context):
            message = f"failed to allocate requested HealthCheck NodePort {port}: {wrong}"
            raise Refused([], message, ("spec", "healthCheckNodePort"))


_PARENT_NAME = SPEC.child("parentRef", "name")


def _nameless(address: str) -> str:
    return _bad_parent(address, "Required value")


def _bad_parent(address: str, body: str) -> str:
    return f'IPAddress.networking.k8s.io "{address}" is invalid: {_PARENT_NAME}: {body}'


def _usable(cidr: CIDR, ip: IP) -> bool:
    """In the range, and neither its first address nor (of IPv4) its last."""
    offset = ip.number - cidr.number
    size = 1 << (cidr.width - cidr.prefix)
    return ip.family == cidr.family and 0 < offset < (size - 1 if cidr.family == 4 else size)


def needs_health_check(spec: dict[str, Any]) -> bool:
    """pkg/api/service NeedsHealthCheck."""
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"
