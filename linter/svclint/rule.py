"""What a rule is made of. With `svclint.kube` and `svclint.cluster`, this is all that a rule pack needs.

A rule is a function in a file of the same name: it gets one typed view and the paper cluster and yields findings. It
is pure: no state, no input or output, no line numbers. The module's docstring is its page: what is wrong, why it fails
in the cluster, and examples that are run as tests (`svclint.testing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from svclint.kube.resource import Place
from svclint.kube.workload import Workload
from svclint.severity import SEVERITIES, Severity
from svclint.yaml.document import Document

if TYPE_CHECKING:
    from svclint.text import Span
    from svclint.yaml.changes import Change
    from svclint.yaml.document import Source
    from svclint.yaml.scalars import Json

API_VERSION = 1
"""Of the API for rule packs: what `svclint.rule`, `svclint.kube`, `svclint.cluster` and `svclint.testing` export. It
grows when something goes or changes its meaning, never when something comes. A pack may say `SVCLINT_API = 1`."""

MOST_CANDIDATES = 1000
Applicability = Literal["safe", "unsafe", "display"]
Confidence = Literal["certain", "likely"]


class Spot(NamedTuple):
    """A range of a file's text, where a finding is about text that is no value (a syntax error, a comment)."""

    source: Source
    span: Span


class Related(NamedTuple):
    """Another place that belongs to a finding, with what is to be seen there."""

    place: Place | Spot
    message: str


class Fix(NamedTuple):
    """Changes that repair what a finding speaks of.

    `safe`: the cluster's behaviour can only improve; `unsafe`: right if the finding reads the intention right;
    `display`: shown, never applied.
    """

    message: str
    changes: tuple[tuple[Document, Change], ...]
    applicability: Applicability = "unsafe"


class Finding(NamedTuple):
    """One fault: where, what, why and what to do.

    `severity` overrides the rule's own (lower where the evidence is weaker), `confidence` says on what it rests.
    """

    place: Place | Spot
    message: str
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None
    confidence: Confidence = "certain"


class Refusal(NamedTuple):
    """One thing for which the API server refuses an object.

    `kind` is `unknown-field`, `type` or `document` where the object can't be decoded, `warning` where it is taken with
    a warning, else the server's reason (`FieldValueInvalid` …).
    `field` is the path as the server prints it, `body` its words, `place` the keys that really
    lead there, `known` the fields that exist beside an unknown one.
    """

    kind: str
    field: str
    body: str
    place: tuple[str | int, ...]
    known: tuple[str, ...] = ()


class Option(NamedTuple):
    """A setting of a rule: its default (whose type is the option's type) and what it does."""

    default: bool | int | str | tuple[str, ...]
    help: str


Check = Callable[..., Iterable[Finding]]


class Rule:
    """A rule as it is registered.

    `on` is the class of view that the function gets (or `Cluster` for once a scope); `claims` is set for a refusal rule
    and lists the field patterns whose refusals it explains. `kinds` are the kinds (group, kind) that the rule is about:
    it is not asked of a scope that holds none of them; None for one that is asked of any.
    """

    __slots__ = (
        "check",
        "claims",
        "default",
        "doc",
        "kinds",
        "module",
        "name",
        "on",
        "options",
        "severity",
        "since",
    )

    def __init__(
        self,
        name: str,
        check: Check,
        on: type,
        severity: Severity,
        since: str,
        doc: str,
        module: str,
        options: Mapping[str, Option],
        claims: tuple[str, ...] = (),
        default: bool = True,
        kinds: tuple[tuple[str, str], ...] | None = None,
    ) -> None:
        self.name = name
        self.check = check
        self.on = on
        self.severity = severity
        self.since = since
        self.doc = doc
        self.module = module
        self.options = options
        self.claims = claims
        self.default = default
        self.kinds = kinds

    def __repr__(self) -> str:
        return f"<Rule {self.name}>"


_F = TypeVar("_F", bound=Callable[..., Any])


def rule(
    name: str,
    *,
    on: type,
    severity: Severity = "error",
    since: str = "0.1",
    options: Mapping[str, Option] | None = None,
    default: bool | None = None,
    kinds: tuple[tuple[str, str], ...] | None = None,
) -> Callable[[_F], _F]:
    """Makes `check(view, cluster)` a rule. A rule of severity info is off unless it is selected.

    `kinds` spares a rule on `Cluster` the scopes in which there is nothing of these kinds (group, kind). (A rule on
    workloads is asked of any scope: custom kinds make pods, too.)
    """

    def mark(check: _F) -> _F:
        check.rule = Rule(  # type: ignore[attr-defined]
            name,
            check,
            on,
            severity,
            since,
            check.__globals__.get("__doc__") or "",
            check.__module__,
            options or {},
            (),
            severity != "info" if default is None else default,
            kinds if kinds is not None or on is Workload else getattr(on, "GROUP_KINDS", None) or None,
        )
        return check

    return mark


def refusal(
    name: str, *, on: type, fields: Iterable[str], since: str = "0.1", severity: Severity = "error"
) -> Callable[[_F], _F]:
    """Makes `explain(view, refusal, cluster) -> Finding | None` the voice of refusals on these fields.

    `fields` are patterns of the field path as the server prints it, `*` for any index or key
    (`spec.ports[*].nodePort`), or `warning` alone for what the server takes with a warning,
    `policy` for what a ValidatingAdmissionPolicy says.
    The first rule that returns a finding speaks; else the general rule does.
    """

    def mark(explain: _F) -> _F:
        check_globals = explain.__globals__
        explain.rule = Rule(  # type: ignore[attr-defined]
            name,
            explain,
            on,
            severity,
            since,
            check_globals.get("__doc__") or "",
            explain.__module__,
            {},
            tuple(fields),
            kinds=getattr(on, "GROUP_KINDS", None) or None,
        )
        return explain

    return mark


def set_value(place: Place, value: Json) -> tuple[Document, Change]:
    """The change that writes `value` at a place."""
    from svclint.yaml.patch import Set

    return place.document, Set(place.path, value)


def insert(parent: Place, key: str | int, value: Json) -> tuple[Document, Change]:
    """The change that adds an entry to the map (or an item to the list) at `parent`."""
    from svclint.yaml.patch import Insert

    return parent.document, Insert(parent.path, key, value)


def remove(place: Place) -> tuple[Document, Change]:
    """The change that takes an entry or item away."""
    from svclint.yaml.patch import Remove

    return place.document, Remove(place.path)


def keep_last(place: Place) -> tuple[Document, Change]:
    """The change that takes away what stands under the same key before the one at a place, which counts."""
    from svclint.yaml.patch import KeepLast

    return place.document, KeepLast(place.path)


def rename_key(place: Place, key: str) -> tuple[Document, Change]:
    """The change that gives the entry at a place another key."""
    from svclint.yaml.patch import RenameKey

    return place.document, RenameKey(place.path, key)


def set_slice(place: Place, start: int, end: int, text: str) -> tuple[Document, Change]:
    """The change that replaces characters `start` to `end` of the string at a place."""
    from svclint.yaml.patch import SetSlice

    return place.document, SetSlice(place.path, start, end, text)


def written(place: Place) -> str:
    """The text of the value at a place, as the file has it."""
    span = place.document.span(place.path)
    return place.document.source.text[span.start : span.end]


def nearest(word: str, candidates: Iterable[str], limit: int = 2) -> str | None:
    """The candidate at the smallest edit distance, at most `limit`; None if none is near or two are equally so.

    Case does not count. A transposition counts one, as people make it. The limit shrinks with short words. Of very many
    candidates only the first are looked at, so that a thousand slips cost no more than a thousand times one.
    """
    allowed = min(limit, max(1, len(word) // 3))
    lower = word.lower()
    best: str | None = None
    least = allowed + 1
    tie = False
    for candidate in islice(candidates, MOST_CANDIDATES):
        other = candidate.lower()
        if candidate == word or not -least <= len(other) - len(lower) <= least:
            continue
        far = distance(lower, other, least)
        if far < least:
            best, least, tie = candidate, far, False
        elif far == least and far <= allowed and candidate != best:
            tie = True
    return None if tie else best


def distance(a: str, b: str, limit: int) -> int:
    """Damerau–Levenshtein distance (adjacent transpositions), or `limit + 1` when it is larger."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    start, end = 0, 0
    short = min(len(a), len(b))
    while start < short and a[start] == b[start]:
        start += 1
    while end < short - start and a[-1 - end] == b[-1 - end]:
        end += 1
    a, b = a[start : len(a) - end], b[start : len(b) - end]
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return min(previous[-1], limit + 1)


__all__ = [
    "API_VERSION",
    "SEVERITIES",
    "Applicability",
    "Confidence",
    "Document",
    "Finding",
    "Fix",
    "Option",
    "Place",
    "Refusal",
    "Related",
    "Rule",
    "Severity",
    "Spot",
    "distance",
    "insert",
    "keep_last",
    "nearest",
    "refusal",
    "remove",
    "rename_key",
    "rule",
    "set_slice",
    "set_value",
    "written",
]
