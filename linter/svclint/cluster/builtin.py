"""What is in every cluster without anybody's manifest."""

from __future__ import annotations

from functools import cache

from svclint.kube.ingress import DEFAULT_CLASS_ANNOTATION, IngressClass
from svclint.kube.read import mapping
from svclint.kube.resource import Resource
from svclint.kube.service import Service
from svclint.yaml import parse

_KUBERNETES = """\
apiVersion: v1
kind: Service
metadata: {name: kubernetes, namespace: default}
spec:
  ports: [{name: https, port: 443, targetPort: 6443}]
"""


@cache
def kubernetes_service() -> Service:
    """`default/kubernetes`: the API server itself (pkg/controlplane/controller/kubernetesservice)."""
    document = parse(_KUBERNETES, "<the API server>").documents[0]
    return Service(Resource(document, (), mapping(document.value)))


def default_ingress_class(name: str) -> IngressClass:
    """The IngressClass that the facts name as the cluster's default."""
    metadata = {"name": name, "annotations": {DEFAULT_CLASS_ANNOTATION: "true"}}
    document = parse(_KUBERNETES, "<the API server>").documents[0]
    value = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": metadata}
    return IngressClass(Resource(document, (), value))


def is_builtin(service: Service) -> bool:
    """Whether no manifest holds the Service."""
    return service.resource.document.source.path == "<the API server>"
