"""A comment that suppresses nothing.

`# svclint: ignore[rule] reason` answers a finding. When the finding is gone, the comment hides the next one: remove it.
Suppressions of rules that were not asked in this run are left alone.

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  clusterIP: None # svclint: ignore[unused-suppression] all is well  # warning: this comment suppresses unused-suppression, but there is nothing to suppress here: remove it
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

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.rule import Finding, rule


@rule("unused-suppression", on=Cluster, severity="warning")
def unused_suppression(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """Nothing of its own: the session, which alone knows what was suppressed, speaks in this rule's name."""
    return iter(())
