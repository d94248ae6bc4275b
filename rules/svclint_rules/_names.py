"""Which name was meant by one that nobody has, and how a workload's Pods are called."""

from __future__ import annotations

from collections.abc import Iterable

from svclint.kube.resource import View
from svclint.rule import nearest


def meant(name: str, names: Iterable[str]) -> str | None:
    """The nearest name by its letters, else the only one that is this name with a word more, or less."""
    names = list(names)
    found = nearest(name, names)
    if found is not None:
        return found
    longer = [n for n in names if n.startswith(name + "-") or name.startswith(n + "-")]
    return longer[0] if len(longer) == 1 else None


def pods_of(workload: View) -> str:
    """`the Pods of Deployment "web"`; a bare Pod is called by its own name."""
    said = f'{workload.kind} "{workload.name}"'
    return said if workload.kind == "Pod" else f"the Pods of {said}"
