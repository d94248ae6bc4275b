"""The whole path of one connection: search list, DNS, kube-proxy, policies, pod and port (semantics §F4).

Each step says what happened and, where manifests decide it, the place that does. What comes out is a verdict:
`reached`, `refused`, `timeout`, `unreachable`, `unresolved`, `denied`, or `unknown` where manifests can't tell.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from svclint.cluster import Cluster, Presence
from svclint.cluster.addresses import AddressBook
from svclint.cluster.builtin import is_builtin
from svclint.cluster.client import Client, ClientError, client, pods_of, workload_named
from svclint.cluster.dns import Record
from svclint.cluster.endpoints import Endpoint
from svclint.cluster.families import family_of
from svclint.cluster.pods import Pod
from svclint.cluster.proxy import PROXY_NAME_LABEL, Decision, Via, balanced, decide, is_proxied, no_such_port
from svclint.cluster.resolver import Libc, Lookup, lookup, resolv_conf
from svclint.cluster.selection import all_of
from svclint.cluster.target import Target, TargetError, parse_target
from svclint.kube.labels import written
from svclint.kube.resource import Place
from svclint.kube.service import Service, ServicePort

Verdict = Literal["reached", "refused", "timeout", "unreachable", "unresolved", "denied", "unknown"]
Topic = Literal["client", "dns", "service", "ingress", "gateway", "proxy", "policy", "pod", "end"]


class Step(NamedTuple):
    """One step of the path: what it is about, what happens, and the place in the manifests that decides it."""

    topic: Topic
    text: str
    place: Place | None = None


class Reach(NamedTuple):
    """Where the connection may end. `declared` says whether the pod's spec.containers declare the port, `sidecar`
    whether a sidecar does; a hand-written address has no workload. `share` is its part of new connections."""

    namespace: str
    workload: str | None
    pod: str | None
    address: str | None
    port: int
    declared: bool
    share: float
    sidecar: bool = False


class Trace(NamedTuple):
    """The path of one connection and its end."""

    target: str
    source: str
    verdict: Verdict
    reaches: tuple[Reach, ...]
    steps: tuple[Step, ...]


class Ended(Exception):
    """The path ends here without reaching anything."""

    def __init__(self, verdict: Verdict, text: str = "", place: Place | None = None, topic: Topic = "end") -> None:
        super().__init__(text)
        self.verdict: Verdict = verdict
        self.step = Step(topic, text, place) if text else None


class Hop(NamedTuple):
    """A pod or a hand-written address, the port there and its share."""

    endpoint: Endpoint | None
    pod: Pod | None
    port: int
    share: float


def trace(cluster: Cluster, target: str, where: str = "pod", libc: Libc = "glibc") -> Trace:
    """Follows one connection of a program that resolves names with `libc`. Never raises: what can't be read ends as
    `unknown`, with the reason as its step."""
    path = _Path(cluster, libc)
    try:
        wanted = parse_target(target)
        path.client = client(cluster, where)
    except (TargetError, ClientError) as error:
        return Trace(target, where, "unknown", (), (Step("client", str(error)),))
    try:
        verdict = path.follow(wanted)
    except Ended as end:
        verdict = end.verdict
        if end.step is not None:
            path.steps.append(end.step)
    return Trace(target, where, verdict, tuple(path.reaches), tuple(path.steps))


class _Path:
    """The state of one trace."""

    client: Client

    def __init__(self, cluster: Cluster, libc: Libc) -> None:
        self.cluster = cluster
        self.libc = libc
        self.facts = cluster.facts
        self.steps: list[Step] = []
        self.reaches: list[Reach] = []
        self.policy_steps: dict[Step, None] = {}
        self.by_controller = False

    def say(self, topic: Topic, text: str, place: Place | None = None) -> None:
        self.steps.append(Step(topic, text, place))

    # From the target to hops.

    def follow(self, target: Target) -> Verdict:
        """Follows the connection to its end."""
        if target.object is not None:
            hops = self.to_object(target, *target.object)
        elif target.host == "node":
            hops = self.to_node(target)
        elif target.address is not None:
            hops = self.to_address(target, target.address)
        elif self.client.outside:
            hops = self.from_outside(target)
        else:
            hops = self.to_name(target)
        return self.arrive(hops, target.protocol)

    def to_object(self, target: Target, namespace: str, kind: str, name: str) -> list[Hop]:
        """A pod of a workload, directly; for a Service its own address."""
        if kind.lower() in ("service", "svc"):
            service = self.cluster.service_named(namespace, name)
            if service is None:
                raise Ended("unknown", f"there is no Service {name} in namespace {namespace}")
            if self.client.outside:
                raise Ended("unreachable", f"{_name(service)} has no address of its own outside of the cluster")
            if not is_proxied(service):
                host = f"{name}.{namespace}.svc.{self.cluster.dns.zone}"
                return self.to_name(target._replace(host=host))
            return self.to_service(service, target, "clusterIP", self.cluster.families(service)[0])
        pods = pods_of(self.cluster, namespace, kind, name)
        if not pods:
            workload = workload_named(self.cluster, namespace, kind, name)
            if workload is None:
                raise Ended("unknown", f"there is no {kind} {name} in namespace {namespace}")
            raise Ended("unreachable", f"{workload.display_name} has no pods", workload.at("spec", "replicas"))
        if self.client.outside and not any(pod.template.host_network for pod in pods):
            raise Ended("unreachable", "pods have no address outside of the cluster", pods[0].template.at())
        self.say("pod", f"directly to {_plural(pods)} of {pods[0].workload.display_name}", pods[0].template.at())
        total = sum(pod.count for pod in pods)
        return [Hop(None, pod, target.port, pod.count / total) for pod in pods]

    def to_node(self, target: Target) -> list[Hop]:
        """A node's address: node ports first, then what listens on the node itself."""
        found = self.book.node_port(target.port, target.protocol)
        if found is not None:
            self.say(
                "service",
                f"node port {target.port}/{target.protocol} of {_name(found.service)}",
                found.port.at("nodePort"),
            )
            return self.through_proxy(found.service, found.port, "nodePort", _family(self.cluster, found.service))
        here = [pod for pod in self.book.host_pods(target.port, target.protocol) if pod.node == self.client.node]
        if here:
            self.say("pod", f"a pod listens on the node's port {target.port}", here[0].template.at())
            return [Hop(None, pod, target.port, 1 / len(here)) for pod in here]
        low, high = self.facts.node_port_range
        if low <= target.port <= high and self.book.allocates_node_ports:
            raise Ended("unknown", f"{target.port} may be one of the node ports that the cluster picks itself")
        raise Ended("refused", f"no Service has the node port {target.port}/{target.protocol}")

    def to_address(self, target: Target, address: str) -> list[Hop]:
        """An IP address: a cluster IP, an external IP, a load balancer's, a pod's."""
        entry = self.book.at(address, target.port, target.protocol)
        if entry is not None:
            service, via = entry
            if via == "clusterIP" and self.client.outside:
                raise Ended("unreachable", f"{address} is a cluster IP, which has no route from outside")
            return self.to_service(service, target, via, family_of(address))
        pods = self.book.pods_at(address)
        if pods:
            self.say("pod", f"{address} is {pods[0].title}", pods[0].template.at())
            return [Hop(None, pod, target.port, 1 / len(pods)) for pod in pods]
        if self.book.in_service_range(address):
            verdict: Verdict = "timeout" if self.facts.proxy_mode == "nftables" else "unreachable"
            raise Ended(verdict, f"no Service has the cluster IP {address}")
        raise Ended("unknown", f"{address} belongs to nothing in the sources")

    def to_name(self, target: Target) -> list[Hop]:
        """A DNS name as the client would type it."""
        for address, names in self.client.template.host_aliases if self.client.template is not None else ():
            if target.host in names:
                self.say("dns", f"the pod's /etc/hosts says that {target.host} is {address}")
                return self.to_address(target._replace(host=address), address)
        records = self.addresses(self.look_up(target), target)
        service = next((record.service for record in records if record.service is not None), None)
        if service is not None:
            family = "IPv6" if records[0].type == "AAAA" else "IPv4"
            return self.to_service(service, target, "clusterIP", family)
        return self.to_records(records, target)

    def look_up(self, target: Target) -> Lookup:
        conf = resolv_conf(self.client.namespace, self.client.template, self.cluster.dns.zone)
        place = (
            self.client.template.at("spec", "dnsPolicy") if self.client.template and not self.client.made_up else None
        )
        if conf.asks_cluster is not True:
            certain = conf.asks_cluster is False and not _may_exist_outside(
                target.host, self.cluster, self.client.namespace
            )
            verdict: Verdict = "unresolved" if certain else "unknown"
            asked = conf.nameservers[0] if conf.nameservers else "no name server"
            raise Ended(
                verdict, f"dnsPolicy {conf.policy}: {asked} is asked, which knows no cluster names", place, "dns"
            )
        self.may_ask_dns()
        found = lookup(target.host, conf, self.cluster.dns, self.libc)
        for attempt in found.attempts:
            shown = [record for answer in (attempt.a, attempt.aaaa) for record in answer.answers]
            reason = attempt.a.reason or attempt.aaaa.reason
            said = ", ".join(dict.fromkeys(_record(record) for record in shown)) or attempt.outcome
            self.say("dns", f"{attempt.name} → {said}{f' ({reason})' if reason and not shown else ''}")
        return found

    def addresses(self, found: Lookup, target: Target) -> list[Record]:
        """The address records of a lookup, of the family that the client has."""
        if found.answer is None:
            for attempt in found.attempts:
                self.perhaps_named_elsewhere(attempt.name)
            if found.left_the_cluster and _may_exist_outside(target.host, self.cluster, self.client.namespace):
                raise Ended("unknown", f"{target.host} is outside of the cluster")
            raise Ended("unresolved", f"no name that is tried for {target.host} exists")
        answers = {"IPv4": found.answer.a.answers, "IPv6": found.answer.aaaa.answers}
        any_address = [record for records in answers.values() for record in records if record.type in ("A", "AAAA")]
        if not any_address:
            last = next(record for records in answers.values() for record in records if record.type == "CNAME")
            place = last.service.at("spec", "externalName") if last.service is not None else None
            raise Ended("unknown", f"{last.data} is outside of the cluster", place, "dns")
        families = self.client.pod.families if self.client.pod is not None else ("IPv4", "IPv6")
        for family in families:
            usable = [record for record in answers[family] if record.type in ("A", "AAAA")]
            if usable:
                return usable
        family = "IPv6" if any_address[0].type == "AAAA" else "IPv4"
        raise Ended("unreachable", f"the client has no {family} address")

    def to_records(self, records: list[Record], target: Target) -> list[Hop]:
        """What DNS gave are the addresses of pods: no kube-proxy, the port is the pod's own."""
        counted: dict[tuple[object, ...], tuple[Record, int]] = {}
        for record in records:
            key = record.endpoint.identity if record.endpoint is not None else (record.data,)
            counted[key] = (record, counted.get(key, (record, 0))[1] + 1)
        self.say("dns", "headless: the client gets the pods' own addresses and must use the pods' own port")
        hops = []
        for record, count in counted.values():
            endpoint = record.endpoint
            if endpoint is None:
                return self.to_address(target._replace(host=record.data), record.data)
            hops.append(Hop(endpoint, endpoint.pod, target.port, count / len(records)))
        return hops

    def from_outside(self, target: Target) -> list[Hop]:
        """A name that somebody outside types: the cluster's own names don't exist there."""
        if self.cluster.dns.in_zone(target.host):
            raise Ended("unresolved", f"{target.host} is known to the cluster's own DNS only")
        from svclint.cluster.front import entrance

        found = entrance(self.cluster, target)
        if found is None:
            raise Ended("unknown", f"no Ingress and no Gateway in the sources takes {target.host}:{target.port}")
        for text, place in found.steps:
            self.say(found.topic, text, place)
        if not found.backends:
            raise Ended("unreachable", f"the client gets an error: {found.problem}", None, found.topic)
        self.by_controller = True
        hops: list[Hop] = []
        for backend in found.backends:
            share = "" if backend.share > 0.999 else f" ({backend.share:.0%} of requests)"
            self.say("service", f"to port {backend.port} of {_name(backend.service)}{share}", backend.port.at("port"))
            if backend.service.is_external_name:
                where = backend.service.at("spec", "externalName")
                raise Ended("unknown", f"{backend.service.external_name} is not followed for a backend", where)
            targets = balanced(backend.port, self.cluster.endpoints(backend.service))
            if not targets:
                self.explain_nothing(backend.service, backend.port)
                self.perhaps_elsewhere(backend.service)
            hops += [Hop(one.endpoint, one.endpoint.pod, one.port, one.share * backend.share) for one in targets]
        if not hops:
            raise Ended("unreachable", "the client gets an error (503): no backend has a ready endpoint")
        return hops

    # Services and kube-proxy.

    def to_service(self, service: Service, target: Target, via: Via, family: str) -> list[Hop]:
        port = service.port_numbered(target.port, target.protocol)
        self.say("service", f"{target.host} is Service {_name(service)}", service.at("metadata", "name"))
        if not is_proxied(service):
            where = service.at("metadata", "labels", PROXY_NAME_LABEL)
            lost: Verdict = "timeout" if self.facts.proxy_mode == "nftables" else "unreachable"
            raise Ended(lost, "its label leaves it to another proxy: kube-proxy has no rule", where, "proxy")
        if port is None:
            decision = no_such_port(service, self.facts, via)
            near = service.port_numbered(target.port)
            hint = f"; it has {near}" if near is not None else ""
            verdict: Verdict = "refused" if decision.outcome == "refused" else "unreachable"
            raise Ended(
                verdict, f"no port {target.port}/{target.protocol}{hint}: {decision.reason}", decision.place, "proxy"
            )
        self.say("service", f"port {port} → targetPort {port.target_port}", port.at("port"))
        ranges = service.load_balancer_source_ranges
        if via == "loadBalancer" and ranges and not any(item.strip().endswith("/0") for item in ranges):
            where = service.at("spec", "loadBalancerSourceRanges")
            raise Ended("unknown", f"only clients of {', '.join(ranges)} get through, others time out", where, "proxy")
        return self.through_proxy(service, port, via, family)

    def through_proxy(self, service: Service, port: ServicePort, via: Via, family: str) -> list[Hop]:
        """What kube-proxy of the node does that the packet meets."""
        if is_builtin(service):
            raise Ended("reached", "the API server itself")
        decision: Decision = decide(
            service,
            port,
            self.cluster.endpoints(service),
            family,
            via,
            "outside" if self.client.outside else "pod",
            self.client.node,
            self.facts,
        )
        if decision.outcome != "endpoints":
            self.explain_nothing(service, port)
            self.perhaps_elsewhere(service)
            raise Ended(decision.outcome, decision.reason, decision.place, "proxy")
        self.say("proxy", decision.reason, decision.place)
        return [Hop(item.endpoint, item.endpoint.pod, item.port, item.share) for item in decision.targets]

    def explain_nothing(self, service: Service, port: ServicePort) -> None:
        """Why the Service has no endpoint for the port."""
        if not service.selector or any(item.is_ready for item in self.cluster.endpoints(service) if _has(item, port)):
            return
        selector = written(service.selector)
        pods = self.cluster.selected_pods(service)
        if not pods:
            self.say("service", f"no pod is labelled {selector}", service.at("spec", "selector"))
        elif not any(pod.ready for pod in pods):
            self.say("pod", f"no pod that is labelled {selector} is ready", pods[0].template.at())
        else:
            self.say("pod", f"no ready pod has the targetPort {port.target_port}", port.at("targetPort"))

    def perhaps_elsewhere(self, service: Service) -> None:
        """A Service that selects no known pod may select some that the sources don't tell. Raises Ended then."""
        if service.selector and not self.cluster.selected_pods(service):
            gap = self.cluster.selection(service).gap
            if gap is not None:
                raise Ended("unknown", f"but {gap.reason}", gap.place, "service")

    def perhaps_named_elsewhere(self, name: str) -> None:
        """A name that has no answer may have one by what the sources don't tell. Raises Ended then."""
        about = self.cluster.dns.about(name)
        if about is None:
            return
        key = (about.namespace, about.service)
        service = self.cluster.service_named(*key)
        if service is not None:
            if service.headless:
                self.perhaps_elsewhere(service)
        elif not (about.endpoint or about.port) and self.cluster.presence("", "Service", *key) is Presence.UNKNOWN:
            raise Ended("unknown", f"Service {'/'.join(key)} may exist elsewhere", None, "service")

    # Policies and arrival.

    def may_ask_dns(self) -> None:
        """An egress policy may forbid the client to ask DNS at all."""
        if not self.facts.network_policies or self.client.pod is None:
            return
        service = self.cluster.service_named("kube-system", "kube-dns")
        servers = self.cluster.selected_pods(service) if service is not None else ()
        decision = self.cluster.policies.dns(self.client.pod, servers)
        if decision.allowed is False:
            raise Ended("denied", f"DNS can't be asked: {decision.reason}", decision.place, "policy")

    def arrive(self, hops: list[Hop], protocol: str) -> Verdict:
        """Asks the policies about each hop and writes down where the connection may end."""
        denied = unknown = 0
        for hop in hops:
            allowed = self.allowed(hop, protocol)
            if allowed is False:
                denied += 1
                continue
            if allowed is None:
                unknown += 1
                continue
            self.reaches.append(self.reach(hop, protocol))
        self.steps += self.policy_steps
        if self.reaches:
            self.describe(protocol, denied + unknown)
            return "reached"
        return "denied" if denied and not unknown else "unknown"

    def allowed(self, hop: Hop, protocol: str) -> bool | None:
        if not self.facts.network_policies:
            return True
        server = hop.pod if hop.pod is not None else (hop.endpoint.address if hop.endpoint is not None else None)
        policies = self.cluster.policies
        if self.by_controller:
            # Which pods the controller has isn't known: only what is open to everybody is surely open to them.
            decision = policies.ingress(None, server, hop.port, protocol)
            if decision.allowed is not True:
                reason = "a NetworkPolicy isolates the pod; whether it lets the controller in isn't known"
                self.policy_steps[Step("policy", reason, decision.place)] = None
            return decision.allowed or None
        egress = policies.egress(self.client.pod, server, hop.port, protocol)
        ingress = policies.ingress(self.client.pod, server, hop.port, protocol)
        allowed = all_of((egress.allowed, ingress.allowed))
        for decision in (egress, ingress):
            step = Step("policy", decision.reason, decision.place)
            if decision.place is not None and (allowed is True or decision.allowed is allowed):
                self.policy_steps[step] = None
        return allowed

    def reach(self, hop: Hop, protocol: str) -> Reach:
        pod = hop.pod
        if pod is None:
            address = hop.endpoint.address if hop.endpoint is not None else None
            return Reach("", None, None, address, hop.port, False, hop.share)
        declared = pod.template.containers_declare(hop.port, protocol)
        address = pod.addresses[0] if pod.addresses else None
        sidecar = not declared and pod.template.declares(hop.port, protocol)
        name = pod.workload.display_name
        return Reach(pod.namespace, name, pod.name, address, hop.port, declared, hop.share, sidecar)

    def describe(self, protocol: str, others: int) -> None:
        merged: dict[tuple[object, ...], Reach] = {}
        for reach in self.reaches:
            key = (reach.namespace, reach.workload, reach.pod, reach.address, reach.port, reach.declared)
            before = merged.get(key)
            merged[key] = reach if before is None else before._replace(share=before.share + reach.share)
        self.reaches = list(merged.values())
        if others:
            self.say("policy", f"{others} of the endpoints can't be reached: it works only now and then")
        for reach in self.reaches:
            if reach.workload is None:
                self.say("end", f"{reach.address}:{reach.port}, an address written by hand")
            elif reach.declared or reach.sidecar:
                container = " of a sidecar" if reach.sidecar else ""
                self.say("end", f"{_who(reach)} on port {reach.port}{container}{_share(reach)}")
            else:
                hint = f"{_who(reach)} on port {reach.port}{_share(reach)}, which no container declares"
                self.say("end", f"{hint}: refused unless it listens there all the same")

    @property
    def book(self) -> AddressBook:
        return self.cluster.address_book


def _name(service: Service) -> str:
    return f"{service.namespace}/{service.name}"


def _plural(pods: tuple[Pod, ...]) -> str:
    count = sum(pod.count for pod in pods)
    return "the pod" if count == 1 else f"one of the {count} pods"


def _record(record: Record) -> str:
    return f"{record.type} {record.data}"


def _family(cluster: Cluster, service: Service) -> str:
    return (cluster.families(service) or ("IPv4",))[0]


def _has(endpoint: Endpoint, port: ServicePort) -> bool:
    return any(item.name == port.port_name and item.protocol == port.protocol for item in endpoint.ports)


def _who(reach: Reach) -> str:
    name = f" (pod {reach.pod})" if reach.pod and reach.workload != f"Pod/{reach.pod}" else ""
    return f"{reach.namespace}/{reach.workload}{name}"


def _share(reach: Reach) -> str:
    return "" if reach.share > 0.999 else f" ({reach.share:.0%} of connections)"


def _may_exist_outside(host: str, cluster: Cluster, namespace: str) -> bool:
    """Whether a name that the cluster doesn't know may be somebody else's: a single label or a name of the cluster's
    own shape (`service.namespace`, `endpoint.service`, …) is not."""
    labels = host.rstrip(".").lower().split(".")
    if cluster.dns.in_zone(host) or len(labels) < 2 or labels[-1] in ("local", "svc", "cluster", "localdomain"):
        return False
    if len(labels) == 2:
        return labels[1] not in cluster.namespaces and cluster.service_named(namespace, labels[1]) is None
    return len(labels) > 3 or cluster.service_named(labels[2], labels[1]) is None
