"""An object that a ValidatingAdmissionPolicy among the manifests denies, or warns of.

Policies and their bindings, parameters and Namespaces are read from the same manifests, and evaluated as the API server
does on a creation by an administrator. `validationActions` decide: `Deny` is an error, `Warn` a warning, `Audit` info. The
finding stands where the failing expression read.

Symptoms: denied request, refused by the API server

```yaml bad
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: no-node-ports
spec:
  matchConstraints:
    resourceRules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE, UPDATE]
        resources: [services]
  validations:
    - expression: object.spec.type != 'NodePort'
      message: use an Ingress
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: no-node-ports
spec:
  policyName: no-node-ports
  validationActions: [Deny]
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort  # error: ValidatingAdmissionPolicy "no-node-ports" denies Service "web": use an Ingress
  selector:
    app: web
  ports:
    - port: 80
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.resource import Resource
from svclint.rule import Finding, Refusal, Related, Severity, refusal

_VERBS: dict[str, tuple[str, Severity]] = {
    "Deny": ("denies", "error"),
    "Warn": ("warns of", "warning"),
    "Audit": ("notes", "info"),
}


@refusal("admission-policy", on=Resource, fields=("policy",))
def admission_policy(resource: Resource, cause: Refusal, cluster: Cluster) -> Finding:
    """One finding a failed validation; `known` are the policy's name and what its binding makes of it."""
    policy, *actions = cause.known
    verb, severity = next((_VERBS[a] for a in ("Deny", "Warn", "Audit") if a in actions), _VERBS["Deny"])
    said = cluster.get("ValidatingAdmissionPolicy", "", policy)
    return Finding(
        resource.at(*cause.place) if cause.place else resource.at("metadata", "name"),
        f'ValidatingAdmissionPolicy "{policy}" {verb} {resource.kind} "{resource.name}": {cause.body}',
        (Related(said.at("metadata", "name"), "this policy"),) if said else (),
        severity=severity,
    )
