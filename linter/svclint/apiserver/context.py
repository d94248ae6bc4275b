"""What defaulting, validation and warnings are given beside the object, and what they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from svclint.apiserver import field, versions
from svclint.kube.facts import Facts

Version = tuple[int, int]


class Context:
    """The cluster's facts and the version whose rules apply.

    `gates`: whether this version has a feature gate or rule on by default (see `versions`). A name that is not in the
    table is a programming error: KeyError.
    """

    __slots__ = ("facts", "gates", "version")

    def __init__(self, facts: Facts, version: Version) -> None:
        self.facts = facts
        self.version = version
        self.gates = versions.gates(version)

    def enabled(self, gate: str) -> bool:
        """Whether this version has the gate or rule."""
        return self.gates[gate]

    def shown(self, value: Any, go_type: str) -> Any:
        """What to hand to `field.invalid` and the like for a bad value that is no string or number (see `gosyntax`)."""
        from svclint.apiserver.gosyntax import shown

        return shown(value, go_type, self.gates["values-as-json"])


@lru_cache(maxsize=8)
def context_of(facts: Facts) -> Context:
    """The one Context of these facts: what is worked out for it is worked out once for all objects."""
    return Context(facts, facts.kubernetes_version)


class Warning(NamedTuple):
    """A warning of the server, as it prints it, and the keys that it speaks of."""

    message: str
    place: tuple[field.Step, ...] = ()


# The object given to all three is the decoder's private copy. Decoding has done its part: every field has the type of
# the schema, unknown fields have been refused, null fields are absent, null items are the zero value of their type.
# What is left to the functions is Go's "omitempty": an empty string or 0 in a field means the same as its absence
# wherever the Go type is no pointer.
Object = dict[str, Any]
Defaulter = Callable[[Object, Version], None]
Validator = Callable[[Mapping[str, Any], Context], list[field.Error]]
Warner = Callable[[Mapping[str, Any], Context], list[Warning]]
