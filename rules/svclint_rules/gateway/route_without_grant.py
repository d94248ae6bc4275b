"""A reference into another namespace that no ReferenceGrant allows.

A route may send requests to a Service of another namespace, and a Gateway use a Secret of one, only if that namespace says
so in a ReferenceGrant. Without it the backend can't be resolved: requests get 500.

Nothing is said where the other namespace's objects are not among the sources: then the grant isn't either.

Symptoms: 500, RefNotPermitted

```yaml bad
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
  namespace: shop
spec:
  parentRefs:
    - name: public
  rules:
    - backendRefs:
        - name: api
          namespace: backend  # error: no ReferenceGrant in namespace "backend" allows HTTPRoute of namespace "shop" to refer to Service "api" in namespace "backend": requests that HTTPRoute "shop" sends there fail
          port: 80
---
apiVersion: v1
kind: Service
metadata:
  name: api
  namespace: backend
spec:
  selector:
    app: api
  ports:
    - port: 80
```
```yaml good
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
  namespace: shop
spec:
  parentRefs:
    - name: public
  rules:
    - backendRefs:
        - name: api
          namespace: backend
          port: 80
---
apiVersion: v1
kind: Service
metadata:
  name: api
  namespace: backend
spec:
  selector:
    app: api
  ports:
    - port: 80
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata:
  name: shop
  namespace: backend
spec:
  from:
    - group: gateway.networking.k8s.io
      kind: HTTPRoute
      namespace: shop
  to:
    - group: ""
      kind: Service
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.gateway import GROUP, Gateway, ListenerSet, ObjectReference, ReferenceGrant, Route
from svclint.kube.resource import View
from svclint.rule import Finding, Fix, Related, rule
from svclint_rules.gateway._parts import says_namespace

_KINDS = (*Route.GROUP_KINDS, *Gateway.GROUP_KINDS, *ListenerSet.GROUP_KINDS)


@rule("route-without-grant", on=Cluster, kinds=_KINDS)
def route_without_grant(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a reference; a warning where the route's namespace is only assumed."""
    for route in cluster.of(Route):
        if route.resource in cluster.refused:
            continue
        for each in cluster.gateways.backends(route):
            for backend in each.backends:
                reference = backend.reference
                namespace, name = reference.ref_namespace, reference.ref_name
                if backend.fault != "grant" or cluster.service_named(namespace, name) is None:
                    continue
                if cluster.may_hold_more(GROUP, "ReferenceGrant", namespace):
                    continue
                sure = says_namespace(route)
                yield Finding(
                    backend.place,
                    f'{backend.message}: requests that {route.kind} "{route.name}" sends there fail',
                    _grants(namespace, cluster),
                    _grant(route, reference),
                    severity=None if sure else "warning",
                    confidence="certain" if sure else "likely",
                )
    for gateway in (*cluster.of(Gateway), *cluster.of(ListenerSet)):
        for listener in gateway.listeners:
            for reference in listener.certificate_refs:
                namespace, name = reference.ref_namespace, reference.ref_name
                what = (reference.ref_group, reference.ref_kind, namespace, name)
                if cluster.gateways.grants.allows(gateway, *what) or not _holds_secret(cluster, namespace, name):
                    continue
                yield Finding(
                    reference.at("namespace"),
                    f'no ReferenceGrant in namespace "{namespace}" allows {gateway.kind} of namespace '
                    f'"{gateway.namespace}" to refer to Secret "{name}": listener "{listener.listener_name}" has no '
                    "certificate",
                    _grants(namespace, cluster),
                    _grant(gateway, reference),
                )


def _holds_secret(cluster: Cluster, namespace: str, name: str) -> bool:
    """Whether the sources hold the Secret, or the Certificate that makes it."""
    if cluster.may_hold_more(GROUP, "ReferenceGrant", namespace):
        return False
    return cluster.index.get("", "Secret", namespace, name) is not None or any(
        item.namespace == namespace and item.get("spec", "secretName") == name
        for item in cluster.index.of_kind("cert-manager.io", "Certificate")
    )


def _grants(namespace: str, cluster: Cluster) -> tuple[Related, ...]:
    return tuple(
        Related(grant.at("spec"), "this grant allows other references")
        for grant in cluster.of(ReferenceGrant)
        if grant.namespace == namespace
    )[:3]


def _grant(source: View, reference: ObjectReference) -> Fix:
    """The grant that is missing, to be seen: where it is written is for people to say."""
    text = f"""add to namespace "{reference.ref_namespace}":
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata:
  name: {source.name}
  namespace: {reference.ref_namespace}
spec:
  from:
    - group: {source.resource.group}
      kind: {source.kind}
      namespace: {source.namespace}
  to:
    - group: "{reference.ref_group}"
      kind: {reference.ref_kind}
      name: {reference.ref_name}"""
    return Fix(text, (), "display")
