"""Two IngressClasses that are both marked as the default.

Admission gives an Ingress without a class the default one that was created last: which that is depends on the order in
which things were applied.

Symptoms: wrong controller

```yaml bad
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: alb
  annotations:
    ingressclass.kubernetes.io/is-default-class: "true"
spec:
  controller: ingress.k8s.aws/alb
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: nginx
  annotations:
    ingressclass.kubernetes.io/is-default-class: "true"  # warning: IngressClass "nginx" and IngressClass "alb" are both the default: an Ingress without a class gets the one that was created last
spec:
  controller: k8s.io/ingress-nginx
```
```yaml good
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: alb
spec:
  controller: ingress.k8s.aws/alb
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: nginx
  annotations:
    ingressclass.kubernetes.io/is-default-class: "true"
spec:
  controller: k8s.io/ingress-nginx
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.ingress import DEFAULT_CLASS_ANNOTATION, IngressClass
from svclint.rule import Finding, Related, rule


@rule("default-ingress-classes", on=Cluster, kinds=IngressClass.GROUP_KINDS, severity="warning")
def default_ingress_classes(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding for each default class but the first."""
    first: IngressClass | None = None
    for each in cluster.of(IngressClass):
        if not each.is_default:
            continue
        if first is None:
            first = each
            continue
        yield Finding(
            each.at("metadata", "annotations", DEFAULT_CLASS_ANNOTATION),
            f'IngressClass "{each.name}" and IngressClass "{first.name}" are both the default: an Ingress without a class '
            "gets the one that was created last",
            (Related(first.at("metadata", "annotations", DEFAULT_CLASS_ANNOTATION), "the other default"),),
        )
