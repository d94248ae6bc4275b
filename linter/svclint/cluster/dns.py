"""CoreDNS's kubernetes plugin, `pods insecure` and no upstream (coredns 1.15 plugin/kubernetes and backend_lookup.go).

Addresses that manifests don't tell are written as what they belong to: `service NS/NAME`, `pod NS/KIND/NAME`; inside
names as `<ip>` and `<ip6>`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from svclint.cluster.endpoints import Endpoint
from svclint.cluster.families import known_cluster_ips
from svclint.kube.service import Service

if TYPE_CHECKING:
    from svclint.cluster import Cluster

FAMILY = {"A": "IPv4", "AAAA": "IPv6"}

# A chain of CNAMEs ends here (backend_lookup.go: more than 7 previous records are not added to).
_LONGEST_CHAIN = 7

_DASHED = re.compile(r"\d{1,3}(?:-\d{1,3}){3}")
_DASHED6 = re.compile(r"(?=.*-)[0-9a-f-]{3,}", re.IGNORECASE)
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


class NameError_(Exception):
    """NXDOMAIN inside the plugin (errNoItems, errInvalidRequest)."""


class Record(NamedTuple):
    """One answer. `endpoint` and `service` tell what an address stands for."""

    type: str
    owner: str
    data: str
    port: int | None = None
    service: Service | None = None
    endpoint: Endpoint | None = None

    def json(self) -> list[str | int]:
        """The answer as contract.md writes it."""
        return (
            [self.type, self.owner, self.data] if self.port is None else [self.type, self.owner, self.port, self.data]
        )


class Answer(NamedTuple):
    """What the server says to one question."""

    name: str
    type: str
    rcode: str
    answers: tuple[Record, ...] = ()
    reason: str = ""

    @property
    def found(self) -> bool:
        """Whether a resolver takes it as an answer rather than trying the next name."""
        return self.rcode == "NOERROR" and bool(self.answers)


class _Found(NamedTuple):
    """msg.Service: an address, or a name (`host`), with a port (None: the sentinel of endpoints without ports)."""

    host: str
    family: str | None
    port: int | None
    key: str
    identity: object
    service: Service | None = None
    endpoint: Endpoint | None = None
    size: int = 1


class Request(NamedTuple):
    """parse.go recordRequest."""

    kind: str = ""
    namespace: str = ""
    service: str = ""
    endpoint: str = ""
    port: str = ""
    protocol: str = ""


def parse_request(labels: list[str]) -> Request:
    """Reads the labels before the zone, right to left (parse.go parseRequest). Raises NameError_."""
    if not labels or (len(labels) == 1 and labels[0] in ("svc", "pod")):
        return Request()
    rest = list(labels)
    kind = rest.pop()
    if kind not in ("svc", "pod"):
        raise NameError_
    namespace = rest.pop() if rest else ""
    service = rest.pop() if rest else ""
    if not rest:
        return Request(kind, namespace, service)
    if len(rest) == 1:
        return Request(kind, namespace, service, endpoint=rest[0])
    if len(rest) == 2:
        return Request(kind, namespace, service, port=rest[0].removeprefix("_"), protocol=rest[1].removeprefix("_"))
    raise NameError_


class DNS:
    """The cluster's DNS server."""

    __slots__ = ("_cluster", "_endpoint_names", "_reverse", "zone")

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.zone = cluster.facts.cluster_domain.strip(".").lower()
        self._endpoint_names: dict[tuple[str, str], dict[str, list[Endpoint]]] = {}
        self._reverse: tuple[dict[str, Service], dict[str, list[tuple[Service, Endpoint]]]] | None = None

    def query(self, name: str, qtype: str = "A") -> Answer:
        """The answer to a question about an absolute name; the trailing dot may be missing."""
        qtype = qtype.upper()
        absolute = name if name.endswith(".") else name + "."
        labels = absolute.removesuffix(".").split(".") if absolute != "." else []
        if any(not label or len(label) > 63 for label in labels) or len(absolute) > 255:
            return Answer(name, qtype, "FORMERR", (), "no resolver sends such a name")
        try:
            if qtype == "PTR" and absolute.lower().endswith((".in-addr.arpa.", ".ip6.arpa.")):
                return Answer(name, qtype, "NOERROR", tuple(self._pointers(absolute)))
            if not self.in_zone(absolute):
                return Answer(name, qtype, "REFUSED", (), "outside of the cluster's domain: the upstream's answer")
            records = self._records(absolute, qtype)
        except NameError_:
            return Answer(name, qtype, "NXDOMAIN")
        if any(len(label) > 63 for record in records for label in record.data.split(".") if record.type == "CNAME"):
            return Answer(name, qtype, "TIMEOUT", (), "a label longer than 63 characters: the reply can't be packed")
        return Answer(name, qtype, "NOERROR", tuple(records))

    def in_zone(self, name: str) -> bool:
        """Whether the cluster's server answers for an absolute name."""
        lowered = name.rstrip(".").lower()
        return lowered == self.zone or lowered.endswith("." + self.zone)

    def about(self, name: str) -> Request | None:
        """What a name below `svc` asks for, whether it exists or not; None for other names."""
        if not self.in_zone(name):
            return None
        try:
            request = parse_request(self._labels(name))
        except NameError_:
            return None
        return request if request.kind == "svc" and request.service else None

    def _labels(self, name: str) -> list[str]:
        """The labels before the zone, in lower case: names are compared without case."""
        before = name.rstrip(".").lower().removesuffix(self.zone).removesuffix(".")
        return before.split(".") if before else []

    def _records(self, name: str, qtype: str) -> list[Record]:
        if qtype in FAMILY:
            return self._addresses(name, qtype, [])
        if qtype == "SRV":
            return self._srv(name)
        if qtype == "CNAME":
            services = self._services(name)
            return [Record("CNAME", name, _fqdn(services[0].host))] if services and not services[0].family else []
        if qtype == "TXT":
            if self._labels(name) == ["dns-version"]:
                return [Record("TXT", name, "1.1.0")]
            if not self._services(name):
                raise NameError_
            return []
        # Other types: a pretended A lookup tells NODATA from NXDOMAIN (handler.go).
        self._services(name)
        return []

    def _addresses(self, name: str, qtype: str, previous: list[Record]) -> list[Record]:
        """backend_lookup.go A and AAAA."""
        records: list[Record] = []
        seen: set[object] = set()
        family = FAMILY[qtype]
        for found in self._services(name):
            if found.family is None:
                records += self._chase(name, qtype, found, previous)
            elif found.family == family and found.identity not in seen:
                seen.add(found.identity)
                record = Record(qtype, _hide(name), found.host, None, found.service, found.endpoint)
                records += [record] * found.size
        return records

    def _chase(self, name: str, qtype: str, found: _Found, previous: list[Record]) -> list[Record]:
        target = _fqdn(found.host)
        alias = Record("CNAME", _hide(name), target, None, found.service, found.endpoint)
        if target.lower() == name.lower() or len(previous) > _LONGEST_CHAIN:
            return []
        if any(item.data.lower() == target.lower() for item in previous):
            return []
        if not self.in_zone(target):
            return [alias]
        try:
            further = self._addresses(target, qtype, [*previous, alias])
        except NameError_:
            return []
        return [alias, *further] if further else []

    def _srv(self, name: str) -> list[Record]:
        """backend_lookup.go SRV; external names are left out (kubernetes.go Services)."""
        records: list[Record] = []
        seen: set[tuple[object, ...]] = set()
        for found in self._services(name):
            if found.family is None or found.port is None:
                continue
            unique = (found.key, found.port, found.identity if "<ip" in found.key else None)
            if unique not in seen:
                seen.add(unique)
                record = Record("SRV", _hide(name), found.key, found.port, found.service, found.endpoint)
                records += [record] * (found.size if "<ip" in found.key else 1)
        return records

    def _services(self, name: str) -> list[_Found]:
        """kubernetes.go Records. Raises NameError_ where nothing has the name."""
        request = parse_request(self._labels(name))
        if not request.kind:
            return []
        if request.namespace and request.namespace not in self._cluster.namespaces:
            raise NameError_
        if not request.service:
            return []
        if request.kind == "pod":
            return [self._pod(request, name)]
        return self._find(request)

    def _pod(self, request: Request, name: str) -> _Found:
        """Any dashed address of an existing namespace (kubernetes.go findPods, insecure mode)."""
        label = request.service
        dotted = label.count("-") == 3 and "--" not in label
        address = label.replace("-", "." if dotted else ":")
        try:
            family = f"IPv{ipaddress.ip_address(address).version}"
        except ValueError:
            raise NameError_ from None
        return _Found(address, family, None, _fqdn(name), address)

    def _find(self, request: Request) -> list[_Found]:
        """kubernetes.go findServices."""
        service = self._cluster.service_named(request.namespace, request.service)
        if service is None:
            raise NameError_
        base = f"{service.name}.{service.namespace}.svc.{self.zone}."
        if service.is_external_name:
            if request.endpoint or request.port or request.protocol or _IPV4.fullmatch(service.external_name):
                raise NameError_
            return [_Found(service.external_name, None, None, base, service.external_name, service)]
        found: list[_Found] = []
        if service.headless or request.endpoint:
            for endpoint in self._ready(service, request.endpoint):
                found += _of_endpoint(endpoint, request, base)
        else:
            for port in service.ports:
                if _matches(request, port.port_name, port.protocol):
                    found += self._of_service(service, port.port, base)
        if not found:
            raise NameError_
        return found

    def _of_service(self, service: Service, port: int, base: str) -> Iterator[_Found]:
        for family in self._cluster.families(service):
            host = f"service {service.namespace}/{service.name}"
            yield _Found(host, family, port, base, (service.namespace, service.name, family), service)

    def _ready(self, service: Service, endpoint_name: str) -> list[Endpoint]:
        """The ready endpoints, all or those of a name."""
        if not endpoint_name:
            return [item for item in self._cluster.endpoints(service) if item.is_ready]
        key = (service.namespace, service.name)
        names = self._endpoint_names.get(key)
        if names is None:
            names = self._endpoint_names[key] = {}
            for item in self._cluster.endpoints(service):
                if item.is_ready:
                    names.setdefault(endpoint_label(item).lower(), []).append(item)
        found = names.get(endpoint_name, [])
        if not found and (_DASHED.fullmatch(endpoint_name) or _DASHED6.fullmatch(endpoint_name)):
            # The dashed address of a pod is not to be foretold.
            return []
        return found

    def _pointers(self, name: str) -> list[Record]:
        """reverse.go: a cluster IP has one name, a ready endpoint one in every Service that holds it."""
        address = _reversed_address(name)
        if address is None:
            raise NameError_
        if self._reverse is None:
            self._reverse = self._index_addresses()
        services, endpoints = self._reverse
        service = services.get(address)
        if service is not None:
            return [Record("PTR", name, f"{service.name}.{service.namespace}.svc.{self.zone}.", None, service)]
        records = []
        for owner, endpoint in endpoints.get(address, ()):
            target = f"{endpoint_label(endpoint)}.{owner.name}.{owner.namespace}.svc.{self.zone}."
            records.append(Record("PTR", name, target, None, owner, endpoint))
        if not records:
            raise NameError_
        return records

    def _index_addresses(self) -> tuple[dict[str, Service], dict[str, list[tuple[Service, Endpoint]]]]:
        services: dict[str, Service] = {}
        endpoints: dict[str, list[tuple[Service, Endpoint]]] = {}
        for service in self._cluster.services:
            for address in known_cluster_ips(service):
                services.setdefault(_canonical(address), service)
            for endpoint in self._cluster.endpoints(service):
                known = endpoint.identity[1] if endpoint.identity[0] == "address" else None
                if endpoint.is_ready and isinstance(known, str):
                    endpoints.setdefault(_canonical(known), []).append((service, endpoint))
        return services, endpoints


def endpoint_label(endpoint: Endpoint) -> str:
    """The first label of an endpoint's name: its hostname, else its address with dashes (kubernetes.go
    endpointHostname)."""
    if endpoint.hostname:
        return endpoint.hostname
    if endpoint.address is not None and endpoint.family in ("IPv4", "IPv6"):
        return endpoint.address.replace(".", "-").replace(":", "-")
    return "<ip6>" if endpoint.family == "IPv6" else "<ip>"


def _of_endpoint(endpoint: Endpoint, request: Request, base: str) -> Iterator[_Found]:
    label = endpoint_label(endpoint)
    host, family = _host(endpoint)
    shown = "<ip6>" if family == "IPv6" else "<ip>"
    key = f"{label if endpoint.hostname else shown}.{base}"
    identity = endpoint.identity
    if not endpoint.ports:
        if _matches(request, "", ""):
            yield _Found(host, family, None, key, identity, None, endpoint, endpoint.addresses)
        return
    for port in endpoint.ports:
        if _matches(request, port.name, port.protocol):
            yield _Found(host, family, port.port, key, identity, None, endpoint, endpoint.addresses)


def _host(endpoint: Endpoint) -> tuple[str, str | None]:
    if endpoint.pod is not None:
        return f"pod {endpoint.pod.id}", endpoint.family
    address = endpoint.address or ""
    try:
        return address, f"IPv{ipaddress.ip_address(address).version}"
    except ValueError:
        return address, None


def _matches(request: Request, port: str, protocol: str) -> bool:
    """findServices matchPortAndProtocol; the request is in lower case."""
    return request.port in ("", port.lower()) and request.protocol in ("", protocol.lower())


def _fqdn(name: str) -> str:
    return name if name.endswith(".") else name + "."


def _hide(name: str) -> str:
    """The name with a dashed address as its first label replaced, as generated ones can't be told."""
    first, dot, rest = name.partition(".")
    if _DASHED.fullmatch(first):
        return f"<ip>{dot}{rest}"
    if "--" in first or first.count("-") >= 7:
        try:
            ipaddress.IPv6Address(first.replace("-", ":"))
        except ValueError:
            return name
        return f"<ip6>{dot}{rest}"
    return name


def _canonical(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address


def _reversed_address(name: str) -> str | None:
    """The address of a name under in-addr.arpa or ip6.arpa."""
    lowered = name.lower().rstrip(".")
    try:
        if lowered.endswith(".in-addr.arpa"):
            return str(ipaddress.IPv4Address(".".join(reversed(lowered.removesuffix(".in-addr.arpa").split(".")))))
        nibbles = "".join(reversed(lowered.removesuffix(".ip6.arpa").split(".")))
        groups = [nibbles[at : at + 4] for at in range(0, len(nibbles), 4)]
        return str(ipaddress.IPv6Address(":".join(groups)))
    except ValueError:
        return None
