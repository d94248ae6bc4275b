"""One run: the project's clusters, every rule asked, the answers sorted. All fronts are thin over this."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from svclint import suppression
from svclint.apiserver.admit import admit_one
from svclint.apiserver.types import NEWEST
from svclint.apiserver.verdict import UNKNOWN, Verdict, Verdicts
from svclint.cluster import Cluster, Completeness
from svclint.diagnostic import Diagnostic, Note, Report, order
from svclint.kube.resource import Place, Resource
from svclint.kube.workload import Workload
from svclint.locate import field_text, locate, resolve
from svclint.rule import SEVERITIES, Finding, Fix, Refusal, Rule, Severity, Spot
from svclint.selection import Selection, asked_for, selected, selection_of
from svclint.yaml.document import Document

if TYPE_CHECKING:
    from svclint.kube.custom_workloads import TemplateAt
    from svclint.kube.facts import Facts
    from svclint.project import Project, Scope

# So many documents may have their places known at once.
MOST_PLACED = 200
LAST = "refused"
TAKEN = Verdict(True)
# What is no refusal has rules of its own: warnings of the server, and what policies say.
SPOKEN_FOR = ("warning", "policy")


class Raw(NamedTuple):
    """A finding with the rule that made it and the object it is about."""

    rule: str
    severity: Severity
    finding: Finding
    resource: Resource | None


class Checked(NamedTuple):
    """A report, and the diagnostics that suppressions answer."""

    report: Report
    silenced: tuple[Diagnostic, ...]


def check(project: Project, facts: Facts, selection: Selection, verdicts: Verdicts | None = None) -> Report:
    """What `checked` reports."""
    return checked(project, facts, selection, verdicts).report


def checked(project: Project, facts: Facts, selection: Selection, verdicts: Verdicts | None = None) -> Checked:
    """Asks every selected rule of every scope; `verdicts` are those of an earlier run.

    Only findings with a place in a target are reported; a rule that raises is named in `crashes` and the run goes on.
    """
    crashes: dict[str, None] = {}
    seen: set[tuple[Any, ...]] = set()
    raws: list[Raw] = []
    for raw in _all(project, facts, selection, verdicts, crashes):
        key = (raw.rule, _place_key(raw.finding.place), raw.finding.message)
        if key not in seen:
            seen.add(key)
            raws.append(raw)
    assumed = frozenset(source.path for source in project.assumed)
    raws = [
        raw
        for raw in raws
        if _shown(raw, project, assumed) and (_severity(raw, selection) != "info" or raw.rule in selection.asked_for)
    ]
    shown = _located(raws, selection, crashes, None if verdicts is not None else MOST_PLACED)
    diagnostics = [d for d in shown if d is not None and not _ignored(d, selection)]
    kept, silenced = suppression.applied(project, diagnostics, {rule.name for rule in selection.rules})
    report = Report(
        tuple(sorted(kept, key=order)),
        tuple(Note(*note) for note in project.notes),
        files=len(project.targets) if project.targets is not None else len(project.sources),
        documents=sum(len(s.documents) for s in project.sources),
        objects=len({id(r.value) for scope in project.scopes for r in scope.resources}),
        suppressed=len(silenced),
        crashes=tuple(sorted(crashes)),
    )
    return Checked(report, tuple(silenced))


def _located(
    raws: Sequence[Raw], selection: Selection, crashes: dict[str, None], most: int | None
) -> list[Diagnostic | None]:
    """The findings with their lines. Of no more than `most` documents (None: of all) the places are kept: those of one
    document are asked for one after the other."""
    found: list[Diagnostic | None] = [None] * len(raws)
    placed: dict[int, Document] = {}
    for number in sorted(range(len(raws)), key=lambda number: _begin(raws[number].finding.place)):
        finding = raws[number].finding
        found[number] = _resolved(raws[number], selection, crashes)
        if most is None or found[number] is None:
            continue
        places = (finding.place, *(related.place for related in finding.related))
        read = [place.document for place in places if isinstance(place, Place)]
        read += [document for document, _ in finding.fix.changes] if finding.fix else []
        for document in read:
            placed[id(document)] = placed.pop(id(document), document)
        while len(placed) > most:
            placed.pop(next(iter(placed))).forget()
    return found


def _begin(place: Place | Spot) -> tuple[str, int]:
    if isinstance(place, Spot):
        return place.source.path, place.span.start
    return place.document.source.path, place.document.start


def _resolved(raw: Raw, selection: Selection, crashes: dict[str, None]) -> Diagnostic | None:
    """The finding with its lines; None for one whose places or fix lead nowhere."""
    try:
        return resolve(raw.rule, _severity(raw, selection), raw.finding, raw.resource)
    except Exception as error:
        crashes[f"rule {raw.rule}: {type(error).__name__}: {error}"] = None
        return None


def _all(
    project: Project, facts: Facts, selection: Selection, verdicts: Verdicts | None, crashes: dict[str, None]
) -> Iterator[Raw]:
    for rule in selection.rules:
        if rule.kinds is None and rule.on is Document:
            documents = (document for source in project.sources for document in source.documents)
            yield from _ask(rule, documents, None, selection, crashes)
    # The more a refusal rule is about, the later it is asked.
    explaining = sorted(
        (rule for rule in selection.rules if rule.claims),
        key=lambda r: (r.claims == ("*",), r.kinds is None, r.name == LAST),
    )
    asking = [rule for rule in selection.rules if not rule.claims and (rule.kinds or rule.on is not Document)]
    definitions = [r.value for scope in project.scopes for r in scope.resources if r.kind == "CustomResourceDefinition"]
    # Policies look at what would be stored; else nobody does, and it is larger than the object.
    store = any(
        r.kind == "ValidatingAdmissionPolicy" for scope in project.scopes for r in (*scope.resources, *scope.assumed)
    )
    if verdicts is None and len(project.scopes) > 1:
        verdicts = Verdicts()
    if verdicts is not None:
        verdicts.begin(facts, store, *definitions)
    for scope in project.scopes:
        # Definitions of another scope may be another version's, or a fixture.
        custom = _custom_kinds(scope)
        judged = []
        for resource in scope.resources:
            ask = partial(_admit, resource, facts, custom, store, crashes)
            verdict = ask() if verdicts is None else verdicts.of(resource.value, ask)
            if store or verdict.warnings or not verdict.accepted:
                judged.append((resource, verdict))
        refused = frozenset(resource for resource, verdict in judged if not verdict.accepted)
        cluster = cluster_of(scope, facts, refused, selection.templates)
        for resource, verdict in judged:
            if (verdict.warnings or not verdict.accepted) and resource not in scope.uncertain:
                since = None if verdict.accepted else _accepted_since(resource, facts)
                yield from _refused(resource, verdict, since, explaining, cluster, crashes)
        yield from _denied(judged, explaining, cluster, crashes)
        owners = _Owners(scope.resources)
        for rule in asking:
            if rule.kinds is not None and not cluster.index.holds(rule.kinds):
                continue
            if rule.on is Cluster:
                for raw in _ask(rule, (cluster,), cluster, selection, crashes):
                    yield raw._replace(resource=owners.at(raw.finding.place))
            else:
                yield from _ask(rule, views(cluster, rule.on), cluster, selection, crashes)


class _Owners:
    """The objects of a scope by their documents, read when first asked for."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = resources
        self._by_document: dict[int, list[Resource]] | None = None

    def at(self, place: Place | Spot) -> Resource | None:
        """The object that holds a place: what a rule about a whole cluster speaks of."""
        if isinstance(place, Spot):
            return None
        if self._by_document is None:
            self._by_document = {}
            for resource in self._resources:
                self._by_document.setdefault(id(resource.document), []).append(resource)
        holding = (
            resource
            for resource in self._by_document.get(id(place.document), ())
            if place.path[: len(resource.path)] == resource.path
        )
        return max(holding, key=lambda resource: len(resource.path), default=None)


def _ask(
    rule: Rule, every: Iterable[Any], cluster: Cluster | None, selection: Selection, crashes: dict[str, None]
) -> Iterator[Raw]:
    """What a rule says of each view but of objects that are refused. One call for all: there are thousands of views."""
    options = _options(rule, selection) if rule.options else {}
    check = rule.check
    refused = cluster.refused if cluster is not None else ()
    about: Resource | None = None
    of_object, of_any = rule.on not in (Document, Cluster), rule.on is Resource
    for view in every:
        if of_object:
            about = view if of_any else view.resource
            if refused and about in refused:
                continue
        try:
            for finding in check(view, cluster, **options):
                if not _is_finding(finding):
                    raise TypeError(f"yields a {type(finding).__name__} that is no Finding, or one with wrong parts")
                yield Raw(rule.name, rule.severity, finding, about)
        except (Exception, SystemExit) as error:
            crashes[f"rule {rule.name} ({rule.module}): {type(error).__name__}: {error}"] = None


def _is_finding(said: Any) -> bool:
    """Whether a rule, whoever wrote it, says what it may say."""
    return (
        isinstance(said, Finding)
        and isinstance(said.message, str)
        and isinstance(said.fix, Fix | None)
        and said.severity in (None, *SEVERITIES)
        and all(_is_place(each) for each in (said.place, *(related.place for related in said.related)))
    )


def _is_place(said: Any) -> bool:
    if isinstance(said, Place):
        return all(isinstance(step, str | int) for step in said.path)
    return isinstance(said, Spot)


def _options(rule: Rule, selection: Selection) -> dict[str, Any]:
    return {name: option.default for name, option in rule.options.items()} | dict(selection.options.get(rule.name, {}))


def views(cluster: Cluster, on: type) -> Iterable[Any]:
    """What a rule on this class is asked about."""
    if on is Resource:
        return cluster.resources
    if on is Workload:
        return cluster.workloads
    return cluster.of(on)


def _custom_kinds(scope: Scope) -> Mapping[Any, Any]:
    """What the CustomResourceDefinitions of a scope say of their kinds."""
    found = [resource.value for resource in scope.resources if resource.kind == "CustomResourceDefinition"]
    if not found:
        return {}
    from svclint.apiserver.custom import custom_kinds

    return custom_kinds(found)


def _accepted_since(resource: Resource, facts: Facts) -> str | None:
    """The first later version that takes a refused object, None where none does."""
    if facts.kubernetes_version >= NEWEST:
        return None
    from svclint.apiserver.admit import accepted_since

    version = accepted_since(resource.value, facts)
    return None if version is None else ".".join(map(str, version))


def _admit(
    resource: Resource, facts: Facts, custom: Mapping[Any, Any], store: bool, crashes: dict[str, None]
) -> Verdict:
    """The verdict on one object alone; a crash of ours is told and held against nobody."""
    try:
        verdict = admit_one(resource.value, facts, None, custom)
        if store:
            return verdict
        return TAKEN if verdict.accepted and not verdict.warnings else verdict._replace(stored=None)
    except Exception as error:
        crashes[f"admission of {resource.kind}: {type(error).__name__}: {error}"] = None
        return UNKNOWN


def cluster_of(
    scope: Scope,
    facts: Facts,
    refused: frozenset[Resource] = frozenset(),
    templates: Mapping[tuple[str, str], tuple[TemplateAt, ...]] = {},
    objects: Iterable[Resource] | None = None,
) -> Cluster:
    """The paper cluster of a scope; what its folder can't tell is unknown in it.

    `refused` are those of its objects that the API server refuses and that are known by name all the same, `objects`
    those of the scope that there are (None: all), `templates` as for `Selection`.
    """
    everything = scope.resources + scope.assumed if objects is None else objects
    return Cluster(
        everything,
        facts,
        Completeness(scope.missing),
        dict(templates) or None,
        scope.elsewhere,
        refused,
        frozenset(scope.assumed),
    )


def refusals(verdict: Verdict) -> Iterator[Refusal]:
    """What an object was refused for, or taken with a warning for, in the server's order."""
    for fault in verdict.faults:
        yield Refusal(fault.kind, field_text(fault.place), fault.message, fault.place, fault.fields)
    for cause in verdict.causes:
        yield Refusal(cause.reason, cause.field, cause.body, cause.place)
    for warning in verdict.warnings:
        yield Refusal("warning", field_text(warning.place), warning.message, warning.place)
    if not verdict.accepted and not verdict.faults and not verdict.causes:
        yield Refusal("document", "", verdict.message or "", ("kind",))


def _refused(
    resource: Resource,
    verdict: Verdict,
    since: str | None,
    explaining: Sequence[Rule],
    cluster: Cluster,
    crashes: dict[str, None],
) -> Iterator[Raw]:
    """What the rules make of a verdict."""
    for raw in _explained(resource, refusals(verdict), explaining, cluster, crashes):
        finding = raw.finding
        if since:
            finding = finding._replace(message=f"{finding.message}; Kubernetes {since} takes it")
        yield raw._replace(finding=finding)


def _denied(
    judged: Iterable[tuple[Resource, Verdict]],
    explaining: Sequence[Rule],
    cluster: Cluster,
    crashes: dict[str, None],
) -> Iterator[Raw]:
    """What the ValidatingAdmissionPolicies among the manifests say of objects that the server itself takes."""
    if not cluster.index.of_kind("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"):
        return
    from svclint.apiserver.admission import Admission

    scopes = {(r.api_version, r.kind): bool(r.namespace) for r in cluster.resources}
    admission = Admission([r.value for r in cluster.resources], cluster.facts, scopes=scopes)
    for resource, verdict in judged:
        causes = [
            Refusal("policy", field_text(f.paths[-1]) if f.paths else "", f.message, place, (f.policy, *f.actions))
            for f in admission.failures(resource.value, verdict)
            for place in (f.paths[-1] if f.paths else (),)
        ]
        yield from _explained(resource, causes, explaining, cluster, crashes)


def _explained(
    resource: Resource,
    causes: Iterable[Refusal],
    explaining: Sequence[Rule],
    cluster: Cluster,
    crashes: dict[str, None],
) -> Iterator[Raw]:
    """One finding a place: what follows from a fault (a default that repeats it) is not said again."""
    said: set[Any] = set()
    alone: tuple[Finding, Refusal] | None = None
    read: dict[type, Any] = {Resource: resource}
    for cause in causes:
        for rule in explaining:
            if not _claims(rule, cause, resource):
                continue
            try:
                if rule.on not in read:
                    read[rule.on] = rule.on(resource)
                finding = rule.check(read[rule.on], cause, cluster)
            except Exception as error:
                crashes[f"rule {rule.name} ({rule.module}): {type(error).__name__}: {error}"] = None
                continue
            if isinstance(finding, Finding):
                if alone is None:  # Most objects are refused for one thing: nobody asks where it stands.
                    alone = finding, cause
                else:
                    if not said:
                        said.add(_said(*alone))
                    key = _said(finding, cause)
                    if key in said:
                        break
                    said.add(key)
                yield Raw(rule.name, rule.severity, finding, resource)
                break


def _said(finding: Finding, cause: Refusal) -> tuple[Any, ...]:
    return locate(finding.place)[1], cause.known if cause.kind == "policy" else ()


def _claims(rule: Rule, cause: Refusal, resource: Resource) -> bool:
    if rule.kinds is not None and (
        (resource.group, resource.kind) not in rule.kinds or not rule.on.reads(resource)  # type: ignore[attr-defined]
    ):
        return False
    if cause.kind in SPOKEN_FOR or rule.claims[0] in SPOKEN_FOR:
        return rule.claims == (cause.kind,)
    return any(pattern == "*" or fnmatchcase(cause.field, pattern.replace("[", "[[]")) for pattern in rule.claims)


def _severity(raw: Raw, selection: Selection) -> Severity:
    """The configured severity, else the finding's own, else the rule's."""
    return selection.severities.get(raw.rule) or raw.finding.severity or raw.severity


def _place_key(place: Place | Spot) -> tuple[Any, ...]:
    if isinstance(place, Spot):
        return place.source.path, place.span
    return place.document.source.path, place.document.index, place.path, place.part, place.slice


def _path(place: Place | Spot) -> str:
    return place.source.path if isinstance(place, Spot) else place.document.source.path


def _shown(raw: Raw, project: Project, assumed: frozenset[str]) -> bool:
    """Whether a finding has a place in a target; what is assumed to live elsewhere is blamed for nothing."""
    if _path(raw.finding.place) in assumed:
        return False
    if project.targets is None:
        return True
    return _path(raw.finding.place) in project.targets or any(
        _path(r.place) in project.targets for r in raw.finding.related
    )


def _ignored(d: Diagnostic, selection: Selection) -> bool:
    return any(
        fnmatchcase(d.region.file, glob) and any(name in ("ALL", d.rule) for name in names)
        for glob, names in selection.per_file_ignores
    )


__all__ = ["Checked", "Raw", "Selection", "asked_for", "check", "checked", "selected", "selection_of"]
