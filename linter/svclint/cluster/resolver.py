"""The client's side of DNS: the pod's resolv.conf and the names that its libc tries, in order.

Cites: pkg/kubelet/network/dns/dns.go (1.36), resolv.conf(5) of glibc; musl differs in that NODATA ends its search.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from svclint.cluster.dns import DNS, Answer
from svclint.kube.pod import PodTemplate

Libc = Literal["glibc", "musl"]

# validation.MaxDNSSearchPaths and resolv.conf's own limit of name servers.
_MOST_SEARCHES = 32
_MOST_NAMESERVERS = 3

CLUSTER = "cluster DNS"
NODE = "the node's DNS"


class ResolvConf(NamedTuple):
    """What a pod's /etc/resolv.conf says, and why: `policy` is the dnsPolicy that is in force."""

    nameservers: tuple[str, ...]
    search: tuple[str, ...]
    ndots: int
    policy: str

    @property
    def asks_cluster(self) -> bool | None:
        """Whether the cluster's DNS is asked; None when only addresses are given that it may have."""
        if not self.nameservers:
            return False
        if self.nameservers[0] == CLUSTER:
            return True
        return False if self.nameservers[0] == NODE else None


class Attempt(NamedTuple):
    """One name that was tried, with the answers of both families (AAAA is asked for beside A)."""

    name: str
    a: Answer
    aaaa: Answer

    @property
    def found(self) -> bool:
        return self.a.found or self.aaaa.found

    @property
    def outcome(self) -> str:
        """The answer in a word: an rcode, or NODATA."""
        if self.found:
            return "NOERROR"
        codes = {self.a.rcode, self.aaaa.rcode}
        if codes == {"NOERROR"}:
            return "NODATA"
        return next((code for code in ("TIMEOUT", "SERVFAIL", "REFUSED", "NXDOMAIN") if code in codes), "NODATA")


class Lookup(NamedTuple):
    """A lookup: every attempt in order; the last one is the answer if it was found."""

    name: str
    conf: ResolvConf
    attempts: tuple[Attempt, ...]

    @property
    def answer(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts and self.attempts[-1].found else None

    @property
    def left_the_cluster(self) -> bool:
        """Whether it ended at a name that only the upstream knows."""
        return bool(self.attempts) and self.attempts[-1].outcome == "REFUSED"


def resolv_conf(namespace: str, template: PodTemplate | None, zone: str) -> ResolvConf:
    """A pod's resolver configuration (dns.go getPodDNSType, GetPodDNS, appendDNSConfig). The node's own search list
    isn't known and is left out."""
    policy = template.dns_policy if template is not None else "ClusterFirst"
    host_network = template is not None and template.host_network
    if policy == "ClusterFirst" and host_network:
        policy = "Default"
    elif policy == "ClusterFirstWithHostNet":
        policy = "ClusterFirst"
    ndots = 1
    search: tuple[str, ...] = ()
    nameservers: tuple[str, ...] = ()
    if policy == "ClusterFirst":
        nameservers, ndots = (CLUSTER,), 5
        search = (f"{namespace}.svc.{zone}", f"svc.{zone}", zone)
    elif policy != "None":
        nameservers = (NODE,)
    if template is not None:
        config = template.dns_config
        nameservers = tuple(dict.fromkeys((*nameservers, *config.nameservers)))[:_MOST_NAMESERVERS]
        searches = (item if item == "." else item.removesuffix(".") for item in config.searches)
        search = tuple(dict.fromkeys((*search, *searches)))[:_MOST_SEARCHES]
        for name, value in config.options:
            if name == "ndots" and value is not None and value.isascii() and value.isdigit():
                ndots = min(int(value.lstrip("0")[:3] or "0"), 15)
    return ResolvConf(nameservers, search, ndots, policy)


def candidates(name: str, conf: ResolvConf) -> tuple[str, ...]:
    """The absolute names that the libc tries, in order (glibc res_search): a trailing dot means only itself; with at
    least ndots dots itself first, otherwise the search list first."""
    if name.endswith("."):
        return (name,)
    listed = tuple(f"{name}." if domain == "." else f"{name}.{domain}." for domain in conf.search)
    itself = f"{name}."
    tried = (itself, *listed) if name.count(".") >= conf.ndots else (*listed, itself)
    return tuple(dict.fromkeys(tried))


def lookup(name: str, conf: ResolvConf, dns: DNS, libc: Libc = "glibc") -> Lookup:
    """Tries the candidates until one is answered. glibc goes on after NXDOMAIN and after NODATA, musl only after
    NXDOMAIN; a name outside of the cluster's domain ends it, as the upstream's answer isn't known."""
    attempts: list[Attempt] = []
    for candidate in candidates(name, conf):
        attempt = Attempt(candidate, dns.query(candidate, "A"), dns.query(candidate, "AAAA"))
        attempts.append(attempt)
        if attempt.found or attempt.outcome in ("REFUSED", "TIMEOUT", "FORMERR"):
            break
        if attempt.outcome == "NODATA" and libc == "musl":
            break
    return Lookup(name, conf, tuple(attempts))
