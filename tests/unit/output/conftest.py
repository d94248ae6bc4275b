"""A report made by hand, with everything in it that a renderer must not pass on as it is."""

from __future__ import annotations

import pytest

from svclint.diagnostic import Note, Report, TextEdit, TextFix
from svclint.kube.resource import Place, Resource
from svclint.locate import resolve
from svclint.rule import Finding, Related, Spot
from svclint.text import Span
from svclint.yaml import parse

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: wbe}  # 选择器 🚀
  ports:
    - port: 80
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    metadata:
      labels:
        app: web
        tier: front
"""
NASTY = 'a\n::error file=x::y%0A\r\x1b[31m "q" <b>&amp; ]]> ##vso[task.setvariable x] | `c` @all 🚀 \u202e\x00\ud800'


def service_finding(message: str = 'no Pod in namespace "default" is labelled app=wbe', severity="error"):
    """A finding at a Service's selector, with a Deployment in another file and a fix."""
    service = parse(SERVICE, "shop/web service.yaml")
    deployment = parse(DEPLOYMENT, "shop/部署.yaml")
    document = service.documents[0]
    resource = Resource(document, (), document.value)
    finding = Finding(
        resource.at("spec", "selector", "app"),
        message,
        (Related(Place(deployment.documents[0], ("spec", "template", "metadata", "labels")), "these Pods"),),
    )
    d = resolve("selector-typo", severity, finding, resource)
    at = d.region
    start = SERVICE.index("wbe")
    edit = TextEdit(at, Span(start, start + 3), "web")
    return d._replace(fix=TextFix("write app: web", "unsafe", (edit,)))


def file_finding(path: str, message: str, severity, rule: str = "yaml-syntax"):
    """A finding about a file's text."""
    source = parse("a: [\n", path)
    return resolve(rule, severity, Finding(Spot(source, Span(3, 4)), message), None)


@pytest.fixture(scope="session")
def finding_in():
    """What makes a finding about a file of this path."""
    return file_finding


@pytest.fixture
def report() -> Report:
    """Three findings, one of them nasty, a note, and a rule that raised."""
    return Report(
        (
            service_finding(),
            file_finding("z,1:2\n::error::.yaml", NASTY, "info"),
            file_finding("a.yaml", "100% wrong", "warning"),
        ),
        (Note("chart\x1b.yaml", "not read: templates"),),
        files=3,
        documents=4,
        objects=2,
        suppressed=1,
        crashes=("rule x (y): ValueError: boom\n::error::",),
    )


@pytest.fixture
def clean() -> Report:
    """A report without findings."""
    return Report((), files=1, documents=1, objects=1)
