"""Schedules and time zones of CronJobs, with the words of the parser that the API server uses.

Source: k8s.io/kubernetes pkg/apis/batch/validation/validation.go (validateScheduleFormat, validateTimeZone);
github.com/robfig/cron/v3 parser.go (ParseStandard); Go's time.ParseDuration and time.LoadLocation.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from svclint.apiserver import field
from svclint.apiserver.field import Error, Path, quote

_NO_TZ = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
INTEGER = r"[+-]?[0-9]+"
ZONE_PART = r"[A-Za-z.\-_0-9+]{1,14}"
NUMBER = r"[0-9]*(\.[0-9]*)?"
UNIT = r"[^.0-9]*"
_DESCRIPTORS = frozenset(("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"))
_EVERY = "@every "
_UNITS = frozenset(("ns", "us", "µs", "μs", "ms", "s", "m", "h"))


class Bounds(NamedTuple):
    low: int
    high: int
    names: tuple[str, ...] = ()


_MONTHS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (Bounds(0, 59), Bounds(0, 23), Bounds(1, 31), Bounds(1, 12, _MONTHS), Bounds(0, 6, _DAYS))


class _Bad(Exception):
    """What is wrong with a schedule."""


def validate_schedule(schedule: str, path: Path) -> list[Error]:
    """`schedule` is not empty."""
    errors = [field.invalid(path, schedule, wrong)] if (wrong := parse_schedule(schedule)) else []
    if "TZ" in schedule:
        errors.append(field.invalid(path, schedule, _NO_TZ))
    return errors


def parse_schedule(text: str) -> str:
    """What the standard parser says against a schedule; "" if nothing."""
    try:
        _parse(text)
    except _Bad as bad:
        return str(bad)
    return ""


def _parse(text: str) -> None:
    if text.startswith(("TZ=", "CRON_TZ=")):
        zone, _, rest = text.partition(" ")
        zone = zone.partition("=")[2]
        if wrong := _load_location(zone):
            raise _Bad(f"provided bad location {zone}: {wrong}")
        text = rest.strip()
    if text.startswith("@"):
        _descriptor(text)
        return
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise _Bad(f"expected exactly {len(_FIELDS)} fields, found {len(fields)}: [{' '.join(fields)}]")
    for part, bounds in zip(fields, _FIELDS, strict=True):
        for expression in part.split(","):
            if expression:
                _range(expression, bounds)


def _range(expression: str, bounds: Bounds) -> None:
    range_and_step = expression.split("/")
    low_and_high = range_and_step[0].split("-")
    single = len(low_and_high) == 1
    if low_and_high[0] in ("*", "?"):
        start, end = bounds.low, bounds.high
    else:
        start = end = _int_or_name(low_and_high[0], bounds)
        if len(low_and_high) == 2:
            end = _int_or_name(low_and_high[1], bounds)
        elif not single:
            raise _Bad(f"too many hyphens: {expression}")
    step = 1
    if len(range_and_step) == 2:
        step = _int(range_and_step[1])
        if single:
            end = bounds.high
    elif len(range_and_step) > 2:
        raise _Bad(f"too many slashes: {expression}")
    if start < bounds.low:
        raise _Bad(f"beginning of range ({start}) below minimum ({bounds.low}): {expression}")
    if end > bounds.high:
        raise _Bad(f"end of range ({end}) above maximum ({bounds.high}): {expression}")
    if start > end:
        raise _Bad(f"beginning of range ({start}) beyond end of range ({end}): {expression}")
    if step == 0:
        raise _Bad(f"step of range should be a positive number: {expression}")


def _int_or_name(text: str, bounds: Bounds) -> int:
    name = text.lower()
    return bounds.names.index(name) if name and name in bounds.names else _int(text)


def _int(text: str) -> int:
    if not re.fullmatch(INTEGER, text):
        raise _Bad(f"failed to parse int from {text}: strconv.Atoi: parsing {quote(text)}: invalid syntax")
    number = int(text) if len(text) < 40 else 1 << 64
    if not -(1 << 63) <= number < 1 << 63:
        raise _Bad(f"failed to parse int from {text}: strconv.Atoi: parsing {quote(text)}: value out of range")
    if number < 0:
        raise _Bad(f"negative number ({number}) not allowed: {text}")
    return number


def _descriptor(text: str) -> None:
    if text in _DESCRIPTORS:
        return
    if text.startswith(_EVERY):
        if wrong := wrong_duration(text.removeprefix(_EVERY)):
            raise _Bad(f"failed to parse duration {text}: {wrong}")
        return
    raise _Bad(f"unrecognized descriptor: {text}")


def wrong_duration(text: str) -> str:
    """What Go's time.ParseDuration says against a text; "" if nothing."""
    invalid = f"time: invalid duration {quote(text)}"
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return ""
    if not rest:
        return invalid
    while rest:
        number = re.match(NUMBER, rest)
        assert number is not None
        if not any(char.isdigit() for char in number[0]):
            return invalid
        rest = rest[number.end() :]
        unit = re.match(UNIT, rest)
        assert unit is not None
        if not unit[0]:
            return f"time: missing unit in duration {quote(text)}"
        if unit[0] not in _UNITS:
            return f"time: unknown unit {quote(unit[0])} in duration {quote(text)}"
        rest = rest[unit.end() :]
    return ""


def validate_time_zone(zone: str, path: Path) -> list[Error]:
    if not zone:
        return [field.invalid(path, zone, "timeZone must be nil or non-empty string")]
    if any(
        part in (".", "..") or part.startswith("-") or not re.fullmatch(ZONE_PART, part) for part in zone.split("/")
    ):
        return [field.invalid(path, zone, f"unknown time zone {zone}")]
    errors = []
    if zone.casefold() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        errors.append(field.invalid(path, zone, detail))
    if wrong := _load_location(zone):
        errors.append(field.invalid(path, zone, wrong))
    return errors


def _load_location(zone: str) -> str:
    """What Go's time.LoadLocation says. Where this machine has no time zones, every name is taken for known."""
    if zone in ("", "UTC", "Local"):
        return ""
    return "" if _is_known(zone) or not _is_known("Europe/London") else f"unknown time zone {zone}"


def _is_known(zone: str) -> bool:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
