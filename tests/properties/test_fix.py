"""What holds of fixes in any small world: they come to an end, what they leave can be read, and they keep to their lines."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from svclint import api, fix, project, registry, session
from svclint.apiserver.admit import admit_one
from svclint.config import Config
from svclint.diagnostic import Report
from svclint.kube.facts import Facts
from svclint.kube.resource import resources
from svclint.yaml import parse
from svclint.yaml.changes import same

FACTS = Facts()
RULES = session.Selection(session.selected(registry.rules().values()))
LOCATION = project.Location("/nowhere", files=("a.yaml", "b.yaml"), alone=True)
# Written as nobody would write it, and nobody's business.
BYSTANDER = """\
apiVersion:   "v1"   # kept
kind: ConfigMap
metadata: {name: bystander-%s, labels: {app: web, 'tier' : "x"}}
data:
    text: |
      selector:   {app: wbe}
    folded: >-
       a
       b

    # the last line
"""

names = st.sampled_from(["web", "wbe", "api", "shop", "Web_1"])
labels = st.just("app: web") | st.sampled_from(
    ["app: web", "app: wbe", "app: api", "app: web\n{0}tier: x", "app: web\n{0}app: api", "app: 1.0"]
)
lines = st.just("") | st.sampled_from(
    [
        "",
        "  type: NodePort # outside\n",
        "  type: nodeport\n",
        "  type: ExternalName\n  externalName: 10.0.0.7\n",
        "  type: ExternalName\n  externalName: HTTP://db.example.com/\n",
        "  clusterIP: None\n",
        "  clusterIP: None\n  type: NodePort\n",
        "  selectors: {app: web}\n",
        "  sessionAffinity: clientip\n",
    ]
)
port = st.sampled_from(
    [
        "{port: 80}",
        "{port: 80, targetPort: http}",
        "{port: 80, targetPort: htpt, name: web}",
        "{port: '80', protocol: http}",
        "{port: 80, targetport: 8080}",
        "{port: 81, nodePort: 30080, name: Web}",
        "{port: 81, nodePort: 8080}",
        "port: 82\n      name: x # a port\n      protocol: udp\n      targetPort: 8081",
        "port: 82\n      targetPort: '8080'",
    ]
)


@st.composite
def service(draw: st.DrawFn) -> str:
    namespace = draw(st.sampled_from(["", "  namespace: shop\n"]))
    selector = draw(st.one_of(labels.map("  selector:\n    {}\n".format), st.just("  selector: &s {{app: wbe}}\n")))
    ports = "".join(f"    - {each}\n" for each in draw(st.just(["port: 80"]) | st.lists(port, max_size=3)))
    return (
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {draw(names)} # a name\n{namespace}spec:\n{draw(lines)}"
        + selector.format("    ").replace("{0}", "    ")
        + (f"  ports:\n{ports}" if ports else "")
    )


@st.composite
def deployment(draw: st.DrawFn) -> str:
    name = draw(names)
    selector, template = (draw(labels).replace("{0}", "        ") for _ in range(2))
    container = draw(
        st.sampled_from(["http, containerPort: 8080", "web, containerPort: 80", "metrics, containerPort: 9090"])
    )
    host = draw(st.sampled_from(["web", "wbe:80", "http://api.shop:81/x", "api.shop.svc.cluster.local", "web:9999"]))
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels: {{app: web}}
spec:
  selector:
    matchLabels:
        {selector}
  template:
    metadata:
      labels:
        {template}
    spec:
      containers:
        - name: main
          image: registry.example.com/web:1 # pinned
          ports: [{{name: {container}}}]
          env:
            - name: BACKEND
              value: "{host}"
"""


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, bytes]:
    documents = draw(st.lists(st.one_of(service(), deployment()), min_size=1, max_size=5))
    cut = draw(st.integers(0, len(documents)))
    files = {}
    for path, some in (("a.yaml", documents[:cut]), ("b.yaml", documents[cut:])):
        text = "---\n".join([*some, BYSTANDER % path[0]])
        if draw(st.booleans()):
            text = text.replace("\n", "\r\n")
        files[path] = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode()
    return files


def check(files: Mapping[str, bytes]) -> Report:
    report = session.check(LOCATION.load(Config(), files), FACTS, RULES)
    assert not report.crashes
    return report


@settings(deadline=None, max_examples=60)
@given(worlds(), st.booleans())
def test_fixes_come_to_an_end_and_keep_to_what_they_mean(world: dict[str, bytes], unsafe: bool) -> None:
    rounds: list[Report] = []

    def lint(contents: Mapping[str, bytes]) -> Report:
        rounds.append(check({**world, **contents}))
        return rounds[-1]

    fixed = fix.converge(lint, unsafe)
    after = {**world, **fixed.contents}
    assert len(rounds) <= fix.ROUNDS, "comes to rest before it is stopped"
    assert not fix.choose(fix.candidates(fixed.report.diagnostics, unsafe)), "nothing is left that can be applied"
    again = fix.converge(lambda contents: check({**after, **contents}), unsafe)
    assert not again.contents
    for path, data in world.items():
        old, new = parse(data, path), parse(after[path], path)
        assert len(new.documents) == len(old.documents)
        assert sum(len(d.problems) for d in new.documents) <= sum(len(d.problems) for d in old.documents)
        bystander = (BYSTANDER % path[0]).replace("\n", old.newline).encode()
        assert after[path].endswith(bystander), "not a byte of what no finding is about"
        assert after[path].startswith(b"\xef\xbb\xbf") == data.startswith(b"\xef\xbb\xbf")
        assert (b"\r\n" in after[path]) == (b"\r\n" in data)
        if path not in fixed.contents:
            assert all(same(a.value, b.value) for a, b in zip(old.documents, new.documents, strict=True))


def accepted(files: Mapping[str, bytes]) -> list[bool]:
    """Which objects the API server takes, in order."""
    read = [parse(data, path) for path, data in sorted(files.items())]
    objects = [each for source in read for document in source.documents for each in resources(document)]
    return [admit_one(each.value, FACTS).accepted for each in objects]


@settings(deadline=None, max_examples=40)
@given(worlds(), st.booleans())
def test_what_was_accepted_is_accepted_afterwards(world: dict[str, bytes], unsafe: bool) -> None:
    fixed = fix.converge(lambda contents: check({**world, **contents}), unsafe)
    before, after = accepted(world), accepted({**world, **fixed.contents})
    assert all(now or not then for then, now in zip(before, after, strict=True))


@settings(deadline=None, max_examples=40)
@given(worlds())
def test_a_safe_fix_takes_no_pod_from_a_service(world: dict[str, bytes]) -> None:
    fixed = fix.converge(lambda contents: check({**world, **contents}), unsafe=False)
    before, after = behind(world), behind({**world, **fixed.contents})
    assert {service: after.get(service) for service in before} == before


def behind(files: Mapping[str, bytes]) -> dict[str, str]:
    """What stands behind each Service that has endpoints."""
    clusters = api.clusters(LOCATION.load(Config(), files), FACTS, Config())
    services = {f"{scope} {name}": s for scope, paper in clusters.items() for name, s in paper.map().items()}
    return {name: json.dumps(s["endpoints"]) for name, s in services.items() if any(e["ports"] for e in s["endpoints"])}
