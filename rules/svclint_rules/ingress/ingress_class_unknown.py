"""An Ingress whose class is none of the IngressClasses of the sources, by a slip, or that no class will take.

A controller serves the Ingresses of its own class only. An Ingress of a class that nobody has, or without a class where no
IngressClass is the default, is stored and never served.

Nothing is said where the sources hold no IngressClass, or where the class is another name altogether: a controller of
another repository may have it.

Symptoms: 404, no address

```yaml bad
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  ingressClassName: ngnix  # warning: there is no IngressClass "ngnix" (the nearest is "nginx"): no controller serves Ingress "shop"
  defaultBackend:
    service:
      name: web
      port:
        number: 80
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: nginx
spec:
  controller: k8s.io/ingress-nginx
```
```diff fix
-  ingressClassName: ngnix
+  ingressClassName: nginx
```
```yaml bad
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop  # warning: Ingress "shop" names no class and IngressClass "nginx" is not the default: no controller serves it, unless one is told to serve those without a class
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: nginx
spec:
  controller: k8s.io/ingress-nginx
```
```diff fix
+  ingressClassName: nginx
```
```yaml good
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  ingressClassName: nginx
  defaultBackend:
    service:
      name: web
      port:
        number: 80
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: nginx
spec:
  controller: k8s.io/ingress-nginx
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.ingress import CLASS_ANNOTATION, Ingress, IngressClass
from svclint.kube.read import sequence
from svclint.rule import Finding, Fix, Related, insert, nearest, rule, set_value


@rule("ingress-class-unknown", on=Cluster, kinds=IngressClass.GROUP_KINDS, severity="warning")
def ingress_class_unknown(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding an Ingress."""
    classes = cluster.of(IngressClass)
    if not classes:
        return
    classless: bool | None = None
    for ingress in cluster.of(Ingress):
        if ingress.resource in cluster.refused:
            continue
        choice = cluster.ingresses.class_of(ingress)
        if choice.view is not None or choice.source in ("default", "unknown"):
            continue
        if choice.source == "none":
            if classless is None:
                classless = _serves_classless(cluster)
            if classless or len(classes) > 1 or cluster.may_hold_more("networking.k8s.io", "IngressClass", ""):
                continue
            only = classes[0]
            yield Finding(
                ingress.at("metadata", "name"),
                f'Ingress "{ingress.name}" names no class and IngressClass "{only.name}" is not the default: no '
                "controller serves it, unless one is told to serve those without a class",
                (Related(only.at("metadata", "name"), "the only class"),),
                Fix(f"write {only.name}", (insert(ingress.at("spec"), "ingressClassName", only.name),)),
                confidence="likely",
            )
            continue
        near = nearest(choice.name, (item.name for item in classes))
        if near is None or cluster.may_hold_more("networking.k8s.io", "IngressClass", "", choice.name):
            continue
        place = (
            ingress.at("spec", "ingressClassName")
            if choice.source == "spec"
            else ingress.at("metadata", "annotations", CLASS_ANNOTATION)
        )
        yield Finding(
            place,
            f'there is no IngressClass "{choice.name}" (the nearest is "{near}"): no controller serves Ingress '
            f'"{ingress.name}"',
            tuple(Related(item.at("metadata", "name"), "the nearest name") for item in classes if item.name == near),
            Fix(f"write {near}", (set_value(place, near),)),
            confidence="likely",
        )


def _serves_classless(cluster: Cluster) -> bool:
    """Whether a controller of the sources is told to serve Ingresses without a class."""
    return any(
        isinstance(argument, str) and "ingress-without-class" in argument
        for workload in cluster.workloads
        for container in workload.template.containers
        for argument in (*sequence(container.get("args")), *sequence(container.get("command")))
    )
