"""Text that YAML's decoder does not take.

`kubectl` reads manifests with Go's YAML library; what it refuses never reaches the cluster. The message is that library's
own. The other documents of the file are still checked.

Symptoms: error parsing, error converting YAML to JSON

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: app: web  # error: mapping values are not allowed in this context (kubectl: yaml: line 6: mapping values are not allowed in this context)
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  clusterIP: None
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from svclint.rule import Document, Finding, Spot, rule

_KINDS = frozenset({"syntax", "value", "encoding", "limit"})
_GO = re.compile(r"^(?:error converting YAML to JSON: )?yaml: (?:line \d+: )?")


@rule("yaml-syntax", on=Document)
def yaml_syntax(document: Document, _: None) -> Iterator[Finding]:
    """One finding a document, at the place of the fault."""
    for problem in document.problems:
        if problem.kind in _KINDS:
            short = _GO.sub("", problem.message)
            said = short if short == problem.message else f"{short} (kubectl: {problem.message})"
            yield Finding(Spot(document.source, problem.span), said)
