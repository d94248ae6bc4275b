"""Validation of a pod's volumes: one source each, and what each source needs.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidateVolumes, validateVolumeSource).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation import volumes_plugins as plugins
from svclint.apiserver.validation.podfields import (
    ONE_VOLUME_TYPE,
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
from svclint.apiserver.validation.volumes_claims import validate_claim_template
from svclint.kube import quantities

HOST_PATH_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
VOLUME_FIELD_PATHS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")

Validator = Callable[[Fields, Path, Options], list[Error]]


def validate_volumes(
    volumes: Sequence[Fields], pod_name: str, path: Path, opts: Options
) -> tuple[dict[str, Fields], list[Error]]:
    """The valid volumes by name, and the errors. `pod_name` is known for a pod only, "" in a template."""
    errors: list[Error] = []
    valid: dict[str, Fields] = {}
    created = {f"{pod_name}-{v.get('name', '')}" for v in volumes if pod_name and "ephemeral" in v}
    for i, volume in enumerate(volumes):
        at = path.index(i)
        name = volume.get("name", "")
        wrong = _validate_source(volume, name, pod_name, at, opts)
        wrong += validate_dns1123_label(name, at, "name") if name else [field.required(at.child("name"))]
        if name in valid:
            wrong.append(field.duplicate(at.child("name"), name))
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
    for key in ORDER if len(given) > 1 else given:
        if key not in volume:
            continue
        text, forbidden_text, validate = SOURCES[key]
        source = volume[key]
        if found:
            errors.append(field.forbidden(path.child(forbidden_text, place=(key,)), ONE_VOLUME_TYPE))
        else:
            found = True
            errors += validate(source, path.child(text, place=(key,)), opts)
            if key == "ephemeral" and pod_name and name:
                claim = f"{pod_name}-{name}"
                errors += [
                    field.invalid(path.child("name"), name, f"PVC name {field.quote(claim)}: {message}")
                    for message in names.is_dns1123_subdomain(claim)
                ]
        if key == "iscsi" and "initiatorName" in source:
            errors += plugins.validate_iscsi_length(name, source, path)
    return errors


def _empty_dir(source: Fields, path: Path, opts: Options) -> list[Error]:
    if "sizeLimit" in source and quantities.parse(source["sizeLimit"]).nanos < 0:
        return [field.forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity")]
    return []


def _host_path(source: Fields, path: Path, opts: Options) -> list[Error]:
    if not source.get("path"):
        return [field.required(path.child("path"))]
    errors = validate_path_no_backsteps(source["path"], path.child("path"))
    return errors + validate_one_of(source, path, "type", HOST_PATH_TYPES)


def _git_repo(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "repository")
    return errors + validate_local_descending_path(source.get("directory", ""), path.child("directory"))


def _secret(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "secretName") + validate_mode(source, path, "defaultMode")
    return errors + _items(source, path)


def _config_map(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "name") + validate_mode(source, path, "defaultMode")
    return errors + _items(source, path)


def _items(source: Fields, path: Path) -> list[Error]:
    errors = []
    for i, item in enumerate(source.get("items", ())):
        errors += validate_key_to_path(item, path.child("items").index(i))
    return errors


def validate_key_to_path(item: Fields, path: Path) -> list[Error]:
    errors = required_fields(item, path, "key", "path")
    errors += validate_local_non_reserved_path(item.get("path", ""), path.child("path"))
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
    errors += validate_local_non_reserved_path(item.get("path", ""), path.child("path"))
    if "fieldRef" in item:
        errors += validate_field_ref(item["fieldRef"], VOLUME_FIELD_PATHS, path.child("fieldRef"), opts)
        if "resourceFieldRef" in item:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(field.invalid(path, "resource", detail))
    elif "resourceFieldRef" in item:
        errors += validate_resource_field_ref(item["resourceFieldRef"], path.child("resourceFieldRef"), volume=True)
    else:
        errors.append(field.required(path, "one of fieldRef and resourceFieldRef is required"))
    return errors + validate_mode(item, path, "mode")


def _projected(source: Fields, path: Path, opts: Options) -> list[Error]:
    from svclint.apiserver.validation.volumes_projected import validate_projection_sources

    return validate_mode(source, path, "defaultMode") + validate_projection_sources(source, path, opts)


def _csi(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = validate_csi_driver_name(source.get("driver", ""), path.child("driver"))
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
    if "volumeClaimTemplate" not in source:
        return [field.required(path.child("volumeClaimTemplate"))]
    return validate_claim_template(source["volumeClaimTemplate"], path.child("volumeClaimTemplate"), opts.context)


def _image(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "reference") if opts.resource_is_pod else []
    return errors + validate_enum(source, path, "pullPolicy", PULL_POLICIES)


# In upstream's order: how the server names a source in paths, how in "more than 1 volume type", and its validator.
SOURCES: dict[str, tuple[str, str, Validator]] = {
    "emptyDir": ("emptyDir", "emptyDir", _empty_dir),
    "hostPath": ("hostPath", "hostPath", _host_path),
    "gitRepo": ("gitRepo", "gitRepo", _git_repo),
    "gcePersistentDisk": ("persistentDisk", "gcePersistentDisk", plugins.gce_persistent_disk),
    "awsElasticBlockStore": ("awsElasticBlockStore", "awsElasticBlockStore", plugins.aws_elastic_block_store),
    "secret": ("secret", "secret", _secret),
    "nfs": ("nfs", "nfs", plugins.nfs),
    "iscsi": ("iscsi", "iscsi", plugins.iscsi),
    "glusterfs": ("glusterfs", "glusterfs", plugins.glusterfs),
    "flocker": ("flocker", "flocker", plugins.flocker),
    "persistentVolumeClaim": ("persistentVolumeClaim", "persistentVolumeClaim", _claim),
    "rbd": ("rbd", "rbd", plugins.rbd),
    "cinder": ("cinder", "cinder", plugins.cinder),
    "cephfs": ("cephfs", "cephFS", plugins.cephfs),
    "quobyte": ("quobyte", "quobyte", plugins.quobyte),
    "downwardAPI": ("downwardAPI", "downwarAPI", _downward_api),
    "fc": ("fc", "fc", plugins.fc),
    "flexVolume": ("flexVolume", "flexVolume", plugins.flex_volume),
    "configMap": ("configMap", "configMap", _config_map),
    "azureFile": ("azureFile", "azureFile", plugins.azure_file),
    "vsphereVolume": ("vsphereVolume", "vsphereVolume", plugins.vsphere_volume),
    "photonPersistentDisk": ("photonPersistentDisk", "photonPersistentDisk", plugins.photon_persistent_disk),
    "portworxVolume": ("portworxVolume", "portworxVolume", plugins.portworx_volume),
    "azureDisk": ("azureDisk", "azureDisk", plugins.azure_disk),
    "storageos": ("storageos", "storageos", plugins.storageos),
    "projected": ("projected", "projected", _projected),
    "scaleIO": ("scaleIO", "scaleIO", plugins.scale_io),
    "csi": ("csi", "csi", _csi),
    "ephemeral": ("ephemeral", "ephemeral", _ephemeral),
    "image": ("image", "image", _image),
}
ORDER = tuple(SOURCES)
