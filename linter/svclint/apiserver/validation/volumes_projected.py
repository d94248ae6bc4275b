"""Validation of projected volumes.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (validateProjectionSources), names.go
(ValidateClusterTrustBundleName, ValidateSignerName).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_label_selector
from svclint.apiserver.validation.podfields import (
    Fields,
    Options,
    required_fields,
    validate_local_non_reserved_path,
)
from svclint.apiserver.validation.volumes import validate_downward_file, validate_key_to_path

MIN_TOKEN_SECONDS = 10 * 60
MAX_TOKEN_SECONDS = 1 << 32
CONFLICT = "conflicting duplicate paths"
SIGNER_PATH = r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_signer_path = re.compile(SIGNER_PATH).fullmatch


def validate_projection_sources(projection: Fields, path: Path, opts: Options) -> list[Error]:
    errors: list[Error] = []
    taken: set[str] = set()

    def take(item: str, shown: str) -> list[Error]:
        """Every path may be written once; the error stands at the volume."""
        if item in taken:
            return [field.invalid(path, shown, CONFLICT)]
        taken.add(item)
        return []

    for i, source in enumerate(projection.get("sources", ())):
        at = path["sources"][i]
        for kind in ("secret", "configMap"):
            if kind in source:
                errors += _key_source(source[kind], at.child(kind), take)
        if "downwardAPI" in source:
            below = at["downwardAPI"]
            for j, item in enumerate(source["downwardAPI"].get("items", ())):
                errors += validate_downward_file(item, Path(below.text, (*below.place, "items", j)), opts)
                if name := item.get("path"):
                    errors += take(name, name)
        if "serviceAccountToken" in source:
            errors += _token(source["serviceAccountToken"], at["serviceAccountToken"], path)
        if "clusterTrustBundle" in source:
            bundle = source["clusterTrustBundle"]
            errors += _trust_bundle(bundle, at["clusterTrustBundle"], opts)
            errors += take(bundle.get("path", ""), bundle.get("path", ""))
        if len(source) > 1:
            errors.append(field.forbidden(at, "may not specify more than 1 volume type per source"))
    return errors


def _key_source(source: Fields, path: Path, take: Callable[[str, str], list[Error]]) -> list[Error]:
    name = source.get("name", "")
    errors = required_fields(source, path, "name")
    for j, item in enumerate(source.get("items", ())):
        errors += validate_key_to_path(item, path["items"][j])
        if item.get("path"):
            errors += take(item["path"], name)
    return errors


def _token(source: Fields, path: Path, volume: Path) -> list[Error]:
    seconds = source.get("expirationSeconds", MIN_TOKEN_SECONDS)
    errors = []
    if seconds < MIN_TOKEN_SECONDS:
        detail = "may not specify a duration less than 10 minutes"
        errors.append(field.invalid(path["expirationSeconds"], seconds, detail))
    if seconds > MAX_TOKEN_SECONDS:
        detail = "may not specify a duration larger than 2^32 seconds"
        errors.append(field.invalid(path["expirationSeconds"], seconds, detail))
    # Upstream reports the token's path at the volume.
    at = Path(volume["path"].text, (*path.place, "path"))
    if not source.get("path"):
        errors.append(field.required(at))
        return errors
    return errors + validate_local_non_reserved_path(source["path"], at)


def _trust_bundle(bundle: Fields, path: Path, opts: Options) -> list[Error]:
    errors = []
    if "name" in bundle and "signerName" in bundle:
        shown = opts.context.shown(bundle, "core.ClusterTrustBundleProjection")
        errors.append(field.invalid(path, shown, "only one of name and signerName may be used"))
    elif "name" in bundle:
        name = bundle["name"]
        if not name:
            errors.append(field.required(path["name"], "must be a valid object name"))
        errors += [
            field.invalid(path["name"], name, f"not a valid clustertrustbundlename: {message}")
            for message in _trust_bundle_name(name)
        ]
        if "labelSelector" in bundle:
            shown = opts.context.shown(bundle["labelSelector"], "v1.LabelSelector")
            detail = "labelSelector must be unset if name is specified"
            errors.append(field.invalid(path["labelSelector"], shown, detail))
    elif "signerName" in bundle:
        if not bundle["signerName"]:
            errors.append(field.required(path["signerName"], "must be a valid signer name"))
        errors += validate_signer_name(bundle["signerName"], path["signerName"])
        errors += validate_label_selector(bundle.get("labelSelector"), path["labelSelector"], opts.context)
    else:
        errors.append(field.required(path, "either name or signerName must be specified"))
    errors += required_fields(bundle, path, "path")
    return errors + validate_local_non_reserved_path(bundle.get("path", ""), path["path"])


def _trust_bundle_name(name: str) -> Sequence[str]:
    signer, colon, rest = name.rpartition(":")
    if not colon:
        return names.is_dns1123_subdomain(name)
    prefix = signer.replace("/", ":").rstrip(":")
    if not name.startswith(prefix + ":"):
        return [f"ClusterTrustBundle for signerName {signer} must be named with prefix {prefix}:"]
    return names.is_dns1123_subdomain(rest)


def validate_signer_name(name: str, path: Path) -> list[Error]:
    """`domain/path`, as the names of certificate signers."""
    if not name:
        return [field.required(path)]
    domain, slash, rest = name.partition("/")
    if not slash or "/" in rest:
        return [
            field.invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")
        ]
    errors = [
        field.invalid(path, domain, f"validating label {field.quote(label)}: {message}")
        for label in domain.split(".")
        for message in names.is_dns1123_label(label)
    ]
    if "." not in domain:
        errors.append(field.invalid(path, domain, "should be a domain with at least two segments separated by dots"))
    if not rest:
        errors.append(
            field.invalid(path, rest, "must be a fully qualified domain and path of the form 'example.com/signer-name'")
        )
    errors += [
        field.invalid(path, rest, names.regex_error(f"validating label {field.quote(label)}", SIGNER_PATH))
        for label in rest.split(".")
        if rest and not _signer_path(label)
    ]
    return errors
