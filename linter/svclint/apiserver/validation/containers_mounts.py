"""Validation of where a container mounts volumes and block devices.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidateVolumeMounts, ValidateVolumeDevices).
"""

from __future__ import annotations

from collections.abc import Mapping

from svclint.apiserver import field
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import Fields, validate_local_descending_path

MOUNT_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
RECURSIVE_READ_ONLY = ("Disabled", "Enabled", "IfPossible")


def validate_volume_mounts(container: Fields, volumes: Mapping[str, Fields], path: Path) -> list[Error]:
    """`volumes`: the valid volumes by name; a mount of any other is an error."""
    errors = []
    devices: dict[str, str] = {}
    for device in container.get("volumeDevices", ()):
        devices[device.get("name", "")] = device.get("devicePath", "")
    device_paths = set(devices.values())
    taken: set[str] = set()
    for i, mount in enumerate(container["volumeMounts"]):
        name, mount_path = mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            errors.append(field.required(path[i]["name"]))
        if name not in volumes:
            errors.append(field.not_found(path[i]["name"], name))
        if not mount_path:
            errors.append(field.required(path[i]["mountPath"]))
        if mount_path in taken:
            errors.append(field.invalid(path[i]["mountPath"], mount_path, "must be unique"))
        taken.add(mount_path)
        if name in devices:
            errors.append(field.invalid(path[i]["name"], name, "must not already exist in volumeDevices"))
        if mount_path in device_paths:
            detail = "must not already exist as a path in volumeDevices"
            errors.append(field.invalid(path[i]["mountPath"], mount_path, detail))
        if len(mount) > 2:
            errors += _mount_options(mount, container, i, path)
    return errors


def _mount_options(mount: Fields, container: Fields, i: int, path: Path) -> list[Error]:
    """What is rarely given. Upstream leaves the item out of most of these paths."""
    errors = []
    sub_path, expression = mount.get("subPath", ""), mount.get("subPathExpr", "")
    if sub_path:
        errors += validate_local_descending_path(sub_path, _listed(path, i, "subPath"))
    if expression:
        if sub_path:
            detail = "subPathExpr and subPath are mutually exclusive"
            errors.append(field.invalid(path[i]["subPathExpr"], expression, detail))
        errors += validate_local_descending_path(expression, _listed(path, i, "subPathExpr"))
    propagation = mount.get("mountPropagation")
    if propagation is not None:
        at = _listed(path, i, "mountPropagation")
        if propagation not in MOUNT_PROPAGATIONS:
            errors.append(field.not_supported(at, propagation, MOUNT_PROPAGATIONS))
        if propagation == "Bidirectional" and not container.get("securityContext", {}).get("privileged"):
            detail = "Bidirectional mount propagation is available only to privileged containers"
            errors.append(field.forbidden(at, detail))
    recursive = mount.get("recursiveReadOnly")
    if recursive is not None:
        at = _listed(path, i, "recursiveReadOnly")
        if recursive not in RECURSIVE_READ_ONLY:
            errors.append(field.not_supported(at, recursive, RECURSIVE_READ_ONLY))
        elif recursive != "Disabled":
            if not mount.get("readOnly"):
                errors.append(field.forbidden(at, "may only be specified when readOnly is true"))
            if propagation not in (None, "None"):
                detail = "may only be specified when mountPropagation is None or not specified"
                errors.append(field.forbidden(at, detail))
    return errors


def _listed(path: Path, i: int, name: str) -> Path:
    return path.child(name, place=(i, name))


def validate_volume_devices(container: Fields, volumes: Mapping[str, Fields], path: Path) -> list[Error]:
    errors = []
    mounts = {mount.get("name", ""): mount.get("mountPath", "") for mount in container.get("volumeMounts", ())}
    mount_paths = set(mounts.values())
    taken_names: set[str] = set()
    taken_paths: set[str] = set()
    for i, device in enumerate(container["volumeDevices"]):
        name, device_path = device.get("name", ""), device.get("devicePath", "")
        at_name, at_path = path[i]["name"], path[i]["devicePath"]
        volume = volumes.get(name)
        if not name:
            errors.append(field.required(at_name))
        if name in taken_names:
            errors.append(field.invalid(at_name, name, "must be unique"))
        if volume is None:
            errors.append(field.not_found(at_name, name))
        elif "persistentVolumeClaim" not in volume and "ephemeral" not in volume:
            detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            errors.append(field.invalid(at_name, name, detail))
        if not device_path:
            errors.append(field.required(at_path))
        if device_path in taken_paths:
            errors.append(field.invalid(at_path, device_path, "must be unique"))
        if ".." in device_path.split("/"):
            errors.append(field.invalid(at_path, device_path, "can not contain backsteps ('..')"))
        else:
            taken_paths.add(device_path)
        if name in mounts:
            errors.append(field.invalid(at_name, name, "must not already exist in volumeMounts"))
        if device_path in mount_paths:
            errors.append(field.invalid(at_path, device_path, "must not already exist as a path in volumeMounts"))
        if name:
            taken_names.add(name)
    return errors
