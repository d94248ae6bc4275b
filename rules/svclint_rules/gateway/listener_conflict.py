"""Listeners of one Gateway that exclude each other.

On one port HTTP can't be served beside HTTPS, TLS or TCP, nor TCP beside them; and of two listeners with the same port,
protocol and hostname one is too many. A Gateway serves none of the listeners that conflict (some implementations: one of
them).

Symptoms: connection refused, Conflicted, ProtocolConflict, HostnameConflict

```yaml bad
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
spec:
  gatewayClassName: example
  listeners:
    - name: http
      port: 443
      protocol: HTTP
    - name: https
      port: 443
      protocol: HTTPS  # error: listeners "http" (HTTP) and "https" (HTTPS) of Gateway "public" share port 443, where only one of these protocols can be served: neither is
```
```yaml bad
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
spec:
  gatewayClassName: example
  listeners:
    - name: one
      port: 80
      protocol: HTTP
      hostname: shop.example.com
    - name: two
      port: 80
      protocol: HTTP
      hostname: shop.example.com  # error: listeners "one" and "two" of Gateway "public" have the same port 80, protocol HTTP and hostname "shop.example.com": only one of them can be served
```
```yaml good
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
spec:
  gatewayClassName: example
  listeners:
    - name: http
      port: 80
      protocol: HTTP
    - name: https
      port: 443
      protocol: HTTPS
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.gateway import Gateway, Listener
from svclint.rule import Finding, Related, rule


@rule("listener-conflict", on=Gateway)
def listener_conflict(gateway: Gateway, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port for protocols, one for each listener that repeats another."""
    on_port: dict[int, list[Listener]] = {}
    for listener in _listeners(gateway, cluster):
        on_port.setdefault(listener.port, []).append(listener)
    for port in cluster.gateways.conflicts(gateway):
        listeners = on_port.get(port, [])
        first = next((item for item in listeners), None)
        other = next((item for item in listeners if first and item.protocol != first.protocol), None)
        if first is not None and other is not None:
            yield Finding(
                other.at("protocol"),
                f'listeners "{first.listener_name}" ({first.protocol}) and "{other.listener_name}" ({other.protocol}) '
                f'of Gateway "{gateway.name}" share port {port}, where only one of these protocols can be served: '
                "neither is",
                (Related(first.at("protocol"), "the other protocol"),),
            )
    seen: dict[tuple[int, str, str], Listener] = {}
    for listener in gateway.listeners:
        key = (listener.port, listener.protocol, listener.hostname.lower())
        first = seen.setdefault(key, listener)
        if first is listener or not listener.port or not listener.protocol:
            continue
        host = f'hostname "{listener.hostname}"' if listener.hostname else "no hostname"
        yield Finding(
            listener.at("hostname" if listener.hostname else "port"),
            f'listeners "{first.listener_name}" and "{listener.listener_name}" of Gateway "{gateway.name}" have the '
            f"same port {listener.port}, protocol {listener.protocol} and {host}: only one of them can be served",
            (Related(first.at("port"), "the first"),),
        )


def _listeners(gateway: Gateway, cluster: Cluster) -> Iterator[Listener]:
    yield from gateway.listeners
    for status in cluster.gateways.listener_sets:
        if status.gateway is not None and status.gateway.resource is gateway.resource and status.accepted is not False:
            yield from status.view.listeners
