"""Folders that were taken apart and belong together: one lacks what only the other has.

Where two sub-folders repeat an object (`services/` and `services-nodeport/`), all of their neighbours stand alone at
first. A Service without pods in its own folder and with pods in one neighbour (`deployments/`) is evidence that these
two are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from svclint.cluster.index import LabelIndex
from svclint.kube.resource import Resource
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.project.scopes import REPEATED_KINDS, Group, Key


def joined(
    groups: Sequence[Group], objects: Mapping[str, Sequence[Resource]], keys: Mapping[str, Sequence[Key]]
) -> list[Group]:
    """The groups, with those put together of which one selects the other's pods, unless they repeat an object.

    Groups are joined in order, so that the first of several alternatives gets what they all lack. A joined group has
    the name of its first member.
    """
    apart: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        if group.beside is not None:
            apart.setdefault(group.beside, []).append(number)
    leader = list(range(len(groups)))

    def leads(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    for numbers in apart.values():
        held = {n: {key for path in groups[n].files for key in keys[path]} for n in numbers}
        index = LabelIndex(
            (workload.namespace, workload.pod_labels.labels, (), (n, workload))
            for n in numbers
            for path in groups[n].files
            for resource in objects[path]
            for workload in Workload.read(resource)
        )
        for n in numbers:
            for path in groups[n].files:
                for resource in objects[path]:
                    if not Service.reads(resource):
                        continue
                    service = Service(resource)
                    found = {
                        leads(other)
                        for other, workload in index.candidates(service.namespace, service.selector)
                        if workload.pod_labels.matches(service.selector)
                    }
                    here = leads(n)
                    if len(found) != 1 or here in found:
                        continue
                    (there,) = found
                    if any(key[0] not in REPEATED_KINDS for key in held[here] & held[there]):
                        continue
                    first, second = sorted((here, there))
                    leader[second] = first
                    held[first] |= held[second]
    members: dict[int, list[int]] = {}
    for number in range(len(groups)):
        members.setdefault(leads(number), []).append(number)
    return [
        groups[first]
        if len(of) == 1
        else groups[first]._replace(files=tuple(sorted(path for number in of for path in groups[number].files)))
        for first, of in members.items()
    ]
