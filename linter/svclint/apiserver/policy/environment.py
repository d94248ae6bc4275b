"""The variables that the API server gives to expressions: of an admission policy, and of a custom resource's rules.

Upstream: apiserver pkg/admission/plugin/cel/compile.go, composition.go;
apiextensions-apiserver pkg/apiserver/schema/cel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from svclint.apiserver import names
from svclint.cel.environment import Environment, Version, base
from svclint.cel.gotime import parse_timestamp
from svclint.cel.library import authz, gourl
from svclint.cel.library.format import Format, Validate
from svclint.cel.schema import Schema, declare
from svclint.cel.types import BOOL, DYN, INT, STRING, TIMESTAMP, Type, list_of, map_of, optional_of, struct

_UUID = re.compile(r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _uri(text: str) -> list[str]:
    try:
        gourl.parse_request_uri(text)
    except gourl.ParseError as wrong:
        return [str(wrong)]
    return []


def _matching(good: Validate, message: str) -> Validate:
    return lambda text: [] if good(text) else [message]


def _of_names(validate: names.NameValidator) -> Validate:
    return lambda text: list(validate(text))


def _date(text: str) -> list[str]:
    return [text] if _DATE.fullmatch(text) and parse_timestamp(f"{text}T00:00:00Z") is not None else []


def _datetime(text: str) -> list[str]:
    day, _, rest = text.lower().partition("t")
    time = _TIME.fullmatch(rest.partition("t")[0])
    good = time is not None and time[1] <= "23" and time[2] <= "59" and time[3] <= "59" and _date(day)
    return [text] if good else []


FORMATS: dict[str, Format] = {
    key: Format(name, validate)
    for key, name, validate in (
        ("dns1123Label", "DNS1123Label", _of_names(names.is_dns1123_label)),
        ("dns1123Subdomain", "DNS1123Subdomain", _of_names(names.is_dns1123_subdomain)),
        ("dns1035Label", "DNS1035Label", _of_names(names.is_dns1035_label)),
        ("qualifiedName", "QualifiedName", _of_names(names.is_qualified_name)),
        ("dns1123LabelPrefix", "DNS1123LabelPrefix", _of_names(names.prefix_of(names.is_dns1123_label))),
        ("dns1123SubdomainPrefix", "DNS1123SubdomainPrefix", _of_names(names.prefix_of(names.is_dns1123_subdomain))),
        ("dns1035LabelPrefix", "DNS1035LabelPrefix", _of_names(names.prefix_of(names.is_dns1035_label))),
        ("labelValue", "LabelValue", _of_names(names.is_valid_label_value)),
        ("uri", "URI", _uri),
        (
            "uuid",
            "uuid",
            _matching(lambda text: [text] if _UUID.fullmatch(text) else [], "does not match the UUID format"),
        ),
        ("byte", "byte", _matching(lambda text: [text] if _BASE64.fullmatch(text) else [], "invalid base64")),
        ("date", "date", _matching(_date, "invalid date")),
        ("datetime", "datetime", _matching(_datetime, "invalid datetime")),
    )
}

_STRINGS = list_of(STRING)
_GVK = {"group": STRING, "version": STRING, "kind": STRING}
_GVR = {"group": STRING, "version": STRING, "resource": STRING}
STRUCTS: dict[str, Mapping[str, Type]] = {
    "kubernetes.GroupVersionKind": _GVK,
    "kubernetes.GroupVersionResource": _GVR,
    "kubernetes.UserInfo": {
        "username": STRING,
        "uid": STRING,
        "groups": _STRINGS,
        "extra": map_of(STRING, _STRINGS),
    },
    "kubernetes.AdmissionRequest": {
        "kind": struct("kubernetes.GroupVersionKind"),
        "resource": struct("kubernetes.GroupVersionResource"),
        "subResource": STRING,
        "requestKind": struct("kubernetes.GroupVersionKind"),
        "requestResource": struct("kubernetes.GroupVersionResource"),
        "requestSubResource": STRING,
        "name": STRING,
        "namespace": STRING,
        "operation": STRING,
        "userInfo": struct("kubernetes.UserInfo"),
        "dryRun": BOOL,
        "options": DYN,
    },
    "kubernetes.NamespaceSpec": {"finalizers": _STRINGS},
    "kubernetes.NamespaceCondition": {
        "status": STRING,
        "type": STRING,
        "lastTransitionTime": TIMESTAMP,
        "message": STRING,
        "reason": STRING,
    },
    "kubernetes.NamespaceStatus": {"conditions": list_of(struct("kubernetes.NamespaceCondition")), "phase": STRING},
    "kubernetes.NamespaceMetadata": {
        "name": STRING,
        "generateName": STRING,
        "namespace": STRING,
        "labels": map_of(STRING, STRING),
        "annotations": map_of(STRING, STRING),
        "UID": STRING,
        "creationTimestamp": TIMESTAMP,
        "deletionGracePeriodSeconds": INT,
        "deletionTimestamp": TIMESTAMP,
        "generation": INT,
        "resourceVersion": STRING,
        "finalizers": _STRINGS,
    },
    "kubernetes.Namespace": {
        "metadata": struct("kubernetes.NamespaceMetadata"),
        "spec": struct("kubernetes.NamespaceSpec"),
        "status": struct("kubernetes.NamespaceStatus"),
    },
}
VARIABLES_TYPE = "kubernetes.variables"


def compatible(version: Version) -> Version:
    """The version whose libraries new expressions may use: a server of the version before must understand them."""
    return version[0], version[1] - 1


@lru_cache(maxsize=16)
def _base(version: Version) -> Environment:
    return base(version, FORMATS)


@lru_cache(maxsize=32)
def policy_environment(
    version: Version, params: bool = True, authorizer: bool = True, composed: bool = True
) -> Environment:
    """The environment of an admission policy's expressions; `composed`: with `variables`, which is still empty."""
    variables = {
        "object": DYN,
        "oldObject": DYN,
        "namespaceObject": struct("kubernetes.Namespace"),
        "request": struct("kubernetes.AdmissionRequest"),
    }
    if composed:
        variables["variables"] = struct(VARIABLES_TYPE)
    if params:
        variables["params"] = DYN
    if authorizer:
        variables["authorizer"] = authz.AUTHORIZER
        variables["authorizer.requestResource"] = authz.RESOURCE_CHECK
    return _base(version).extend(variables, {**STRUCTS, VARIABLES_TYPE: {}})


def with_variable(env: Environment, name: str, type_: Type | None) -> Environment:
    """The environment in which `variables` has one more field (of a type that an object's field may have)."""
    fields = dict(env.structs[VARIABLES_TYPE])
    fields[name] = _field_type(type_)
    return env.extend({}, {VARIABLES_TYPE: fields})


_SIMPLE = frozenset({"any", "bool", "bytes", "double", "duration", "int", "null", "string", "timestamp", "uint"})


def _field_type(t: Type | None) -> Type:
    if t is not None:
        if t.kind in _SIMPLE:
            return t
        if t.kind in ("list", "map"):
            return Type(t.kind, t.name, tuple(map(_field_type, t.params)))
    return DYN


def rule_environment(version: Version, schema: Schema, resource: bool, optional_old: bool) -> Environment:
    """The environment of a rule on a schema: `self` and `oldSelf`. A schema that can't be seen gives `self` as dyn."""
    structs: dict[str, Mapping[str, Type]] = {}
    own = declare(schema, "selfType1", structs, resource) or DYN
    return _base(version).extend({"self": own, "oldSelf": optional_of(own) if optional_old else own}, structs)
