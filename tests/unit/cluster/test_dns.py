"""CoreDNS's kubernetes plugin (semantics §D). The recorded answers are in tests/golden."""

from __future__ import annotations

import pytest

from svclint.cluster import Cluster
from svclint.kube.facts import Facts
from svclint.kube.resource import resources
from svclint.yaml import parse

WORLD = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.9, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: dns, port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {name: hl}
spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: bare-hl}
spec: {clusterIP: None, selector: {app: web}}
---
apiVersion: v1
kind: Service
metadata: {name: empty}
spec: {clusterIP: None, selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: one, labels: {app: web}}
spec: {hostname: first, subdomain: hl, containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two, labels: {app: web}}
spec: {containers: [{name: c}]}
status: {podIP: 10.244.0.7}
"""
ALIAS = "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {type: ExternalName, externalName: %s}\n"
Z = "svc.cluster.local"


def ask(name: str, kind: str = "A", text: str = WORLD, facts: Facts | None = None) -> tuple[str, list[str]]:
    found = [item for document in parse(text, "w.yaml").documents for item in resources(document)]
    answer = Cluster(found, facts or Facts()).dns.query(name, kind)
    return answer.rcode, sorted(" ".join(map(str, record.json()[2:])) for record in answer.answers)


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "answers"),
    [
        (f"web.default.{Z}", "A", "NOERROR", ["service default/web"]),
        (f"web.default.{Z}.", "AAAA", "NOERROR", []),
        (f"web.default.{Z}", "a", "NOERROR", ["service default/web"]),
        (f"web.default.{Z}", "TXT", "NOERROR", []),
        (f"web.default.{Z}", "CNAME", "NOERROR", []),
        (f"nope.default.{Z}", "A", "NXDOMAIN", []),
        (f"nope.default.{Z}", "TXT", "NXDOMAIN", []),
        (f"web.nope.{Z}", "A", "NXDOMAIN", []),
        (f"web.default.{Z}", "SRV", "NOERROR", [f"53 web.default.{Z}.", f"80 web.default.{Z}."]),
        (f"_http._tcp.web.default.{Z}", "SRV", "NOERROR", [f"80 web.default.{Z}."]),
        (f"http.tcp.web.default.{Z}", "A", "NOERROR", ["service default/web"]),
        (f"_http._udp.web.default.{Z}", "SRV", "NXDOMAIN", []),
        (f"_._tcp.web.default.{Z}", "SRV", "NOERROR", [f"80 web.default.{Z}."]),
        (f"a.b.c.web.default.{Z}", "A", "NXDOMAIN", []),
        (f"default.{Z}", "A", "NOERROR", []),
        (f"nope.{Z}", "A", "NXDOMAIN", []),
        (Z, "A", "NOERROR", []),
        ("cluster.local", "A", "NOERROR", []),
        ("pod.cluster.local", "A", "NOERROR", []),
        ("foo.cluster.local", "A", "NXDOMAIN", []),
        (f"hl.default.{Z}", "A", "NOERROR", ["pod default/Pod/one", "pod default/Pod/two"]),
        (f"hl.default.{Z}", "SRV", "NOERROR", [f"8080 <ip>.hl.default.{Z}.", f"8080 first.hl.default.{Z}."]),
        (f"bare-hl.default.{Z}", "A", "NOERROR", ["pod default/Pod/one", "pod default/Pod/two"]),
        (f"bare-hl.default.{Z}", "SRV", "NOERROR", []),
        (f"empty.default.{Z}", "A", "NXDOMAIN", []),
        (f"first.hl.default.{Z}", "A", "NOERROR", ["pod default/Pod/one"]),
        (f"FIRST.HL.default.{Z}", "A", "NOERROR", ["pod default/Pod/one"]),
        (f"first.web.default.{Z}", "A", "NXDOMAIN", []),
        (f"one.hl.default.{Z}", "A", "NXDOMAIN", []),
        ("1-2-3-4.default.pod.cluster.local", "A", "NOERROR", ["1.2.3.4"]),
        ("1-2-3-4.default.pod.cluster.local", "AAAA", "NOERROR", []),
        ("fd00--5.default.pod.cluster.local", "AAAA", "NOERROR", ["fd00::5"]),
        ("1-2-3-4.nope.pod.cluster.local", "A", "NXDOMAIN", []),
        ("one.default.pod.cluster.local", "A", "NXDOMAIN", []),
        ("dns-version.cluster.local", "TXT", "NOERROR", ["1.1.0"]),
        ("9.0.96.10.in-addr.arpa", "PTR", "NOERROR", [f"web.default.{Z}."]),
        ("8.0.96.10.in-addr.arpa", "PTR", "NXDOMAIN", []),
        ("7.0.244.10.in-addr.arpa", "PTR", "NOERROR",
         [f"<ip>.bare-hl.default.{Z}.", f"<ip>.hl.default.{Z}.", f"<ip>.web.default.{Z}."]),
        ("x.in-addr.arpa", "PTR", "NXDOMAIN", []),
        ("example.com", "A", "REFUSED", []),
        (f"kubernetes.default.{Z}", "A", "NOERROR", ["service default/kubernetes"]),
        (f"{'x' * 64}.default.{Z}", "A", "FORMERR", []),
        (f"a..default.{Z}", "A", "FORMERR", []),
    ],
)  # fmt: skip
def test_answers(name: str, kind: str, rcode: str, answers: list[str]) -> None:
    assert ask(name, kind) == (rcode, answers)


@pytest.mark.parametrize(
    ("external", "kind", "rcode", "answers"),
    [
        ("db.example.com", "A", "NOERROR", ["db.example.com."]),
        ("db.example.com.", "CNAME", "NOERROR", ["db.example.com."]),
        ("db.example.com", "SRV", "NOERROR", []),
        (f"web.default.{Z}", "A", "NOERROR", ["service default/web", f"web.default.{Z}."]),
        (f"web.default.{Z}", "AAAA", "NOERROR", []),
        (f"nope.default.{Z}", "A", "NOERROR", []),
        (f"alias.default.{Z}", "A", "NOERROR", []),
        (f"alias.default.{Z}", "CNAME", "NOERROR", [f"alias.default.{Z}."]),
        ("10.0.0.1", "A", "NXDOMAIN", []),
        ("10.0.0.1", "CNAME", "NXDOMAIN", []),
        ("web", "A", "NOERROR", ["web."]),
        (f"{'x' * 64}.example.com", "A", "TIMEOUT", []),
    ],
)
def test_external_names(external: str, kind: str, rcode: str, answers: list[str]) -> None:
    assert ask(f"alias.default.{Z}", kind, WORLD + ALIAS % ("alias", external)) == (rcode, answers)


def test_nothing_below_an_external_name() -> None:
    text = WORLD + ALIAS % ("alias", "a.b")
    assert ask(f"x.alias.default.{Z}", "A", text) == ("NXDOMAIN", [])
    assert ask(f"_a._tcp.alias.default.{Z}", "SRV", text) == ("NXDOMAIN", [])


def test_two_aliases_of_each_other_have_no_data() -> None:
    text = ALIAS % ("a", f"b.default.{Z}") + ALIAS % ("b", f"a.default.{Z}")
    assert ask(f"a.default.{Z}", "A", text) == ("NOERROR", [])


def test_a_long_chain_ends() -> None:
    def chain(length: int) -> str:
        links = "".join(ALIAS % (f"a{i}", f"a{i + 1}.default.{Z}") for i in range(length - 1))
        return links + ALIAS % (f"a{length - 1}", f"web.default.{Z}") + "\n---\n" + WORLD

    assert ask(f"a0.default.{Z}", "A", chain(8))[1][0] == "a1.default.svc.cluster.local."
    assert ask(f"a0.default.{Z}", "A", chain(9)) == ("NOERROR", [])


def test_unready_pods_have_no_names() -> None:
    facts = Facts(not_ready=frozenset({"Pod/one"}))
    assert ask(f"first.hl.default.{Z}", facts=facts) == ("NXDOMAIN", [])
    assert ask(f"hl.default.{Z}", facts=facts) == ("NOERROR", ["pod default/Pod/two"])


def test_another_cluster_domain() -> None:
    assert ask("web.default.svc.k8s.example", facts=Facts(cluster_domain="k8s.example."))[0] == "NOERROR"
    assert ask(f"web.default.{Z}", facts=Facts(cluster_domain="k8s.example"))[0] == "REFUSED"
