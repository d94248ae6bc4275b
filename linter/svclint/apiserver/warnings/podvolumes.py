"""Warnings about volumes: plugins that are gone, files that hide each other.

Source: k8s.io/kubernetes pkg/api/pod/warnings.go, pkg/api/persistentvolumeclaim/util.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from svclint.apiserver import field
from svclint.apiserver.context import Context, Warning
from svclint.apiserver.field import Path
from svclint.apiserver.validation.podfields import Fields
from svclint.apiserver.warnings.podcontainers import fractional

# Source -> how the server names it in the path, and what it says of it; in upstream's order.
DEPRECATED = {
    "photonPersistentDisk": ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    "gitRepo": ("gitRepo", "deprecated in v1.11"),
    "scaleIO": ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    "flocker": ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    "storageos": ("storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    "quobyte": ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    "glusterfs": ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    "cephfs": ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    "rbd": ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
}

# Those, and what may claim a doubtful amount.
DOUBTFUL = frozenset((*DEPRECATED, "ephemeral"))
WITH_ITEMS = frozenset(("configMap", "secret", "downwardAPI", "projected"))


def _at(path: Path, message: str) -> Warning:
    return Warning(f"{path}: {message}", path.place)


def warnings_volumes(volumes: Sequence[Fields], path: Path, context: Context) -> list[Warning]:
    out = []
    for i, volume in enumerate(volumes):
        if DOUBTFUL.isdisjoint(volume):
            continue
        for source in volume.keys() & DEPRECATED.keys():
            text, message = DEPRECATED[source]
            if source == "gitRepo" and context.enabled("git-repo-disabled"):
                message = "deprecated in v1.11, and disabled by default in v1.33+"
            out.append(_at(path[i].child(text, place=(source,)), message))
        claim = volume.get("ephemeral", {}).get("volumeClaimTemplate")
        storage = claim["spec"].get("resources", {}).get("requests", {}).get("storage", "0") if claim else "0"
        if message := fractional(storage):
            at = path[i].child("ephemeral", "volumeClaimTemplate", "spec", "resources", "requests")
            out.append(_at(at.key("storage"), message))
    for i, volume in enumerate(volumes):
        if not WITH_ITEMS.isdisjoint(volume):
            out += [Warning(message, path[i].place) for message in _overlaps(volume)]
    return out + _token_paths(volumes, path)


def _paths(source: Fields) -> list[str]:
    return [item.get("path", "") for item in source.get("items", ())]


def _overlaps(volume: Fields) -> Iterator[str]:
    """Two items of a volume (one of `WITH_ITEMS`) that write the same file, or one below the other."""
    name = field.quote(volume.get("name", ""))
    for kind, what, key in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
        source = volume.get(kind, {})
        if "items" in source:
            yield from _overlapping(
                _paths(source), f"volume {name} ({what} {field.quote(source.get(key, ''))}): overlapping paths"
            )
    if "items" in volume.get("downwardAPI", {}):
        yield from _overlapping(_paths(volume["downwardAPI"]), f"volume {name} (DownwardAPI): overlapping paths")
    if "projected" in volume:
        yield from _projected_overlaps(volume["projected"], name)


def _projected_overlaps(projected: Fields, name: str) -> Iterator[str]:
    taken: set[str] = set()
    paths: list[str] = []
    message = ""
    for source in projected.get("sources", ()):
        if not source:
            yield f"volume {name} (Projected) has no sources provided"
            continue
        found = _projected_paths(source)
        if found is not None:
            what, paths = found
            message = f"volume {name} (Projected {what}): overlapping paths"
        # A source without paths of its own is taken for the one before: so does the server.
        if paths:
            yield from _overlapping(paths, message)
            unique = set(paths)
            yield from _overlapping(sorted([*unique, *taken]), message)
            taken |= unique


def _projected_paths(source: Fields) -> tuple[str, list[str]] | None:
    for kind, what in (("configMap", "ConfigMap"), ("secret", "Secret")):
        if "items" in source.get(kind, {}):
            return f"{what} {field.quote(source[kind].get('name', ''))}", _paths(source[kind])
    if "items" in source.get("downwardAPI", {}):
        return "DownwardAPI", _paths(source["downwardAPI"])
    if "serviceAccountToken" in source:
        return "ServiceAccountToken", [source["serviceAccountToken"].get("path", "")]
    if "clusterTrustBundle" in source:
        bundle = source["clusterTrustBundle"]
        named = bundle.get("name", bundle.get("signerName", ""))
        return f"ClusterTrustBundle {field.quote(named)}", [bundle.get("path", "")]
    return None


def _overlapping(paths: Sequence[str], message: str) -> Iterator[str]:
    taken: list[str] = []
    for path in paths:
        normal = path.rstrip("/")
        for other in taken:
            if not other or not normal:
                break
            if (other + "/").startswith(normal) or (normal + "/").startswith(other):
                yield f"{message}: {field.quote(normal)} with {field.quote(other)}"
                break
        if normal not in taken:
            taken.append(normal)


def _token_paths(volumes: Sequence[Fields], path: Path) -> list[Warning]:
    """Files that a service account's token will overwrite."""
    projected = [(i, v["projected"].get("sources", ())) for i, v in enumerate(volumes) if "projected" in v]
    if not projected:
        return []
    tokens = {
        source["serviceAccountToken"].get("path", "")
        for _, sources in projected
        for source in sources
        if "serviceAccountToken" in source
    }
    if not tokens:
        return []
    out = []
    for i, sources in projected:
        at = path[i].child("projected", "sources")
        for j, source in enumerate(sources):
            for kind, text in (("configMap", "configMap"), ("secret", "secrets"), ("downwardAPI", "downwardAPI")):
                for k, name in enumerate(_paths(source.get(kind, {}))):
                    if name in tokens:
                        # Upstream leaves the source's index out of the path.
                        here = Path(f"{at.text}.{text}[{k}]", (*at.place, j, kind, "items", k))
                        out.append(_at(here, _duplicated(name)))
            bundle = source.get("clusterTrustBundle")
            if bundle and bundle.get("path", "") in tokens:
                here = at.child("ClusterTrustBundle", place=(j, "clusterTrustBundle", "path"))
                out.append(_at(here, _duplicated(bundle.get("path", ""))))
    return out


def _duplicated(path: str) -> str:
    return f"has duplicated path with ServiceAccountToken {field.quote(path)}"
