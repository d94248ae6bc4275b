"""Which name was meant by one that nobody has, and how a workload's Pods are called."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from svclint.cluster import Cluster
from svclint.kube.resource import View
from svclint.rule import Related, nearest


class Services:
    """The names of the Services of one namespace, by the words that they begin and end with: the last question is
    answered as fast as the first."""

    __slots__ = ("_all", "_beginning", "_ending", "_names")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._all = frozenset(self._names)
        self._beginning: dict[str, list[str]] = {}
        self._ending: dict[str, list[str]] = {}
        for name in self._names:
            for at, letter in enumerate(name):
                if letter == "-":
                    self._beginning.setdefault(name[:at], []).append(name)
                    self._ending.setdefault(name[at + 1 :], []).append(name)

    def nearest(self, name: str) -> str | None:
        """The nearest by its letters."""
        return nearest(name, self._names)

    def meant(self, name: str) -> str | None:
        """The nearest by its letters, else the only one that is this name with a word more, or less."""
        found = self.nearest(name)
        if found is not None:
            return found
        longer = [*self._beginning.get(name, ()), *self._shorter(name)]
        return longer[0] if len(longer) == 1 else None

    def extended(self, name: str) -> str | None:
        """The only one that is this name with a word behind it; else with a word more, or less."""
        longer = self._beginning.get(name, [])
        if len(longer) == 1:
            return longer[0]
        either = dict.fromkeys((*longer, *self._ending.get(name, ()), *self._shorter(name)))
        return next(iter(either)) if len(either) == 1 else None

    def _shorter(self, name: str) -> list[str]:
        return [name[:at] for at, letter in enumerate(name) if letter == "-" and name[:at] in self._all]


_KNOWN: WeakKeyDictionary[Cluster, dict[str, Services]] = WeakKeyDictionary()


def services(namespace: str, cluster: Cluster) -> Services:
    """The names of a namespace's Services."""
    known = _KNOWN.setdefault(cluster, {})
    if namespace not in known:
        known[namespace] = Services(service.name for service in cluster.services_in(namespace))
    return known[namespace]


def the_nearest(name: str | None, namespace: str, cluster: Cluster) -> tuple[Related, ...]:
    """The Service of the nearest name, to be shown beside one that nobody has."""
    service = cluster.service_named(namespace, name) if name else None
    return () if service is None else (Related(service.at("metadata", "name"), "the nearest name"),)


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
