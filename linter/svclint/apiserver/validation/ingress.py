"""Validation of an Ingress and an IngressClass.

Source: k8s.io/kubernetes pkg/apis/networking/validation/validation.go (ValidateIngressCreate, ValidateIngressClass).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.addresses import parse_ip
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_object_meta

METADATA = Path()["metadata"]
SPEC = Path()["spec"]
PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
CONTROLLER_MAX = 250
SCOPES = ("Cluster", "Namespace")
INVALID_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
INVALID_SUFFIXES = ("/..", "/.")


def validate_ingress(obj: Mapping[str, Any], context: Context) -> list[Error]:
    metadata = obj.get("metadata", {})
    spec = obj.get("spec", {})
    rules = spec.get("rules")
    errors = validate_object_meta(metadata, METADATA, names.is_dns1123_subdomain, True, context)
    if not rules and "defaultBackend" not in spec:
        shown = context.shown(rules, "[]networking.IngressRule")
        errors.append(field.invalid(SPEC, shown, "either `defaultBackend` or `rules` must be specified"))
    if "defaultBackend" in spec:
        errors += _backend(spec["defaultBackend"], SPEC["defaultBackend"], context)
    for i, rule in enumerate(rules or ()):
        errors += _rule(rule, SPEC["rules"][i], context)
    errors += _tls(spec.get("tls", ()), SPEC["tls"])
    ingress_class = spec.get("ingressClassName")
    if ingress_class is not None:
        at = SPEC["ingressClassName"]
        errors += [field.invalid(at, ingress_class, m) for m in names.is_dns1123_subdomain(ingress_class)]
        annotation = metadata.get("annotations", {}).get(CLASS_ANNOTATION)
        if annotation is not None and annotation != ingress_class:
            # Upstream leaves out `metadata`.
            at = Path("annotations." + CLASS_ANNOTATION, ("metadata", "annotations", CLASS_ANNOTATION))
            errors.append(field.invalid(at, annotation, "must match `ingressClassName` when both are specified"))
    return errors


def _host(host: str, path: Path) -> list[Error]:
    wrong = names.is_wildcard_dns1123_subdomain(host) if "*" in host else names.is_dns1123_subdomain(host)
    return [field.invalid(path, host, message) for message in wrong]


def _tls(tls: Sequence[Mapping[str, Any]], path: Path) -> list[Error]:
    errors = []
    for i, entry in enumerate(tls):
        for j, host in enumerate(entry.get("hosts", ())):
            errors += _host(host, path[i]["hosts"][j])
        if secret := entry.get("secretName"):
            at = path[i]["secretName"]
            errors += [field.invalid(at, secret, message) for message in names.is_dns1123_subdomain(secret)]
    return errors


def _rule(rule: Mapping[str, Any], path: Path, context: Context) -> list[Error]:
    errors = []
    if host := rule.get("host"):
        at = path["host"]
        if parse_ip(host) is not None:
            errors.append(field.invalid(at, host, "must be a DNS name, not an IP address"))
        errors += _host(host, at)
    http = rule.get("http")
    if http is not None:
        at = path.child("http", "paths")
        paths = http.get("paths", ())
        if not paths:
            errors.append(field.required(at))
        for i, entry in enumerate(paths):
            errors += _path(entry, at[i], context)
    return errors


def _path(entry: Mapping[str, Any], path: Path, context: Context) -> list[Error]:
    kind = entry.get("pathType")
    if kind is None:
        return [field.required(path["pathType"], "pathType must be specified")]
    errors = []
    text = entry.get("path", "")
    at = path["path"]
    if kind not in PATH_TYPES:
        errors.append(field.not_supported(path["pathType"], kind, PATH_TYPES))
    elif not text.startswith("/") and (text or kind != "ImplementationSpecific"):
        errors.append(field.invalid(at, text, "must be an absolute path"))
    if kind in ("Exact", "Prefix"):
        errors += [field.invalid(at, text, f"must not contain '{part}'") for part in INVALID_SEQUENCES if part in text]
        errors += [
            field.invalid(at, text, f"cannot end with '{end}'") for end in INVALID_SUFFIXES if text.endswith(end)
        ]
    return errors + _backend(entry.get("backend", {}), path["backend"], context)


def _backend(backend: Mapping[str, Any], path: Path, context: Context) -> list[Error]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        return [field.invalid(path, "", "cannot set both resource and service backends")]
    if resource is not None:
        return _reference(resource, path["resource"])
    if service is None:
        return [field.invalid(path, "", "resource or service backend is required")]
    errors = []
    name = service.get("name", "")
    at = path.child("service", "name")
    if not name:
        errors.append(field.required(at))
    else:
        relaxed = context.enabled("RelaxedServiceNameValidation")
        wrong = names.is_dns1123_label(name) if relaxed else names.is_dns1035_label(name)
        errors += [field.invalid(at, name, message) for message in wrong]
    return errors + _port(service.get("port", {}), path)


def _port(port: Mapping[str, Any], path: Path) -> list[Error]:
    name, number = port.get("name"), port.get("number")
    at = path.child("service", "port")
    if name and number:
        return [field.invalid(path, "", "cannot set both port name & port number")]
    if name:
        return [field.invalid(at["name"], name, message) for message in names.is_valid_port_name(name)]
    if number:
        return [field.invalid(at["number"], number, message) for message in names.is_valid_port_num(number)]
    return [field.required(path, "port name or number is required")]


def _reference(reference: Mapping[str, Any], path: Path) -> list[Error]:
    """An object that is named by group, kind and name."""
    errors = []
    if "apiGroup" in reference:
        group = reference["apiGroup"]
        errors += [field.invalid(path["apiGroup"], group, m) for m in names.is_dns1123_subdomain(group)]
    for key in ("kind", "name"):
        value = reference.get(key, "")
        at = path.child(key)
        if not value:
            errors.append(field.required(at))
        errors += [field.invalid(at, value, message) for message in names.is_valid_path_segment_name(value)]
    return errors


def validate_ingress_class(obj: Mapping[str, Any], context: Context) -> list[Error]:
    errors = validate_object_meta(obj.get("metadata", {}), METADATA, names.is_dns1123_subdomain, False, context)
    spec = obj.get("spec", {})
    controller = spec.get("controller", "")
    at = SPEC["controller"]
    if not controller:
        errors.append(field.required(at))
    else:
        if names.byte_length(controller) > CONTROLLER_MAX:
            errors.append(field.too_long(at, "", CONTROLLER_MAX))
        errors += is_domain_prefixed_path(controller, at)
    if parameters := spec.get("parameters"):
        errors += _parameters(parameters, SPEC["parameters"])
    return errors


def _parameters(parameters: Mapping[str, Any], path: Path) -> list[Error]:
    errors = _reference(parameters, path)
    scope = parameters["scope"]
    namespace = parameters.get("namespace")
    at = path["namespace"]
    if scope not in SCOPES:
        errors.append(field.not_supported(path["scope"], scope, SCOPES))
    elif scope == "Cluster":
        if namespace is not None:
            errors.append(field.forbidden(at, "`parameters.scope` is set to 'Cluster'"))
    elif namespace is None:
        errors.append(field.required(at, "`parameters.scope` is set to 'Namespace'"))
    else:
        errors += [field.invalid(at, namespace, message) for message in names.is_dns1123_label(namespace)]
    return errors


def is_domain_prefixed_path(value: str, path: Path) -> list[Error]:
    """k8s.io/apimachinery pkg/util/validation IsDomainPrefixedPath: `example.com/controller`."""
    if not value:
        return [field.required(path)]
    domain, slash, rest = value.partition("/")
    if not slash or not domain or not rest:
        return [field.invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    errors = [field.invalid(path, domain, message) for message in names.is_dns1123_subdomain(domain)]
    if not names.is_http_path(rest):
        errors.append(field.invalid(path, rest, names.HTTP_PATH_ERROR))
    return errors
