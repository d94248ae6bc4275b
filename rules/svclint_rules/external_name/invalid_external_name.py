"""An externalName that is no DNS name.

`externalName` is a host name in lower case: no scheme, no port, no path, no underscore. The API server refuses others.

Symptoms: refused by the API server

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  type: ExternalName
  externalName: https://api.example.com:8443/v1  # error: externalName "https://api.example.com:8443/v1" is no DNS name (it has a scheme, a port and a path): the API server refuses Service "api"
```
```diff fix
-  externalName: https://api.example.com:8443/v1
+  externalName: api.example.com
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  type: ExternalName
  externalName: api.example.com
```
"""

from __future__ import annotations

import re

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Refusal, refusal, set_value

_URL = re.compile(r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>[^/:\s]+)(?::(?P<port>\d+))?(?P<path>/\S*)?", re.I)
_HOST = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\.?")


@refusal("invalid-external-name", on=Service, fields=("spec.externalName",))
def invalid_external_name(service: Service, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the value; the fix is the host name inside it."""
    value = service.external_name
    place = service.at("spec", "externalName")
    if not value:
        message = f'Service "{service.name}" is of type ExternalName and names no host: the API server refuses it'
        return Finding(place, message)
    match = _URL.fullmatch(value)
    host = match["host"].lower() if match else ""
    has = [f"a {what}" for what in ("scheme", "port", "path") if match and match[what]]
    if match and match["host"] != host:
        has.append("capitals")
    hint = f" (it has {', '.join(has[:-1])}{' and ' if has[1:] else ''}{has[-1]})" if has else ""
    fix = Fix(f"write {host}", (set_value(place, host),)) if has and _HOST.fullmatch(host) else None
    return Finding(
        place, f'externalName "{value}" is no DNS name{hint}: the API server refuses Service "{service.name}"', fix=fix
    )
