"""What a connection is asked for: `HOST:PORT[/PROTOCOL]` or a URL, and from where."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

# The port that a client takes when a URL names none.
SCHEME_PORTS = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "grpc": 80,
    "grpcs": 443,
    "ftp": 21,
    "ssh": 22,
    "ldap": 389,
    "ldaps": 636,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "redis": 6379,
    "rediss": 6379,
    "amqp": 5672,
    "amqps": 5671,
    "nats": 4222,
    "mqtt": 1883,
    "memcached": 11211,
    "zookeeper": 2181,
    "kafka": 9092,
    "cassandra": 9042,
    "etcd": 2379,
    "clickhouse": 9000,
    "otlp": 4317,
}

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?(/[^?#]*)?")
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^\s\[\]:]+):(\d{1,5})(?:/(tcp|udp|sctp))?", re.IGNORECASE)


class TargetError(ValueError):
    """The text names no target."""


class Target(NamedTuple):
    """A host, a port, a protocol; a URL also has a scheme and a path."""

    text: str
    host: str
    port: int
    protocol: str
    scheme: str | None = None
    path: str = "/"

    @property
    def address(self) -> str | None:
        """The host as an IP address in its canonical form, None for a name."""
        try:
            return str(ipaddress.ip_address(self.host))
        except ValueError:
            return None

    @property
    def object(self) -> tuple[str, str, str] | None:
        """The (namespace, kind, name) that the host names."""
        parts = self.host.split("/")
        return (parts[0], parts[1], parts[2]) if len(parts) == 3 and all(parts) else None


def parse_target(text: str) -> Target:
    """Reads `HOST:PORT[/PROTOCOL]` or a URL. Raises TargetError with what is wrong."""
    text = text.strip()
    if "://" in text:
        return _parse_url(text)
    match = _HOST_PORT.fullmatch(text)
    if not match:
        raise TargetError(f"{text!r} is neither HOST:PORT[/PROTOCOL] nor a URL")
    return Target(text, match[1].strip("[]"), _port(match[2], text), (match[3] or "TCP").upper())


def _parse_url(text: str) -> Target:
    match = _URL.match(text)
    if not match or not match[2]:
        raise TargetError(f"{text!r} is not a URL with a host")
    scheme = match[1].lower()
    base = scheme.partition("+")[0]
    protocol = base.upper() if base in ("tcp", "udp", "sctp") else "TCP"
    if match[3]:
        port = _port(match[3], text)
    elif scheme in SCHEME_PORTS or base in SCHEME_PORTS:
        port = SCHEME_PORTS.get(scheme) or SCHEME_PORTS[base]
    else:
        raise TargetError(f"{text!r} names no port, and {scheme} has no usual one")
    return Target(text, match[2].strip("[]"), port, protocol, scheme, match[4] or "/")


def _port(digits: str, text: str) -> int:
    if len(digits) > 6 or not 0 < int(digits) < 65536:
        raise TargetError(f"{digits} in {text!r} is not a port")
    return int(digits)
