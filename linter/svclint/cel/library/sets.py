"""The sets library. Upstream: cel-go ext/sets.go."""

from svclint.cel.decls import Function, function, plain
from svclint.cel.library.standard import contains
from svclint.cel.types import BOOL, list_of, param
from svclint.cel.values import adapt, as_list


def _contains(items: object, part: object) -> bool:
    return all(contains(items, adapt(item)) for item in as_list(part) or [])


def _intersects(a: object, b: object) -> bool:
    return any(contains(b, adapt(item)) for item in as_list(a) or [])


_T = list_of(param("T"))
FUNCTIONS: tuple[Function, ...] = (
    function("sets.contains", plain("list_sets_contains_list", (_T, _T), BOOL, _contains)),
    function(
        "sets.equivalent",
        plain("list_sets_equivalent_list", (_T, _T), BOOL, lambda a, b: _contains(a, b) and _contains(b, a)),
    ),
    function("sets.intersects", plain("list_sets_intersects_list", (_T, _T), BOOL, _intersects)),
)
