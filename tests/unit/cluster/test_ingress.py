"""Ingress, as kubernetes.io/docs/concepts/services-networking/ingress has it ("Examples", "Multiple matches",
"Hostname wildcards", "DefaultBackend", "Ingress class")."""

from __future__ import annotations

import pytest

from svclint.cluster.index import Index
from svclint.cluster.ingress import IngressTable
from svclint.kube.ingress import Ingress, IngressClass
from svclint.kube.resource import resources
from svclint.kube.service import Service
from svclint.yaml import parse


def table(text: str) -> IngressTable:
    index = Index(item for document in parse(text, "w.yaml").documents for item in resources(document))
    return IngressTable(index.of(Ingress), index.of(Service), index.of(IngressClass))


def service(name: str, ports: str = "[{port: 80}]", rest: str = "") -> str:
    return f"\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{ports: {ports}{rest}}}\n"


def backend(name: str, port: str = "number: 80") -> str:
    return f"{{service: {{name: {name}, port: {{{port}}}}}}}"


def ingress(name: str, rules: dict[str, list[tuple[str, str, str]]], rest: str = "", metadata: str = "") -> str:
    """`rules`: host → (path type, path, Service)."""
    text = (
        f"\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}{metadata}}}\nspec:\n{rest}"
    )
    if rules:
        text += "  rules:\n"
    for host, paths in rules.items():
        text += f"  - {{{f'host: {host!r}, ' if host else ''}http: {{paths: ["
        text += ", ".join(f"{{path: {path}, pathType: {kind}, backend: {backend(to)}}}" for kind, path, to in paths)
        text += "]}}\n"
    return text


# The table of the documentation's section "Examples" (kind, paths, request path, match).
EXAMPLES = [
    ("Prefix", ["/"], "/any/path", "/"),
    ("Exact", ["/foo"], "/foo", "/foo"),
    ("Exact", ["/foo"], "/bar", None),
    ("Exact", ["/foo"], "/foo/", None),
    ("Exact", ["/foo/"], "/foo", None),
    ("Prefix", ["/foo"], "/foo", "/foo"),
    ("Prefix", ["/foo"], "/foo/", "/foo"),
    ("Prefix", ["/foo/"], "/foo", "/foo/"),
    ("Prefix", ["/foo/"], "/foo/", "/foo/"),
    ("Prefix", ["/aaa/bb"], "/aaa/bbb", None),
    ("Prefix", ["/aaa/bbb"], "/aaa/bbb", "/aaa/bbb"),
    ("Prefix", ["/aaa/bbb/"], "/aaa/bbb", "/aaa/bbb/"),
    ("Prefix", ["/aaa/bbb"], "/aaa/bbb/", "/aaa/bbb"),
    ("Prefix", ["/aaa/bbb"], "/aaa/bbb/ccc", "/aaa/bbb"),
    ("Prefix", ["/aaa/bbb"], "/aaa/bbbxyz", None),
    ("Prefix", ["/", "/aaa"], "/aaa/ccc", "/aaa"),
    ("Prefix", ["/", "/aaa", "/aaa/bbb"], "/aaa/bbb", "/aaa/bbb"),
    ("Prefix", ["/", "/aaa", "/aaa/bbb"], "/ccc", "/"),
    ("Prefix", ["/aaa"], "/ccc", None),
    # Further: case matters, and a query string is no part of the path.
    ("Prefix", ["/foo"], "/Foo", None),
    ("Exact", ["/foo"], "/foo?a=/b", "/foo"),
]


@pytest.mark.parametrize(("kind", "paths", "request_path", "expected"), EXAMPLES)
def test_paths(kind: str, paths: list[str], request_path: str, expected: str | None) -> None:
    text = ingress("a", {"": [(kind, path, "web") for path in paths]}) + service("web")
    match = table(text).route("any.example", request_path)
    assert (None if match is None else match.route.path) == expected


def test_exact_before_prefix() -> None:
    """ "Examples", last row, and "Multiple matches"."""
    rules = [("Prefix", "/foo", "prefix"), ("Exact", "/foo", "exact")]
    for order in (rules, rules[::-1]):
        match = table(ingress("a", {"": order})).route("h", "/foo")
        assert match is not None
        assert match.route.path_type == "Exact"
        assert match.certain


# "Hostname wildcards": host, Host header, match.
HOSTS = [
    ("*.foo.com", "bar.foo.com", True),
    ("*.foo.com", "baz.bar.foo.com", False),
    ("*.foo.com", "foo.com", False),
    ("foo.bar.com", "foo.bar.com", True),
    ("foo.bar.com", "FOO.bar.com:8080", True),
    ("foo.bar.com", "bar.com", False),
    ("", "anything", True),
]


@pytest.mark.parametrize(("host", "asked", "expected"), HOSTS)
def test_hosts(host: str, asked: str, expected: bool) -> None:
    assert (table(ingress("a", {host: [("Prefix", "/", "web")]})).route(asked) is not None) is expected


def test_the_most_specific_host_takes_the_request() -> None:
    """A host that is matched but none of whose paths are goes to the default backend, not to another host's rules."""
    text = ingress(
        "a",
        {
            "": [("Prefix", "/", "any")],
            "*.foo.com": [("Prefix", "/", "wild")],
            "bar.foo.com": [("Exact", "/only", "exact")],
        },
    )
    found = table(text)

    def name(host: str, path: str = "/") -> str | None:
        match = found.route(host, path)
        return None if match is None else match.route.backend.view.service_name

    assert name("x.org") == "any"
    assert name("x.foo.com") == "wild"
    assert name("bar.foo.com", "/only") == "exact"
    assert name("bar.foo.com", "/") is None


def test_default_backends() -> None:
    default = f"  defaultBackend: {backend('fallback')}\n"
    found = table(
        ingress("a", {"one.example": [("Exact", "/x", "web")]})
        + ingress("b", {"two.example": [("Exact", "/x", "web")]}, default)
        + service("web")
        + service("fallback")
    )
    for host in ("one.example", "two.example", "three.example"):
        match = found.route(host, "/y")
        assert match is not None and match.service is not None
        assert (match.service.name, match.route.path_type) == ("fallback", "Default")
        assert match.place.path == ("spec", "defaultBackend")
    assert table(ingress("a", {"one.example": [("Exact", "/x", "web")]})).route("one.example", "/y") is None


def test_the_default_backend_of_the_ingress_that_has_the_host_comes_first() -> None:
    found = table(
        ingress("a", {}, f"  defaultBackend: {backend('common')}\n")
        + ingress("b", {"two.example": [("Exact", "/x", "web")]}, f"  defaultBackend: {backend('own')}\n")
    )
    match = found.route("two.example", "/y")
    assert match is not None and match.route.backend.view.service_name == "own" and match.certain
    found = table(
        ingress("a", {}, f"  defaultBackend: {backend('common')}\n")
        + ingress("b", {}, f"  defaultBackend: {backend('other')}\n")
        + ingress("c", {"two.example": [("Exact", "/x", "web")]})
    )
    match = found.route("two.example", "/y")
    assert match is not None and not match.certain, "which of two catch-all backends wins isn't specified"


def test_a_rule_without_paths_sends_its_host_to_the_default_backend() -> None:
    """k8s.io/api/networking/v1 types.go, IngressRule.IngressRuleValue."""
    rest = f"  defaultBackend: {backend('fallback')}\n  rules: [{{host: x.example}}]\n"
    text = ingress("a", {}, rest)
    match = table(text).route("x.example", "/deep/path")
    assert match is not None and match.place.path == ("spec", "rules", 0)


def test_equal_claims_of_two_ingresses() -> None:
    text = ingress("b", {"x.example": [("Prefix", "/", "two")]}) + ingress("a", {"x.example": [("Prefix", "/", "one")]})
    match = table(text).route("x.example")
    assert match is not None
    assert (match.ingress.name, [item.ingress.name for item in match.equals]) == ("a", ["b"])
    assert not match.certain
    same = ingress("b", {"x.example": [("Prefix", "/", "one")]}) + ingress("a", {"x.example": [("Prefix", "/", "one")]})
    match = table(same).route("x.example")
    assert match is not None and match.certain, "whichever wins, the Service is the same"
    match = table(same.replace("{name: b}", "{name: b, namespace: other}")).route("x.example")
    assert match is not None and not match.certain, "it is another namespace's Service"


@pytest.mark.parametrize(
    ("path", "asked", "expected"),
    [
        ("/api", "/api/x", True),
        ("/api", "/apis", False),
        ("/api/*", "/api/x", True),
        ("/api(/|$)(.*)", "/api", True),
        ("/api(/|$)(.*)", "/other", False),
        ("/v[0-9]+/x", "/v1/x", True),
        ("/v.*", "/w", False),
        ("/a|/b", "/b", True),
    ],
)
def test_implementation_specific_paths_are_uncertain(path: str, asked: str, expected: bool) -> None:
    match = table(ingress("a", {"": [("ImplementationSpecific", f"'{path}'", "web")]})).route("h", asked)
    assert (match is not None) is expected
    assert match is None or not match.certain


CLASS = """
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: %s, annotations: {ingressclass.kubernetes.io/is-default-class: "%s"}}
spec: {controller: example.com/controller}
"""
RULES = {"": [("Prefix", "/", "web")]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ingress("a", RULES), ("", "unknown", False)),
        (ingress("a", RULES) + CLASS % ("nginx", "false"), ("", "none", False)),
        (ingress("a", RULES) + CLASS % ("nginx", "true"), ("nginx", "default", True)),
        # Of several default classes the newest is used, of equally old ones the first by name.
        (ingress("a", RULES) + CLASS % ("z", "true") + CLASS % ("m", "true"), ("m", "default", True)),
        (ingress("a", RULES, "  ingressClassName: alb\n") + CLASS % ("nginx", "true"), ("alb", "spec", False)),
        (
            ingress("a", RULES, metadata=", annotations: {kubernetes.io/ingress.class: traefik}")
            + CLASS % ("x", "true"),
            ("traefik", "annotation", False),
        ),
    ],
)
def test_class(text: str, expected: tuple[str, str, bool]) -> None:
    found = table(text)
    choice = found.class_of(found.routes[0].ingress)
    assert (choice.name, choice.source, choice.view is not None) == expected


def test_an_ingress_without_a_class_may_be_left_alone() -> None:
    """ "Default IngressClass": without one, controllers that watch a class don't see it."""
    match = table(ingress("a", RULES) + CLASS % ("nginx", "false")).route("h")
    assert match is not None and not match.certain
    assert match.reason == "every host, path Prefix /; no class, and there is no default class"


def test_each_class_routes_by_itself() -> None:
    found = table(
        ingress("a", {"": [("Prefix", "/", "one")]}, "  ingressClassName: public\n")
        + ingress("b", {"x.example": [("Prefix", "/", "two")]}, "  ingressClassName: internal\n")
    )
    assert [(match.route.class_name, match.ingress.name) for match in found.matches("x.example")] == [
        ("internal", "b"),
        ("public", "a"),
    ]
    match = found.route("x.example", "/", "public")
    assert match is not None and match.ingress.name == "a"
    assert found.route("x.example", "/", "other") is None


PORTS = "[{name: http, port: 80, targetPort: 8080}, {name: dns, port: 53, protocol: UDP}]"


@pytest.mark.parametrize(
    ("port", "problem", "lenient", "reason"),
    [
        ("number: 80", "", False, ""),
        ("name: http", "", False, ""),
        ("number: 8080", "port-missing", True, "is the targetPort of its port 80, which only ingress-nginx takes too"),
        ("number: 81", "port-missing", False, 'Service "web" in namespace "default" has no port 81'),
        ("name: https", "port-missing", False, 'has no port named "https"'),
        ("number: 53", "protocol", False, "is UDP, requests come by TCP"),
    ],
)
def test_ports(port: str, problem: str, lenient: bool, reason: str) -> None:
    text = ingress("a", RULES).replace("number: 80", port) + service("web", PORTS)
    match = table(text).route("h")
    assert match is not None
    found = match.route.backend
    assert (found.problem, found.lenient, found.port is not None) == (problem, lenient, not problem)
    assert reason in found.reason


def test_other_backends() -> None:
    assert table(ingress("a", RULES)).routes[0].backend.problem == "service-missing"
    text = ingress("a", RULES).replace(backend("web"), "{resource: {kind: StorageBucket, name: static}}")
    assert table(text).routes[0].backend.problem == "resource"
    elsewhere = service("web").replace("{name: web}", "{name: web, namespace: other}")
    assert table(ingress("a", RULES) + elsewhere).routes[0].backend.problem == "service-missing"


def test_callers() -> None:
    found = table(
        ingress("a", {"x.example": [("Prefix", "/", "web"), ("Prefix", "/api", "api")]})
        + ingress("b", {"y.example": [("Prefix", "/", "web")]})
        + service("web")
    )
    assert [(item.ingress.name, item.host) for item in found.callers("default", "web")] == [
        ("a", "x.example"),
        ("b", "y.example"),
    ]
    assert [item.place.path for item in found.callers("default", "api")] == [("spec", "rules", 0, "http", "paths", 1)]
    assert found.callers("other", "web") == ()


def test_the_order_of_documents_changes_nothing() -> None:
    texts = [
        ingress("a", {"x.example": [("Prefix", "/", "one")]}),
        ingress("b", {"x.example": [("Prefix", "/", "two"), ("Exact", "/e", "one")]}),
        ingress("c", {"*.example": [("Prefix", "/", "two")]}, f"  defaultBackend: {backend('one')}\n"),
        service("one"),
        service("two"),
        CLASS % ("nginx", "true"),
    ]

    def answers(order: list[str]) -> list[object]:
        found = table("".join(order))
        matches = [found.route(host, path) for host in ("x.example", "y.example", "z") for path in ("/", "/e")]
        return [match and (match.ingress.name, match.route.path, match.certain, match.reason) for match in matches]

    assert answers(texts) == answers(texts[::-1])


@pytest.mark.parametrize(
    "spec",
    [
        "3",
        "{rules: 3, defaultBackend: [], tls: {a: b}}",
        "{rules: [3, null, {host: 3, http: []}, {http: {paths: {}}}, {http: {paths: [3, {path: 3, pathType: [], backend: 7}]}}]}",
        "{rules: [{host: '*', http: {paths: [{path: '', backend: {service: {name: [], port: {number: x}}}}]}}]}",
        "{ingressClassName: 4, defaultBackend: {service: {name: web, port: {number: true, name: 4}}}}",
    ],
)
def test_wrong_types_are_read_as_absent(spec: str) -> None:
    text = f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a, annotations: 3}}\nspec: {spec}\n"
    found = table(text + service("web", "[3, {port: x}]"))
    for host in ("", "a.b", ":80", "[::1]:80", "*"):
        found.route(host, "")
    assert all(item.backend.reason for item in found.routes)
