"""A field of a Service that its type does not allow.

`externalTrafficPolicy` needs a Service that is reached from outside (NodePort, LoadBalancer, or externalIPs);
`loadBalancerSourceRanges`, `loadBalancerClass`, `allocateLoadBalancerNodePorts` and `healthCheckNodePort` need type
LoadBalancer. The API server refuses them elsewhere.

Symptoms: refused by the API server

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  externalTrafficPolicy: Local  # error: externalTrafficPolicy is for Services that are reached from outside, Service "web" is of type ClusterIP: the API server refuses it
  selector:
    app: web
  ports:
    - port: 80
```
```diff fix
-  externalTrafficPolicy: Local
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector:
    app: web
  ports:
    - port: 80
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Refusal, refusal, remove

_NEEDS = {
    "externalTrafficPolicy": ("may only be set for externally", "Services that are reached from outside"),
    "loadBalancerSourceRanges": ("may only be used when", "type LoadBalancer"),
    "allocateLoadBalancerNodePorts": ("may only be used when", "type LoadBalancer"),
    "loadBalancerClass": ("may only be used when", "type LoadBalancer"),
    "healthCheckNodePort": ("may only be set when", "type LoadBalancer with externalTrafficPolicy Local"),
}


@refusal("field-of-another-type", on=Service, fields=("spec.*", "spec.LoadBalancerSourceRanges"))
def field_of_another_type(service: Service, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the field; the fix leaves it out."""
    name = str(cause.place[1]) if len(cause.place) == 2 else ""
    words, needs = _NEEDS.get(name, ("", ""))
    if not words or words not in cause.body or service.get("spec", name) is None:
        return None
    place = service.at("spec", name)
    return Finding(
        service.at("spec", name),
        f'{name} is for {needs}, Service "{service.name}" is of type {service.type}: the API server refuses it',
        fix=Fix(f"leave {name} out", (remove(place),)),
    )
