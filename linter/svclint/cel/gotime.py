"""Times and durations as Go reads, prints and computes them, to the nanosecond. Upstream: Go package time."""

import datetime
import re
from functools import lru_cache

from svclint.cel.errors import EvalError
from svclint.cel.gotext import format_f

SECOND = 1_000_000_000
MIN_UNIX = -62135596800
MAX_UNIX = 253402300799
_UNITS = {"ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 10**6, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)(?![^0-9.])")
_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_EPOCH = datetime.date(1970, 1, 1).toordinal()


class Duration:
    """A span of time in nanoseconds."""

    __slots__ = ("ns",)

    def __init__(self, ns: int) -> None:
        self.ns = ns

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Duration) and self.ns == other.ns

    def __hash__(self) -> int:
        return hash(("duration", self.ns))

    def __str__(self) -> str:
        """As `string()` gives it: 5400s."""
        return format_f(self.seconds()) + "s"

    def seconds(self) -> float:
        """Seconds as a float, computed as Go does."""
        whole, rest = divmod(abs(self.ns), SECOND)
        value = float(whole) + rest / 1e9
        return -value if self.ns < 0 else value


class Timestamp:
    """An instant in nanoseconds since 1970 and the offset (seconds east of UTC) that it was written with."""

    __slots__ = ("ns", "offset")

    def __init__(self, ns: int, offset: int = 0) -> None:
        self.ns = ns
        self.offset = offset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and self.ns == other.ns

    def __hash__(self) -> int:
        return hash(("timestamp", self.ns))

    def __str__(self) -> str:
        """RFC 3339 with its own offset."""
        return self.at_offset(self.offset)

    def at_offset(self, offset: int) -> str:
        """RFC 3339 at this offset."""
        seconds, nanos = divmod(self.ns + offset * SECOND, SECOND)
        days, rest = divmod(seconds, 86400)
        try:
            day = datetime.date.fromordinal(days + _EPOCH)
            date = f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
        except (ValueError, OverflowError):
            date = "0000-12-31" if days < 0 else "10000-01-01"
        fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
        zone = "Z"
        if offset:
            minutes = abs(offset) // 60
            zone = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
        return f"{date}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}{fraction}{zone}"


def parse_duration(text: str) -> int | None:
    """time.ParseDuration in nanoseconds; None is an error."""
    rest = text
    negative = rest[:1] == "-"
    if rest[:1] in ("-", "+"):
        rest = rest[1:]
    if rest == "0":
        return 0
    if not rest:
        return None
    total, at = 0, 0
    while at < len(rest):
        match = _PART.match(rest, at)
        if match is None or not (match[1] or match[2]) or len(match[1]) > 20:
            return None
        unit = _UNITS[match[3]]
        total += int(match[1] or "0") * unit
        if match[2]:
            fraction = match[2][:18]
            total += int(fraction) * unit // 10 ** len(fraction)
        if total > 2**63:
            return None
        at = match.end()
    if negative:
        return -total
    return total if total < 2**63 else None


def parse_timestamp(text: str) -> Timestamp | None:
    """time.Parse(time.RFC3339, text); None is an error. The range of years is not checked."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[4]), int(match[5]), int(match[6])
    if hour > 23 or minute > 59 or second > 59:
        return None
    year = int(match[1])
    try:
        days = datetime.date(year or 4, int(match[2]), int(match[3])).toordinal() - _EPOCH
    except ValueError:
        return None
    if not year:
        days -= 366 + 365 * 3 + 1 - 1  # the year 0, which Python doesn't have, is a leap year as is 4
    offset = 0
    zone = match[8]
    if zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        if hours > 24 or minutes > 59:
            return None
        offset = (hours * 60 + minutes) * (-60 if zone[0] == "-" else 60)
    nanos = int((match[7] or "0")[:9].ljust(9, "0"))
    seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
    return Timestamp(seconds * SECOND + nanos, offset)


def in_range(ns: int) -> bool:
    """Whether the instant lies in the years that CEL knows (1 to 9999)."""
    return MIN_UNIX <= ns // SECOND <= MAX_UNIX


@lru_cache(maxsize=64)
def _zone(name: str) -> datetime.tzinfo | None:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


def _offset(ns: int, zone: str) -> int:
    """Seconds east of UTC at that instant. Raises EvalError for a zone that Go can't load."""
    if zone in ("", "UTC", "Local"):
        return 0
    if ":" in zone:
        return _fixed_offset(zone)
    if zone[0] in "/\\" or ".." in zone:
        raise EvalError("time: invalid location name")
    info = _zone(zone)
    if info is None:
        raise EvalError(f"unknown time zone {zone}")
    try:
        moment = datetime.datetime.fromtimestamp(ns // SECOND, tz=datetime.UTC).astimezone(info)
    except (ValueError, OverflowError, OSError):
        return 0
    delta = moment.utcoffset()
    return 0 if delta is None else int(delta.total_seconds())


def _fixed_offset(zone: str) -> int:
    hours, _, minutes = zone.partition(":")
    parts = []
    for part in (hours, minutes):
        if not re.fullmatch(r"[+-]?[0-9]+", part):
            from svclint.cel.gotext import quote

            raise EvalError(f"strconv.Atoi: parsing {quote(part)}: invalid syntax")
        parts.append(int(part[:19]))
    total = parts[0] * 60 - parts[1] if zone[0] == "-" else parts[0] * 60 + parts[1]
    return max(-(2**31), min(2**31, total * 60))


def field(timestamp: Timestamp, name: str, zone: str) -> int:
    """A part of the time (`getHours` …) in a zone. Raises EvalError."""
    if name == "getMilliseconds":
        return timestamp.ns % SECOND // 1_000_000
    seconds = timestamp.ns // SECOND + _offset(timestamp.ns, zone)
    days, rest = divmod(seconds, 86400)
    if name == "getHours":
        return rest // 3600
    if name == "getMinutes":
        return rest // 60 % 60
    if name == "getSeconds":
        return rest % 60
    if name == "getDayOfWeek":
        return (days + 4) % 7
    try:
        day = datetime.date.fromordinal(days + _EPOCH)
    except (ValueError, OverflowError):
        raise EvalError("timestamp overflow") from None
    if name == "getFullYear":
        return day.year
    if name == "getMonth":
        return day.month - 1
    if name == "getDate":
        return day.day
    if name == "getDayOfMonth":
        return day.day - 1
    return day.timetuple().tm_yday - 1
