"""Patches as kustomize applies them: strategic merge and JSON 6902, on plain values that are never mutated.

Sources: kubernetes-sigs/kustomize api/filters/patchstrategicmerge and patchjson6902, kyaml/yaml/merge2; merge keys from
`x-kubernetes-patch-merge-key` in the OpenAPI of the built-in kinds.
"""

from __future__ import annotations

from typing import Any

# The fields of the built-in kinds whose lists are merged by a key. Every other list is replaced.
_MERGE_KEYS = {
    "conditions": "type",
    "containers": "name",
    "env": "name",
    "ephemeralContainers": "name",
    "hostAliases": "ip",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "ownerReferences": "uid",
    "resourceClaims": "name",
    "secrets": "name",
    "topologySpreadConstraints": "topologyKey",
    "volumeDevices": "devicePath",
    "volumeMounts": "mountPath",
    "volumes": "name",
    "webhooks": "name",
}


class PatchError(Exception):
    """The patch can't be applied: kustomize would refuse it, or its meaning is not followed here."""


DELETED = object()


def strategic_merge(value: dict[str, Any], patch: dict[str, Any], builtin: bool = True) -> Any:
    """The object with a partial object merged in; DELETED where the patch deletes it.

    Lists with a merge key keep the order of the object, new items come last (kustomize puts them first: the order bears
    on nothing that svclint says, and this way paths keep leading to what they led to). `builtin` is False for custom
    kinds, whose lists are always replaced. Raises PatchError.
    """
    directive = patch.get("$patch")
    if directive == "delete":
        return DELETED
    if directive == "replace":
        return {key: item for key, item in patch.items() if key != "$patch"}
    if directive not in (None, "merge"):
        raise PatchError(f"$patch: {directive}")
    return _merge_map(value, patch, builtin, "")


def _merge_map(value: dict[str, Any], patch: dict[str, Any], builtin: bool, field: str) -> dict[str, Any]:
    result = dict(value)
    for key, item in patch.items():
        if key.startswith("$"):
            if key == "$patch" or key.startswith("$setElementOrder/"):
                continue
            raise PatchError(key)
        if item is None:
            result.pop(key, None)
            continue
        old = result.get(key)
        if isinstance(item, dict):
            directive = item.get("$patch")
            if directive == "delete":
                result.pop(key, None)
            elif directive == "replace" or not isinstance(old, dict):
                result[key] = _bare(item)
            else:
                result[key] = _merge_map(old, item, builtin, key)
        elif isinstance(item, list):
            merge_key = _merge_key(key, field, item) if builtin else None
            if merge_key is None or not isinstance(old, list):
                result[key] = [_bare(each) for each in item if not _is_delete(each)]
            else:
                result[key] = _merge_list(old, item, merge_key, key)
        else:
            result[key] = item
    return result


def _merge_key(key: str, field: str, items: list[Any]) -> str | None:
    if key != "ports":
        return _MERGE_KEYS.get(key)
    # A container's ports are told apart by containerPort, a Service's by port.
    return "containerPort" if any(isinstance(each, dict) and "containerPort" in each for each in items) else "port"


def _merge_list(old: list[Any], items: list[Any], merge_key: str, field: str) -> list[Any]:
    if any(isinstance(each, dict) and each.get("$patch") == "replace" and merge_key not in each for each in items):
        return [_bare(each) for each in items if not (isinstance(each, dict) and set(each) == {"$patch"})]
    result = list(old)
    for each in items:
        if not isinstance(each, dict) or merge_key not in each:
            raise PatchError(f"an item of {field} without {merge_key}")
        same = [
            number
            for number, one in enumerate(result)
            if isinstance(one, dict)
            and one.get(merge_key) == each[merge_key]
            and one.get("protocol", "TCP") == each.get("protocol", one.get("protocol", "TCP"))
        ]
        if _is_delete(each):
            result = [one for number, one in enumerate(result) if number not in same]
        elif same:
            result[same[0]] = _merge_map(result[same[0]], each, True, field)
        else:
            result.append(_bare(each))
    return result


def _is_delete(value: Any) -> bool:
    return isinstance(value, dict) and value.get("$patch") == "delete"


def _bare(value: Any) -> Any:
    """The value without directives and without nulls, as it is when a patch adds it."""
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if not key.startswith("$") and item is not None}
    if isinstance(value, list):
        return [_bare(item) for item in value if not _is_delete(item)]
    return value


def json_patch(value: Any, operations: list[Any]) -> Any:
    """The value after the operations of RFC 6902. Raises PatchError where one can't be done."""
    for operation in operations:
        if not isinstance(operation, dict):
            raise PatchError("an operation that is no object")
        kind, path = operation.get("op"), _pointer(operation.get("path"))
        if kind in ("add", "replace"):
            value = _put(value, path, operation.get("value"), kind == "add")
        elif kind == "remove":
            value = _take(value, path)
        elif kind in ("move", "copy"):
            origin = _pointer(operation.get("from"))
            item = _find(value, origin)
            value = _put(_take(value, origin) if kind == "move" else value, path, item, True)
        elif kind == "test":
            if _find(value, path) != operation.get("value"):
                raise PatchError("a test that fails")
        else:
            raise PatchError(f"op {kind}")
    return value


def _pointer(text: Any) -> list[str]:
    if not isinstance(text, str) or (text and text[0] != "/"):
        raise PatchError(f"no JSON pointer: {text!r}")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _index(items: list[Any], step: str, end: bool = False) -> int:
    # No list is so long; and Python refuses to read a number of thousands of digits.
    known = step.isascii() and step.isdigit() and len(step) < 10
    if not known or int(step) > len(items) - (0 if end else 1):
        raise PatchError(f"no item {step}")
    return int(step)


def _find(value: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list):
            value = value[_index(value, step)]
        else:
            raise PatchError(f"no {step}")
    return value


def _put(value: Any, path: list[str], item: Any, add: bool) -> Any:
    if not path:
        return item
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        if step not in value and (rest or not add):
            raise PatchError(f"no {step}")
        return {**value, step: _put(value.get(step), rest, item, add)}
    if isinstance(value, list):
        if add and not rest:
            at = len(value) if step == "-" else _index(value, step, end=True)
            return [*value[:at], item, *value[at:]]
        at = _index(value, step)
        return [*value[:at], _put(value[at], rest, item, add), *value[at + 1 :]]
    raise PatchError(f"no {step}")


def _take(value: Any, path: list[str]) -> Any:
    if not path:
        raise PatchError("the whole object")
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        if step not in value:
            raise PatchError(f"no {step}")
        if not rest:
            return {key: item for key, item in value.items() if key != step}
        return {**value, step: _take(value[step], rest)}
    if isinstance(value, list):
        at = _index(value, step)
        return [*value[:at], *([_take(value[at], rest)] if rest else []), *value[at + 1 :]]
    raise PatchError(f"no {step}")
