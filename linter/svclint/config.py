"""The configuration: `svclint.toml`, `.svclint.yaml`, `.svclint.yml`, or `[tool.svclint]` in `pyproject.toml`.

Every key, its type and its default are in the JSON Schema that ships with svclint (`svclint_schemas/svclint/
config.schema.json`); `docs/configuration.md` explains them. The schema's validator is imported only where there is a
configuration to check.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from svclint import confined
from svclint.kube.facts import Facts, Node

if TYPE_CHECKING:
    from svclint.kube.custom_workloads import TemplateAt
    from svclint.rule import Rule

FILES = ("svclint.toml", ".svclint.yaml", ".svclint.yml", "pyproject.toml")
Keys = tuple[str | int, ...]


class ConfigError(Exception):
    """The configuration can't be used: why, in which file, and at which line where that is known."""

    def __init__(self, message: str, path: str | None = None, line: int | None = None) -> None:
        place = "" if path is None else path + ": " if line is None else f"{path}:{line}: "
        super().__init__(place + message)
        self.message = message
        self.path = path
        self.line = line


class WorkloadKind(NamedTuple):
    """A custom kind that carries a pod template, and the paths in it."""

    group: str
    kind: str
    template: tuple[str, ...]
    replicas: tuple[str, ...] | None = None
    selector: tuple[str, ...] | None = None


class Config(NamedTuple):
    """What the configuration says. Everything has a default, so that `Config()` is none."""

    path: str | None = None
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fail_on: Literal["error", "warning", "info", "never"] = "error"
    output_format: str | None = None
    language: str | None = None
    baseline: str | None = None
    sources: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    assume: tuple[str, ...] = ()
    local_rules: tuple[str, ...] = ()
    workload_kinds: tuple[WorkloadKind, ...] = ()
    severities: Mapping[str, Literal["error", "warning", "info"]] = {}
    options: Mapping[str, Mapping[str, Any]] = {}
    said: Mapping[str, Any] = {}
    """The fields of `Facts` that the configuration sets; what it doesn't set is not here."""


def facts(config: Config) -> Facts:
    """What is known about the cluster: the defaults, with what the configuration says laid over them."""
    return Facts()._replace(**config.said)


def templates(config: Config) -> dict[tuple[str, str], tuple[TemplateAt, ...]]:
    """The pod templates of custom kinds (group, kind) that the configuration adds."""
    if not config.workload_kinds:
        return {}
    from svclint.kube.custom_workloads import TemplateAt

    return {
        (kind.group, kind.kind): (TemplateAt(kind.template, kind.replicas, kind.selector, labels_known=False),)
        for kind in config.workload_kinds
    }


Held = Callable[[str], bytes | None]


def load(root: str, file: str | None = None, held: Held | None = None) -> Config:
    """The configuration of a project.

    In: the project root, the file that `--config` names, and what stands in for the disk: it gives the bytes of a file,
    None if it doesn't hold it (what `--config` names is then read from the disk). Out: what the file says; `Config()`
    where there is none. Raises ConfigError for a file that can't be read, an unknown key or a value of the wrong kind.
    """
    if file is not None:
        data = held(file) if held else None
        return _confined(parse(_read(file) if data is None else data, file), root)
    for name in FILES:
        path = os.path.join(root, name)
        if held is not None:
            data = held(path)
            if data is not None and (name != "pyproject.toml" or b"tool.svclint" in data):
                return _confined(parse(data, path), root)
            continue
        if os.path.isfile(path):
            if confined.within(root, name) is None:
                raise ConfigError("a link that leads out of the project", path)
            data = _read(path)
            if name != "pyproject.toml" or b"tool.svclint" in data:
                return _confined(parse(data, path), root)
    return Config()


def _read(path: str) -> bytes:
    try:
        return confined.data(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise ConfigError(f"can't be read: {reason or error}", path) from None


def _confined(found: Config, root: str) -> Config:
    """The configuration, if the files and folders that it names lie in the project. Raises ConfigError."""
    named = {"assume": found.assume, "baseline": (found.baseline or "",), "local-rules": found.local_rules}
    for key, paths in named.items():
        for path in paths:
            if confined.within(root, path) is None:
                raise ConfigError(f"`{key}`: {path!r} leads out of the project", found.path)
    return found


def parse(data: bytes, path: str) -> Config:
    """The configuration in a text; the file's name tells TOML from YAML. Raises ConfigError."""
    read = _Toml(data, path) if path.endswith(".toml") else _Yaml(data, path)
    faults = sorted(_faults(read.value), key=lambda fault: (read.line(fault.keys) or 0, str(fault.keys)))
    if faults:
        raise ConfigError(_text(faults[0]), path, read.line(faults[0].keys))
    return _config(read, path)


class _Toml:
    """A TOML file; in `pyproject.toml` only `[tool.svclint]`."""

    def __init__(self, data: bytes, path: str) -> None:
        import re
        import tomllib

        try:
            self._text = data.decode("utf-8-sig")
            value = tomllib.loads(self._text)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            line = re.search(r"\(at line (\d+),", str(error))
            raise ConfigError(str(error), path, int(line[1]) if line else None) from None
        self._prefix: tuple[str, ...] = ()
        if os.path.basename(path) == "pyproject.toml":
            self._prefix = ("tool", "svclint")
            tool = value.get("tool")
            value = tool.get("svclint", {}) if isinstance(tool, dict) else {}
        self.value: Any = value

    def line(self, keys: Keys) -> int | None:
        """The line of a key: tomllib keeps none, so that the text is searched for the table and the key."""
        wanted = (*self._prefix, *(key for key in keys if isinstance(key, str)))
        table: tuple[str, ...] = ()
        best: tuple[int, int] | None = None
        for number, line in enumerate(self._text.splitlines(), 1):
            text = line.strip()
            if text.startswith("["):
                table = _dotted(text.strip("[]").split("#")[0].rstrip("] "))
                here = table
            elif "=" in text and not text.startswith("#"):
                here = table + _dotted(text.partition("=")[0])
            else:
                continue
            common = len(here) if here == wanted[: len(here)] else 0
            if common and (best is None or common > best[0]):
                best = (common, number)
        return best[1] if best else None


def _dotted(text: str) -> tuple[str, ...]:
    """The parts of a TOML key, dots inside quotes apart."""
    parts: list[str] = []
    quote = part = ""
    for letter in text.strip():
        if quote:
            if letter == quote:
                quote = ""
            else:
                part += letter
        elif letter in "\"'":
            quote = letter
        elif letter == ".":
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    return (*parts, part.strip())


class _Yaml:
    """A YAML file, read as manifests are."""

    def __init__(self, data: bytes, path: str) -> None:
        from svclint import yaml

        source = yaml.parse(data, path)
        for problem in (*source.problems, *(p for document in source.documents for p in document.problems)):
            raise ConfigError(problem.message, path, source.position(problem.span.start).line)
        if len(source.documents) > 1:
            raise ConfigError(
                "a configuration is one document: this is a second one",
                path,
                source.position(source.documents[1].start).line,
            )
        self._source = source
        self.value: Any = source.documents[0].value if source.documents else {}

    def line(self, keys: Keys) -> int | None:
        """The line of a key, or of its nearest parent that is there."""
        if not self._source.documents:
            return None
        return self._source.position(self._source.documents[0].span(keys, "key").start).line


def schema() -> dict[str, Any]:
    """The JSON Schema of the configuration."""
    import json

    import svclint_schemas

    with open(os.path.join(svclint_schemas.__path__[0], "svclint", "config.schema.json"), encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


class _Fault(NamedTuple):
    """What the schema has against a value: the keyword, what it asks for, and the keys that lead to what is wrong."""

    keyword: str
    asked: Any
    value: Any
    known: tuple[str, ...]
    description: str
    keys: Keys


def _faults(value: Any) -> Iterator[_Fault]:
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema()).iter_errors(value):
        part: Any = error.schema
        known = tuple(part.get("properties", ()))
        keyword, keys = str(error.validator), tuple(error.absolute_path)
        about: Any = error.instance
        if keyword == "additionalProperties":
            # The fault is an unknown key, not the table that holds it.
            keyword, keys = "unknown", (*keys, next(key for key in about if key not in known))
        yield _Fault(keyword, error.validator_value, about, known, part.get("description", error.message), keys)


def _text(fault: _Fault) -> str:
    keyword, asked, value, known, description, keys = fault
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")
    name = f"`{where}`" if where else "the configuration"
    if keyword == "unknown":
        return f"unknown key {name}{_nearest(str(keys[-1]), known)}"
    if keyword == "enum":
        hint = _nearest(value, asked) if isinstance(value, str) else ""
        return f"{name} is {value!r}, not one of {', '.join(asked)}{hint}"
    if keyword == "required":
        return f"{name} lacks `{next(key for key in asked if key not in value)}`"
    if keyword == "type":
        kinds = asked if isinstance(asked, list) else [asked]
        quotes = ": put it in quotes" if kinds == ["string"] and isinstance(value, int | float) else ""
        return f"{name} is {_kind(value)}, not {' or '.join(_KINDS[kind] for kind in kinds)}{quotes}"
    if keyword == "anyOf":
        return f"{name} is {_kind(value)}, not a string or a list of strings"
    return f"{name}: {value!r} is no valid value ({description})"


_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "object": "a table",
    "string": "a string",
}


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"{value!r}".lower() if isinstance(value, bool) else repr(value)


def _nearest(word: str, known: Collection[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word.lower().replace("_", "-"), [k for k in known if isinstance(k, str)], 1, 0.6)
    return f"; did you mean `{near[0]}`?" if near else ""


def _config(read: _Toml | _Yaml, path: str) -> Config:
    value: dict[str, Any] = read.value

    def texts(key: str) -> tuple[str, ...]:
        return tuple(value.get(key, ()))

    rules: dict[str, dict[str, Any]] = value.get("rules", {})
    off = tuple(name for name, settings in rules.items() if settings.get("severity") == "off")
    return Config(
        path=path,
        select=texts("select"),
        extend_select=texts("extend-select"),
        ignore=texts("ignore") + off,
        per_file_ignores=tuple((glob, tuple(names)) for glob, names in value.get("per-file-ignores", {}).items()),
        fail_on=value.get("fail-on", "error"),
        output_format=value.get("output-format"),
        language=value.get("language"),
        baseline=value.get("baseline"),
        sources=texts("sources"),
        exclude=texts("exclude"),
        scopes=texts("scopes"),
        assume=texts("assume"),
        local_rules=texts("local-rules"),
        workload_kinds=tuple(
            WorkloadKind(
                each["group"],
                each["kind"],
                tuple(each["template"].split(".")),
                tuple(each["replicas"].split(".")) if "replicas" in each else None,
                tuple(each["selector"].split(".")) if "selector" in each else None,
            )
            for each in value.get("workload-kinds", ())
        ),
        severities={
            name: settings["severity"] for name, settings in rules.items() if settings.get("severity", "off") != "off"
        },
        options={
            name: {
                key.replace("-", "_"): tuple(each) if isinstance(each, list) else each
                for key, each in settings.items()
                if key != "severity"
            }
            for name, settings in rules.items()
        },
        said=_said(value, read, path),
    )


def _said(value: dict[str, Any], read: _Toml | _Yaml, path: str) -> dict[str, Any]:
    """The fields of Facts that are set."""
    said: dict[str, Any] = {}
    for key in ("namespace", "cluster-domain", "proxy-mode", "ipvs-scheduler", "dual-stack", "default-ingress-class"):
        if key in value:
            said[key.replace("-", "_")] = value[key]
    if "kubernetes-version" in value:
        major, minor = value["kubernetes-version"].lstrip("v").split(".")[:2]
        said["kubernetes_version"] = int(major), int(minor)
    if "node-port-range" in value:
        first, _, last = value["node-port-range"].partition("-")
        if not 0 < int(first) <= int(last) <= 65535:
            line = read.line(("node-port-range",))
            raise ConfigError(f"`node-port-range`: {value['node-port-range']!r} is no range of ports", path, line)
        said["node_port_range"] = int(first), int(last)
    if "service-cidr" in value:
        given = value["service-cidr"]
        said["service_cidrs"] = _cidrs(given.split(",") if isinstance(given, str) else given, read, path)
    if "network-policies" in value:
        said["network_policies"] = value["network-policies"] == "enforced"
    for key in ("not-ready", "succeeded"):
        if key in value:
            said[key.replace("-", "_")] = frozenset(value[key])
    if "nodes" in value:
        said["nodes"] = tuple(Node(node["name"], node.get("zone")) for node in value["nodes"])
    return said


def _cidrs(given: list[str], read: _Toml | _Yaml, path: str) -> tuple[str, ...]:
    import ipaddress

    ranges = tuple(each.strip() for each in given)
    try:
        families = [ipaddress.ip_network(each).version for each in ranges]
    except ValueError as error:
        raise ConfigError(f"`service-cidr`: {error}", path, read.line(("service-cidr",))) from None
    if len(set(families)) < len(families):
        raise ConfigError("`service-cidr`: at most one range of each family", path, read.line(("service-cidr",)))
    return ranges


def check_rules(config: Config, known: Collection[str]) -> None:
    """Raises ConfigError if the configuration names a rule that isn't there; patterns are left alone."""
    if config.path is None:
        return
    named: list[tuple[Keys, str]] = [
        ((key,), name)
        for key, names in (
            ("select", config.select),
            ("extend-select", config.extend_select),
            ("ignore", config.ignore),
        )
        for name in names
    ]
    named += [(("per-file-ignores", glob), name) for glob, names in config.per_file_ignores for name in names]
    named += [(("rules", name), name) for name in (*config.severities, *config.options)]
    for keys, name in named:
        if name not in known and name != "ALL" and "*" not in name and "?" not in name:
            data = _read(config.path)
            read = _Toml(data, config.path) if config.path.endswith(".toml") else _Yaml(data, config.path)
            raise ConfigError(f"no rule is called `{name}`{_nearest(name, known)}", config.path, read.line(keys))


def check_options(config: Config, rules: Mapping[str, Rule]) -> None:
    """Raises ConfigError if the configuration gives a rule an option that it hasn't, or a value of another type.

    An option's type is that of its default; a list holds strings. Rules that are not there are `check_rules`' matter.
    """
    if config.path is None:
        return
    given = [(name, *each) for name, options in config.options.items() if name in rules for each in options.items()]
    for name, key, value in given:
        known = rules[name].options
        option = known.get(key)
        if option is not None and type(option.default) is type(value):
            continue
        said = key.replace("_", "-")
        if option is None:
            why = f"rule `{name}` has no option `{said}`{_nearest(said, [k.replace('_', '-') for k in known])}"
        else:
            wrong = _kind(list(value) if isinstance(value, tuple) else value)
            why = f"`rules.{name}.{said}` is {wrong}, not {_KINDS[_OPTION_KINDS[type(option.default)]]}"
        data = _read(config.path)
        read = _Toml(data, config.path) if config.path.endswith(".toml") else _Yaml(data, config.path)
        lines = [read.line(("rules", name, each)) or 0 for each in (key, said)]
        raise ConfigError(why, config.path, max(lines) or None)


_OPTION_KINDS = {bool: "boolean", int: "integer", str: "string", tuple: "array"}
