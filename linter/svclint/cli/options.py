"""Flags that several verbs share: the facts about the cluster that manifests don't hold (docs/configuration.md)."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import click

from svclint.kube.facts import Facts


def _version(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"v?(\d{1,4})\.(\d{1,4})(?:\..*)?", value)
    if not match:
        raise click.BadParameter(f"{value!r} is not a Kubernetes version such as 1.36")
    return int(match[1]), int(match[2])


def _port_range(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    match = re.fullmatch(r"(\d{1,5})-(\d{1,5})", value)
    if not match or not 0 < int(match[1]) <= int(match[2]) <= 65535:
        raise click.BadParameter(f"{value!r} is not a range of ports such as 30000-32767")
    return int(match[1]), int(match[2])


def _cidrs(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    import ipaddress

    ranges = tuple(part.strip() for part in value.split(","))
    for part in ranges:
        try:
            ipaddress.ip_network(part)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
    if len(ranges) > 2:
        raise click.BadParameter("at most two ranges, one of each family")
    return ranges


FLAGS = (
    click.option("--kubernetes-version", callback=_version, metavar="1.36", help="Rules of this API server."),
    click.option("--namespace", metavar="NAME", help="Namespace of documents that name none.  [default]"),
    click.option("--node-port-range", callback=_port_range, metavar="30000-32767", help="Range of node ports."),
    click.option("--service-cidr", callback=_cidrs, metavar="CIDR[,CIDR]", help="Ranges of cluster IPs.  [unknown]"),
    click.option("--cluster-domain", metavar="cluster.local", help="DNS domain of the cluster."),
    click.option(
        "--proxy-mode",
        type=click.Choice(["iptables", "nftables", "ipvs", "userspace"]),
        help="How kube-proxy works.  [iptables]",
    ),
    click.option(
        "--network-policies",
        type=click.Choice(["enforced", "ignored"]),
        help="Whether the CNI plugin enforces NetworkPolicies.  [enforced]",
    ),
    click.option("--dual-stack", is_flag=True, default=None, help="Pods have an address of both families."),
    click.option("--not-ready", multiple=True, metavar="KIND/NAME", help="Pods of this workload are not ready."),
    click.option("--succeeded", multiple=True, metavar="KIND/NAME", help="This Job has succeeded."),
)


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the flags; the command gets `facts_of`, a function that lays what was given over a configuration's Facts."""

    @functools.wraps(command)
    def with_facts(*args: Any, **kwargs: Any) -> Any:
        policies = kwargs.pop("network_policies")
        given = {
            "kubernetes_version": kwargs.pop("kubernetes_version"),
            "namespace": kwargs.pop("namespace"),
            "node_port_range": kwargs.pop("node_port_range"),
            "service_cidrs": kwargs.pop("service_cidr"),
            "cluster_domain": kwargs.pop("cluster_domain"),
            "proxy_mode": kwargs.pop("proxy_mode"),
            "network_policies": None if policies is None else policies == "enforced",
            "dual_stack": kwargs.pop("dual_stack"),
            "not_ready": frozenset(kwargs.pop("not_ready")) or None,
            "succeeded": frozenset(kwargs.pop("succeeded")) or None,
        }
        said = {name: value for name, value in given.items() if value is not None}

        def facts_of(configured: Facts | None = None) -> Facts:
            return (configured or Facts())._replace(**said)

        return command(*args, facts_of=facts_of, **kwargs)

    for flag in reversed(FLAGS):
        with_facts = flag(with_facts)
    return with_facts
