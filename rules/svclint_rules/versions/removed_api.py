"""An API version that the cluster no longer serves, or never did.

`kubectl apply` ends with `no matches for kind … in version …`: the object is not created. Set `kubernetes-version` to
your cluster's.

Symptoms: no matches for kind

```yaml bad
apiVersion: extensions/v1beta1  # error: extensions/v1beta1 has no Deployment in Kubernetes 1.36, apps/v1 has: the API server does not know Deployment "web"
kind: Deployment
metadata:
  name: web
spec:
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
```
```yaml good
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
```
"""

from __future__ import annotations

import re

from svclint.cluster import Cluster
from svclint.kube.resource import Resource
from svclint.rule import Finding, Fix, Refusal, refusal, set_value

_NO_KIND = re.compile(r'no kind "[^"]*" is registered for version "[^"]*"')

# Where the kinds of removed API versions are now served; those whose fields stayed the same can simply be moved.
_NOW = {
    "Deployment": "apps/v1",
    "DaemonSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "ControllerRevision": "apps/v1",
    "Ingress": "networking.k8s.io/v1",
    "IngressClass": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "CronJob": "batch/v1",
    "Job": "batch/v1",
    "EndpointSlice": "discovery.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "StorageClass": "storage.k8s.io/v1",
    "CSIDriver": "storage.k8s.io/v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "PriorityClass": "scheduling.k8s.io/v1",
    "APIService": "apiregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "MutatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "Lease": "coordination.k8s.io/v1",
    "Service": "v1",
    "Pod": "v1",
    "ConfigMap": "v1",
    "Secret": "v1",
    "Namespace": "v1",
}
_SAME_FIELDS = frozenset(
    {"CronJob", "PodDisruptionBudget", "StorageClass", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
    | {"PriorityClass", "Lease", "NetworkPolicy", "Service", "Pod", "ConfigMap", "Secret", "Namespace", "APIService"}
    | {"CSIDriver"}
)


@refusal("removed-api", on=Resource, fields=("*",))
def removed_api(resource: Resource, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at apiVersion; moving is offered where the kind kept its fields."""
    if cause.kind != "document" or not _NO_KIND.search(cause.body):
        return None
    now = _NOW.get(resource.kind)
    version = ".".join(map(str, cluster.facts.kubernetes_version))
    place = resource.at("apiVersion")
    hint = f", {now} has" if now and now != resource.api_version else ""
    fix = None
    if now and hint and resource.kind in _SAME_FIELDS:
        fix = Fix(f"write apiVersion: {now}", (set_value(place, now),))
    return Finding(
        place,
        f"{resource.api_version} has no {resource.kind} in Kubernetes {version}{hint}: the API server does not know "
        f'{resource.kind} "{resource.name}"',
        fix=fix,
    )
