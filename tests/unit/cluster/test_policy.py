"""NetworkPolicy: what the golden worlds don't ask (k8s.io/api/networking/v1 types.go; the NetworkPolicy concept page)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svclint.cluster import policy as policy_module
from svclint.cluster.index import Index
from svclint.cluster.pods import Pod, make_pods
from svclint.cluster.policy import Decision, PolicyIndex
from svclint.kube.custom_workloads import TEMPLATES
from svclint.kube.facts import Facts
from svclint.kube.resource import resources
from svclint.kube.workload import Workload
from svclint.yaml import parse


class World:
    def __init__(self, text: str) -> None:
        objects = [item for document in parse(text, "w.yaml").documents for item in resources(document)]
        self.index = Index(objects)
        self.policies = PolicyIndex.of(self.index)
        workloads = [workload for item in self.index.resources for workload in Workload.read(item)]
        self.pods = make_pods(workloads, Facts())

    def pod(self, name: str) -> Pod:
        return next(pod for pod in self.pods if pod.workload.name == name)

    def ask(self, client: str | None, server: str | None, port: int = 80, protocol: str = "TCP") -> Decision:
        def party(name: str | None) -> Pod | str | None:
            return name if name is None or name[0].isdigit() or ":" in name else self.pod(name)

        return self.policies.decide(party(client), party(server), port, protocol)


POD = """
---
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: %s, labels: {app: %s}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 80}]}]}
"""


def pod(name: str, namespace: str = "default") -> str:
    return POD % (name, namespace, name)


def policy(spec: str, name: str = "p", namespace: str = "default") -> str:
    head = f"\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
    return head + "spec:\n" + "".join(f"  {line}\n" for line in spec.strip("\n").split("\n"))


DENY = policy("podSelector: {}\npolicyTypes: [Ingress]", "deny")


def test_the_rule_that_allows_is_the_place() -> None:
    world = World(
        pod("web")
        + pod("db")
        + policy(
            """
podSelector: {matchLabels: {app: db}}
ingress:
- from: [{podSelector: {matchLabels: {app: nobody}}}]
- from: [{podSelector: {matchLabels: {app: web}}}]
  ports: [{port: 80}]
""",
            "db",
        )
    )
    decision = world.ask("web", "db")
    assert decision.allowed is True
    assert decision.direction == "ingress"
    assert decision.place is not None and decision.place.path == ("spec", "ingress", 1)
    assert decision.reason == 'NetworkPolicy "default/db" allows 80/TCP from default/Pod/web'


def test_a_rule_with_other_ports_is_what_a_refusal_shows() -> None:
    world = World(
        pod("web")
        + pod("db")
        + policy(
            "podSelector: {}\ningress:\n- from: [{podSelector: {}}]\n  ports: [{port: 8080, endPort: 8090}, {port: pg}]",
            "db",
        )
    )
    decision = world.ask("web", "db")
    assert decision.allowed is False
    assert decision.place is not None and decision.place.path == ("spec", "ingress", 0, "ports")
    assert decision.reason == (
        'NetworkPolicy "default/db" isolates default/Pod/db for ingress and no rule allows 80/TCP from default/Pod/web: '
        "the rule for it allows 8080-8090/TCP, pg/TCP only "
        "(a name is looked up among the container ports of the pod that is connected to)"
    )


def test_without_a_rule_the_isolation_is_the_place() -> None:
    decision = World(pod("web") + pod("db") + DENY).ask("web", "db")
    assert decision.place is not None and decision.place.path == ("spec", "policyTypes")
    decision = World(pod("web") + pod("db") + policy("podSelector: {}")).ask("web", "db")
    assert decision.place is not None and decision.place.path == ("spec", "podSelector")


def test_egress_decides_before_ingress_and_a_certain_refusal_before_doubt() -> None:
    egress = policy("podSelector: {matchLabels: {app: web}}\npolicyTypes: [Egress]", "out")
    assert World(pod("web") + pod("db") + DENY + egress).ask("web", "db").direction == "egress"
    perhaps = policy("podSelector: {matchLabels: {app: web}}\negress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]", "out")
    decision = World(pod("web") + pod("db") + perhaps).ask("web", "db")
    assert (decision.allowed, decision.direction) == (None, "egress")
    decision = World(pod("web") + pod("db") + perhaps + DENY).ask("web", "db")
    assert (decision.allowed, decision.direction) == (False, "ingress")


NAMESPACE_RULE = """
podSelector: {}
ingress: [{from: [{namespaceSelector: %s}]}]
"""


@pytest.mark.parametrize(
    ("selector", "namespace", "expected"),
    [
        # Labels of a namespace that isn't among the manifests are the cluster's own affair, but its name is known:
        # the API server sets kubernetes.io/metadata.name on every namespace.
        ("{matchLabels: {team: a}}", "", None),
        ("{matchLabels: {kubernetes.io/metadata.name: shop}}", "", True),
        ("{matchLabels: {kubernetes.io/metadata.name: other}}", "", False),
        ("{matchLabels: {kubernetes.io/metadata.name: other, team: a}}", "", False),
        ("{matchExpressions: [{key: team, operator: Exists}]}", "", None),
        ("{matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [shop]}]}", "", False),
        ("{}", "", True),
        ("{matchLabels: {team: a}}", "{}", False),
        ("{matchLabels: {team: a}}", "{team: a}", True),
        ("{matchExpressions: [{key: team, operator: DoesNotExist}]}", "{}", True),
        # SetDefaults_Namespace overrides what the manifest says.
        ("{matchLabels: {kubernetes.io/metadata.name: shop}}", "{kubernetes.io/metadata.name: other}", True),
    ],
)
def test_labels_of_namespaces(selector: str, namespace: str, expected: bool | None) -> None:
    text = pod("web", "shop") + pod("db") + policy(NAMESPACE_RULE % selector)
    if namespace:
        text += f"\n---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {namespace}}}\n"
    decision = World(text).ask("web", "db")
    assert decision.allowed is expected
    if expected is None:
        assert "depends on labels that manifests don't tell" in decision.reason


DEPLOYMENT = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: %d
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i}]}
"""


def test_labels_that_controllers_add() -> None:
    hashed = policy("podSelector: {matchLabels: {pod-template-hash: abc}}\npolicyTypes: [Ingress]")
    assert World(DEPLOYMENT % 1 + pod("db") + hashed).ask("db", "web").allowed is None
    there = policy("podSelector: {matchExpressions: [{key: pod-template-hash, operator: Exists}]}")
    assert World(DEPLOYMENT % 1 + pod("db") + there).ask("db", "web").allowed is False
    gone = policy("podSelector: {matchExpressions: [{key: pod-template-hash, operator: DoesNotExist}]}")
    assert World(DEPLOYMENT % 1 + pod("db") + gone).ask("db", "web").allowed is True


def test_labels_that_an_operator_may_add() -> None:
    group, kind = next(key for key, sources in TEMPLATES.items() if not sources[0].labels_known)
    path = TEMPLATES[group, kind][0].path
    template: dict[str, object] = {"metadata": {"labels": {"app": "job"}}, "spec": {"containers": [{"name": "c"}]}}
    for key in reversed(path[1:]):
        template = {key: template}
    text = f"\n---\napiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: job}}\n{path[0]}: {json.dumps(template)}\n"
    for selector, expected in (("{app: job}", False), ("{app: other}", True), ("{role: driver}", None)):
        deny = policy(f"podSelector: {{matchLabels: {selector}}}\npolicyTypes: [Ingress]")
        assert World(text + pod("web") + deny).ask("web", "job").allowed is expected


def test_several_policies_are_named() -> None:
    world = World(pod("web") + pod("db") + "".join(policy("podSelector: {}", name) for name in "dcba"))
    assert world.ask("web", "db").reason.startswith(
        'NetworkPolicies "default/a", "default/b", "default/c" and 1 more isolate default/Pod/db for ingress'
    )
    world = World(pod("web") + pod("db") + policy("podSelector: {}\ningress: [{ports: [{protocol: UDP}, {port: 1}]}]"))
    assert world.ask("web", "db").reason.endswith("the rule for it allows every UDP port, 1/TCP only")


def test_whichever_policy_applies_allows() -> None:
    rule = "podSelector: {matchLabels: {pod-template-hash: abc}}\ningress: [{ports: [{port: 80}]}]"
    world = World(DEPLOYMENT % 1 + pod("db") + policy(rule))
    assert world.ask("db", "web", 80).allowed is True
    assert world.ask("db", "web", 81).allowed is None


def test_a_pod_reaches_itself_but_not_its_siblings() -> None:
    assert World(DEPLOYMENT % 1 + DENY).ask("web", "web").allowed is True
    assert World(DEPLOYMENT % 4 + DENY).ask("web", "web").allowed is False


SIDECAR = """
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec:
  initContainers:
  - {name: setup, image: i, ports: [{name: once, containerPort: 1}]}
  - {name: proxy, image: i, restartPolicy: Always, ports: [{name: side, containerPort: 2}]}
  containers:
  - {name: c, image: i, ports: [{name: main, containerPort: 3}]}
"""


@pytest.mark.parametrize(
    ("name", "port", "expected"), [("main", 3, True), ("side", 2, None), ("once", 1, False), ("main", 2, False)]
)
def test_names_of_ports_of_sidecars_depend_on_the_plugin(name: str, port: int, expected: bool | None) -> None:
    world = World(SIDECAR + pod("web") + policy(f"podSelector: {{}}\ningress: [{{ports: [{{port: {name}}}]}}]"))
    assert world.ask("web", "db", port).allowed is expected


BLOCK = "podSelector: {}\npolicyTypes: [Ingress, Egress]\ningress: [{from: [{ipBlock: %s}]}]\negress: [{to: [{ipBlock: %s}]}]"


@pytest.mark.parametrize(
    ("block", "address", "expected"),
    [
        ("{cidr: 203.0.113.0/24}", "203.0.113.7", True),
        ("{cidr: 203.0.113.0/24}", "203.0.114.7", False),
        ("{cidr: 203.0.113.0/24, except: [203.0.113.0/28]}", "203.0.113.7", False),
        ("{cidr: 203.0.113.0/24, except: [203.0.113.0/28]}", "203.0.113.17", True),
        ("{cidr: 0.0.0.0/0}", "2001:db8::1", False),
        ("{cidr: '2001:db8::/32'}", "2001:db8::1", True),
        ("{cidr: '::/0'}", "203.0.113.7", False),
        ("{cidr: 0.0.0.0/0}", None, True),
        ("{cidr: 0.0.0.0/0, except: [10.0.0.0/8]}", None, None),
        ("{cidr: 203.0.113.0/24}", None, None),
        ("{cidr: nonsense}", "203.0.113.7", False),
    ],
)
def test_addresses_outside_the_cluster(block: str, address: str | None, expected: bool | None) -> None:
    world = World(pod("web") + policy(BLOCK % (block, block)))
    assert world.ask(address, "web").allowed is expected
    assert world.ask("web", address).allowed is expected


def test_selectors_never_match_somebody_outside() -> None:
    world = World(pod("web") + policy("podSelector: {}\ningress: [{from: [{namespaceSelector: {}}]}]"))
    assert world.ask(None, "web").allowed is False
    assert world.ask("203.0.113.7", "web").allowed is False


def test_a_named_port_has_no_meaning_for_an_address() -> None:
    rule = (
        "podSelector: {}\npolicyTypes: [Egress]\negress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: http}]}]"
    )
    assert World(pod("web") + policy(rule)).ask("web", "203.0.113.7").allowed is False


def test_host_network_is_unknown_unless_everybody_is_allowed() -> None:
    agent = pod("agent").replace("spec: {", "spec: {hostNetwork: true, ")
    one = "podSelector: {matchLabels: {app: db}}\ningress: [{from: [{podSelector: {matchLabels: {app: agent}}}]}]"
    nobody = "podSelector: {matchLabels: {app: db}}\npolicyTypes: [Ingress]"
    everybody = "podSelector: {matchLabels: {app: db}}\ningress: [{}]"
    for rule, expected in ((one, None), (nobody, None), (everybody, True)):
        decision = World(agent + pod("db") + policy(rule)).ask("agent", "db")
        assert decision.allowed is expected
        if expected is None:
            assert "on its node's network" in decision.reason


DNS_RULE = """
podSelector: {}
policyTypes: [Egress]
egress:
- to: [{podSelector: {}}]
- %s
"""


@pytest.mark.parametrize(
    ("rule", "udp", "tcp"),
    [
        ("to: [{podSelector: {matchLabels: {app: x}}}]", False, False),
        ("to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]", True, True),
        (
            "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], "
            "ports: [{port: 53, protocol: UDP}]}",
            True,
            False,
        ),
        ("to: [{podSelector: {matchLabels: {k8s-app: kube-dns}}}]", False, False),
        ("ports: [{port: 53, protocol: UDP}, {port: dns-tcp}]", True, True),
        ("to: [{namespaceSelector: {matchLabels: {name: kube-system}}}]", None, None),
        ("to: [{ipBlock: {cidr: 169.254.20.10/32}}]", None, None),
    ],
)
def test_may_it_ask_dns(rule: str, udp: bool | None, tcp: bool | None) -> None:
    world = World(pod("web") + policy(DNS_RULE % rule))
    assert world.policies.dns(world.pod("web")).allowed is udp
    assert world.policies.dns(world.pod("web"), protocol="TCP").allowed is tcp


def test_dns_asks_the_given_servers() -> None:
    world = World(pod("web") + pod("dns") + policy("podSelector: {matchLabels: {app: dns}}"))
    assert world.policies.dns(world.pod("web")).allowed is True
    assert world.policies.dns(world.pod("web"), [world.pod("dns")]).allowed is False


def test_which_policies_isolate() -> None:
    world = World(
        pod("web")
        + policy("podSelector: {}", "b")
        + policy("podSelector: {matchLabels: {app: web}}", "a")
        + policy("podSelector: {matchLabels: {app: db}}", "c")
        + policy("podSelector: {}", "d", "elsewhere")
        + policy("podSelector: {}\npolicyTypes: [Egress]", "e")
    )
    assert [item.name for item in world.policies.isolating(world.pod("web"), "Ingress")] == ["a", "b"]
    assert [item.name for item in world.policies.isolating(world.pod("web"), "Egress")] == ["e"]


PEERS = [
    "{podSelector: {matchLabels: {app: web}}}",
    "{podSelector: {matchLabels: {app: db, tier: a}}}",
    "{podSelector: {matchLabels: {pod-template-hash: x}}}",
    "{podSelector: {}}",
    "{namespaceSelector: {matchLabels: {a: b}}, podSelector: {matchLabels: {app: api}}}",
    "{ipBlock: {cidr: 10.0.0.0/8}}",
    "{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}",
]
RULES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(PEERS), max_size=2),
        st.sampled_from(["", ", ports: [{port: 80}]", ", ports: [{port: http}]"]),
        st.sampled_from(["{}", "{matchLabels: {app: web}}", "{matchLabels: {app: db}}"]),
    ),
    min_size=1,
    max_size=6,
)
CONTROLLED = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  selector: {matchLabels: {app: api}}
  template: {metadata: {labels: {app: api}}, spec: {containers: [{name: c, image: i}]}}
"""


@given(RULES)
def test_many_policies_decide_as_a_few(rules: list[tuple[list[str], str, str]]) -> None:
    texts = [
        policy(f"podSelector: {selected}\ningress: [{{from: [{', '.join(peers)}]{ports}}}]", f"p{number}")
        for number, (peers, ports, selected) in enumerate(rules)
    ]
    text = pod("web") + pod("db") + pod("web2", "elsewhere") + CONTROLLED + "".join(texts)
    names = ("web", "db", "web2", "api", None, "10.1.2.3")

    def decisions() -> list[tuple[bool | None, str, object]]:
        world = World(text)
        asked = (world.ask(client, server) for server in names[:4] for client in names)
        return [(found.allowed, found.reason, found.place and found.place.path) for found in asked]

    few = decisions()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy_module, "FEW", 0)
        assert decisions() == few


JUNK = [
    "podSelector: 3",
    "podSelector: {matchLabels: [a], matchExpressions: {a: b}}",
    "podSelector: {matchExpressions: [3, {key: [], operator: {}, values: 5}]}",
    "podSelector: {}\npolicyTypes: Ingress\ningress: {a: b}\negress: 7",
    "podSelector: {}\ningress: [3, null, {from: 3, ports: {}}, {from: [null, 3, {}], ports: [null, 3, {port: {}}]}]",
    "podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 5, except: 3}}, {podSelector: [], namespaceSelector: 1}]}]",
    "podSelector: {}\npegress: 1\negress: [{to: [{ipBlock: {}}], ports: [{port: true, endPort: x, protocol: 4}]}]",
]


@pytest.mark.parametrize("spec", JUNK)
def test_wrong_types_are_read_as_absent(spec: str) -> None:
    world = World(pod("web") + pod("db") + policy(spec))
    for client in ("web", None, "203.0.113.7", "not:an:address"):
        assert world.ask(client, "db").reason
    assert world.ask("db", "999.1.1.1").reason


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy", "{subject: {namespaces: {}}, ingress: [{}]}", None),
        ("policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy", "{subject: {namespaces: {}}, egress: [{}]}", True),
        (
            "policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy",
            "{subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: other}}}, ingress: [{}]}",
            True,
        ),
        (
            "policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy",
            "{subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}, ingress: [{}]}",
            None,
        ),
        ("cilium.io/v2 CiliumNetworkPolicy", "{endpointSelector: {matchLabels: {'k8s:app': db}}, ingress: [{}]}", None),
        ("cilium.io/v2 CiliumNetworkPolicy", "{endpointSelector: {matchLabels: {app: web}}, ingress: [{}]}", True),
        ("cilium.io/v2 CiliumNetworkPolicy", "{endpointSelector: {}, egress: [{}]}", True),
        ("cilium.io/v2 CiliumClusterwideNetworkPolicy", "{nodeSelector: {}, ingress: [{}]}", True),
        ("cilium.io/v2 CiliumClusterwideNetworkPolicy", "{endpointSelector: {}, ingressDeny: [{}]}", None),
        ("projectcalico.org/v3 GlobalNetworkPolicy", "{selector: all(), types: [Ingress]}", None),
        ("projectcalico.org/v3 NetworkPolicy", "{selector: app == 'x', ingress: [{}]}", None),
        ("projectcalico.org/v3 NetworkPolicy", "{selector: app == 'x', egress: [{}]}", True),
        ("crd.antrea.io/v1beta1 ClusterNetworkPolicy", "{appliedTo: [{}], ingress: [{}]}", None),
        ("crd.antrea.io/v1beta1 ClusterNetworkPolicy", "{appliedTo: 3, ingress: 7}", True),
        ("cilium.io/v2 CiliumNetworkPolicy", "[]", True),
    ],
)
def test_policies_of_other_apis_leave_it_open(kind: str, spec: str, expected: bool | None) -> None:
    api_version, kind = kind.split()
    text = f"\n---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"

    def ask(text: str) -> Decision:
        world = World(pod("web") + pod("db") + text)
        return world.policies.ingress(world.pod("web"), world.pod("db"), 80)

    decision = ask(text)
    assert decision.allowed is expected
    assert expected or decision.reason == f"{kind} x may decide about default/Pod/db for ingress"
    assert ask(text + DENY).allowed is (None if expected is None else False)


def test_the_doubt_of_one_end_outweighs_the_leave_of_the_other() -> None:
    cilium = "\n---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x}\n"
    cilium += "spec: {endpointSelector: {matchLabels: {app: db}}, ingress: [{}]}\n"
    leave = policy("podSelector: {matchLabels: {app: web}}\npolicyTypes: [Egress]\negress: [{}]")
    decision = World(pod("web") + pod("db") + cilium + leave).ask("web", "db")
    assert (decision.allowed, decision.direction) == (None, "ingress")
    decision = World(pod("web") + pod("db") + leave).ask("web", "db")
    assert (decision.allowed, decision.direction) == (True, "egress")
