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
# One fix takes away all that is dropped of a key: said behind each of very many it would be as many times as long.
MOST_OF_ONE = 3
_KEY = re.compile(r'key "(.*)" already set')


@rule("duplicate-key", on=Document)
def duplicate_key(document: Document, _: None) -> Iterator[Finding]:
    """One finding at each later key."""
    of_one: dict[tuple[str | int, ...], int] = {}
    for number, problem in enumerate(document.problems):
        match = _KEY.search(problem.message) if problem.kind == "duplicate-key" else None
        if match:
            yield Finding(
                Spot(document.source, problem.span),
                f'the key "{match[1]}" stands twice in this map: kubectl takes this one and drops the first silently',
                fix=_fix(document, problem.span.start, of_one) if number < MOST_FIXES else None,
            )


def _fix(document: Document, offset: int, of_one: dict[tuple[str | int, ...], int]) -> Fix | None:
    """Nothing changes for kubectl, and the API server takes the object."""
    if document.value is None:
        return None
    path, part = document.positions.path_at(offset)
    of_one[path] = of_one.get(path, 0) + 1
    if part != "key" or of_one[path] > MOST_OF_ONE:
        return None
    return Fix("leave out what is dropped anyway", (keep_last(Place(document, path)),), "safe")
