"""A key that stands twice in one map.

YAML forbids it. `kubectl` takes the last one silently; the API server's strict decoder, and most other tools, refuse the
document.

Symptoms: refused by the API server, setting has no effect

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  clusterIP: None
  selector:
    app: web
  selector:  # error: the key "selector" stands twice in this map: kubectl takes this one and drops the first silently
    app: api
```
```diff fix
-    app: web
-  selector:
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  clusterIP: None
  selector:
    app: web
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from svclint.rule import Document, Finding, Fix, Place, Spot, keep_last, rule

# A fix looks at its whole map again: the rest of very many is mended in the next round.
MOST_FIXES = 50
_KEY = re.compile(r'key "(.*)" already set')


@rule("duplicate-key", on=Document)
def duplicate_key(document: Document, _: None) -> Iterator[Finding]:
    """One finding at each later key."""
    for number, problem in enumerate(document.problems):
        match = _KEY.search(problem.message) if problem.kind == "duplicate-key" else None
        if match:
            yield Finding(
                Spot(document.source, problem.span),
                f'the key "{match[1]}" stands twice in this map: kubectl takes this one and drops the first silently',
                fix=_fix(document, problem.span.start) if number < MOST_FIXES else None,
            )


def _fix(document: Document, offset: int) -> Fix | None:
    """Nothing changes for kubectl, and the API server takes the object."""
    if document.value is None:
        return None
    path, part = document.positions.path_at(offset)
    if part != "key":
        return None
    return Fix("leave out what is dropped anyway", (keep_last(Place(document, path)),), "safe")
