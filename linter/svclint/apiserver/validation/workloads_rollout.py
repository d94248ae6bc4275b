"""Validation of how workloads replace their pods.

Source: k8s.io/kubernetes pkg/apis/apps/validation/validation.go (ValidateDeploymentStrategy,
ValidateRollingUpdateDaemonSet, validateRollingUpdateStatefulSet).
"""

from __future__ import annotations

from functools import lru_cache

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import NEGATIVE, Fields, validate_nonnegative

IntOrPercent = int | str
INT_OR_STRING = "intstr.IntOrString"
# More than any number that means something.
MAX_DIGITS = 1000


def validate_positive_int_or_percent(value: IntOrPercent, path: Path, context: Context) -> list[Error]:
    if isinstance(value, str):
        if not (wrong := names.is_valid_percent(value)):
            return []
        shown = context.shown(value, INT_OR_STRING)
        return [field.invalid(path, shown, message) for message in wrong]
    return [field.invalid(path, value, NEGATIVE)] if value < 0 else []


@lru_cache(maxsize=64)
def _percent(value: IntOrPercent) -> int | None:
    if not isinstance(value, str) or names.is_valid_percent(value):
        return None
    return int(value[:-1][:MAX_DIGITS])


@lru_cache(maxsize=64)
def _amount(value: IntOrPercent) -> int:
    """The number, or that of the percentage; what is neither counts as 0, or as the number that it spells."""
    percent = _percent(value)
    if percent is not None:
        return percent
    if isinstance(value, str):
        bare = value.removeprefix("-").removeprefix("+")
        return int(value[:MAX_DIGITS]) if bare.isascii() and bare.isdigit() and len(value) - len(bare) <= 1 else 0
    return value


def _not_more_than_100_percent(value: IntOrPercent, path: Path, context: Context) -> list[Error]:
    percent = _percent(value)
    if percent is None or percent <= 100:
        return []
    shown = context.shown(value, INT_OR_STRING)
    return [field.invalid(path, shown, "must not be greater than 100%")]


def validate_deployment_strategy(strategy: Fields, path: Path, context: Context) -> list[Error]:
    if strategy["type"] == "Recreate":
        if "rollingUpdate" not in strategy:
            return []
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [field.forbidden(path["rollingUpdate"], detail)]
    if strategy["type"] != "RollingUpdate":
        shown = context.shown(strategy, "apps.DeploymentStrategy")
        return [field.not_supported(path, shown, ("Recreate", "RollingUpdate"))]
    rolling = strategy["rollingUpdate"]
    unavailable, surge = rolling["maxUnavailable"], rolling["maxSurge"]
    at = path["rollingUpdate"]
    errors = validate_positive_int_or_percent(unavailable, at["maxUnavailable"], context)
    errors += validate_positive_int_or_percent(surge, at["maxSurge"], context)
    if not _amount(unavailable) and not _amount(surge):
        shown = context.shown(unavailable, INT_OR_STRING)
        errors.append(field.invalid(at["maxUnavailable"], shown, "may not be 0 when `maxSurge` is 0"))
    return errors + _not_more_than_100_percent(unavailable, at["maxUnavailable"], context)


def validate_daemon_set_update_strategy(strategy: Fields, path: Path, context: Context) -> list[Error]:
    if strategy["type"] == "OnDelete":
        return []
    if strategy["type"] != "RollingUpdate":
        shown = context.shown(strategy, "apps.DaemonSetUpdateStrategy")
        return [field.not_supported(path, shown, ("RollingUpdate", "OnDelete"))]
    rolling = strategy["rollingUpdate"]
    unavailable, surge = rolling["maxUnavailable"], rolling["maxSurge"]
    at = path["rollingUpdate"]
    errors = []
    for check in (validate_positive_int_or_percent, _not_more_than_100_percent):
        errors += check(unavailable, at["maxUnavailable"], context)
        errors += check(surge, at["maxSurge"], context)
    if _amount(unavailable) and _amount(surge):
        shown = context.shown(surge, INT_OR_STRING)
        errors.append(field.invalid(at["maxSurge"], shown, "may not be set when maxUnavailable is non-zero"))
    elif not _amount(unavailable) and not _amount(surge):
        errors.append(field.required(at["maxUnavailable"], "cannot be 0 when maxSurge is 0"))
    return errors


def validate_stateful_set_update_strategy(strategy: Fields, path: Path, context: Context) -> list[Error]:
    rolling = strategy.get("rollingUpdate")
    at = path["rollingUpdate"]
    if strategy["type"] == "OnDelete":
        if rolling is None:
            return []
        shown = context.shown(rolling, "apps.RollingUpdateStatefulSetStrategy")
        return [field.invalid(at, shown, "only allowed for updateStrategy 'RollingUpdate'")]
    if strategy["type"] != "RollingUpdate":
        shown = context.shown(strategy, "apps.StatefulSetUpdateStrategy")
        return [field.invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'")]
    if rolling is None:
        return []
    errors = validate_nonnegative(rolling, at, "partition")
    unavailable = rolling.get("maxUnavailable")
    if unavailable is None:
        return errors
    here = at["maxUnavailable"]
    errors += validate_positive_int_or_percent(unavailable, here, context)
    if not _amount(unavailable):
        errors.append(field.invalid(here, context.shown(unavailable, INT_OR_STRING), "cannot be 0"))
    return errors + _not_more_than_100_percent(unavailable, here, context)
