"""Validation of resources: requests, limits, claims, overhead.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (validateResourceRequirements and around),
pkg/apis/core/helper/helpers.go; k8s.io/component-helpers resource/helpers.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import lru_cache
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import (
    NEGATIVE,
    NOT_INTEGER,
    Fields,
    Options,
    invalids,
    validate_dns1123_label,
)
from svclint.kube import quantities
from svclint.kube.quantities import NANO, Quantity

KEPT = 1024
HUGE_PAGES = "hugepages-"
CONTAINER_RESOURCES = frozenset(("cpu", "memory", "ephemeral-storage"))
CPU_OR_MEMORY = frozenset(("cpu", "memory"))
STANDARD_RESOURCES = CONTAINER_RESOURCES | frozenset(
    (
        "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory",
        "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers", "secrets",
        "configmaps", "persistentvolumeclaims", "storage", "requests.storage", "services.nodeports",
        "services.loadbalancers",
    )
)  # fmt: skip
INTEGER_RESOURCES = frozenset(
    (
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
        "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    )
)  # fmt: skip

NameValidator = Callable[[str, Path, Context], list[Error]]


def is_native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


@lru_cache(KEPT)
def is_extended(name: str) -> bool:
    """A resource that a plugin or an operator brings: counted in whole units."""
    if is_native(name) or name.startswith("requests."):
        return False
    return not names.is_qualified_name(f"requests.{name}")


@lru_cache(KEPT)
def is_overcommit_allowed(name: str) -> bool:
    return is_native(name) and not name.startswith(HUGE_PAGES)


def validate_container_resource_name(name: str, path: Path, context: Context) -> list[Error]:
    if name in CONTAINER_RESOURCES:
        return []
    errors = _resource_name(name, path, context)
    if "/" not in name:
        if not name.startswith(HUGE_PAGES):
            errors.append(field.invalid(path, name, "must be a standard resource for containers"))
    elif not is_native(name) and not is_extended(name):
        errors.append(field.invalid(path, name, "doesn't follow extended resource name standard"))
    return errors


def validate_pod_resource_name(name: str, path: Path, context: Context) -> list[Error]:
    if name in CPU_OR_MEMORY or name.startswith(HUGE_PAGES):
        return []
    errors = _resource_name(name, path, context)
    return errors or [field.not_supported(path, name, ("cpu", "hugepages-", "memory"))]


def _resource_name(name: str, path: Path, context: Context) -> list[Error]:
    wrong = names.is_qualified_name(name, context.gates["label-length-in-bytes"])
    if wrong:
        return invalids(path, name, wrong)
    if "/" not in name and name not in STANDARD_RESOURCES and not name.startswith(HUGE_PAGES):
        return [field.invalid(path, name, "must be a standard resource type or fully qualified")]
    return []


def validate_resource_requirements(
    requirements: Fields, claim_names: Set[str], path: Path, opts: Options, name_fn: NameValidator
) -> list[Error]:
    limits = _parsed(requirements.get("limits"))
    requests = _parsed(requirements.get("requests"))
    errors = []
    at = path["limits"]
    for name, quantity in limits.items():
        if name not in CPU_OR_MEMORY or quantity.nanos < 0:
            errors += _resource(name, quantity, at, opts, name_fn)
    below = path["requests"]
    for name, quantity in requests.items():
        limit = limits.get(name)
        if name in CPU_OR_MEMORY and quantity.nanos >= 0 and (limit is None or quantity.nanos <= limit.nanos):
            # Both may be overcommitted, and neither is a huge page: nothing of what follows is about them.
            continue
        errors += _resource(name, quantity, below, opts, name_fn, huge_pages=False)
        if limit is None:
            if not is_overcommit_allowed(name):
                here = Path(at.text, (*below.place, name))
                errors.append(field.required(here, "Limit must be set for non overcommitable resources"))
        elif quantity.nanos != limit.nanos and not is_overcommit_allowed(name):
            here = Path(below.text, (*below.place, name))
            errors.append(field.invalid(here, str(quantity), f"must be equal to {name} limit of {limit}"))
        elif quantity.nanos > limit.nanos:
            here = Path(below.text, (*below.place, name))
            errors.append(field.invalid(here, str(quantity), f"must be less than or equal to {name} limit of {limit}"))
        if name.startswith(HUGE_PAGES):
            errors += _huge_pages(name, quantity, below.key(name))
    given = (*limits, *requests)
    if CPU_OR_MEMORY.isdisjoint(given) and any(name.startswith(HUGE_PAGES) for name in given):
        errors.append(field.forbidden(path, "HugePages require cpu or memory"))
    if claims := requirements.get("claims"):
        errors += _claims(claims, claim_names, path["claims"])
    return errors


def validate_container_resources(requirements: Fields, claim_names: Set[str], path: Path, opts: Options) -> list[Error]:
    return validate_resource_requirements(requirements, claim_names, path, opts, validate_container_resource_name)


def _parsed(resources: Mapping[str, Any] | None) -> dict[str, Quantity]:
    if not resources:
        return {}
    return dict(zip(resources, map(_amount, resources.values()), strict=True))


@lru_cache(KEPT, typed=True)
def _amount(value: str | int | float) -> Quantity:
    return quantities.parse(value).rounded_to_milli()


def _resource(
    name: str, quantity: Quantity, path: Path, opts: Options, name_fn: NameValidator, huge_pages: bool = True
) -> list[Error]:
    """One entry of a resource list; of `CPU_OR_MEMORY` that is not negative there is nothing to say."""
    at = path.key(name)
    errors = name_fn(name, at, opts.context) + validate_resource_quantity_value(name, quantity, at)
    return errors + _huge_pages(name, quantity, at) if huge_pages and name.startswith(HUGE_PAGES) else errors


def validate_resource_quantity_value(name: str, quantity: Quantity, path: Path) -> list[Error]:
    errors = []
    if quantity.nanos < 0:
        errors.append(field.invalid(path, str(quantity), NEGATIVE))
    if quantity.milli % 1000 and (name in INTEGER_RESOURCES or is_extended(name)):
        errors.append(field.invalid(path, str(quantity), NOT_INTEGER))
    return errors


def _huge_pages(name: str, quantity: Quantity, path: Path) -> list[Error]:
    try:
        size = quantities.parse(name.removeprefix(HUGE_PAGES)).nanos
    except ValueError:
        size = 0
    if size > 0 and size % NANO == 0 and quantity.value * NANO % size == 0:
        return []
    return [field.invalid(path, str(quantity), f"{quantity} is not positive integer multiple of {name}")]


def _claims(claims: Sequence[Fields], pod_claims: Set[str], path: Path) -> list[Error]:
    errors = []
    taken: set[str] = set()
    for i, claim in enumerate(claims):
        name, request = claim.get("name", ""), claim.get("request", "")
        if not name:
            errors.append(field.required(path[i]))
            continue
        if name in taken:
            errors.append(field.duplicate(path[i], name))
        else:
            key = f"{name}/{request}" if request else name
            if request:
                errors += validate_dns1123_label(request, path[i], "request")
            if key in taken:
                errors.append(field.duplicate(path[i], key))
            elif not request:
                overlapping = sum(1 for other in taken if other.partition("/")[0] == name and "/" in other)
                errors += [field.duplicate(path[i], name)] * overlapping
            taken.add(key)
        if name not in pod_claims:
            known = ": " + ", ".join(sorted(pod_claims)) if pod_claims else " which is empty"
            detail = f"must be one of the names in pod.spec.resourceClaims{known}"
            errors.append(field.not_found(path[i], name, detail))
    return errors


def validate_overhead(overhead: Fields, path: Path, opts: Options) -> list[Error]:
    """The server treats them as limits, and says so in the path."""
    at = Path(path["limits"].text, path.place)
    errors = []
    for name, quantity in _parsed(overhead).items():
        errors += _resource(name, quantity, at, opts, validate_container_resource_name)
    if any(name.startswith(HUGE_PAGES) for name in overhead) and not overhead.keys() & CPU_OR_MEMORY:
        errors.append(field.forbidden(path, "HugePages require cpu or memory"))
    return errors


def validate_pod_resources(spec: Fields, claim_names: Set[str], path: Path, opts: Options) -> list[Error]:
    """`spec.resources`: what the whole pod may use."""
    resources = spec.get("resources")
    if resources is None:
        return []
    errors = []
    if "claims" in resources:
        errors.append(field.forbidden(path["claims"], "claims cannot be set for Resources at pod-level"))
    errors += validate_resource_requirements(resources, claim_names, path, opts, validate_pod_resource_name)
    requests = _parsed(resources.get("requests"))
    for name, needed in aggregate_requests(spec).items():
        own = requests.get(name, quantities.ZERO)
        if needed.nanos > own.nanos:
            detail = f"must be greater than or equal to aggregate container requests of {needed}"
            errors.append(field.invalid(path["requests"].key(name), str(own), detail))
    limits = _parsed(resources.get("limits"))
    for i, container in enumerate(spec.get("containers", ())):
        for name, limit in _parsed(container.get("resources", {}).get("limits")).items():
            if name in limits and limit.nanos > limits[name].nanos:
                at = Path(
                    path["containers"][i].key(name)["limits"].text,
                    (*path.place[:-1], "containers", i, "resources", "limits", name),
                )
                detail = f"must be less than or equal to pod limits of {limits[name]}"
                errors.append(field.invalid(at, str(limit), detail))
    return errors


def aggregate_requests(spec: Fields) -> dict[str, Quantity]:
    """What the containers request together: sidecars and containers are added up, init containers run one by one."""
    total: dict[str, Quantity] = {}
    for container in spec.get("containers", ()):
        _add(total, _requests(container))
    sidecars: dict[str, Quantity] = {}
    peak: dict[str, Quantity] = {}
    for container in spec.get("initContainers", ()):
        requests = _requests(container)
        if container.get("restartPolicy") == "Always":
            _add(total, requests)
            _add(sidecars, requests)
            requests = dict(sidecars)
        else:
            _add(requests, sidecars)
        for name, quantity in requests.items():
            if name not in peak or quantity.nanos > peak[name].nanos:
                peak[name] = quantity
    for name, quantity in peak.items():
        if name not in total or quantity.nanos > total[name].nanos:
            total[name] = quantity
    return total


def _requests(container: Fields) -> dict[str, Quantity]:
    return _parsed(container.get("resources", {}).get("requests"))


def _add(total: dict[str, Quantity], more: Mapping[str, Quantity]) -> None:
    for name, quantity in more.items():
        known = total.get(name)
        notation = known.notation if known and known.nanos else quantity.notation
        total[name] = Quantity(quantity.nanos + (known.nanos if known else 0), notation)
