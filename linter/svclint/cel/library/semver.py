"""Semantic versions. Upstream: apiserver pkg/cel/library/semverlib.go; github.com/blang/semver/v4."""

from typing import ClassVar

from svclint.cel.decls import Function, function, member, plain
from svclint.cel.errors import EvalError
from svclint.cel.gotext import quote
from svclint.cel.types import BOOL, INT, STRING, struct
from svclint.cel.values import Opaque, no_overload

_NUMBERS = frozenset("0123456789")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789")


class Semver(Opaque):
    """A version."""

    __slots__ = ("build", "numbers", "pre")
    type_name: ClassVar[str] = "kubernetes.Semver"

    def __init__(self, numbers: tuple[int, int, int], pre: tuple[str, ...], build: tuple[str, ...]) -> None:
        self.numbers = numbers
        self.pre = pre
        self.build = build

    def equal(self, other: object) -> bool:
        if not isinstance(other, Semver):
            raise no_overload()
        return compare_versions(self, other) == 0

    def __str__(self) -> str:
        text = ".".join(map(str, self.numbers))
        text += f"-{'.'.join(self.pre)}" if self.pre else ""
        return text + (f"+{'.'.join(self.build)}" if self.build else "")


def _number(part: str, name: str) -> int:
    if not _NUMBERS.issuperset(part):
        raise EvalError(f"Invalid character(s) found in {name} number {quote(part)}")
    if len(part) > 1 and part[0] == "0":
        raise EvalError(f"{name.capitalize()} number must not contain leading zeroes {quote(part)}")
    if not part:
        raise EvalError('strconv.ParseUint: parsing "": invalid syntax')
    if len(part) > 20 or int(part) >= 2**64:
        raise EvalError(f"strconv.ParseUint: parsing {quote(part)}: value out of range")
    return int(part)


def parse_version(text: str) -> Semver:
    """semver.Parse. Raises EvalError with its message."""
    if not text:
        raise EvalError("Version string empty")
    parts = text.split(".", 2)
    if len(parts) != 3:
        raise EvalError("No Major.Minor.Patch elements found")
    major, minor = _number(parts[0], "major"), _number(parts[1], "minor")
    rest, plus, build_text = parts[2].partition("+")
    patch_text, dash, pre_text = rest.partition("-")
    patch = _number(patch_text, "patch")
    pre = tuple(pre_text.split(".")) if dash else ()
    build = tuple(build_text.split(".")) if plus else ()
    for part in pre:
        if not part:
            raise EvalError("Prerelease is empty")
        if _NUMBERS.issuperset(part):
            if len(part) > 1 and part[0] == "0":
                raise EvalError(f"Numeric PreRelease version must not contain leading zeroes {quote(part)}")
        elif not _WORD.issuperset(part):
            raise EvalError(f"Invalid character(s) found in prerelease {quote(part)}")
    for part in build:
        if not part:
            raise EvalError("Build meta data is empty")
        if not _WORD.issuperset(part):
            raise EvalError(f"Invalid character(s) found in build meta data {quote(part)}")
    return Semver((major, minor, patch), pre, build)


def _normalized(text: str) -> Semver:
    parts = text.removeprefix("v").split(".", 2)
    for i, part in enumerate(parts):
        if len(part) > 1:
            stripped = part.lstrip("0")
            parts[i] = stripped if stripped[:1] in _NUMBERS and stripped else "0" + stripped
    if len(parts) < 3:
        if "+" in parts[-1] or "-" in parts[-1]:
            raise EvalError("short version cannot contain PreRelease/Build meta data")
        parts += ["0"] * (3 - len(parts))
    return parse_version(".".join(parts))


def _semver(text: str, normalize: bool = False) -> Semver:
    return _normalized(text) if normalize else parse_version(text)


def _is_semver(text: str, normalize: bool = False) -> bool:
    try:
        _semver(text, normalize)
    except EvalError:
        return False
    return True


def compare_versions(a: Semver, b: Semver) -> int:
    """-1, 0 or 1; build metadata doesn't count."""
    if a.numbers != b.numbers:
        return 1 if a.numbers > b.numbers else -1
    if not a.pre or not b.pre:
        return bool(b.pre) - bool(a.pre)
    for x, y in zip(a.pre, b.pre, strict=False):
        if x == y:
            continue
        numeric = (_NUMBERS.issuperset(x), _NUMBERS.issuperset(y))
        if numeric == (True, True):
            return 1 if int(x[:30]) > int(y[:30]) else -1
        if numeric[0] != numeric[1]:
            return -1 if numeric[0] else 1
        return 1 if x > y else -1
    return (len(a.pre) > len(b.pre)) - (len(a.pre) < len(b.pre))


def _part(index: int) -> "object":
    def get(version: Semver) -> int:
        value = version.numbers[index]
        return value if value < 2**63 else value - 2**64

    return get


TYPE = struct(Semver.type_name)
_V = (TYPE, TYPE)
FUNCTIONS: tuple[Function, ...] = (
    function(
        "semver",
        plain("string_to_semver", (STRING,), TYPE, _semver),
        plain("string_bool_to_semver", (STRING, BOOL), TYPE, _semver),
    ),
    function(
        "isSemver",
        plain("is_semver_string", (STRING,), BOOL, _is_semver),
        plain("is_semver_string_bool", (STRING, BOOL), BOOL, _is_semver),
    ),
    function("isGreaterThan", member("semver_is_greater_than", _V, BOOL, lambda a, b: compare_versions(a, b) == 1)),
    function("isLessThan", member("semver_is_less_than", _V, BOOL, lambda a, b: compare_versions(a, b) == -1)),
    function("compareTo", member("semver_compare_to", _V, INT, compare_versions)),
    *(
        function(name, member(f"semver_{name}", (TYPE,), INT, _part(i)))  # type: ignore[arg-type]
        for i, name in enumerate(("major", "minor", "patch"))
    ),
)
