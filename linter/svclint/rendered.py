"""From a place in what a tool rendered back to the line of the template, base or patch that said it, as near as can be.

helm tells the file of a document and nothing more; kustomize tells the base. So the keys of the place are followed
through the file's lines, and a line that is there word for word is taken for the one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from svclint.diagnostic import Diagnostic, RelatedRegion, Report, order
from svclint.kube.read import find, text
from svclint.kube.resource import Place
from svclint.locate import region
from svclint.project.load import Project
from svclint.render import Origin
from svclint.rule import Related, Spot
from svclint.text import Span
from svclint.yaml import Source

_KEY = re.compile(r"""^\s*(?:-\s+)*["']?([^"'\s:{}]+)["']?\s*:(?:\s|$)""")
_SEPARATOR = re.compile(r"^---(?:\s|$)")


def mapped(report: Report, project: Project, origins: Mapping[str, Origin]) -> Report:
    """The report with every place in a rendered file moved to where it comes from; their fixes are left out."""
    if not origins:
        return report
    way = _Way(project, origins)
    return report._replace(
        diagnostics=tuple(sorted({_known(d): d for d in map(way.back, report.diagnostics)}.values(), key=order))
    )


def _known(d: Diagnostic) -> tuple[object, ...]:
    return d.rule, d.region, d.message


class _Way:
    def __init__(self, project: Project, origins: Mapping[str, Origin]) -> None:
        self._project = project
        self._origins = origins

    def back(self, d: Diagnostic) -> Diagnostic:
        """The diagnostic at its origin; as it is if no place of it was rendered."""
        if d.finding is None:
            return d
        places = [d.finding.place, *(related.place for related in d.finding.related)]
        spots = [self._spot(place) for place in places]
        if not any(spots):
            return d
        at = [spot or place for spot, place in zip(spots, places, strict=True)]
        regions = [
            region(spot.source, spot.span) if spot else before
            for spot, before in zip(spots, [d.region, *(r.region for r in d.related)], strict=True)
        ]
        related = tuple(RelatedRegion(r, old.message) for r, old in zip(regions[1:], d.related, strict=True))
        finding = d.finding._replace(
            place=at[0],
            related=tuple(Related(p, old.message) for p, old in zip(at[1:], d.finding.related, strict=True)),
            fix=None,
        )
        texts = {**d.texts, **{spot.source.path: spot.source.text for spot in spots if spot}}
        return d._replace(region=regions[0], related=related, fix=None, texts=texts, finding=finding)

    def _spot(self, place: Place | Spot) -> Spot | None:
        source = place.source if isinstance(place, Spot) else place.document.source
        origin = self._origins.get(source.path)
        if origin is None:
            return None
        keys: tuple[str | int, ...] = ()
        about = "", ""
        if isinstance(place, Spot):
            start = place.span.start
        else:
            start, keys = place.document.span(place.path, place.part).start, place.path
            value = find(place.document.value, *keys[:2]) if keys[:1] == ("items",) else place.document.value
            about = text(find(value, "kind")) or "", text(find(value, "metadata", "name")) or ""
        said = source.text[source.text.rfind("\n", 0, start) + 1 :].partition("\n")[0].strip()
        found = self._project.read(origin.path)
        if found is None:
            return None
        line, literal = nearest(found.text, about, keys, said)
        if not literal:
            for path in origin.patches:
                patch = self._project.read(path)
                if patch is not None:
                    there, exact = nearest(patch.text, about, keys, said)
                    if exact:
                        return _line(patch, there)
        return _line(found, line)


def nearest(template: str, about: tuple[str, str], keys: tuple[str | int, ...], said: str) -> tuple[int, bool]:
    """The line (from 0) that is likeliest to have made the line `said` at `keys` of the object `about` (kind, name).

    Also whether it is there word for word.
    """
    lines = template.splitlines()
    first, last = _part(lines, about)
    at = first
    met = False
    for step in keys:
        there = _item(lines, at, last, step) if isinstance(step, int) else _key(lines, at, last, step)
        met = there is not None
        at = at if there is None else there
    same = [number for number in range(first, last) if lines[number].strip() == said and said]
    if met and at in same:
        return at, True
    if same and keys and (len(same) == 1 or not met):
        return min(same, key=lambda number: abs(number - at)), True
    return at, False


def _part(lines: list[str], about: tuple[str, str]) -> tuple[int, int]:
    """The document of the template that makes an object of this kind, best of this very name."""
    cuts = [-1, *(number for number, line in enumerate(lines) if _SEPARATOR.match(line)), len(lines)]
    best, most = (0, len(lines)), 0
    for start, end in pairwise(cuts):
        part = lines[start + 1 : end]
        score = any(re.match(rf"kind:\s*[\"']?{re.escape(about[0])}[\"']?\s*$", line) for line in part) * 2
        score += score and any(line.strip() == f"name: {about[1]}" for line in part)
        if score > most:
            best, most = (start + 1, end), score
    return best


def _key(lines: list[str], at: int, last: int, step: str) -> int | None:
    for number in range(at, last):
        found = _KEY.match(lines[number])
        if found and found[1] == step:
            return number
    return None


def _item(lines: list[str], at: int, last: int, step: int) -> int | None:
    """The line of a list's item, among the lines that begin with `-` as deep as the first one."""
    depth: int | None = None
    for number in range(at, last):
        line = lines[number]
        bare = line.lstrip()
        if not bare.startswith("- "):
            continue
        if depth is None:
            depth = len(line) - len(bare)
        if len(line) - len(bare) == depth:
            if step == 0:
                return number
            step -= 1
    return None


def _line(source: Source, number: int) -> Spot:
    start = 0
    for _ in range(number):
        start = source.text.find("\n", start) + 1
    line = source.text[start:].partition("\n")[0]
    indent = len(line) - len(line.lstrip())
    return Spot(source, Span(start + indent, start + max(len(line.rstrip()), indent)))
