"""Hostnames of the Gateway API: `*.example.com` is every name with at least one label before `.example.com`
(apis/v1 httproute_types.go, HTTPRouteSpec.Hostnames; unlike an Ingress's wildcard, which is one label)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def covers(pattern: str, host: str) -> bool:
    """Whether a pattern ("" is every host) covers a name or a narrower pattern."""
    if not pattern or pattern == host:
        return True
    return pattern.startswith("*.") and host.removeprefix("*").endswith(pattern[1:]) and host != pattern[1:]


def intersection(listener: str, hostnames: Iterable[str]) -> tuple[str, ...]:
    """The hostnames that a listener and a route have in common; ("",) when neither names any, () when none."""
    listener = listener.lower()
    written = tuple(dict.fromkeys(name.lower() for name in hostnames))
    if not written:
        return (listener,)
    found = (name if covers(listener, name) else listener if covers(name, listener) else None for name in written)
    return tuple(dict.fromkeys(name for name in found if name is not None))


def specificity(pattern: str) -> tuple[int, int]:
    """Precedence of a matching hostname: characters of one without wildcard, then characters."""
    return (0 if pattern.startswith("*.") else len(pattern), len(pattern))


def patterns(host: str) -> Iterator[str]:
    """Every pattern that covers a name, the most specific first; none has more than 253 characters."""
    host = host[-253:]
    yield host
    end = host.find(".", 1)
    while end != -1:
        yield f"*{host[end:]}"
        end = host.find(".", end + 1)
    if host:
        yield ""
