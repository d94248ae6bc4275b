"""A port whose protocol the API server doesn't know.

`protocol` is the transport: TCP, UDP or SCTP, in capitals. What is spoken over it (HTTP, gRPC) may be said with
`appProtocol`, which kube-proxy ignores.

Symptoms: refused by the API server

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
      protocol: http  # error: protocol "http" is none of TCP, UDP, SCTP: the API server refuses Service "web" (http is spoken over TCP; say it with appProtocol if you like)
```
```diff fix
-      protocol: http
+      protocol: TCP
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
      protocol: TCP
      appProtocol: http
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.resource import Resource
from svclint.rule import Finding, Fix, Refusal, refusal, set_value

_OVER_TCP = frozenset(
    {"http", "https", "http2", "h2c", "grpc", "tls", "ssl", "websocket", "ws", "wss", "mysql", "redis"}
)


@refusal("invalid-protocol", on=Resource, fields=("*.ports[*].protocol",))
def invalid_protocol(resource: Resource, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the value; the fix is the transport that it means."""
    value = resource.get(*cause.place)
    if cause.kind != "FieldValueNotSupported" or not isinstance(value, str):
        return None
    upper = value.upper()
    right = upper if upper in ("TCP", "UDP", "SCTP") else "TCP" if value.lower() in _OVER_TCP else None
    if value.lower() in ("quic", "http3", "h3", "dns"):
        right = "UDP"
    place = resource.at(*cause.place)
    hint = ""
    if right and right != upper:
        hint = f" ({value} is spoken over {right}; say it with appProtocol if you like)"
    fix = Fix(f"write {right}", (set_value(place, right),), "safe" if right == upper else "unsafe") if right else None
    return Finding(
        place,
        f'protocol "{value}" is none of TCP, UDP, SCTP: the API server refuses {resource.kind} "{resource.name}"{hint}',
        fix=fix,
    )
