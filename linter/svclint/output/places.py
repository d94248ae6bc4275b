"""What reports need of files: paths as a forge wants them, and what stays the same of a finding."""

from __future__ import annotations

import os
from collections.abc import Iterator

from svclint.diagnostic import Report


def forge_path(file: str, prefix: str) -> str:
    """A file's path from the repository's root, with forward slashes."""
    parts: list[str] = []
    for part in (prefix + file.replace(os.sep, "/")).split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def relative_uri(path: str) -> str:
    """A path as a relative URI reference (RFC 3986): what is not unreserved is percent-encoded, byte by byte."""
    from urllib.parse import quote

    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def fingerprints(report: Report) -> Iterator[str]:
    """For each finding in order: what stays the same when lines move, unique within the report.

    Made from rule, object and field (without an object: rule, file and message); findings that agree in these are
    counted.
    """
    import hashlib

    seen: dict[tuple[str, ...], int] = {}
    for d in report.diagnostics:
        if d.object is None:
            key: tuple[str, ...] = (d.rule, d.region.file, d.message)
        else:
            group = d.object.api_version.rpartition("/")[0]
            key = (d.rule, group, d.object.kind, d.object.namespace, d.object.name, d.field or "")
        number = seen.get(key, 0)
        seen[key] = number + 1
        text = "\0".join((*key, str(number)))
        yield hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
