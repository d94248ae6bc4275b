"""Which answer a fix takes where several could be meant."""

from __future__ import annotations

import pytest

from svclint import registry, testing

WORLD = """\
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {selector}
  ports: {ports}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {{app: web, tier: front}}}}
spec:
  selector: {{matchLabels: {{app.kubernetes.io/name: web}}}}
  template:
    metadata: {{labels: {labels}}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
          ports: {container}
"""
LABELS = "{app.kubernetes.io/name: web}"


def fixes(
    ports: str = "[{port: 80}]",
    container: str = "[{containerPort: 80}]",
    selector: str = LABELS,
    labels: str = LABELS,
) -> list[str]:
    """What the fixes of a small world say."""
    text = WORLD.format(selector=selector, ports=ports, labels=labels, container=container)
    report = testing.check_text(text, [rule for rule in registry.rules().values() if rule.default])
    assert not report.crashes
    return [d.fix.message for d in report.diagnostics if d.fix]


@pytest.mark.parametrize(
    ("ports", "container", "said"),
    [
        # The nearest name.
        (
            "[{port: 80, targetPort: htpt}]",
            "[{name: http, containerPort: 80}, {name: grpc, containerPort: 90}]",
            "http",
        ),
        # A name that another port of the Service leads to is taken.
        (
            "[{name: a, port: 80, targetPort: http}, {name: b, port: 443, targetPort: https}]",
            "[{name: https, containerPort: 443}, {name: renamed, containerPort: 8080}]",
            "renamed",
        ),
        # The Service port's number.
        (
            "[{port: 9000, targetPort: x-y-z}]",
            "[{name: first, containerPort: 8000}, {name: second, containerPort: 9000}]",
            "second",
        ),
        # All but a port for metrics.
        (
            "[{port: 80, targetPort: x-y-z}]",
            "[{name: web, containerPort: 8000}, {name: http-metrics, containerPort: 9000}]",
            "web",
        ),
        # The number where it has no name.
        ("[{port: 80, targetPort: x-y-z}]", "[{containerPort: 8000}]", "8000"),
    ],
)
def test_the_port_that_is_left_is_meant(ports: str, container: str, said: str) -> None:
    assert fixes(ports, container) == [f"write targetPort: {said}"]


def test_of_two_ports_that_are_left_none_is_guessed() -> None:
    container = "[{name: first, containerPort: 8000}, {name: second, containerPort: 9000}]"
    assert fixes("[{port: 80, targetPort: x-y-z}]", container) == []


@pytest.mark.parametrize(
    ("selector", "labels", "said"),
    [
        (
            "{app.kubernetes.io/name: web, track: stable}",
            LABELS,
            "leave out track, which the Pods don't carry",
        ),
        (
            "{app.kubernetes.io/name: web, track: stable, tier: a}",
            "{app.kubernetes.io/name: web, tier: b}",
            "write tier=b; leave out track, which the Pods don't carry",
        ),
        ("{app: web, tier: front}", LABELS, "select app.kubernetes.io/name=web"),
    ],
)
def test_a_selector_becomes_one_that_the_pods_carry(selector: str, labels: str, said: str) -> None:
    assert fixes(selector=selector, labels=labels) == [said]
