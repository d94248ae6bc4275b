"""The URL library. Upstream: apiserver pkg/cel/library/urls.go."""

from typing import ClassVar

from svclint.cel.decls import Function, function, member, plain
from svclint.cel.errors import EvalError
from svclint.cel.library import gourl
from svclint.cel.types import BOOL, STRING, list_of, map_of, struct
from svclint.cel.values import Opaque, no_overload


class URL(Opaque):
    """A URL."""

    __slots__ = ("url",)
    type_name: ClassVar[str] = "kubernetes.URL"

    def __init__(self, url: gourl.Url) -> None:
        self.url = url

    def equal(self, other: object) -> bool:
        if not isinstance(other, URL):
            raise no_overload()
        return str(self.url) == str(other.url)

    def __str__(self) -> str:
        return str(self.url)


def _url(text: str) -> URL:
    try:
        gourl.parse_request_uri(text)
        return URL(gourl.parse(text))
    except gourl.ParseError as wrong:
        raise EvalError(f"URL parse error during conversion from string: {wrong}") from None


def _is_url(text: str) -> bool:
    try:
        gourl.parse_request_uri(text)
    except gourl.ParseError:
        return False
    return True


TYPE = struct(URL.type_name)
FUNCTIONS: tuple[Function, ...] = (
    function("url", plain("string_to_url", (STRING,), TYPE, _url)),
    function("getScheme", member("url_get_scheme", (TYPE,), STRING, lambda u: u.url.scheme)),
    function("getHost", member("url_get_host", (TYPE,), STRING, lambda u: u.url.host)),
    function("getHostname", member("url_get_hostname", (TYPE,), STRING, lambda u: u.url.hostname())),
    function("getPort", member("url_get_port", (TYPE,), STRING, lambda u: u.url.port())),
    function("getEscapedPath", member("url_get_escaped_path", (TYPE,), STRING, lambda u: u.url.escaped_path())),
    function(
        "getQuery",
        member("url_get_query", (TYPE,), map_of(STRING, list_of(STRING)), lambda u: u.url.query()),
    ),
    function("isURL", plain("is_url_string", (STRING,), BOOL, _is_url)),
)
