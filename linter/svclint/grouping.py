"""What belongs together: groups of names that are joined by sets of them."""

from __future__ import annotations

from collections.abc import Iterable


def grouped(names: Iterable[str], together: Iterable[Iterable[str]]) -> list[list[str]]:
    """The groups that `names` fall into if each set of `together` (which may name more) is in one; all sorted.

    Linear in all that is named, but for sorting (union-find with halved paths).
    """
    leader: dict[str, str] = {name: name for name in names}

    def leads(name: str) -> str:
        while (above := leader.setdefault(name, name)) != name:
            leader[name] = name = leader[above]
        return name

    for each in together:
        tops = {leads(name) for name in each}
        first = min(tops, default="")
        for top in tops:
            leader[top] = first
    groups: dict[str, list[str]] = {}
    for name in sorted(leader):
        groups.setdefault(leads(name), []).append(name)
    return list(groups.values())
