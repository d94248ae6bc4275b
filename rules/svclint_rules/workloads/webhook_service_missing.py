"""A webhook, aggregated API or CRD conversion whose Service is not there, or lacks the port.

The API server calls the Service by namespace, name and port (443 if none is written). Where it doesn't exist, the call
fails: with `failurePolicy: Fail` every request that the webhook is asked about is refused, and an aggregated API is
unavailable.

Nothing is said where the sources hold no Service of that namespace.

Symptoms: failed calling webhook, service not found, FailedDiscoveryCheck

```yaml bad
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: policy
webhooks:
  - name: policy.example.com
    admissionReviewVersions:
      - v1
    sideEffects: None
    clientConfig:
      service:
        namespace: policy
        name: webhok  # error: no Service "webhok" in namespace "policy" (the nearest is "webhook"): the API server's calls for ValidatingWebhookConfiguration "policy" fail
---
apiVersion: v1
kind: Service
metadata:
  name: webhook
  namespace: policy
spec:
  selector:
    app: webhook
  ports:
    - port: 443
      targetPort: 9443
```
```diff fix
-        name: webhok
+        name: webhook
```
```yaml bad
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: policy
webhooks:
  - name: policy.example.com
    admissionReviewVersions:
      - v1
    sideEffects: None
    clientConfig:
      service:
        namespace: policy
        name: webhook
        port: 9443  # error: Service "webhook" has no port 9443 (it has 443): the API server's calls for ValidatingWebhookConfiguration "policy" fail
---
apiVersion: v1
kind: Service
metadata:
  name: webhook
  namespace: policy
spec:
  selector:
    app: webhook
  ports:
    - port: 443
      targetPort: 9443
```
```diff fix
-        port: 9443
+        port: 443
```
```yaml good
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: policy
webhooks:
  - name: policy.example.com
    admissionReviewVersions:
      - v1
    sideEffects: None
    clientConfig:
      service:
        namespace: policy
        name: webhook
---
apiVersion: v1
kind: Service
metadata:
  name: webhook
  namespace: policy
spec:
  selector:
    app: webhook
  ports:
    - port: 443
      targetPort: 9443
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.references import Reference, service_references
from svclint.kube.resource import Place, Resource
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules._names import services, the_nearest

_KINDS = (
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("apiregistration.k8s.io", "APIService"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
)


@rule("webhook-service-missing", on=Cluster, kinds=_KINDS)
def webhook_service_missing(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a reference; a warning where no near name shows that the Service belongs to the sources."""
    for kind in _KINDS:
        for resource in cluster.index.of_kind(*kind):
            if resource in cluster.refused:
                continue
            for reference, port, place in service_references(resource):
                found = _judge(resource, reference, port, place, cluster)
                if found is not None:
                    yield found


def _judge(
    resource: Resource, reference: Reference, port: int | str | None, place: Place, cluster: Cluster
) -> Finding | None:
    namespace, name = reference.namespace, reference.name
    then = f'the API server\'s calls for {resource.kind} "{resource.name}" fail'
    service = cluster.service_named(namespace, name)
    if service is not None:
        if service.resource in cluster.refused or service.is_external_name or not service.ports:
            return None
        if any(item.port == port for item in service.ports):
            return None
        has = ", ".join(str(item.port) for item in service.ports[:6])
        through = [item for item in service.ports if item.target_port == port]
        right = through[0] if through else service.ports[0] if len(service.ports) == 1 else None
        parent = place._replace(path=place.path[:-1])
        written = place.path[-1] in (_at(resource, parent) or {})
        fix = None
        if right is not None:
            change = set_value(place, right.port) if written else insert(parent, "port", right.port)
            fix = Fix(f"write port: {right.port}", (change,))
        default = "" if written else ", which is asked where none is written"
        return Finding(
            place if written else reference.place,
            f'Service "{name}" has no port {port}{default} (it has {has}): {then}',
            (Related(service.at("spec", "ports", key=True), f'the ports of Service "{name}"'),),
            fix,
        )
    if not cluster.services_in(namespace) or cluster.may_hold_more("", "Service", namespace, name):
        return None
    names = services(namespace, cluster)
    near = names.meant(name)
    slip = near is not None and near == names.nearest(name)
    hint = f' (the nearest is "{near}")' if near else ""
    return Finding(
        reference.place,
        f'no Service "{name}" in namespace "{namespace}"{hint}: {then}',
        the_nearest(near, namespace, cluster),
        Fix(f"write {near}", (set_value(reference.place, near),)) if near else None,
        severity=None if slip else "warning",
        confidence="certain" if slip else "likely",
    )


def _at(resource: Resource, place: Place) -> dict[str, object] | None:
    value = resource.get(*place.path[len(resource.path) :])
    return value if isinstance(value, dict) else None
