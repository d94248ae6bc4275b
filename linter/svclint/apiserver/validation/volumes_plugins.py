"""Validation of the volume sources that name a storage system: most of them long deprecated, all still checked.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (validateNFSVolumeSource and the like).
"""

from __future__ import annotations

import re

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import Fields, Options, required_fields, validate_dns1123_label

INITIATORS = {
    "iqn": r"iqn\.[0-9]{4}-[0-9]{2}\.([0-9A-Za-z.-]+)(:[^,;*&$|\s]+)\Z",
    "eui": r"eui.[0-9A-Za-z]{16}\Z",
    "naa": r"naa.[0-9A-Za-z]{32}\Z",
}

CACHING_MODES = ("None", "ReadOnly", "ReadWrite")
DISK_KINDS = ("Dedicated", "Managed", "Shared")
MANAGED_DISK = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
BLOB_DISK = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
HOST_PORTS = "must be a host:port pair or multiple pairs separated by commas"


def _partition(source: Fields, path: Path) -> list[Error]:
    partition = source.get("partition", 0)
    if 0 <= partition <= 255:
        return []
    # 0 is allowed, whatever the message says.
    return [field.invalid(path["partition"], partition, names.inclusive_range_error(1, 255))]


def _lun(lun: int, path: Path) -> list[Error]:
    wrong = names.is_in_range(lun, 0, 255)
    return [field.invalid(path["lun"], lun, message) for message in wrong]


def _secret_ref(source: Fields, path: Path) -> list[Error]:
    if "secretRef" not in source or source["secretRef"].get("name"):
        return []
    return [field.required(path.child("secretRef", "name"))]


def gce_persistent_disk(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "pdName") + _partition(source, path)


def aws_elastic_block_store(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "volumeID") + _partition(source, path)


def nfs(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "server", "path")
    if not source.get("path", "").startswith("/"):
        errors.append(field.invalid(path["path"], source.get("path", ""), "must be an absolute path"))
    return errors


def iscsi(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "targetPortal", "iqn")
    if iqn := source.get("iqn"):
        errors += _initiator(iqn, path["iqn"])
    errors += _lun(source.get("lun", 0), path)
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and "secretRef" not in source:
        errors.append(field.required(path["secretRef"]))
    if "initiatorName" in source:
        at = path.child("initiatorname", place=("initiatorName",))
        errors += _initiator(source["initiatorName"], at)
    return errors


def _initiator(name: str, path: Path) -> list[Error]:
    pattern = INITIATORS.get(name[:3])
    if pattern is None:
        return [field.invalid(path, name, "must be valid format starting with iqn, eui, or naa")]
    # Something may stand before the first kind of name: upstream forgot to anchor its expression.
    matches = re.search if name.startswith("iqn") else re.match
    return [] if matches(pattern, name) else [field.invalid(path, name, "must be valid format")]


def validate_iscsi_length(name: str, source: Fields, path: Path) -> list[Error]:
    """`path` is the volume's: together with its name the portal becomes a file's name on the node."""
    if names.byte_length(f"{name}:{source.get('targetPortal', '')}") <= 64:
        return []
    detail = (
        "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is "
        "specified."
    )
    return [field.invalid(path["name"], name, detail)]


def glusterfs(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "endpoints", "path")


def flocker(source: Fields, path: Path, opts: Options) -> list[Error]:
    name, uuid = source.get("datasetName", ""), source.get("datasetUUID", "")
    errors = []
    if not name and not uuid:
        errors.append(field.required(path, "one of datasetName and datasetUUID is required"))
    if name and uuid:
        detail = "datasetName and datasetUUID can not be specified simultaneously"
        errors.append(field.invalid(path, "resource", detail))
    if "/" in name:
        errors.append(field.invalid(path["datasetName"], name, "must not contain '/'"))
    return errors


def rbd(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "monitors", "image")


def cinder(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "volumeID") + _secret_ref(source, path)


def cephfs(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "monitors")


def quobyte(source: Fields, path: Path, opts: Options) -> list[Error]:
    registry, tenant = source.get("registry", ""), source.get("tenant", "")
    errors = []
    if not registry:
        errors.append(field.required(path["registry"], HOST_PORTS))
    elif names.byte_length(tenant) >= 65:
        detail = "must be a UUID and may not exceed a length of 64 characters"
        errors.append(field.required(path["tenant"], detail))
    else:
        errors += [
            field.invalid(path["registry"], registry, HOST_PORTS)
            for pair in registry.split(",")
            if not _is_host_port(pair)
        ]
    return errors + required_fields(source, path, "volume")


def _is_host_port(text: str) -> bool:
    """Whether Go's net.SplitHostPort takes a text apart."""
    if text.startswith("["):
        host, closed, port = text[1:].partition("]")
        return bool(closed) and port.startswith(":") and not set("[]:") & set(port[1:]) and "[" not in host
    return text.count(":") == 1 and not set("[]") & set(text)


def fc(source: Fields, path: Path, opts: Options) -> list[Error]:
    targets, ids = source.get("targetWWNs"), source.get("wwids")
    errors = []
    if not targets and not ids:
        detail = "must specify either targetWWNs or wwids, but not both"
        errors.append(field.required(path["targetWWNs"], detail))
    if targets and ids:
        detail = "targetWWNs and wwids can not be specified simultaneously"
        errors.append(field.invalid(path["targetWWNs"], targets, detail))
    if targets:
        if "lun" not in source:
            errors.append(field.required(path["lun"], "lun is required if targetWWNs is specified"))
        else:
            errors += _lun(source["lun"], path)
    return errors


def flex_volume(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "driver")
    for key in source.get("options", ()):
        namespace = "." + key.partition("/")[0].lower()
        if namespace.endswith((".kubernetes.io", ".k8s.io")):
            detail = "kubernetes.io and k8s.io namespaces are reserved"
            errors.append(field.invalid(path["options"].key(key), key, detail))
    return errors


def azure_file(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "secretName", "shareName")


def vsphere_volume(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "volumePath")


def photon_persistent_disk(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "pdID")


def portworx_volume(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "volumeID")


def azure_disk(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "diskName", "diskURI")
    mode, kind, uri = source.get("cachingMode"), source.get("kind"), source.get("diskURI", "")
    if mode is not None and mode not in CACHING_MODES:
        errors.append(field.not_supported(path["cachingMode"], mode, CACHING_MODES))
    if kind is None:
        return errors
    if kind not in DISK_KINDS:
        errors.append(field.not_supported(path["kind"], kind, DISK_KINDS))
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        errors.append(field.not_supported(path["diskURI"], uri, (MANAGED_DISK,)))
    if kind != "Managed" and not uri.startswith("https://"):
        errors.append(field.not_supported(path["diskURI"], uri, (BLOB_DISK,)))
    return errors


def storageos(source: Fields, path: Path, opts: Options) -> list[Error]:
    errors = required_fields(source, path, "volumeName")
    if name := source.get("volumeName"):
        errors += validate_dns1123_label(name, path, "volumeName")
    if namespace := source.get("volumeNamespace"):
        errors += validate_dns1123_label(namespace, path, "volumeNamespace")
    return errors + _secret_ref(source, path)


def scale_io(source: Fields, path: Path, opts: Options) -> list[Error]:
    return required_fields(source, path, "gateway", "system", "volumeName")


VALIDATORS = {
    "gcePersistentDisk": gce_persistent_disk,
    "awsElasticBlockStore": aws_elastic_block_store,
    "nfs": nfs,
    "iscsi": iscsi,
    "glusterfs": glusterfs,
    "flocker": flocker,
    "rbd": rbd,
    "cinder": cinder,
    "cephfs": cephfs,
    "quobyte": quobyte,
    "fc": fc,
    "flexVolume": flex_volume,
    "azureFile": azure_file,
    "vsphereVolume": vsphere_volume,
    "photonPersistentDisk": photon_persistent_disk,
    "portworxVolume": portworx_volume,
    "azureDisk": azure_disk,
    "storageos": storageos,
    "scaleIO": scale_io,
}
