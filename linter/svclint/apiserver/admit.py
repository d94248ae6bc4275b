"""One cluster's API server: decode → default → allocate → validate → warn, in the server's order.

Source: k8s.io/apiserver pkg/endpoints/handlers/create.go, pkg/registry/generic/registry/store.go (create),
pkg/registry/rest/create.go (BeforeCreate).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Object, context_of
from svclint.apiserver.decode import Fault, Misfit, decoder
from svclint.apiserver.field import Path
from svclint.apiserver.kinds import name_validator, plural, strategy
from svclint.apiserver.objectmeta import validate_object_meta
from svclint.apiserver.recognize import Recognized, recognize
from svclint.apiserver.types import NEWEST, Kind
from svclint.apiserver.verdict import (
    UNKNOWN,
    Verdict,
    already_exists,
    bad_request,
    internal_error,
    invalid,
    undecodable,
)
from svclint.kube.facts import Facts

if TYPE_CHECKING:
    from svclint.apiserver.allocate import Allocation, Allocators
    from svclint.apiserver.custom import CustomKind
    from svclint.kube.resource import Resource

METADATA = Path()["metadata"]
NO_CUSTOM_KINDS: Mapping[tuple[str, str], CustomKind] = MappingProxyType({})


class ApiServer:
    """An empty cluster (but for `default/kubernetes`) that objects are created in, one after the other."""

    __slots__ = ("_allocators", "_custom", "_exists", "context")

    def __init__(self, facts: Facts, custom: Mapping[tuple[str, str], CustomKind] = NO_CUSTOM_KINDS) -> None:
        """`custom`: the kinds that CustomResourceDefinitions add (`custom.custom_kinds`)."""
        self.context = context_of(facts)
        self._custom = custom
        self._allocators: Allocators | None = None
        # "" is the namespace of cluster-scoped kinds.
        self._exists: set[tuple[str, str, str, str]] = {("", "Service", "default", "kubernetes")}

    def create(self, value: Any, strict_error: str | None = None, text: str = "") -> Verdict:
        """The answer to a creation.

        `value`: the object as plain JSON; `strict_error`: what a strict YAML decoder says of the text (duplicate keys);
        `text`: the body as sent, which one message quotes. Never raises, whatever the value.
        """
        recognized = recognize(value, self.context.version, text)
        if isinstance(recognized, Verdict):
            if recognized is not UNKNOWN:
                return recognized
            custom = self._custom.get((value["apiVersion"], value["kind"]))
            return UNKNOWN if custom is None else self._create_custom(value, custom, strict_error)
        obj = self._decode(value, recognized, strict_error)
        if isinstance(obj, Verdict):
            return obj
        if recognized.type.scope == "legacy":
            message = (
                f"the API version in the data ({recognized.api_version}) does not match the expected API version "
                f"({recognized.current})"
            )
            return bad_request(message, [Fault("document", message, ("apiVersion",))])
        verdict = self._create(obj, recognized.group, recognized.kind, recognized.type)
        if verdict.causes:
            from svclint.apiserver.origin import as_written

            return verdict._replace(causes=tuple(as_written(verdict.causes, value, recognized.kind)))
        return verdict

    def admit(self, resource: Resource) -> Verdict:
        """The answer to the creation of a resource.

        What YAML's strict decoder says is about a whole document; kubectl sends the items of a list as JSON.
        """
        document = resource.document
        return self.create(resource.value, None if resource.path else document.strict_error)

    def _decode(self, value: dict[str, Any], known: Recognized, strict_error: str | None) -> Object | Verdict:
        reader = decoder(self.context.version)
        try:
            obj: Object = reader.convert(value, "@" + known.type.definition)
        except Misfit:
            faults = reader.faults(value, known.type.definition)
        else:
            if not strict_error:
                return obj
            faults = []
        return _undecodable(known.kind, known.api_version, faults, strict_error)

    def _create(self, obj: Object, group: str, kind: str, known: Kind) -> Verdict:
        context = self.context
        metadata = obj.setdefault("metadata", {})
        self._set_namespace(metadata, known.scope == "namespaced")
        functions = strategy(group, kind)
        if functions.default:
            functions.default(obj, context.version)
        _generate_name(metadata)
        allocation: Allocation | None = None
        if kind == "Service" and not group:
            taken = self._allocate(obj)
            if isinstance(taken, Verdict):
                return taken
            allocation = taken
        if functions.validate:
            errors = functions.validate(obj, context)
        else:
            name_fn = name_validator(group, kind)
            errors = validate_object_meta(metadata, METADATA, name_fn, known.scope == "namespaced", context)
        refusal = self._store(metadata, group, kind, errors)
        if refusal is not None:
            return refusal
        if allocation is not None:
            assert self._allocators is not None
            self._allocators.commit(allocation)
            if obj["spec"]["type"] == "ExternalName":
                # Valid or not, the server drops it when the object is read.
                obj["spec"].pop("internalTrafficPolicy", None)
        warnings = tuple(functions.warn(obj, context)) if functions.warn else ()
        return Verdict(True, warnings=warnings, stored=obj)

    def _set_namespace(self, metadata: Object, namespaced: bool) -> None:
        """rest.EnsureObjectNamespaceMatchesRequestNamespace."""
        if namespaced:
            metadata["namespace"] = metadata.get("namespace") or self.context.facts.namespace
        else:
            metadata.pop("namespace", None)

    def _store(self, metadata: Object, group: str, kind: str, errors: list[field.Error]) -> Verdict | None:
        """What is the same for every kind once its own rules have been asked: the refusal, or None for an object that
        is now in the cluster."""
        name = metadata.get("name", "")
        errors = errors or _path_segment(name)
        if errors:
            return invalid(group, kind, name, errors)
        if "resourceVersion" in metadata and metadata["resourceVersion"].strip("0").isdecimal():
            return internal_error(
                "resourceVersion should not be set on objects to be created", ("metadata", "resourceVersion"), False
            )
        key = (group, kind, metadata.get("namespace", ""), name)
        if key in self._exists:
            return already_exists(_resource(group, kind), name)
        if not metadata.get("generateName"):
            self._exists.add(key)
        return None

    def _create_custom(self, value: dict[str, Any], custom: CustomKind, strict_error: str | None) -> Verdict:
        from svclint.apiserver.custom import judge, unknown_fields, with_defaults

        api_version, kind = value["apiVersion"], value["kind"]
        reader = decoder(self.context.version)
        faults = reader.faults({"metadata": value.get("metadata")}, "meta.v1.PartialObjectMetadata")
        if custom.schema is not None:
            faults += unknown_fields(value, custom.schema)
        if faults or strict_error:
            return _undecodable(kind, api_version, faults, strict_error)
        obj: Object = dict(value) if custom.schema is None else with_defaults(value, custom.schema)
        metadata = obj["metadata"] = reader.convert(value.get("metadata") or {}, "@meta.v1.ObjectMeta")
        self._set_namespace(metadata, custom.namespaced)
        _generate_name(metadata)
        errors = validate_object_meta(
            metadata, METADATA, names.is_dns1123_subdomain, custom.namespaced, self.context, built_in=False
        )
        if custom.schema is not None:
            errors += judge(obj, custom, self.context.version)
        refusal = self._store(metadata, api_version.rpartition("/")[0], kind, errors)
        return Verdict(True, stored=obj) if refusal is None else refusal

    def _allocate(self, obj: Object) -> Allocation | Verdict:
        if self._allocators is None:
            from svclint.apiserver.allocate import Allocators

            self._allocators = Allocators(self.context)
        return self._allocators.allocate(obj, self.context)


def _undecodable(kind: str, api_version: str, faults: list[Fault], strict_error: str | None) -> Verdict:
    """A type error hides everything else; what the strict decoders of YAML and of JSON say is told together."""
    for fault in faults:
        if fault.kind == "type":
            return undecodable(kind, api_version, kind, fault.message, faults)
    said = ([strict_error] if strict_error else []) + [fault.message for fault in faults]
    return undecodable(kind, api_version, kind, "strict decoding error: " + ", ".join(said), faults)


def _generate_name(metadata: Object) -> None:
    if metadata.get("generateName") and not metadata.get("name"):
        # The server appends five random characters to what fits.
        metadata["name"] = metadata["generateName"][:58] + "xxxxx"


def _path_segment(name: str) -> list[field.Error]:
    """Any name must do as a part of a URL."""
    wrong = names.is_valid_path_segment_name(name)
    return [field.invalid(METADATA["name"], name, m) for m in wrong] if wrong else []


def _resource(group: str, kind: str) -> str:
    """`deployments.apps`."""
    return f"{plural(kind)}.{group}" if group else plural(kind)


def admit(
    objects: Iterable[Resource], facts: Facts, custom: Mapping[tuple[str, str], CustomKind] = NO_CUSTOM_KINDS
) -> list[Verdict]:
    """The verdicts on objects that are created one after the other in one empty cluster."""
    server = ApiServer(facts, custom)
    return [server.admit(resource) for resource in objects]


def admit_one(
    value: Any,
    facts: Facts,
    strict_error: str | None = None,
    custom: Mapping[tuple[str, str], CustomKind] = NO_CUSTOM_KINDS,
) -> Verdict:
    """The verdict on one object alone, in an empty cluster of its own."""
    return ApiServer(facts, custom).create(value, strict_error)


def accepted_since(value: Any, facts: Facts, strict_error: str | None = None) -> tuple[int, int] | None:
    """The first later version that accepts an object which the given one refuses, None if svclint knows of none."""
    major, minor = facts.kubernetes_version
    for later in range(minor + 1, NEWEST[1] + 1):
        version = (major, later)
        if admit_one(value, facts._replace(kubernetes_version=version), strict_error).accepted:
            return version
    return None


__all__ = ["UNKNOWN", "ApiServer", "Verdict", "accepted_since", "admit", "admit_one"]
