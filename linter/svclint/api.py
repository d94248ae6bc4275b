"""The public Python API: the paper cluster of some manifests.

import svclint

cluster = svclint.load(["deploy/"])
for service in cluster.services:
    print(service, cluster.endpoints(service))
cluster.dig("web.default.svc.cluster.local", "A").answers
cluster.resolve("http://web", source="default/Deployment/shop").verdict
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from svclint.kube.facts import Facts

if TYPE_CHECKING:
    from svclint.apiserver.admit import Verdict
    from svclint.cluster import Cluster
    from svclint.cluster.dns import Answer
    from svclint.cluster.endpoints import Endpoint
    from svclint.cluster.resolver import Libc
    from svclint.cluster.trace import Trace
    from svclint.config import Config
    from svclint.kube.resource import Resource
    from svclint.project import Project, Scope

__all__ = ["PaperCluster", "load", "load_scopes"]


class PaperCluster:
    """The cluster that some manifests make, without the objects that the API server would refuse.

    `root` is the folder that file names count from, `scope` the folder that its objects come from, `refused` what was
    refused with the server's verdict, `cluster` the engine's own view (`svclint.cluster.Cluster`) for more.
    """

    def __init__(self, scope: str, cluster: Cluster, refused: list[tuple[Resource, Verdict]], root: str = ".") -> None:
        self.root = root
        self.scope = scope
        self.cluster = cluster
        self.refused = refused

    def __repr__(self) -> str:
        return f"<PaperCluster {self.scope}: {len(self.cluster.services)} Services>"

    @property
    def services(self) -> tuple[str, ...]:
        """The Services, as sorted `NAMESPACE/NAME`."""
        return tuple(sorted(f"{service.namespace}/{service.name}" for service in self.cluster.services))

    def endpoints(self, service: str) -> tuple[Endpoint, ...]:
        """What stands behind a Service, given as `NAMESPACE/NAME`. Raises KeyError if there is no such Service."""
        namespace, _, name = service.rpartition("/")
        found = self.cluster.service_named(namespace or self.cluster.facts.namespace, name)
        if found is None:
            raise KeyError(service)
        return self.cluster.endpoints(found)

    def dig(self, name: str, type: str = "A") -> Answer:
        """What CoreDNS answers about an absolute name; a missing trailing dot is added."""
        return self.cluster.dns.query(name, type)

    def resolve(self, target: str, source: str = "pod", libc: Libc = "glibc") -> Trace:
        """The path of a connection to `HOST:PORT[/PROTOCOL]` or a URL from `pod`, `outside` or NAMESPACE/KIND/NAME,
        by a program that resolves names as glibc or musl does."""
        return self.cluster.resolve(target, source, libc)

    def map(self) -> dict[str, Any]:
        """Every Service with its ports and endpoints, as `svclint map --output-format json` prints them."""
        from svclint.atlas.data import services_json

        return services_json(self.cluster)


def load(paths: Sequence[str] = (), facts: Facts | None = None, *, namespace: str | None = None) -> PaperCluster:
    """The paper cluster of the manifests at `paths` (files and folders; none: the project root).

    Raises ValueError if they make several clusters (use `load_scopes`), ProjectError for a path that isn't there,
    ConfigError for a configuration that can't be read.
    """
    scopes = load_scopes(paths, facts, namespace=namespace)
    if len(scopes) > 1:
        raise ValueError(f"these paths hold several clusters: {', '.join(scopes)}; use svclint.load_scopes")
    return next(iter(scopes.values()))


def load_scopes(
    paths: Sequence[str] = (), facts: Facts | None = None, *, namespace: str | None = None
) -> dict[str, PaperCluster]:
    """The paper clusters of the manifests at `paths`, by the folder of each; never empty. Raises as `load` does."""
    from svclint import config

    def facts_of(configured: Facts) -> Facts:
        known = configured if facts is None else facts
        return known if namespace is None else known._replace(namespace=namespace)

    project, configured = open_project(paths, facts_of)
    return clusters(project, facts_of(config.facts(configured)), configured)


def open_project(
    paths: Sequence[str], facts_of: Callable[[Facts], Facts], stdin: bytes | None = None
) -> tuple[Project, Config]:
    """Reads the files at `paths` and nothing else, with the configuration that applies there; `facts_of` lays what is
    known otherwise over the configuration's facts. Raises ProjectError and ConfigError."""
    from svclint import config, project

    place = project.find(paths, alone=bool(paths))
    configured = config.load(project.find(paths).root if paths else place.root)
    namespace = facts_of(config.facts(configured)).namespace
    return place.load(configured, place.overlay(stdin), namespace), configured


def findings(project: Project, facts: Facts, configured: Config) -> dict[tuple[str, str, str], list[str]]:
    """What the rules say of a project, by the (kind, namespace, name) of the object."""
    from svclint import config, registry, session

    rules = session.selected(registry.rules().values(), configured.select, configured.ignore, configured.extend_select)
    selection = session.Selection(
        rules, configured.options, configured.severities, templates=config.templates(configured)
    )
    report = session.check(project, facts, selection)
    said: dict[tuple[str, str, str], list[str]] = {}
    for found in report.diagnostics:
        if found.object is not None:
            key = (found.object.kind, found.object.namespace, found.object.name)
            said.setdefault(key, []).append(f"{found.severity}: {found.message} [{found.rule}]")
    return said


def clusters(project: Project, facts: Facts, configured: Config) -> dict[str, PaperCluster]:
    """The clusters of a project, by scope; one without objects if there is nothing."""
    found = {scope.name: _cluster(scope, project, facts, configured) for scope in project.scopes}
    if found:
        return found
    from svclint.cluster import Cluster

    return {".": PaperCluster(".", Cluster((), facts), [], project.root)}


def _cluster(scope: Scope, project: Project, facts: Facts, configured: Config) -> PaperCluster:
    from svclint import config
    from svclint.cluster.build import admitted
    from svclint.session import cluster_of

    accepted, refused = admitted((*scope.resources, *scope.assumed), facts)
    cluster = cluster_of(scope, facts, templates=config.templates(configured), objects=accepted)
    return PaperCluster(scope.name, cluster, refused, project.root)
