"""URLs as Go's net/url reads and prints them."""

import re
from typing import NamedTuple

from svclint.cel.gotext import quote


class ParseError(Exception):
    """The text is Go's."""


class Url(NamedTuple):
    """A parsed URL."""

    scheme: str = ""
    opaque: str = ""
    user: str | None = None
    host: str = ""
    path: str = ""
    raw_path: str = ""
    force_query: bool = False
    raw_query: str = ""
    fragment: str = ""
    omit_host: bool = False

    def hostname(self) -> str:
        """The host without its port and brackets."""
        return _split_host(self.host)[0]

    def port(self) -> str:
        """The port as written, or ""."""
        return _split_host(self.host)[1]

    def escaped_path(self) -> str:
        """The path as it would be sent."""
        if self.raw_path and _VALID_PATH.fullmatch(self.raw_path) and _unescape(self.raw_path, "path") == self.path:
            return self.raw_path
        return "*" if self.path == "*" else _escape(self.path, _PATH_SAFE)

    def query(self) -> dict[str, list[str]]:
        """The query's parameters; what can't be read is left out."""
        out: dict[str, list[str]] = {}
        for pair in self.raw_query.split("&"):
            if ";" in pair or not pair:
                continue
            key, _, value = pair.partition("=")
            try:
                name, text = _unescape(key, "query"), _unescape(value, "query")
            except ParseError:
                continue
            out.setdefault(name, []).append(text)
        return out

    def __str__(self) -> str:
        text = f"{self.scheme}:" if self.scheme else ""
        if self.opaque:
            text += self.opaque
        else:
            hostless = not self.host and self.user is None
            if (self.scheme or not hostless) and not (self.omit_host and hostless):
                text += "//" if self.path or not hostless else ""
                text += (f"{self.user}@" if self.user is not None else "") + _escape(self.host, _HOST_SAFE)
            path = self.escaped_path()
            if path and not path.startswith("/") and self.host:
                text += "/"
            if not text and ":" in path.split("/", 1)[0]:
                text += "./"
            text += path
        if self.force_query or self.raw_query:
            text += "?" + self.raw_query
        return text + (f"#{_escape(self.fragment, _FRAGMENT_SAFE)}" if self.fragment else "")


_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
_PATH_SAFE = frozenset(_UNRESERVED + "$&+,/:;=@")
_HOST_SAFE = frozenset(_UNRESERVED + "!$&'()*+,;=:[]<>\"")
_FRAGMENT_SAFE = frozenset(_UNRESERVED + "$&+,/:;=?@!()*")
_VALID_PATH = re.compile(r"(?:[A-Za-z0-9\-_.~$&+,/:;=@!'()*\[\]]|%[0-9a-fA-F]{2})*")
_USERINFO = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PORT = re.compile(r"(?::[0-9]*)?")


def _split_host(host: str) -> tuple[str, str]:
    port = ""
    colon = host.rfind(":")
    if colon >= 0 and _PORT.fullmatch(host[colon:]):
        host, port = host[:colon], host[colon + 1 :]
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    return host, port


def _escape(text: str, safe: frozenset[str]) -> str:
    if safe.issuperset(text):
        return text
    return "".join(
        char if char in safe else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace")) for char in text
    )


_HEX = frozenset("0123456789abcdefABCDEF")


def _unescape(text: str, mode: str) -> str:
    """Raises ParseError for a bad escape."""
    if "%" not in text and "+" not in text and mode != "host":
        return text
    out = bytearray()
    at = 0
    while at < len(text):
        char = text[at]
        if char == "%":
            code = text[at + 1 : at + 3]
            if len(code) < 2 or not _HEX.issuperset(code):
                raise ParseError(f"invalid URL escape {quote(text[at : at + 3])}")
            if mode == "host" and int(code[0], 16) < 8 and code != "25":
                raise ParseError(f"invalid URL escape {quote(text[at : at + 3])}")
            out.append(int(code, 16))
            at += 3
            continue
        if mode == "host" and ord(char) < 128 and char not in _HOST_SAFE:
            raise ParseError(f"invalid character {quote(char)} in host name")
        out += b" " if char == "+" and mode == "query" else char.encode("utf-8", "replace")
        at += 1
    return out.decode("utf-8", "replace")


def _scheme(text: str) -> tuple[str, str]:
    for i, char in enumerate(text):
        if char.isascii() and char.isalpha():
            continue
        if char in "0123456789+-.":
            if i == 0:
                return "", text
        elif char == ":":
            if i == 0:
                raise ParseError("missing protocol scheme")
            return text[:i].lower(), text[i + 1 :]
        else:
            return "", text
    return "", text


def _authority(text: str) -> tuple[str | None, str]:
    at = text.rfind("@")
    host = _host(text[at + 1 :])
    if at < 0:
        return None, host
    user = text[:at]
    if not _USERINFO.fullmatch(user):
        raise ParseError("net/url: invalid userinfo")
    _unescape(user, "user")
    return user, host


def _host(text: str) -> str:
    if text.startswith("["):
        end = text.rfind("]")
        if end < 0:
            raise ParseError("missing ']' in host")
        port = text[end + 1 :]
        if not _PORT.fullmatch(port):
            raise ParseError(f"invalid port {quote(port)} after host")
        zone = text.find("%25", 0, end)
        if zone >= 0:
            return _unescape(text[:zone], "host") + _unescape(text[zone:end], "zone") + _unescape(text[end:], "host")
    else:
        colon = text.rfind(":")
        if colon >= 0 and not _PORT.fullmatch(text[colon:]):
            raise ParseError(f"invalid port {quote(text[colon:])} after host")
    return _unescape(text, "host")


def _parse(text: str, request: bool) -> Url:
    if _CONTROL.search(text):
        raise ParseError("net/url: invalid control character in URL")
    if not text and request:
        raise ParseError("empty url")
    if text == "*":
        return Url(path="*")
    scheme, rest = _scheme(text)
    url = Url(scheme=scheme)
    if rest.endswith("?") and rest.count("?") == 1:
        url, rest = url._replace(force_query=True), rest[:-1]
    else:
        rest, _, query = rest.partition("?")
        url = url._replace(raw_query=query)
    if not rest.startswith("/"):
        if scheme:
            return url._replace(opaque=rest)
        if request:
            raise ParseError("invalid URI for request")
        if ":" in rest.split("/", 1)[0]:
            raise ParseError("first path segment in URL cannot contain colon")
    if (scheme or (not request and not rest.startswith("///"))) and rest.startswith("//"):
        authority, slash, rest = rest[2:].partition("/")
        rest = slash + rest
        user, host = _authority(authority)
        url = url._replace(user=user, host=host)
    elif scheme and rest.startswith("/"):
        url = url._replace(omit_host=True)
    path = _unescape(rest, "path")
    return url._replace(path=path, raw_path="" if _escape(path, _PATH_SAFE) == rest else rest)


def parse_request_uri(text: str) -> Url:
    """url.ParseRequestURI. Raises ParseError."""
    try:
        return _parse(text, True)
    except ParseError as wrong:
        raise ParseError(f"parse {quote(text)}: {wrong}") from None


def parse(text: str) -> Url:
    """url.Parse. Raises ParseError."""
    head, _, fragment = text.partition("#")
    try:
        url = _parse(head, False)
        return url._replace(fragment=_unescape(fragment, "fragment"))
    except ParseError as wrong:
        raise ParseError(f"parse {quote(head)}: {wrong}") from None
