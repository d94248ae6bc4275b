"""Validators of names and values: each returns what is wrong with a string, nothing if it is right.

Source: k8s.io/apimachinery pkg/util/validation/validation.go, pkg/api/validation/generic.go and
pkg/api/validate/content. Lengths are counted in bytes, as Go does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

NameValidator = Callable[[str], Sequence[str]]
# The same few names stand everywhere: as the app's label, in its selectors, as the name of its Service. What is said
# of a string is kept for that many of them.
KEPT = 4096

QUALIFIED_NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
DNS1123_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
DNS1123_SUBDOMAIN = DNS1123_LABEL + r"(\." + DNS1123_LABEL + r")*"
DNS1123_LABEL_UNDERSCORE = r"_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
DNS1123_SUBDOMAIN_UNDERSCORE = DNS1123_LABEL_UNDERSCORE + r"(\." + DNS1123_LABEL_UNDERSCORE + r")*"
WILDCARD = r"\*\." + DNS1123_SUBDOMAIN
DNS1035_LABEL = r"[a-z]([-a-z0-9]*[a-z0-9])?"
C_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
PERCENT = r"[0-9]+%"
HTTP_HEADER = r"[-A-Za-z0-9]+"
ENV_VAR = r"[-._a-zA-Z][-._a-zA-Z0-9]*"
HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
RELAXED_ENV_VAR = r"[ -<>-~]+"
PORT_NAME = r"[-a-z0-9]+"
CONFIG_MAP_KEY = r"[-._a-zA-Z0-9]+"

# The others are compiled (and kept, by `re`) when they are first needed.
_qualified_name = re.compile(QUALIFIED_NAME).fullmatch
_dns1123_label = re.compile(DNS1123_LABEL).fullmatch
_dns1123_subdomain = re.compile(DNS1123_SUBDOMAIN).fullmatch

DNS1123_LABEL_MAX = 63
DNS1123_SUBDOMAIN_MAX = 253
LABEL_MAX = 63

EMPTY = "must be non-empty"
PORT_RANGE = "must be between 1 and 65535, inclusive"
LABEL_SYNTAX = "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"


def regex_error(message: str, fmt: str, *examples: str) -> str:
    """How upstream words a string that does not match (RegexError)."""
    if not examples:
        return f"{message} (regex used for validation is '{fmt}')"
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{message} (e.g. {shown}regex used for validation is '{fmt}')"


def max_len_error(length: int, unit: str = "characters") -> str:
    return f"must be no more than {length} {unit}"


def inclusive_range_error(low: int, high: int) -> str:
    return f"must be between {low} and {high}, inclusive"


def byte_length(value: str) -> int:
    """The length that Go's len() gives."""
    return len(value) if value.isascii() else len(value.encode(errors="surrogatepass"))


@lru_cache(KEPT)
def is_dns1123_label(value: str) -> tuple[str, ...]:
    if _dns1123_label(value) and len(value) <= DNS1123_LABEL_MAX:
        return ()
    errors = []
    if byte_length(value) > DNS1123_LABEL_MAX:
        errors.append(max_len_error(DNS1123_LABEL_MAX))
    if not _dns1123_label(value):
        if _dns1123_subdomain(value):
            # A valid subdomain was given where only a label will do.
            errors.append("must not contain dots")
        else:
            errors.append(
                regex_error(
                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
                    "start and end with an alphanumeric character",
                    DNS1123_LABEL,
                    "my-name",
                    "123-abc",
                )
            )
    return tuple(errors)


@lru_cache(KEPT)
def is_dns1123_subdomain(value: str) -> tuple[str, ...]:
    """There is no limit on the length of each label."""
    if _dns1123_subdomain(value) and len(value) <= DNS1123_SUBDOMAIN_MAX:
        return ()
    errors = []
    if byte_length(value) > DNS1123_SUBDOMAIN_MAX:
        errors.append(max_len_error(DNS1123_SUBDOMAIN_MAX))
    if not _dns1123_subdomain(value):
        errors.append(
            regex_error(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
                "must start and end with an alphanumeric character",
                DNS1123_SUBDOMAIN,
                "example.com",
            )
        )
    return tuple(errors)


def is_dns1123_subdomain_with_underscore(value: str, own_text: bool = True) -> list[str]:
    """`own_text`: the gate `dns-search-text`; before, the message named the strict expression."""
    if re.fullmatch(DNS1123_SUBDOMAIN_UNDERSCORE, value) and len(value) <= DNS1123_SUBDOMAIN_MAX:
        return []
    errors = []
    if byte_length(value) > DNS1123_SUBDOMAIN_MAX:
        errors.append(max_len_error(DNS1123_SUBDOMAIN_MAX))
    if not re.fullmatch(DNS1123_SUBDOMAIN_UNDERSCORE, value):
        errors.append(
            regex_error(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', "
                "and must start and end with an alphanumeric character",
                DNS1123_SUBDOMAIN_UNDERSCORE if own_text else DNS1123_SUBDOMAIN,
                "example.com",
            )
        )
    return errors


@lru_cache(KEPT)
def is_dns1035_label(value: str) -> tuple[str, ...]:
    errors = []
    if byte_length(value) > DNS1123_LABEL_MAX:
        errors.append(max_len_error(DNS1123_LABEL_MAX))
    if not re.fullmatch(DNS1035_LABEL, value):
        errors.append(
            regex_error(
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
                "character, and end with an alphanumeric character",
                DNS1035_LABEL,
                "my-name",
                "abc-123",
            )
        )
    return tuple(errors)


def is_wildcard_dns1123_subdomain(value: str) -> list[str]:
    errors = []
    if byte_length(value) > DNS1123_SUBDOMAIN_MAX:
        errors.append(max_len_error(DNS1123_SUBDOMAIN_MAX))
    if not re.fullmatch(WILDCARD, value):
        errors.append(
            regex_error(
                "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must "
                "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                WILDCARD,
                "*.example.com",
            )
        )
    return errors


def _qualified(value: str, whole: str, unit: str) -> list[str]:
    parts = value.split("/")
    errors = []
    if len(parts) == 1:
        name = value
    elif len(parts) == 2:
        prefix, name = parts
        if not prefix:
            errors.append("prefix part " + EMPTY)
        elif wrong := is_dns1123_subdomain(prefix):
            errors.extend("prefix part " + message for message in wrong)
    else:
        return [
            f"{whole} "
            + regex_error(f"must consist of {LABEL_SYNTAX}", QUALIFIED_NAME, "MyName", "my.name", "123-abc")
            + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    if not name:
        errors.append("name part " + EMPTY)
    elif byte_length(name) > LABEL_MAX:
        errors.append("name part " + max_len_error(LABEL_MAX, unit))
    if not _qualified_name(name):
        errors.append(
            "name part "
            + regex_error(f"must consist of {LABEL_SYNTAX}", QUALIFIED_NAME, "MyName", "my.name", "123-abc")
        )
    return errors


@lru_cache(KEPT)
def is_qualified_name(value: str, in_bytes: bool = True) -> tuple[str, ...]:
    """A label key: `[prefix/]name`. `in_bytes`: the gate `label-length-in-bytes`, which also changed the wording."""
    if _qualified_name(value) and len(value) <= LABEL_MAX:
        return ()
    if in_bytes:
        return tuple(_qualified(value, "a valid label key", "bytes"))
    return tuple(_qualified(value, "a qualified name", "characters"))


@lru_cache(KEPT)
def is_valid_label_value(value: str, in_bytes: bool = True) -> tuple[str, ...]:
    fits = not value or _qualified_name(value) is not None
    if fits and len(value) <= LABEL_MAX:
        return ()
    errors = []
    if byte_length(value) > LABEL_MAX:
        errors.append(max_len_error(LABEL_MAX, "bytes" if in_bytes else "characters"))
    if not fits:
        errors.append(
            regex_error(
                f"a valid label must be an empty string or consist of {LABEL_SYNTAX}",
                f"({QUALIFIED_NAME})?",
                "MyValue",
                "my_value",
                "12345",
            )
        )
    return tuple(errors)


def are_valid_labels(labels: Mapping[str, str]) -> bool:
    """Whether nothing is wrong with a map of labels."""
    return all(map(is_valid_label, labels, labels.values()))


@lru_cache(KEPT)
def is_valid_label(key: str, value: str) -> bool:
    """Whether nothing is wrong with a label. What is said of a bad one depends on the version, whether it is bad does
    not."""
    return not is_qualified_name(key) and not is_valid_label_value(value)


def is_c_identifier(value: str) -> list[str]:
    if re.fullmatch(C_IDENTIFIER, value):
        return []
    return [
        regex_error(
            "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric "
            "characters or '_'",
            C_IDENTIFIER,
            "my_name",
            "MY_NAME",
            "MyName",
        )
    ]


@lru_cache(KEPT)
def is_valid_port_num(port: int) -> tuple[str, ...]:
    return () if 1 <= port <= 65535 else (PORT_RANGE,)


def is_in_range(value: int, low: int, high: int) -> tuple[str, ...]:
    return () if low <= value <= high else (inclusive_range_error(low, high),)


@lru_cache(KEPT)
def is_valid_port_name(value: str) -> tuple[str, ...]:
    """An IANA service name: containers' port names and targetPort, not a Service's own port names."""
    errors = []
    if byte_length(value) > 15:
        errors.append(max_len_error(15))
    if not re.fullmatch(PORT_NAME, value):
        errors.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not any("a" <= c <= "z" for c in value):
        errors.append("must contain at least one letter (a-z)")
    if "--" in value:
        errors.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        errors.append("must not begin or end with a hyphen")
    return tuple(errors)


@lru_cache(KEPT)
def is_valid_percent(value: str) -> tuple[str, ...]:
    if re.fullmatch(PERCENT, value):
        return ()
    return (
        regex_error("a valid percent string must be a numeric string followed by an ending '%'", PERCENT, "1%", "93%"),
    )


def is_http_header_name(value: str) -> list[str]:
    if re.fullmatch(HTTP_HEADER, value):
        return []
    return [
        regex_error("a valid HTTP header must consist of alphanumeric characters or '-'", HTTP_HEADER, "X-Header-Name")
    ]


def _ch_dir_prefix(value: str) -> list[str]:
    if value == ".":
        return ["must not be '.'"]
    if value == "..":
        return ["must not be '..'"]
    if value.startswith(".."):
        return ["must not start with '..'"]
    return []


@lru_cache(KEPT)
def is_env_var_name(value: str) -> tuple[str, ...]:
    errors = []
    if not re.fullmatch(ENV_VAR, value):
        errors.append(
            regex_error(
                "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', "
                "and must not start with a digit",
                ENV_VAR,
                "my.env-name",
                "MY_ENV.NAME",
                "MyEnvName1",
            )
        )
    return (*errors, *_ch_dir_prefix(value))


@lru_cache(KEPT)
def is_relaxed_env_var_name(value: str) -> tuple[str, ...]:
    if not value:
        return ("environment variable name " + EMPTY,)
    if not re.fullmatch(RELAXED_ENV_VAR, value):
        return ("a valid environment variable name must consist only of printable ASCII characters other than '='",)
    return ()


@lru_cache(KEPT)
def is_config_map_key(value: str) -> tuple[str, ...]:
    errors = []
    if byte_length(value) > DNS1123_SUBDOMAIN_MAX:
        errors.append(max_len_error(DNS1123_SUBDOMAIN_MAX))
    if not re.fullmatch(CONFIG_MAP_KEY, value):
        errors.append(
            regex_error(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                CONFIG_MAP_KEY,
                "key.name",
                "KEY_NAME",
                "key-name",
            )
        )
    return (*errors, *_ch_dir_prefix(value))


HTTP_PATH_ERROR = regex_error("Invalid path", HTTP_PATH)


def is_http_path(value: str) -> bool:
    """Whether a string may be (a part of) the path of a URL."""
    return re.fullmatch(HTTP_PATH, value) is not None


@lru_cache(KEPT)
def is_valid_path_segment_name(value: str) -> tuple[str, ...]:
    """k8s.io/apimachinery pkg/api/validation/path/name.go."""
    if value in (".", ".."):
        return (f"may not be '{value}'",)
    return tuple(f"may not contain '{char}'" for char in "/%" if char in value)


def mask_trailing_dash(value: str) -> str:
    """A generateName ends in `-` more often than not; the server looks at it as if a letter followed."""
    return value[:-2] + "a" if len(value) > 1 and value.endswith("-") else value


def prefix_of(validator: NameValidator) -> NameValidator:
    """The validator for generateName instead of name."""
    return lambda value: validator(mask_trailing_dash(value))
