"""What the API server would answer to the creation of one object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from svclint.apiserver.context import Warning
from svclint.apiserver.decode import Fault
from svclint.apiserver.field import Error, Step

SCHEME = "pkg/runtime/scheme.go:111"


class Verdict(NamedTuple):
    """Accepted (with warnings and the object as it would be stored), or refused (with the server's answer)."""

    accepted: bool
    code: int | None = None
    reason: str | None = None
    message: str | None = None
    causes: tuple[Error, ...] = ()
    """What validation found, each with the keys that lead to it."""
    faults: tuple[Fault, ...] = ()
    """What decoding stumbled over, each with its keys."""
    warnings: tuple[Warning, ...] = ()
    stored: dict[str, Any] | None = None
    known: bool = True
    """Whether the kind has a schema here; of an unknown kind nothing is said."""


UNKNOWN = Verdict(True, known=False)


def bad_request(message: str, faults: Iterable[Fault] = ()) -> Verdict:
    return Verdict(False, 400, "BadRequest", message, faults=tuple(faults))


def undecodable(kind: str, api_version: str, expected: str, why: str, faults: Iterable[Fault] = ()) -> Verdict:
    version = api_version.rpartition("/")[2]
    return bad_request(f'{kind} in version "{version}" cannot be handled as a {expected}: {why}', faults)


def invalid(group: str, kind: str, name: str, errors: Sequence[Error]) -> Verdict:
    """errors.NewInvalid: identical texts are said once, `details.causes` holds them all."""
    texts = list(dict.fromkeys(f"{error.field}: {error.body}" for error in errors))
    said = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    qualified = f"{kind}.{group}" if group else kind
    message = f'{qualified} "{name}" is invalid: {said}'
    return Verdict(False, 422, "Invalid", message, tuple(errors))


def internal_error(message: str, place: tuple[Step, ...], wrapped: bool = True) -> Verdict:
    """`wrapped`: errors.NewInternalError; else the storage's own error, which has no reason."""
    faults = (Fault("document", message, place),)
    if not wrapped:
        return Verdict(False, 500, None, message, faults=faults)
    return Verdict(False, 500, "InternalError", f"Internal error occurred: {message}", faults=faults)


def already_exists(resource: str, name: str) -> Verdict:
    message = f'{resource} "{name}" already exists'
    return Verdict(False, 409, "AlreadyExists", message, faults=(Fault("document", message, ("metadata", "name")),))


class Verdicts:
    """The verdicts on objects, by the identity of their values. One that outlives a run (a language server's) spares
    the next run what it knows, and forgets what a whole run didn't ask for."""

    __slots__ = ("_before", "_now", "_terms")

    def __init__(self) -> None:
        self._before: dict[int, tuple[Any, Verdict]] = {}
        self._now: dict[int, tuple[Any, Verdict]] = {}
        self._terms: tuple[Any, ...] = ()

    def begin(self, *terms: Any) -> None:
        """A new run, on these terms (facts, definitions of custom kinds): on others nothing that is known holds."""
        self._before = self._now if terms == self._terms else {}
        self._now = {}
        self._terms = terms

    def of(self, value: Any, ask: Callable[[], Verdict]) -> Verdict:
        """What is known of a value, else what is said when it is asked about."""
        # The value is kept beside its verdict: as long as it lives, nothing else has its identity.
        key = id(value)
        found = self._now.get(key) or self._before.get(key) or (value, ask())
        self._now[key] = found
        return found[1]
