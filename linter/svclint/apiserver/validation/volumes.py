"""Validation of a pod's volumes: one source each, and what each source needs.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidateVolumes, validateVolumeSource).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import (
    ONE_VOLUME_TYPE,
    PULL_POLICIES,
    Fields,
    Options,
    required_fields,
    validate_dns1123_label,
    validate_enum,
    validate_local_descending_path,
    validate_local_non_reserved_path,
    validate_mode,
    validate_one_of,
    validate_path_no_backsteps,
)
from svclint.kube import quantities

HOST_PATH_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
VOLUME_FIELD_PATHS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")

Validator = Callable[[Fields, Path, Options], list[Error]]


def validate_volumes(
    volumes: Sequence[Fields], pod_name: str, path: Path, opts: Options
) -> tuple[dict[str, Fields], list[Error]]:
    """The valid volumes by name, and the errors. `pod_name` is known for a pod only, "" in a template."""
    errors: list[Error] = []
    valid: dict[str, Fields] = {}
    created = {f"{pod_name}-{v.get('name', '')}" for v in volumes if "ephemeral" in v} if pod_name else ()
    for i, volume in enumerate(volumes):
        at = path[i]
        name = volume.get("name", "")
        wrong = _validate_source(volume, name, pod_name, at, opts)
        wrong += validate_dns1123_label(name, at, "name") if name else [field.required(at["name"])]
        if name in valid:
            wrong.append(field.duplicate(at["name"], name))
        if wrong:
            errors += wrong
        else:
            valid[name] = volume
        claim = volume.get("persistentVolumeClaim")
        if created and claim and claim.get("claimName") in created:
            detail = "must not reference a PVC that gets created for an ephemeral volume"
            errors.append(field.invalid(at.child("persistentVolumeClaim", "claimName"), claim["claimName"], detail))
    return valid, errors


def _validate_source(volume: Fields, name: str, pod_name: str, path: Path, opts: Options) -> list[Error]:
    errors: list[Error] = []
    found = False
    given = volume.keys() & SOURCES.keys()
    if not given:
        return [field.required(path, "must specify a volume type")]
    for key in SOURCES if len(given) > 1 else given:
        if key not in volume:
            continue
        text, forbidden_text = SOURCES[key]
        source = volume[key]
        if found:
            errors.append(field.forbidden(path.child(forbidden_text, place=(key,)), ONE_VOLUME_TYPE))
        else:
            found = True
            at = path[key] if text == key else path.child(text, place=(key,))
            errors += _validator(key)(source, at, opts)
            if key == "ephemeral" and pod_name and name:
                claim = f"{pod_name}-{name}"
                errors += [
                    field.invalid(path["name"], name, f"PVC name {field.quote(claim)}: {message}")
                    for message in names.is_dns1123_subdomain(claim)
                ]
        if key == "iscsi" and "initiatorName" in source:
            from svclint.apiserver.validation.volumes_plugins import validate_iscsi_length

            errors += validate_iscsi_length(name, source, path)
    return errors


def _empty_dir(source: Fields, path: Path, opts: Options) -> list[Error]:
    if "sizeLimit" in source and quantities.parse(source["sizeLimit"]).nanos < 0:
        return [field.forbidden(path["sizeLimit"], "SizeLimit field must be a valid resource quantity")]
    return []


def _host_path(source: Fields, path: Path, opts: Options) -> list[Error]:
    if not source.get("path"):
        return [field.required(path["path"])]
    errors = validate_path_no_backsteps(source["path"], path["path"])
    return errors + validate_one_of(source, path, "type", HOST_PATH_TYPES)


def _git_repo(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "repository")
    return errors + validate_local_descending_path(source.get("directory", ""), path["directory"])


def _secret(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "secretName") + validate_mode(source, path, "defaultMode")
    return errors + _items(source, path) if "items" in source else errors


def _config_map(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "name") + validate_mode(source, path, "defaultMode")
    return errors + _items(source, path) if "items" in source else errors


def _items(source: Fields, path: Path) -> list[Error]:
    errors = []
    for i, item in enumerate(source["items"]):
        errors += validate_key_to_path(item, path["items"][i])
    return errors


def validate_key_to_path(item: Fields, path: Path) -> list[Error]:
    errors = required_fields(item, path, "key", "path")
    errors += validate_local_non_reserved_path(item.get("path", ""), path["path"])
    return errors + validate_mode(item, path, "mode")


def _claim(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "claimName")


def _downward_api(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = validate_mode(source, path, "defaultMode")
    for i, item in enumerate(source.get("items", ())):
        errors += validate_downward_file(item, Path(path.text, (*path.place, "items", i)), opts)
    return errors


def validate_downward_file(item: Fields, path: Path, opts: Options) -> list[Error]:
    """The server reports a file of the downward API at the volume itself: `path` tells the text and the real place."""
    from svclint.apiserver.validation.containers_env import validate_field_ref, validate_resource_field_ref

    errors = required_fields(item, path, "path")
    errors += validate_local_non_reserved_path(item.get("path", ""), path["path"])
    if "fieldRef" in item:
        errors += validate_field_ref(item["fieldRef"], VOLUME_FIELD_PATHS, path["fieldRef"], opts)
        if "resourceFieldRef" in item:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(field.invalid(path, "resource", detail))
    elif "resourceFieldRef" in item:
        errors += validate_resource_field_ref(item["resourceFieldRef"], path["resourceFieldRef"], volume=True)
    else:
        errors.append(field.required(path, "one of fieldRef and resourceFieldRef is required"))
    return errors + validate_mode(item, path, "mode")


def _projected(source: Fields, path: Path, opts: Options) -> list[Error]:
    from svclint.apiserver.validation.volumes_projected import validate_projection_sources

    return validate_mode(source, path, "defaultMode") + validate_projection_sources(source, path, opts)


def _csi(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = validate_csi_driver_name(source.get("driver", ""), path["driver"])
    if "nodePublishSecretRef" in source:
        secret = source["nodePublishSecretRef"].get("name", "")
        if not secret:
            errors.append(field.required(path.child("nodePublishSecretRef", "name")))
        else:
            # Upstream leaves the reference out of the path.
            at = path.child("name", place=("nodePublishSecretRef", "name"))
            errors += [field.invalid(at, secret, message) for message in names.is_dns1123_subdomain(secret)]
    return errors


def validate_csi_driver_name(name: str, path: Path) -> list[Error]:
    errors = [] if name else [field.required(path)]
    if names.byte_length(name) > 63:
        errors.append(field.too_long(path, "", 63))
    return errors + [field.invalid(path, name, message) for message in names.is_dns1123_subdomain(name.lower())]


def _ephemeral(source: Fields, path: Path, opts: Options) -> list[Error]:
    from svclint.apiserver.validation.volumes_claims import validate_claim_template

    if "volumeClaimTemplate" not in source:
        return [field.required(path["volumeClaimTemplate"])]
    return validate_claim_template(source["volumeClaimTemplate"], path["volumeClaimTemplate"], opts.context)


def _image(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "reference") if opts.resource_is_pod else []
    return errors + validate_enum(source, path, "pullPolicy", PULL_POLICIES)


# In upstream's order: how the server names a source in paths, and how in "more than 1 volume type".
SOURCES = {
    "emptyDir": ("emptyDir", "emptyDir"),
    "hostPath": ("hostPath", "hostPath"),
    "gitRepo": ("gitRepo", "gitRepo"),
    "gcePersistentDisk": ("persistentDisk", "gcePersistentDisk"),
    "awsElasticBlockStore": ("awsElasticBlockStore", "awsElasticBlockStore"),
    "secret": ("secret", "secret"),
    "nfs": ("nfs", "nfs"),
    "iscsi": ("iscsi", "iscsi"),
    "glusterfs": ("glusterfs", "glusterfs"),
    "flocker": ("flocker", "flocker"),
    "persistentVolumeClaim": ("persistentVolumeClaim", "persistentVolumeClaim"),
    "rbd": ("rbd", "rbd"),
    "cinder": ("cinder", "cinder"),
    "cephfs": ("cephfs", "cephFS"),
    "quobyte": ("quobyte", "quobyte"),
    "downwardAPI": ("downwardAPI", "downwarAPI"),
    "fc": ("fc", "fc"),
    "flexVolume": ("flexVolume", "flexVolume"),
    "configMap": ("configMap", "configMap"),
    "azureFile": ("azureFile", "azureFile"),
    "vsphereVolume": ("vsphereVolume", "vsphereVolume"),
    "photonPersistentDisk": ("photonPersistentDisk", "photonPersistentDisk"),
    "portworxVolume": ("portworxVolume", "portworxVolume"),
    "azureDisk": ("azureDisk", "azureDisk"),
    "storageos": ("storageos", "storageos"),
    "projected": ("projected", "projected"),
    "scaleIO": ("scaleIO", "scaleIO"),
    "csi": ("csi", "csi"),
    "ephemeral": ("ephemeral", "ephemeral"),
    "image": ("image", "image"),
}
VALIDATORS: dict[str, Validator] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "gitRepo": _git_repo,
    "secret": _secret,
    "persistentVolumeClaim": _claim,
    "downwardAPI": _downward_api,
    "configMap": _config_map,
    "projected": _projected,
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}


def _validator(source: str) -> Validator:
    """Those of the storage systems are loaded when the first is named."""
    known = VALIDATORS.get(source)
    if known is not None:
        return known
    from svclint.apiserver.validation.volumes_plugins import VALIDATORS as PLUGINS

    return PLUGINS[source]
