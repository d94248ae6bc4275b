"""Which files are one cluster: the rule of docs/design/scopes.md for files that no kustomization lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

# Who an object is for telling alternatives: kind, namespace as written, name.
Key = tuple[str, str, str]

# Objects that folders repeat because each of them needs it: that two folders hold one says nothing.
REPEATED_KINDS = frozenset(
    {
        "ClusterRole",
        "ClusterRoleBinding",
        "ConfigMap",
        "CustomResourceDefinition",
        "LimitRange",
        "Namespace",
        "NetworkPolicy",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "PriorityClass",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "Secret",
        "ServiceAccount",
        "StorageClass",
    }
)

# Words in the name of a folder that stands apart from its neighbours and whose sub-folders are each meant on their own.
_COLLECTIONS = "demo demos e2e example examples fixture fixtures sample samples test testdata tests tutorial tutorials"
COLLECTIONS = frozenset(_COLLECTIONS.split())
# Folders whose sub-folders are alternatives by their very name.
ALTERNATIVES = frozenset({"clusters", "environments", "envs", "overlays", "regions", "stages", "versions"})

_ENVIRONMENTS = (
    "dev develop development test testing qa uat sit stage stg staging preprod preview prod prd production nonprod "
    "sandbox local minikube ci int integration perf"
)
_ENVIRONMENT = frozenset(_ENVIRONMENTS.split())
_VERSION = re.compile(r"v?\d+((alpha|beta|rc)\d+)?\+?")
_REGION = re.compile(r"((us|eu|ap|sa|ca|me|af|cn)?(east|west|north|south|central)\d?|us|eu|ap)")
_SEPARATOR = re.compile(r"[-_.+ ]+")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
# If more files of a folder than this define one object, each of them is a cluster of its own.
_LIMIT = 64


class Group(NamedTuple):
    """Files that are one cluster. `name` is the folder, or the first file where a folder holds several clusters.

    `beside` is the folder whose sub-folders were taken apart because two of them repeat an object, if this is one.
    """

    name: str
    files: tuple[str, ...]
    beside: str | None = None


def group(
    files: Mapping[str, Iterable[Key]], defined: Mapping[str, Collection[Key]], boundaries: Collection[str] = ()
) -> list[Group]:
    """The clusters of plain files.

    In: each plain file with the objects that it defines; each folder with all objects that its files define (plain
    files and kustomizations' alike, patches not); folders that are projects of their own. Folders are relative, the
    root is "". Out: groups sorted by name; every file is in exactly one. Linear in the number of objects and folders.
    """
    folders = {parent(path) for path in files} | set(defined)
    for folder in tuple(folders):
        while folder:
            folder = parent(folder)
            folders.add(folder)
    repeating = _repeating(defined)
    holding = {folder for folder, keys in defined.items() if keys}
    scope_of = _folder_scopes(folders, repeating, frozenset(boundaries), holding)
    by_scope: dict[str, list[str]] = {}
    for path in sorted(files):
        by_scope.setdefault(scope_of[parent(path)], []).append(path)
    groups: list[Group] = []
    for scope, paths in sorted(by_scope.items()):
        for number, members in enumerate(alternatives({path: files[path] for path in paths})):
            above = parent(scope)
            apart = number == 0 and scope and above in repeating and not in_collection(scope)
            groups.append(Group(members[0] if number else scope, tuple(members), above if apart else None))
    return groups


def parent(path: str) -> str:
    """The folder of a relative path; the root's is the root."""
    return path.rpartition("/")[0]


def _repeating(defined: Mapping[str, Iterable[Key]]) -> set[str]:
    """The folders below which some object is defined again: the nearest common folder of each two that define it."""
    holders: dict[Key, set[str]] = {}
    for folder, keys in defined.items():
        for key in keys:
            if key[0] not in REPEATED_KINDS:
                holders.setdefault(key, set()).add(folder)
    common: set[str] = set()
    for group_of in {frozenset(held) for held in holders.values() if len(held) > 1}:
        # In sorted order the common folders of neighbours are the common folders of all pairs.
        ordered = sorted(tuple(folder.split("/")) if folder else () for folder in group_of)
        for one, other in pairwise(ordered):
            length = 0
            while length < min(len(one), len(other)) and one[length] == other[length]:
                length += 1
            common.add("/".join(one[:length]))
    return common


def _folder_scopes(
    folders: set[str], repeating: set[str], boundaries: frozenset[str], holding: set[str]
) -> dict[str, str]:
    children: dict[str, list[str]] = {}
    for folder in folders:
        if folder:
            children.setdefault(parent(folder), []).append(folder.rpartition("/")[2])
    variants = {folder: _variants(names) for folder, names in children.items()}
    scope_of = {"": ""}
    for folder in sorted(folders - {""}, key=lambda f: (f.count("/"), f)):
        above, _, name = folder.rpartition("/")
        apart = (
            above in repeating
            or folder in boundaries
            or name in variants[above]
            or _is_collection(name)
            or _is_collection(above.rpartition("/")[2])
            or above.rpartition("/")[2].lower() in ALTERNATIVES
            # Among samples, a folder that holds nothing itself only sorts them.
            or (above not in holding and in_collection(above))
        )
        scope_of[folder] = folder if apart else scope_of[above]
    return scope_of


def in_collection(folder: str) -> bool:
    """Whether the folder or one above it (below the root) is named as a collection of samples or tests."""
    return collection_of(folder) is not None


def collection_of(folder: str) -> str | None:
    """The nearest folder, this one or one above it (below the root), that is named as a collection."""
    while folder:
        if _is_collection(folder.rpartition("/")[2]):
            return folder
        folder = parent(folder)
    return None


def _is_collection(name: str) -> bool:
    return not COLLECTIONS.isdisjoint(_SEPARATOR.split(name.lower()))


def _variants(names: Iterable[str]) -> set[str]:
    """The sibling folders that name environments, regions or versions of one thing; one alone is none."""
    by_stem: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        words = _SEPARATOR.split(name.lower())
        rest = tuple(w for w in words if not (w in _ENVIRONMENT or _VERSION.fullmatch(w) or _REGION.fullmatch(w)))
        if len(rest) < len(words):
            by_stem.setdefault(rest, []).append(name)
    return {name for siblings in by_stem.values() if len(siblings) > 1 for name in siblings}


def alternatives(files: Mapping[str, Iterable[Key]], first: Collection[str] = ()) -> list[list[str]]:
    """Files of one scope, split where files of the same folder are alternatives to each other.

    Two files are alternatives if they define two objects or more in common; or one, and a third file defines it too,
    or their names are variants of each other (`web.yaml`, `web-dualstack.yaml`), or it is of a kind that folders repeat
    and is all that one of them holds, or their folder holds alternatives or samples anyway. An object that two files
    define otherwise stays a duplicate. Every file is in exactly one list; the first one holds what conflicts with
    nothing, and of alternatives those of `first` or the one with the plainest name.
    """
    holders: dict[tuple[str, Key], list[str]] = {}
    for path in sorted(files):
        for key in set(files[path]):
            if key[0] != "Namespace":
                holders.setdefault((parent(path), key), []).append(path)
    shared: Counter[tuple[str, str]] = Counter()
    sure: set[tuple[str, str]] = set()
    alone = {path for held in holders.values() if len(held) > _LIMIT for path in held}
    for (folder, key), held in holders.items():
        if len(held) < 2 or len(held) > _LIMIT:
            continue
        collected = len(held) > 2 or in_collection(folder)
        for number, path in enumerate(held):
            for other in held[:number]:
                shared[other, path] += 1
                # A file that holds nothing but another set of values (`config-a.yaml`, `config-b.yaml`).
                values = key[0] in REPEATED_KINDS and 1 in (len(set(files[other])), len(set(files[path])))
                if collected or values or are_variants(other, path, key[2]):
                    sure.add((other, path))
    sure.update(pair for pair, count in shared.items() if count > 1)
    many = {parent(one) for (one, _), count in shared.items() if count > 1}
    against: dict[str, set[str]] = {}
    for one, other in shared:
        if (one, other) in sure or parent(one) in many:
            against.setdefault(one, set()).add(other)
            against.setdefault(other, set()).add(one)
    if not against and not alone:
        return [sorted(files)] if files else []
    number_of: dict[str, int] = {}
    for path in sorted(files, key=lambda p: (p not in first, len(_words(p)), p)):
        if path in alone:
            continue
        taken = {number_of[other] for other in against.get(path, ()) if other in number_of}
        number = 0
        while number in taken:
            number += 1
        number_of[path] = number
    split: list[list[str]] = [[] for _ in range(max(number_of.values(), default=-1) + 1)]
    for path in sorted(number_of):
        split[number_of[path]].append(path)
    return split + [[path] for path in sorted(alone)]


def _words(path: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(path.rpartition("/")[2].rpartition(".")[0])]


def are_variants(one: str, other: str, name: str) -> bool:
    """Whether two file names say that they hold variants of the object `name`.

    One adds words to the other (`web.yaml`, `web-nodeport.yaml`), or both hold the object's own words and differ
    elsewhere (`minio-standalone-service.yaml`, `minio-distributed-service.yaml` of `minio-service`).
    """
    first, second = _words(one), _words(other)
    if first == second:
        return False
    if [w for w in first if not w.isdigit()] == [w for w in second if not w.isdigit()]:
        return True
    if _within(first, second) or _within(second, first):
        return True
    own = set(_words(name + "."))
    return bool(own) and own <= set(first) and own <= set(second)


def _within(words: Sequence[str], longer: Sequence[str]) -> bool:
    rest = iter(longer)
    return bool(words) and all(word in rest for word in words)


def looks_like_patch(path: str) -> bool:
    """Whether a file's name says that it holds a partial object."""
    return not {"patch", "patches"}.isdisjoint(_words(path))
