"""A value of a type that the field doesn't take.

The API server decodes into typed objects. A number, `true`, `on` or `null` where a string is needed (labels, names,
annotations), or a quoted number where an integer is needed, is refused before anything else is looked at. YAML decides
the type: `1.0`, `yes`, `on`, `null` without quotes are no strings.

Symptoms: refused by the API server

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    version: 1.0  # error: spec.selector.version takes a string, 1.0 without quotes is a number: the API server refuses Service "web"
  ports:
    - port: 80
```
```diff fix
-    version: 1.0
+    version: "1.0"
```
```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: "80"  # error: spec.ports[0].port takes an integer, "80" in quotes is a string: the API server refuses Service "web"
```
```diff fix
-    - port: "80"
+    - port: 80
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    version: "1.0"
  ports:
    - port: 80
```
"""

from __future__ import annotations

import re

from svclint.cluster import Cluster
from svclint.kube.resource import Resource
from svclint.rule import Finding, Fix, Refusal, refusal, set_value, written

_EXPECTED = re.compile(r"of type ([\w.*\[\]]+)")
_TAKES = {"string": "a string", "bool": "true or false", "int32": "an integer", "int64": "an integer"}


@refusal("wrong-type", on=Resource, fields=("*",))
def wrong_type(resource: Resource, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the value; quotes are added or taken off where that is all."""
    if cause.kind != "type":
        return None
    place = resource.at(*cause.place)
    value = resource.get(*cause.place)
    expected = _EXPECTED.search(cause.body)
    kind = expected[1].lstrip("*") if expected else ""
    takes = _TAKES.get(kind) or ("a list" if kind.startswith("[]") else "a map")
    name = f' "{resource.name}"' if resource.name else ""
    tail = f": the API server refuses {resource.kind}{name}"
    if kind == "string" and isinstance(value, (bool, int, float)):
        text = written(place)
        what = "a boolean" if isinstance(value, bool) else "a number"
        fix = Fix(f'write "{text}"', (set_value(place, text),), "safe") if text else None
        return Finding(place, f"{cause.field} takes a string, {text} without quotes is {what}{tail}", fix=fix)
    if kind in ("int32", "int64") and isinstance(value, str):
        number = re.fullmatch(r"-?\d{1,9}", value)
        fix = Fix(f"write {value}", (set_value(place, int(value)),), "safe") if number else None
        return Finding(place, f'{cause.field} takes an integer, "{value}" in quotes is a string{tail}', fix=fix)
    if kind == "bool" and isinstance(value, str) and value.lower() in ("true", "false"):
        fix = Fix(f"write {value.lower()}", (set_value(place, value.lower() == "true"),), "safe")
        return Finding(place, f'{cause.field} takes true or false, "{value}" in quotes is a string{tail}', fix=fix)
    if not expected:
        return None
    return Finding(place, f"{cause.field} takes {takes}, this is {_what(value)}{tail}")


def _what(value: object) -> str:
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f'the string "{value}"'
    return "a list" if isinstance(value, list) else "a map" if isinstance(value, dict) else "nothing"
