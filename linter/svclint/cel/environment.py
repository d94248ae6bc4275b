"""Environments: which functions, macros, variables and types an expression may use, by the API server's version.

Upstream: apiserver pkg/cel/environment/base.go.
"""

from collections.abc import Mapping
from typing import NamedTuple

from svclint.cel.decls import Function, merge
from svclint.cel.library import (
    authz,
    lists,
    net,
    optional,
    quantity,
    regex,
    semver,
    sets,
    standard,
    strings,
    twovar,
    url,
)
from svclint.cel.library import format as format_library
from svclint.cel.macros import LISTS, OPTIONAL, STANDARD, TWO_VARIABLES, Macros
from svclint.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    LIST_A,
    MAP_AB,
    NULL,
    PARAM_A,
    STRING,
    TIMESTAMP,
    TYPE,
    UINT,
    Type,
    optional_of,
)

Version = tuple[int, int]
Fields = Mapping[str, Type]


class Environment(NamedTuple):
    """What an expression may use.

    `structs` are the fields of object types by name; `types` the names that stand for types.
    """

    version: Version
    functions: Mapping[str, Function]
    macros: Macros
    types: Mapping[str, Type]
    variables: Mapping[str, Type]
    structs: Mapping[str, Fields]
    optional_syntax: bool
    cross_numeric: bool
    literal_checks: bool

    def extend(self, variables: Mapping[str, Type], structs: Mapping[str, Fields] | None = None) -> "Environment":
        """The same with more variables and object types."""
        return self._replace(
            variables={**self.variables, **variables},
            structs={**self.structs, **(structs or {})},
        )


_TYPES = {t.name: t for t in (BOOL, BYTES, DOUBLE, DURATION, INT, LIST_A, MAP_AB, NULL, STRING, TIMESTAMP, TYPE, UINT)}


def base(version: Version, formats: Mapping[str, format_library.Format] | None = None) -> Environment:
    """The environment that all others extend, as of that version of the API server."""
    functions: dict[str, Function] = {}
    types = dict(_TYPES)
    merge(functions, standard.FUNCTIONS)
    merge(functions, url.FUNCTIONS)
    merge(functions, regex.FUNCTIONS)
    merge(functions, lists.KUBERNETES)
    macros = [STANDARD]
    if version >= (1, 27):
        merge(functions, authz.FUNCTIONS)
    if version >= (1, 28):
        merge(functions, optional.FUNCTIONS)
        merge(functions, quantity.FUNCTIONS)
        macros.append(OPTIONAL)
        types["optional_type"] = optional_of(PARAM_A)
    merge(functions, strings.V2 if version >= (1, 29) else strings.V0)
    if version >= (1, 29):
        merge(functions, sets.FUNCTIONS)
    if version >= (1, 30):
        merge(functions, net.IPS)
        merge(functions, net.CIDRS)
        types |= {net.IP_TYPE.name: net.IP_TYPE, net.CIDR_TYPE.name: net.CIDR_TYPE}
    if version >= (1, 31):
        merge(functions, format_library.functions(formats or {}))
        merge(functions, authz.SELECTORS)
    if version >= (1, 32):
        merge(functions, twovar.FUNCTIONS)
        macros.append(TWO_VARIABLES)
    if version >= (1, 33):
        merge(functions, semver.FUNCTIONS)
    if version >= (1, 34):
        merge(functions, lists.V3)
        macros.append(LISTS)
    if version >= (1, 37):
        merge(functions, lists.INCLUDES)
    return Environment(
        version,
        functions,
        Macros(*macros),
        types,
        {},
        {},
        optional_syntax=version >= (1, 28),
        cross_numeric=version >= (1, 28),
        literal_checks=version >= (1, 29),
    )
