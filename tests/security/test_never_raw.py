"""What is printed holds no control character of a file or a name, and no command to the log of a build."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from svclint import cli
from svclint.output import FORMATS, is_log
from svclint.output.printable import dump_json, leading, log, plain, xml_text

Run = Callable[..., Any]
NAMES = [
    "a\nb",
    "\x1b[2J\x1b]0;title\x07",
    "a\rb",
    "\u202eexe\u2066",
    "\x9b31m\x7f",
    "\n::error::x",
    "::set-output name=a::b",
    "%0A::set-output name=a::b",
    "##vso[task.setvariable variable=PATH]/tmp",
    "##[add-path]/tmp",
    "##teamcity[buildStatus status='SUCCESS']",
    "]]><x>&amp;",
    "\u2028\u2029\u200b",
]
FILES = [name.replace("/", ".") + ".yaml" for name in NAMES] + [" ::error::leading.yaml", "\n::error::line.yaml"]
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# As the runners have it: github.com/actions/runner ActionCommand.cs, azure-pipelines-agent Command.cs, TeamCity's docs.
COMMAND = re.compile(r"(?m)^\s*::|##\[|##vso\[|##teamcity\[")
OWN = re.compile(r"^(::(error|warning|notice) (file|title)=|##vso\[task\.(logissue|complete) )")


def faults(printed: bytes, format: str) -> list[str]:
    """What a terminal or a build would make something of."""
    text = printed.decode("utf-8", "surrogateescape")
    found = [ascii(match.group()) for match in CONTROL.finditer(text)]
    if format in ("github", "azure"):  # One command a line, and that is ours.
        text = "\n".join(OWN.sub("", line, count=1) for line in text.split("\n"))
    return found + [ascii(text[max(0, m.start() - 40) : m.end() + 20]) for m in COMMAND.finditer(text)]


def objects(name: str) -> list[dict[str, Any]]:
    """Objects that are named so wherever a name may stand, right and wrong ones."""
    meta = {"name": name, "namespace": name, "labels": {name: name}, "annotations": {name: name}}
    port = {"name": name, "port": "80", "targetPort": name, "protocol": name}
    backend = {"service": {"name": name, "port": {"name": name}}}
    rule = {"host": name, "http": {"paths": [{"path": "/" + name, "pathType": name, "backend": backend}]}}
    env = [{"name": "A_HOST", "value": f"http://web:81/{name}"}, {"name": "B_URL", "value": f"http://{name}:80"}]
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": meta,
            "spec": {"selector": {name: name}, "ports": [port], name: 1},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web"},
            "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": "x"}]},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "labels": {"app": name + "x"}},
            "spec": {"containers": [{"name": "web", "image": name, "env": env}]},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "web"},
            "spec": {"rules": [rule]},
        },
        {"apiVersion": "v1", "kind": name, "metadata": {"name": "x"}},
        {"apiVersion": name, "kind": "Service", "metadata": {"name": "x"}},
    ]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of files, folders and objects with such names; what they say stands in blocks of text, too."""
    root = tmp_path_factory.mktemp("named")
    (root / ".git").mkdir()
    for number, (name, file) in enumerate(zip([*NAMES, "web", "web"], FILES, strict=True)):
        (root / file).write_text("\n---\n".join(map(json.dumps, objects(name))))
        block = "".join(f"    {part}\n" for part in re.split(r"[\n\r]", name)) if name.isprintable() else "    x\n"
        shown = json.dumps(name, ensure_ascii=False)
        (root / f"block{number}.yaml").write_text(
            f"apiVersion: v1\nkind: Service\nmetadata:\n  name: b{number}\nspec:\n  selector: {{app: {shown}}}\n  prots: 1\n"
            f"  ports:\n  - {{port: '80'}} # {name if name.isprintable() else ''}\n  sessionAffinity: |\n{block}"
        )
        (root / f"folder{file}").mkdir()
        (root / f"folder{file}" / "kustomization.yaml").write_text(f"resources: [{shown}]\nnamespace: {shown}\n")
        (root / f"folder{file}" / "Chart.yaml").write_text("apiVersion: v2\nname: x\n")
    with open(os.fsencode(root) + b"/\xff\xfe.yaml", "w") as broken:
        broken.write(json.dumps(objects("web")[0]))
    return root


@pytest.fixture(scope="module")
def reports(named: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The report in every format, by the format's name."""
    place = tmp_path_factory.mktemp("reports")
    formats = [f"--output-format={name}:{place / name}" for name in FORMATS]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(named)
        patch.setattr(sys, "argv", ["svclint", "check", "--no-cache", *formats])
        with pytest.raises(SystemExit) as end:
            cli.main()
    assert end.value.code == 1
    return {name: (place / name).read_bytes() for name in FORMATS}


@pytest.mark.parametrize("format", FORMATS)
def test_no_format_of_a_report_prints_names_raw(reports: dict[str, bytes], format: str) -> None:
    printed = reports[format]
    assert len(printed) > 2000
    assert faults(printed, format) == []
    if format in ("json", "sarif", "rdjson"):
        assert names_in(json.loads(printed)) >= set(NAMES[:4]), "whoever reads it gets the name"
    if format in ("junit", "checkstyle"):
        ElementTree.fromstring(printed)


def names_in(value: Any) -> set[str]:
    """The names of which some text in a JSON document speaks, as they are."""
    text = "\0".join(texts(value))
    return {name for name in NAMES if name in text}


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in texts(child)]


OTHERS = [
    ("check", "--no-cache", "--language", "zh-CN"),
    ("check", "--no-cache", "--color", "never", "--select", "ALL", "--output-format", "concise"),
    ("map",),
    ("map", "--output-format", "json"),
    ("map", "--output-format", "mermaid"),
    ("map", "--output-format", "dot"),
    ("map", "--output-format", "html"),
    ("admit",),
    ("admit", "--output-format", "json"),
    ("resolve", "web:80"),
    ("resolve", "--output-format", "json", "web:80"),
    ("resolve", "--", "::error::x:80"),
    ("dig", "\x9bweb"),
    ("dig", "--output-format", "json", "\x9bweb"),
    ("scan", "--executor", "serial", "."),
    ("scan", "--executor", "serial", ".", "--output-format", "json"),
    ("config",),
]


@pytest.mark.parametrize("verb", OTHERS, ids=lambda verb: ascii(" ".join(verb)))
def test_no_verb_prints_names_raw(named: Path, child: Run, verb: tuple[str, ...]) -> None:
    done = child(*verb, cwd=named)
    assert b"Traceback" not in done.err
    assert faults(done.out + b"\n" + done.err, "") == []


BAD = "\x1b[2J\n::error::x"
WRONG = [
    ("check", BAD),
    ("check", "--root", BAD),
    ("check", "--output-format", BAD),
    ("check", "--output-format", f"json:{BAD}/x"),
    ("check", "--select", BAD),
    ("check", "--config", BAD),
    ("check", "--baseline", BAD),
    ("check", "--policy", BAD),
    ("check", "--language", BAD),
    ("check", "--kubernetes-version", BAD),
    ("check", f"--{BAD}"),
    ("map", BAD),
    ("admit", BAD),
    ("dig", "-f", BAD),
    ("dig", "--scope", BAD, "x"),
    ("resolve", BAD),
    ("explain", BAD),
    ("cel", BAD),
    ("cel", "--object", BAD, "1"),
    ("scan", BAD),
    ("config", "--config", BAD),
    (BAD,),
]


@pytest.mark.parametrize("arguments", WRONG, ids=lambda arguments: " ".join(arguments).replace(BAD, "BAD"))
def test_no_error_prints_an_argument_raw(shop: Path, child: Run, arguments: tuple[str, ...]) -> None:
    """A hook is given the names of files by git."""
    done = child(*arguments, cwd=shop)
    assert done.code in (1, 2)
    assert done.err or done.out
    assert b"Traceback" not in done.err
    assert faults(done.out + b"\n" + done.err, "") == []


CONFIGURATIONS = {
    "svclint.toml": [
        '"\\u001b[2J" = 1\n',
        'select = ["\\u001b[2J"]\n',
        'assume = ["../\\u001b[2J\\n::error::x"]\n',
        "x = \x1b\n",
    ],
    ".svclint.yaml": ['"\\e[2J\\n::error::x": 1\n', 'language: "\\e[2J"\n', "- \x1b\n", 'rules: {"\\e[2J": {x: 1}}\n'],
}


@pytest.mark.parametrize(("file", "text"), [(file, text) for file, some in CONFIGURATIONS.items() for text in some])
def test_no_configuration_is_printed_raw(shop: Path, child: Run, file: str, text: str) -> None:
    (shop / file).write_text(text)
    done = child("check", cwd=shop)
    assert done.code == 2
    assert faults(done.err, "") == []


def test_a_baseline_and_a_crash_are_not_printed_raw(shop: Path, child: Run) -> None:
    (shop / "known.json").write_text(
        json.dumps({"version": 1, "findings": [{"rule": BAD, "subject": BAD, "field": BAD, "count": 1}]})
    )
    done = child("check", "--baseline", "known.json", cwd=shop)
    assert b"stale" in done.out
    assert faults(done.out, "") == []


def test_a_difference_in_the_log_of_a_build_is_no_command(shop: Path, svclint: Run) -> None:
    """A pipe gets the bytes as they are, for `git apply`; a build's log does not, and a file always does."""
    # A scalar goes on in a line of its own, which is a command when a difference shows it as context.
    text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  annotations:\n    a: >-\n     ##[add-path]x\n     ::error::x\nspec:\n  ports:\n    - port: '80'\n"
    (shop / "d.yaml").write_text(text)
    done = svclint("check", "--diff", "d.yaml", cwd=shop)
    assert faults(done.out, "") != []
    assert b"+    - port: 80\n" in done.out
    assert faults(svclint("check", "--diff", "d.yaml", cwd=shop, env={"TF_BUILD": "True"}).out, "") == []
    with open(shop.parent / "diff", "w+b") as to:
        svclint("check", "--diff", "d.yaml", cwd=shop, env={"TF_BUILD": "True"}, stdout=to)
        to.seek(0)
        assert to.read() == done.out
    subprocess.run(["git", "apply", "-"], cwd=shop, input=done.out, check=True)
    assert (shop / "d.yaml").read_text() == text.replace("'80'", "80")


def test_a_terminal_is_a_log_and_a_stream_without_a_file_is_none() -> None:
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert is_log(Terminal(), {})
    assert not is_log(io.StringIO(), {"TF_BUILD": "True"})


@pytest.mark.parametrize("name", NAMES)
def test_escapes_lose_nothing_that_can_be_read_back(name: str) -> None:
    assert json.loads(dump_json({"name": name})) == {"name": name}
    for shown in (plain(name), leading(name), log(name), xml_text(name)):
        assert CONTROL.search(shown) is None
        assert COMMAND.search(leading(shown)) is None


def test_what_is_harmless_stays_as_it_is() -> None:
    for text in ("## Heading", "a ## b [c]", "a::b", "#[x]", "größe 日本 😀", "Service a/b: x"):
        assert plain(text) == leading(text) == log(text) == text
