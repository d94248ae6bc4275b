"""Reports as text: each format is a pure function Report → str, found by name and imported when it is asked for."""

from __future__ import annotations

import importlib
import os
import stat
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from svclint.diagnostic import Report
    from svclint.rule import Rule

FORMATS: Mapping[str, str] = {
    "text": "svclint.output.text:full",
    "concise": "svclint.output.text:concise",
    "json": "svclint.output.json:render",
    "sarif": "svclint.output.sarif:sarif",
    "github": "svclint.output.github:github",
    "gitlab": "svclint.output.gitlab:gitlab",
    "junit": "svclint.output.xml:junit",
    "checkstyle": "svclint.output.xml:checkstyle",
    "rdjson": "svclint.output.rdjson:rdjson",
    "azure": "svclint.output.azure:azure",
    "markdown": "svclint.output.markdown:markdown",
}
FOR_PEOPLE = frozenset({"text", "concise"})
# Set by builds that carry out commands that they find in what is printed.
BUILDS = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")


class FormatError(ValueError):
    """No such output format; the message lists those that there are."""


class Style(NamedTuple):
    """How a report is written.

    `prefix` is where the project's root stands below the repository's (`deploy/`, "" for the same), for the formats
    that a forge reads; `rules` gives the registered rules, whose pages SARIF carries; `ascii` keeps to ASCII for
    streams that can't encode more; `language` is that of the messages for people.
    """

    colour: bool = False
    ascii: bool = False
    notes: bool = True
    prefix: str = ""
    rules: Callable[[], Mapping[str, Rule]] = dict
    language: str = "en"


PLAIN = Style()


def render(report: Report, name: str, style: Style = PLAIN) -> str:
    """The report in the format `name`, ending with a newline (or empty). Raises FormatError for an unknown name."""
    if name not in FORMATS:
        raise FormatError(_unknown(name))
    module, _, function = FORMATS[name].partition(":")
    out = getattr(importlib.import_module(module), function)(report, style)
    assert isinstance(out, str)
    return out if not out or out.endswith("\n") else out + "\n"


def parse_format(text: str) -> tuple[str, str | None]:
    """`FORMAT` or `FORMAT:FILE` → (format, file or None). Raises FormatError for any other text."""
    name, colon, file = text.partition(":")
    if name not in FORMATS:
        raise FormatError(_unknown(name))
    if colon and not file:
        raise FormatError(f"no file after {text!r}")
    return name, file or None


def _unknown(name: str) -> str:
    from svclint.rule import nearest

    near = nearest(name, FORMATS)
    hint = f", did you mean {near!r}?" if near else ""
    return f"{name!r} is not an output format{hint} (one of {', '.join(FORMATS)})"


def use_colour(choice: str, stream: Any, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour: `choice` (always, never, auto), then NO_COLOR, FORCE_COLOR, then whether it is a terminal.

    NO_COLOR and FORCE_COLOR count when they are not empty (no-color.org, force-color.org).
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    try:
        return bool(stream.isatty()) and environ.get("TERM") != "dumb"
    except (AttributeError, ValueError):
        return False


def needs_ascii(stream: Any) -> bool:
    """Whether the stream's encoding can't write every character (a C locale, an old Windows console)."""
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").replace("_", "")
    return not encoding.startswith("utf")


def fits(text: str, stream: Any) -> bool:
    """Whether the stream's encoding can write the text."""
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def is_log(stream: Any, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether what is printed is shown as it is: by a terminal, or by a build that looks for commands in it.

    A file is neither, whoever writes it.
    """
    try:
        if stream.isatty():
            return True
        mode = os.fstat(stream.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and any(environ.get(name) for name in BUILDS)


def write(report: Report, name: str, style: Style, stream: Any) -> None:
    """Prints the report on a text stream, whatever its encoding.

    What it can't encode makes a report for people all ASCII; a report for programs is UTF-8 in any case. Raises
    FormatError for an unknown name.
    """
    text = render(report, name, style)
    if name in FOR_PEOPLE and not fits(text, stream):
        text = render(report, name, style._replace(ascii=True))
    emit(text, stream)


def emit(text: str, stream: Any) -> None:
    """Prints a text; where the stream's encoding can't write it, as UTF-8, or escaped if no bytes can be written."""
    if fits(text, stream):
        stream.write(text)
    elif hasattr(stream, "buffer"):
        stream.flush()
        stream.buffer.write(text.encode("utf-8", "backslashreplace"))
    else:
        stream.write(text.encode("ascii", "backslashreplace").decode())


def repository_prefix(root: str) -> str:
    """Where `root` stands below the nearest ancestor that holds `.git`, as `a/b/`; "" where it is that one."""
    at = start = os.path.realpath(root)
    while not os.path.lexists(os.path.join(at, ".git")):
        above = os.path.dirname(at)
        if above == at:
            return ""
        at = above
    inside = os.path.relpath(start, at).replace(os.sep, "/")
    return "" if inside == "." else inside + "/"
