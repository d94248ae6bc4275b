"""Gateway API: expected answers are those of gateway-api's documentation (apis/v1) and of its conformance tests, whose
names are cited."""

from __future__ import annotations

import json
from typing import Any

import pytest

from svclint.cluster.gateway import Caller, GatewayTable
from svclint.cluster.index import Index
from svclint.kube.gateway import Gateway, Route
from svclint.kube.resource import Resource
from svclint.yaml import parse

DOCUMENT = parse("{}", "w.yaml").documents[0]
GROUP = "gateway.networking.k8s.io"
Object = dict[str, Any]


def thing(api_version: str, kind: str, name: str, namespace: str, spec: Any) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def service(name: str, *ports: Object, namespace: str = "default", **spec: Any) -> Object:
    return thing("v1", "Service", name, namespace, {"ports": list(ports) or [{"port": 80}], **spec})


def namespace(name: str, **labels: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def listener(name: str = "http", port: int = 80, protocol: str = "HTTP", hostname: str = "", **rest: Any) -> Object:
    return {"name": name, "port": port, "protocol": protocol, **({"hostname": hostname} if hostname else {}), **rest}


def gateway(*listeners: Object, name: str = "gw", namespace: str = "default", **spec: Any) -> Object:
    spec = {"gatewayClassName": "c", "listeners": list(listeners) or [listener()], **spec}
    return thing(f"{GROUP}/v1", "Gateway", name, namespace, spec)


def rule(*matches: Object, to: str = "web", port: int | None = 80, **rest: Any) -> Object:
    reference: Object = {"name": to} if port is None else {"name": to, "port": port}
    return {"backendRefs": [reference], **({"matches": list(matches)} if matches else {}), **rest}


def route(
    *rules: Object,
    name: str = "r",
    namespace: str = "default",
    kind: str = "HTTPRoute",
    hosts: tuple[str, ...] = (),
    parents: tuple[Object, ...] = ({"name": "gw"},),
) -> Object:
    spec: Object = {"parentRefs": list(parents), "rules": list(rules) or [rule()]}
    if hosts:
        spec["hostnames"] = list(hosts)
    return thing(f"{GROUP}/v1", kind, name, namespace, spec)


def prefix(path: str, **rest: Any) -> Object:
    return {"path": {"type": "PathPrefix", "value": path}, **rest}


def exact(path: str) -> Object:
    return {"path": {"type": "Exact", "value": path}}


def pairs(**values: str) -> list[Object]:
    return [{"name": name, "value": value} for name, value in values.items()]


def grant(
    to_namespace: str, from_namespace: str, kind: str = "HTTPRoute", to_name: str | None = None, group: str = GROUP
) -> Object:
    to: Object = {"group": "", "kind": "Service", **({"name": to_name} if to_name else {})}
    source = {"group": group, "kind": kind, "namespace": from_namespace}
    return thing(f"{GROUP}/v1beta1", "ReferenceGrant", "grant", to_namespace, {"from": [source], "to": [to]})


def table(*objects: Object) -> GatewayTable:
    return GatewayTable.of(Index(Resource(DOCUMENT, (), value) for value in objects))


def accepted(*objects: Object) -> list[tuple[bool | None, str]]:
    found = table(*objects)
    return [(item.accepted, item.reason) for one in found.routes for item in found.attachments(one)]


def goes_to(found: GatewayTable, host: str, path: str = "/", **rest: Any) -> str | None:
    hit = found.route(host, path, **rest)
    return None if hit is None else hit.backends.backends[0].reference.ref_name


# Attachment.


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        # httproute-simple-same-namespace
        ((gateway(), route()), (True, "Accepted")),
        # httproute-invalid-parentref-not-matching-section-name
        ((gateway(), route(parents=({"name": "gw", "sectionName": "other"},))), (False, "NoMatchingParent")),
        # httproute-invalid-parentref-not-matching-listener-port
        ((gateway(), route(parents=({"name": "gw", "port": 81},))), (False, "NoMatchingParent")),
        # httproute-invalid-parentref-section-name-not-matching-port
        (
            (
                gateway(listener(), listener("https", 443, "HTTPS")),
                route(parents=({"name": "gw", "sectionName": "http", "port": 443},)),
            ),
            (False, "NoMatchingParent"),
        ),
        ((gateway(), route(parents=({"name": "gw", "sectionName": "http", "port": 80},))), (True, "Accepted")),
        # httproute-invalid-cross-namespace-parent-ref
        (
            (gateway(namespace="infra"), route(parents=({"name": "gw", "namespace": "infra"},))),
            (False, "NotAllowedByListeners"),
        ),
        # httproute-cross-namespace
        (
            (
                gateway(listener(allowedRoutes={"namespaces": {"from": "All"}}), namespace="infra"),
                route(parents=({"name": "gw", "namespace": "infra"},)),
            ),
            (True, "Accepted"),
        ),
        (
            (gateway(listener(allowedRoutes={"namespaces": {"from": "None"}})), route()),
            (False, "NotAllowedByListeners"),
        ),
        # httproute-disallowed-kind
        (
            (gateway(listener("tls", 443, "TLS", tls={"mode": "Passthrough"})), route()),
            (False, "NotAllowedByListeners"),
        ),
        (
            (gateway(listener(allowedRoutes={"kinds": [{"kind": "GRPCRoute"}]})), route()),
            (False, "NotAllowedByListeners"),
        ),
        ((gateway(listener(allowedRoutes={"kinds": [{"kind": "HTTPRoute"}]})), route()), (True, "Accepted")),
        (
            (gateway(listener(allowedRoutes={"kinds": [{"group": "example.com", "kind": "HTTPRoute"}]})), route()),
            (False, "NotAllowedByListeners"),
        ),
        # tlsroute-invalid-no-matching-listener (protocols HTTP and HTTPS)
        ((gateway(), route(kind="TLSRoute", hosts=("a.b",))), (False, "NotAllowedByListeners")),
        (
            (gateway(listener("s", 443, "HTTPS")), route(kind="TLSRoute", hosts=("a.b",))),
            (False, "NotAllowedByListeners"),
        ),
        # tcproute-invalid-non-tcp-listener, udproute-not-allowed-by-listeners
        ((gateway(), route(kind="TCPRoute")), (False, "NotAllowedByListeners")),
        ((gateway(listener("t", 53, "TCP")), route(kind="UDPRoute")), (False, "NotAllowedByListeners")),
        ((gateway(listener("t", 53, "UDP")), route(kind="UDPRoute")), (True, "Accepted")),
        # TLSRouteSpec: "If you need to forward traffic to a single target for a TLS listener, … a TCPRoute"
        ((gateway(listener("t", 443, "TLS", tls={"mode": "Terminate"})), route(kind="TCPRoute")), (True, "Accepted")),
        # "Implementations can define their own protocols" (ProtocolType)
        ((gateway(listener("x", 80, "example.com/bar")), route()), (None, "Accepted")),
        # gateway-with-attached-routes: a mismatched hostname
        (
            (gateway(listener(hostname="foo.example.com")), route(hosts=("x.example.com",))),
            (False, "NoMatchingListenerHostname"),
        ),
        # of several listeners one that would take the route but for its hostname says why
        (
            (
                gateway(listener("tcp", 90, "TCP"), listener(hostname="foo.example.com")),
                route(hosts=("x.example.com",)),
            ),
            (False, "NoMatchingListenerHostname"),
        ),
        # "If 1 of 2 Gateway listeners accept attachment …, the Route MUST be considered successfully attached"
        (
            (gateway(listener(hostname="a.b"), listener("any", 81)), route(hosts=("c.d",))),
            (True, "Accepted"),
        ),
        # Absent objects and unknown kinds: controllers say nothing.
        ((route(),), (None, "ParentNotFound")),
        ((gateway(), route(parents=({"name": "gw", "kind": "Mesh", "group": "x.io"},))), (None, "UnsupportedParent")),
    ],
)
def test_accepted(objects: tuple[Object, ...], expected: tuple[bool | None, str]) -> None:
    assert accepted(*objects) == [expected]


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        ({"matchLabels": {"team": "a"}}, {"team": "a"}, True),
        ({"matchLabels": {"team": "a"}}, {"team": "b"}, False),
        ({"matchLabels": {"team": "a"}}, None, None),
        ({"matchLabels": {"kubernetes.io/metadata.name": "shop"}}, None, True),
        ({}, None, True),
        (None, {"team": "a"}, False),
    ],
)
def test_namespaces_by_selector(selector: Object | None, labels: dict[str, str] | None, expected: bool | None) -> None:
    namespaces: Object = {"from": "Selector"}
    if selector is not None:
        namespaces["selector"] = selector
    objects = [
        gateway(listener(allowedRoutes={"namespaces": namespaces}), namespace="infra"),
        route(namespace="shop", parents=({"name": "gw", "namespace": "infra"},)),
    ]
    if labels is not None:
        objects.append(namespace("shop", **labels))
    assert [item[0] for item in accepted(*objects)] == [expected]


# HTTPRouteSpec.Hostnames, and tlsroute-hostname-intersection.
@pytest.mark.parametrize(
    ("listening", "hosts", "expected"),
    [
        ("test.example.com", (), ("test.example.com",)),
        ("test.example.com", ("test.example.com",), ("test.example.com",)),
        ("test.example.com", ("*.example.com",), ("test.example.com",)),
        ("*.example.com", ("*.example.com",), ("*.example.com",)),
        ("*.example.com", ("test.example.com", "foo.test.example.com"), ("test.example.com", "foo.test.example.com")),
        ("*.example.com", ("example.com", "test.example.net"), ()),
        ("*.example.com", ("test.example.com", "test.example.net"), ("test.example.com",)),
        ("*.com", ("*.example.com",), ("*.example.com",)),
        ("*.example.com", ("*.com",), ("*.example.com",)),
        ("example.com", ("*.example.com",), ()),
        ("", ("a.b", "*.c"), ("a.b", "*.c")),
        ("", (), ("",)),
        ("Test.Example.com", ("test.example.com",), ("test.example.com",)),
    ],
)
def test_hostname_intersection(listening: str, hosts: tuple[str, ...], expected: tuple[str, ...]) -> None:
    found = table(gateway(listener(hostname=listening)), route(hosts=hosts))
    (attachment,) = found.attachments(found.routes[0])
    assert tuple(name for answer in attachment.listeners for name in answer.hostnames) == expected
    assert attachment.accepted is bool(expected)


def test_the_place_and_message_of_a_refusal() -> None:
    found = table(
        gateway(listener(hostname="shop.example")), route(hosts=("x.example",)), route(name="s", kind="TCPRoute")
    )
    hosts, kind = (found.attachments(item)[0] for item in found.routes)
    assert hosts.place.path == ("spec", "listeners", 0, "hostname")
    assert hosts.message == 'listener "http" of Gateway "gw" serves "shop.example", the route x.example'
    assert kind.place.path == ("spec", "listeners", 0, "protocol")
    assert kind.message == 'listener "http" of Gateway "gw" (HTTP) takes HTTPRoute and GRPCRoute, not TCPRoute'


def listener_set(*listeners: Object, name: str = "ls", namespace: str = "default") -> Object:
    parent = {"kind": "Gateway", "group": GROUP, "name": "gw", "namespace": "default"}
    return thing(f"{GROUP}/v1", "ListenerSet", name, namespace, {"parentRef": parent, "listeners": list(listeners)})


TO_SET = ({"name": "ls", "kind": "ListenerSet", "group": GROUP},)


@pytest.mark.parametrize(
    ("allowed", "namespace_name", "expected"),
    [
        # listenerset-default-not-allowed, listenerset-allowed-namespace-none, -same, -selector
        (None, "default", False),
        ({"namespaces": {"from": "None"}}, "default", False),
        ({"namespaces": {"from": "Same"}}, "default", True),
        ({"namespaces": {"from": "Same"}}, "other", False),
        ({"namespaces": {"from": "All"}}, "other", True),
        ({"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}}, "other", None),
    ],
)
def test_listener_sets(allowed: Object | None, namespace_name: str, expected: bool | None) -> None:
    found = table(
        gateway(**({} if allowed is None else {"allowedListeners": allowed})),
        listener_set(listener("extra", 8080), namespace=namespace_name),
        route(parents=TO_SET, namespace=namespace_name),
    )
    assert found.listener_sets[0].accepted is expected
    (attachment,) = found.attachments(found.routes[0])
    assert attachment.accepted is expected
    assert attachment.reason == ("ListenerSetNotAllowed" if expected is False else "Accepted")
    hit = found.route("h", port=8080)
    assert (hit is not None) is (expected is not False)
    assert hit is None or (hit.gateway.name, hit.certain) == ("gw", expected is True)


def test_a_gateway_parent_does_not_find_the_listeners_of_its_sets() -> None:
    """listenerset-gateway-parent-section-name-not-found, listenerset-dual-parentref-independence."""
    reference = {"name": "gw", "sectionName": "extra"}
    both = (reference, {**TO_SET[0], "sectionName": "extra"})
    objects = (
        gateway(listener(hostname="gw.com"), allowedListeners={"namespaces": {"from": "Same"}}),
        listener_set(listener("extra", hostname="ls.com")),
    )
    assert accepted(*objects, route(parents=both)) == [(False, "NoMatchingParent"), (True, "Accepted")]
    found = table(*objects, route(parents=TO_SET))
    assert goes_to(found, "ls.com") == "web"
    assert goes_to(found, "gw.com") is None


def test_of_equal_listeners_the_gateways_own_serves() -> None:
    """ListenerSetSpec.Listeners: the parent Gateway comes first (listenerset-hostname-conflict)."""
    found = table(
        gateway(listener(hostname="a.com"), allowedListeners={"namespaces": {"from": "Same"}}),
        listener_set(listener("extra", hostname="a.com")),
        route(rule(to="own"), name="z"),
        route(rule(to="set"), name="a", parents=TO_SET),
    )
    assert goes_to(found, "a.com") == "own"


@pytest.mark.parametrize(
    ("protocols", "expected"),
    [
        (("HTTP", "HTTPS"), (80,)),
        (("TCP", "HTTP"), (80,)),
        (("TLS", "TCP"), (80,)),
        (("HTTPS", "TLS"), ()),
        (("TCP", "UDP"), ()),
        (("HTTP", "UDP"), ()),
    ],
)
def test_protocols_that_exclude_each_other(protocols: tuple[str, ...], expected: tuple[int, ...]) -> None:
    """GatewaySpec.Listeners, "Distinct Listeners"; listenerset-protocol-conflict."""
    found = table(
        gateway(*(listener(protocol.lower(), protocol=protocol) for protocol in protocols), listener("other", 81)),
        route(),
    )
    assert found.conflicts(Gateway(Resource(DOCUMENT, (), gateway()))) == expected
    hit = found.route("h", port=80)
    assert hit is None or hit.certain is not bool(expected)
    assert found.route("h", port=81).certain  # type: ignore[union-attr]


def test_mesh_routes() -> None:
    """GAMMA: a producer route speaks for everybody, a consumer route for its namespace, if the mesh does that at all."""
    to_service = {"kind": "Service", "group": "", "name": "web", "port": 80, "namespace": "default"}
    found = table(
        service("web"),
        route(parents=(to_service,)),
        route(name="s", namespace="other", parents=(to_service,)),
        route(name="t", parents=({**to_service, "port": 81},)),
    )
    assert [(item.route.name, item.accepted) for item in found.mesh_routes("default", "web")] == [
        ("r", True),
        ("t", False),
        ("s", None),
    ]


# Backends.


@pytest.mark.parametrize(
    ("reference", "objects", "expected"),
    [
        ({"name": "web", "port": 80}, (service("web"),), (True, "ResolvedRefs", "")),
        # httproute-invalid-nonexistent-backendref
        ({"name": "gone", "port": 80}, (), (False, "BackendNotFound", "missing")),
        # httproute-invalid-backendref-unknown-kind
        ({"name": "web", "kind": "NonExistent", "port": 80}, (service("web"),), (False, "InvalidKind", "kind")),
        ({"name": "web", "kind": "Deployment", "group": "apps", "port": 80}, (), (False, "InvalidKind", "kind")),
        ({"name": "web", "group": "core", "port": 80}, (service("web"),), (False, "InvalidKind", "kind")),
        ({"name": "b", "kind": "Backend", "group": "gateway.envoyproxy.io"}, (), (None, "ResolvedRefs", "")),
        # httproute-invalid-cross-namespace-backend-ref: permission is asked before existence
        ({"name": "web", "namespace": "other", "port": 80}, (), (False, "RefNotPermitted", "grant")),
        # httproute-reference-grant
        (
            {"name": "web", "namespace": "other", "port": 80},
            (service("web", namespace="other"), grant("other", "default")),
            (True, "ResolvedRefs", ""),
        ),
        (
            {"name": "gone", "namespace": "other", "port": 80},
            (grant("other", "default"),),
            (False, "BackendNotFound", "missing"),
        ),
        # httproute-invalid-reference-grant: another name, kind, group, source namespace, or the wrong place
        *(
            (
                {"name": "web", "namespace": "other", "port": 80},
                (service("web", namespace="other"), wrong),
                (False, "RefNotPermitted", "grant"),
            )
            for wrong in (
                grant("other", "default", to_name="api"),
                grant("other", "default", kind="GRPCRoute"),
                grant("other", "default", group=""),
                grant("other", "elsewhere"),
                grant("default", "default"),
            )
        ),
        # BackendObjectReference.Port: "the numeric port of the Service", required for a Service
        (
            {"name": "web", "port": 8080},
            (service("web", {"port": 80, "targetPort": 8080}),),
            (False, "BackendNotFound", "port"),
        ),
        ({"name": "web"}, (service("web"),), (False, "BackendNotFound", "port")),
        (
            {"name": "web", "port": 53},
            (service("web", {"port": 53, "protocol": "UDP"}),),
            (False, "UnsupportedProtocol", "protocol"),
        ),
        # "Implementations SHOULD NOT support ExternalName Services"
        (
            {"name": "web", "port": 80},
            (service("web", type="ExternalName", externalName="x.example"),),
            (None, "ResolvedRefs", "external-name"),
        ),
    ],
)
def test_backends(reference: Object, objects: tuple[Object, ...], expected: tuple[bool | None, str, str]) -> None:
    found = table(gateway(), route({"backendRefs": [reference]}), *objects)
    (backends,) = found.backends(found.routes[0])
    (backend,) = backends.backends
    assert (backend.resolved, backend.reason, backend.fault) == expected
    assert (backend.port is not None) is (backend.resolved is True)
    assert bool(backend.message) is (expected != (True, "ResolvedRefs", ""))


def test_a_target_port_is_told_apart() -> None:
    found = table(gateway(), route(rule(port=8080)), service("web", {"port": 80, "targetPort": 8080}))
    (backend,) = found.backends(found.routes[0])[0].backends
    assert (
        backend.message
        == 'Service "web" in namespace "default" has no port 8080 (8080 is the targetPort of its port 80)'
    )
    assert backend.place.path == ("spec", "rules", 0, "backendRefs", 0, "port")


def test_udp_routes_need_udp_ports() -> None:
    found = table(
        gateway(listener("dns", 53, "UDP")),
        route(rule(to="dns", port=53), kind="UDPRoute"),
        service("dns", {"name": "t", "port": 53}, {"name": "u", "port": 53, "protocol": "UDP"}),
    )
    (backend,) = found.backends(found.routes[0])[0].backends
    assert backend.port is not None and backend.port.port_name == "u"


def test_weights() -> None:
    """BackendRef.Weight: weight/(sum of all weights); 0 is no traffic, unset is 1 (httproute-weight)."""
    references = [
        {"name": name, "port": 80, **weight}
        for name, weight in {"a": {"weight": 3}, "b": {}, "c": {"weight": 0}}.items()
    ]
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "m", "port": 80}}}
    found = table(gateway(), route({"backendRefs": references, "filters": [mirror]}))
    (backends,) = found.backends(found.routes[0])
    assert [(item.reference.ref_name, item.share, item.mirror) for item in backends.backends] == [
        ("a", 0.75, False),
        ("b", 0.25, False),
        ("c", 0.0, False),
        ("m", 0.0, True),
    ]
    assert backends.answer == ""


@pytest.mark.parametrize(
    ("kind", "rest", "expected"),
    [
        # httproute-omitted-backendrefs
        ("HTTPRoute", {}, "500"),
        ("GRPCRoute", {}, "UNAVAILABLE"),
        ("TCPRoute", {}, "rejected"),
        ("HTTPRoute", {"filters": [{"type": "RequestRedirect", "requestRedirect": {}}]}, "redirect"),
        ("HTTPRoute", {"filters": [{"type": "ExtensionRef", "extensionRef": {}}]}, "filter"),
        ("HTTPRoute", {"filters": [{"type": {}}, 3]}, "500"),
        ("HTTPRoute", {"backendRefs": [{"name": "web", "port": 80, "weight": 0}]}, "500"),
    ],
)
def test_no_backends(kind: str, rest: Object, expected: str) -> None:
    found = table(gateway(), route({"name": "x", **rest}, kind=kind))
    assert found.backends(found.routes[0])[0].answer == expected


# Requests.

INTERSECTION = table(
    gateway(
        listener("1", hostname="very.specific.com"),
        listener("2", hostname="*.wildcard.io"),
        listener("3", hostname="*.anotherwildcard.io"),
    ),
    route(
        rule(prefix("/s1"), to="v1"),
        name="1",
        hosts=("non.matching.com", "*.nonmatchingwildcard.io", "very.specific.com"),
    ),
    route(
        rule(prefix("/s2"), to="v2"),
        name="2",
        hosts=("non.matching.com", "wildcard.io", "foo.wildcard.io", "bar.wildcard.io", "foo.bar.wildcard.io"),
    ),
    route(rule(prefix("/s3"), to="v3"), name="3", hosts=("non.matching.com", "*.specific.com")),
    route(rule(prefix("/s4"), to="v4"), name="4", hosts=("*.anotherwildcard.io",)),
)


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("very.specific.com", "/s1", "v1"),
        ("very.specific.com:1234", "/s1", "v1"),
        ("non.matching.com", "/s1", None),
        ("foo.nonmatchingwildcard.io", "/s1", None),
        ("foo.wildcard.io", "/s1", None),
        ("very.specific.com", "/non-matching-prefix", None),
        ("foo.wildcard.io", "/s2", "v2"),
        ("foo.bar.wildcard.io", "/s2", "v2"),
        ("wildcard.io", "/s2", None),
        ("very.specific.com", "/s3", "v3"),
        ("foo.specific.com", "/s3", None),
        ("foo.bar.anotherwildcard.io", "/s4", "v4"),
        ("anotherwildcard.io", "/s4", None),
    ],
)
def test_hosts(host: str, path: str, expected: str | None) -> None:
    """httproute-hostname-intersection."""
    assert goes_to(INTERSECTION, host, path) == expected


def test_the_most_specific_listener_takes_the_request() -> None:
    """httproute-listener-hostname-matching, gateway-http-listener-isolation."""
    names = {"any": "", "apex": "bar.com", "exact": "foo.bar.com", "wild": "*.bar.com", "deep": "*.foo.bar.com"}
    found = table(
        gateway(*(listener(name, hostname=host) for name, host in names.items())),
        *(
            route(rule(prefix(f"/{name}"), to=name), name=name, parents=({"name": "gw", "sectionName": name},))
            for name in names
        ),
    )
    hosts = {
        "x.org": "any",
        "bar.com": "apex",
        "foo.bar.com": "exact",
        "baz.bar.com": "wild",
        "a.b.foo.bar.com": "deep",
    }
    for host, expected in hosts.items():
        for name in names:
            assert goes_to(found, host, f"/{name}") == (name if name == expected else None)


MATCHES = table(
    gateway(),
    route(
        rule(exact("/match"), to="1"),
        rule(exact("/match/exact"), to="2"),
        rule(prefix("/match/"), to="3"),
        rule(prefix("/match/prefix/"), to="4"),
        rule(prefix("/match/prefix/one"), to="5"),
        rule({"method": "POST"}, to="post"),
        rule({"method": "PUT", "headers": pairs(version="one")}, to="put-one"),
        rule({"headers": pairs(version="two")}, to="two"),
        rule({"headers": pairs(Version="two", color="orange")}, to="two-orange"),
        rule({"headers": pairs(color="blue")}, {"headers": pairs(color="green")}, to="coloured"),
        rule({"queryParams": pairs(animal="whale")}, to="whale"),
        rule({"queryParams": pairs(animal="dolphin", color="blue")}, to="blue-dolphin"),
        rule({"method": "PATCH"}, to="patch"),
        rule({"headers": pairs(version="four")}, to="four"),
        rule({"path": {"type": "RegularExpression", "value": "/re/[a-z]+"}}, to="regular"),
        rule({"headers": [{"name": "v", "type": "RegularExpression", "value": "1.*"}]}, to="expression"),
    ),
)


@pytest.mark.parametrize(
    ("path", "rest", "expected"),
    [
        # httproute-path-match-order, httproute-matching
        ("/match", {}, "1"),
        ("/match/exact", {}, "2"),
        ("/match/any", {}, "3"),
        ("/match/", {}, "3"),
        ("/match/prefix/any", {}, "4"),
        ("/match/prefix/one/any", {}, "5"),
        ("/matchless", {}, None),
        # httproute-method-matching
        ("/", {"method": "POST"}, "post"),
        ("/", {"method": "HEAD"}, None),
        ("/", {"method": "PUT"}, None),
        ("/", {"method": "PUT", "headers": {"version": "one"}}, "put-one"),
        ("/match/any", {"method": "PATCH"}, "3"),
        ("/", {"method": "PATCH", "headers": {"version": "four"}}, "patch"),
        # httproute-header-matching
        ("/", {"headers": {"VERSION": "two"}}, "two"),
        ("/", {"headers": {"Version": "two", "Color": "orange"}}, "two-orange"),
        ("/", {"headers": {"Version": "two", "Color": "blue"}}, "two"),
        ("/", {"headers": {"Color": "green"}}, "coloured"),
        ("/", {"headers": {"Color": "purple"}}, None),
        # httproute-query-param-matching
        ("/?animal=whale&other=x", {}, "whale"),
        ("/?animal=dolphin", {}, None),
        ("/?color=blue&animal=dolphin", {}, "blue-dolphin"),
        ("/?animal=whale", {"headers": {"version": "four"}}, "four"),
        ("/?ANIMAL=whale", {}, None),
        ("/re/abc", {}, "regular"),
        ("/", {"headers": {"v": "12"}}, "expression"),
        ("/", {"headers": {"v": "2"}}, None),
    ],
)
def test_matches(path: str, rest: Object, expected: str | None) -> None:
    hit = MATCHES.route("any.example", path, **rest)
    assert (None if hit is None else hit.backends.backends[0].reference.ref_name) == expected
    assert hit is None or hit.certain is (expected not in ("regular", "expression"))


def test_across_routes() -> None:
    """httproute-matching-across-routes; then HTTPRouteRule.Matches: by namespace/name, and the first rule of a route."""
    found = table(
        gateway(),
        route(
            rule(prefix("/"), {"headers": pairs(version="one")}, to="v1"),
            name="part1",
            hosts=("example.com", "example.net"),
        ),
        route(rule(prefix("/v2"), {"headers": pairs(version="two")}, to="v2"), name="part2", hosts=("example.com",)),
    )
    assert goes_to(found, "example.com") == "v1"
    assert goes_to(found, "example.com", "/example") == "v1"
    assert goes_to(found, "example.net", "/v2") == "v1"
    assert goes_to(found, "example.com", "/v2/example") == "v2"
    assert goes_to(found, "example.com", headers={"Version": "two"}) == "v2"
    tie = (route(rule(to="b"), name="b"), route(rule(to="a1"), rule(to="a2"), name="a"))
    assert goes_to(table(gateway(), *tie), "x") == "a1"
    narrow = (
        route(rule(prefix("/"), to="wide"), name="a", hosts=("*.example.com",)),
        route(rule(to="narrow"), name="b", hosts=("x.example.com",)),
    )
    assert goes_to(table(gateway(), *narrow), "x.example.com") == "narrow"


def test_grpc() -> None:
    """grpcroute-exact-method-matching; GRPCRouteRule.Matches: characters of the service, then of the method."""

    def method(**values: str) -> Object:
        return {"method": values}

    found = table(
        gateway(),
        route(rule(to="page"), name="page", hosts=("page.example",)),
        route(
            rule(method(service="pkg.Echo", method="Echo"), to="echo"),
            rule(method(method="Echo"), to="any-echo"),
            rule(method(service="pkg.Echo"), to="any-method"),
            rule({"headers": pairs(version="one")}, to="one"),
            name="grpc",
            kind="GRPCRoute",
        ),
    )
    headers = {"Content-Type": "application/grpc+proto"}
    assert goes_to(found, "h", "/pkg.Echo/Echo", method="POST", headers=headers) == "echo"
    assert goes_to(found, "h", "/pkg.Echo/Other", headers=headers) == "any-method"
    assert goes_to(found, "h", "/pkg.Two/Echo", headers=headers) == "any-echo"
    assert goes_to(found, "h", "/pkg.Two/Two", headers={**headers, "version": "one"}) == "one"
    assert goes_to(found, "h", "/pkg.Two/Two", headers=headers) is None
    assert goes_to(found, "page.example", "/pkg.Echo/Echo", headers=headers) == "echo"
    regular = method(type="RegularExpression", service="pkg[.].*", method="E.*")
    hit = table(gateway(), route(rule(regular), kind="GRPCRoute")).route("h", "/pkg.X/Echo", headers=headers)
    assert hit is not None and not hit.certain
    assert goes_to(table(gateway(), route(rule(regular), kind="GRPCRoute")), "h", "/other.X/Y", headers=headers) is None
    assert goes_to(found, "page.example", "/pkg.Echo/Echo") == "page"


def test_ports_and_gateways() -> None:
    """httproute-listener-port-matching, httproute-multiple-gateways."""
    found = table(
        gateway(listener("a", 80), listener("b", 8080)),
        gateway(listener("c", 80), name="second"),
        route(rule(to="v1"), parents=({"name": "gw", "port": 80},)),
        route(rule(to="v2"), name="s", parents=({"name": "gw", "sectionName": "b"},)),
        route(rule(to="v3"), name="t", parents=({"name": "second"},)),
    )
    assert goes_to(found, "h", port=80) == "v1"
    assert goes_to(found, "h", port=8080) == "v2"
    assert goes_to(found, "h", port=81) is None
    assert goes_to(found, "h", gateway=("default", "second")) == "v3"
    assert [(hit.gateway.name, hit.listener.port) for hit in found.hits("h")] == [
        ("gw", 80),
        ("gw", 8080),
        ("second", 80),
    ]


def test_streams() -> None:
    """tcproute-parentref-port-and-section-name, udproute-simple, tlsroute-simple-same-namespace."""
    found = table(
        gateway(
            listener("pg", 5432, "TCP"),
            listener("dns", 53, "UDP"),
            listener("tls", 443, "TLS", "*.example.com", tls={"mode": "Passthrough"}),
        ),
        route(rule(to="pg"), name="pg", kind="TCPRoute", parents=({"name": "gw", "sectionName": "pg"},)),
        route(rule(to="dns"), name="dns", kind="UDPRoute"),
        route(rule(to="secure"), name="tls", kind="TLSRoute", hosts=("a.example.com",)),
    )

    def name(port: int, protocol: str = "TCP", host: str = "") -> str | None:
        hit = found.stream(port, protocol, host)
        return None if hit is None else hit.backends.backends[0].reference.ref_name

    assert (name(5432), name(53, "UDP"), name(443, host="a.example.com")) == ("pg", "dns", "secure")
    assert (name(5433), name(53), name(443, host="b.example.com"), name(443)) == (None, None, None, None)


def test_callers() -> None:
    found = table(
        gateway(listener(hostname="*.example")),
        route(rule(), rule(to="api"), hosts=("shop.example",)),
        route(rule(), name="lost", hosts=("shop.other",)),
        route(rule(), name="stray", parents=({"name": "gone"},)),
        service("web"),
    )
    callers = found.callers("default", "web")
    assert [(item.route.name, item.active) for item in callers] == [("lost", False), ("r", True), ("stray", None)]
    assert [name for item in callers[1].attachments for one in item.listeners for name in one.hostnames] == [
        "shop.example"
    ]
    assert [item.active for item in found.callers("default", "api")] == [False]
    assert isinstance(callers[0], Caller)
    assert found.callers("other", "web") == ()


def test_grants_for_certificates() -> None:
    """gateway-secret-reference-grant-specific and -missing."""
    to = {"group": "", "kind": "Secret", "name": "cert"}
    source = {"group": GROUP, "kind": "Gateway", "namespace": "default"}
    found = table(thing(f"{GROUP}/v1", "ReferenceGrant", "g", "certs", {"from": [source], "to": [to]}))
    view = Gateway(Resource(DOCUMENT, (), gateway()))
    assert found.grants.allows(view, "", "Secret", "certs", "cert")
    assert not found.grants.allows(view, "", "Secret", "certs", "other")
    assert found.grants.allows(view, "", "Secret", "default", "anything")


def test_the_order_of_documents_changes_nothing() -> None:
    objects = [
        gateway(
            listener(hostname="*.example"),
            listener("https", 443, "HTTPS"),
            allowedListeners={"namespaces": {"from": "All"}},
        ),
        gateway(listener("x", 80), name="another"),
        listener_set(listener("extra", 8080)),
        listener_set(listener("extra", 8080), name="ms"),
        route(rule(to="a"), hosts=("a.example",)),
        route(rule(to="b"), name="q", hosts=("a.example",), parents=({"name": "gw"}, {"name": "another"})),
        route(rule(to="c"), name="s", parents=TO_SET),
        service("a"),
        grant("other", "default"),
    ]

    def answers(order: list[Object]) -> str:
        found = table(*order)
        said = [[hit.reason for hit in found.hits(host)] for host in ("a.example", "b.example", "x")]
        said += [[item.message for item in found.attachments(one)] for one in found.routes]
        return json.dumps([said, [item.backend.message for item in found.callers("default", "b")]])

    assert answers(objects) == answers(objects[::-1])


JUNK: list[Any] = [None, 3, "x", [], {}, [None, 3, "x", [], {}], {"a": 1}]


@pytest.mark.parametrize("junk", JUNK, ids=json.dumps)
def test_wrong_types_are_read_as_absent(junk: Any) -> None:
    keys = ("parentRefs", "hostnames", "rules", "listeners", "allowedListeners", "parentRef", "from", "to")
    deep = {"name": junk, "port": junk, "group": junk, "kind": junk, "namespace": junk, "sectionName": junk}
    inner = {"matches": junk, "backendRefs": junk, "filters": junk}
    match = {"path": junk, "method": junk, "headers": junk, "queryParams": junk}
    odd = {
        "parentRefs": [deep],
        "rules": [inner, {"matches": [match], "backendRefs": [deep], "filters": [{"requestMirror": junk}]}],
    }
    kinds = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "Gateway", "ListenerSet", "ReferenceGrant")
    objects = [thing(f"{GROUP}/v1", kind, "gw", "default", dict.fromkeys(keys, junk)) for kind in kinds]
    objects += [thing(f"{GROUP}/v1", kind, "odd", "default", odd) for kind in kinds]
    listening = {"name": junk, "protocol": junk, "hostname": junk, "port": junk, "allowedRoutes": junk, "tls": junk}
    objects += [gateway(listening, name="third"), thing(f"{GROUP}/v1", "Gateway", "fourth", "default", junk)]
    objects += [route({**inner, "matches": [match]}), service("web"), thing("v1", "Service", "odd", "default", junk)]
    found = table(*objects)
    for one in found.routes:
        assert [item.reason for item in found.attachments(one)].count("") == 0
        found.backends(one)
    found.hits("", "", "")
    found.stream(0)
    assert found.callers("", "") == ()


def test_a_route_that_is_not_in_the_cluster_can_be_asked_about() -> None:
    found = table(gateway())
    one = Route(Resource(DOCUMENT, (), route()))
    assert [item.accepted for item in found.attachments(one)] == [True]
    assert [item.backends[0].fault for item in found.backends(one)] == ["missing"]
