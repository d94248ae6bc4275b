"""No network, no kubeconfig, no other program, no code of the linted repository, no file outside of its root."""

from __future__ import annotations

import json
import os
import shutil
import site
import stat
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

Run = Callable[..., Any]
HERE = Path(__file__).resolve().parent
FORBIDDEN = ("subprocess.", "socket.", "urllib.", "http.", "webbrowser.", "os.system", "os.exec", "os.posix_spawn")
TOOLS = ("git", "helm", "kustomize", "kubectl", "ssh", "curl")


class Traps(NamedTuple):
    """A repository full of traps, a home with credentials, and a file that is there once something has gone off."""

    root: Path
    home: Path
    marker: Path
    env: dict[str, str]


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Traps:
    place = tmp_path_factory.mktemp("traps")
    marker, root, home, bin_ = place / "went off", place / "repository", place / "home", place / "bin"
    code = f"open({str(marker)!r}, 'a').write(__file__)\n"
    for name in (
        "sitecustomize",
        "usercustomize",
        "yaml",
        "click",
        "jsonschema",
        "tomllib",
        "conftest",
        "setup",
        "evil",
    ):
        write(root / f"{name}.py", code)
    write(root / "svclint_rules" / "__init__.py", code)
    write(root / "local" / "__init__.py", code)
    write(root / "local" / "rule.py", code)
    write(root / "evil-1.0.dist-info" / "METADATA", "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    write(root / "evil-1.0.dist-info" / "entry_points.txt", "[svclint.rules]\nevil = evil\n")
    write(root / "evil.pth", f"import os; os.mknod({str(marker)!r})\n")
    write(root / ".svclint.toml", 'local-rules = ["local"]\n')
    write(root / "svclint.toml", 'local-rules = ["local"]\n')
    write(root / ".git" / "config", f"[core]\n\tfsmonitor = touch '{marker}'\n\tsshCommand = touch '{marker}'\n")
    for hook in ("post-checkout", "post-index-change", "pre-commit"):
        program(root / ".git" / "hooks" / hook, marker)
    for tool in TOOLS:
        program(bin_ / tool, marker)
        program(root / tool, marker)
    write(root / "chart" / "Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
    write(root / "chart" / "templates" / "svc.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .x }}}\n")
    write(
        root / "overlay" / "kustomization.yaml",
        "resources:\n  - https://example.com/base.yaml\n  - git@github.com:example/base.git\n  - ssh://example.com/base\n"
        "  - web.yaml\nhelmCharts:\n  - {name: x, repo: https://example.com}\ngenerators: [exec.yaml]\n"
        "openapi: {path: https://example.com/schema.json}\n",
    )
    write(
        root / "overlay" / "exec.yaml",
        "apiVersion: v1\nkind: Generator\nmetadata:\n  name: x\n  annotations:\n"
        "    config.kubernetes.io/function: |\n      exec: {path: ../git}\n      container: {image: example.com/x}\n",
    )
    write(root / "overlay" / "web.yaml", service("web", "wbe"))
    write(
        root / "pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: []}\n",
    )
    write(
        root / "objects.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: !!python/object/apply:os.system [x]}\n",
    )
    secrets(home, root)
    env = {
        "HOME": str(home),
        "KUBECONFIG": str(home / ".kube" / "config"),
        "PATH": f"{bin_}:.:{root}",
        "TRAP": str(marker),
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    return Traps(root, home, marker, env)


def secrets(home: Path, root: Path) -> None:
    """Credentials where tools look for them, and links from the repository that lead there and elsewhere."""
    write(home / ".kube" / "config", service("kube-credentials", "x"))
    write(home / "secret.yaml", service("outside", "x"))
    write(home / "svclint.toml", 'select = ["no-such-rule"]\n')
    (root / "passwd.yaml").symlink_to("/etc/passwd")
    (root / "kubeconfig.yaml").symlink_to(home / ".kube" / "config")
    (root / "linked").symlink_to(home)
    (root / "up").symlink_to("..")
    (root / "loop").symlink_to("loop")
    (root / "loop.yaml").symlink_to("loop.yaml")
    (root / "round").symlink_to(".")
    (root / "deep").mkdir()
    (root / "deep" / ".gitignore").symlink_to("/dev/zero")
    climb = "/".join([".."] * 20)
    write(
        root / "climbing" / "kustomization.yaml",
        f"resources: [../../home/secret.yaml, {home}/secret.yaml, ../linked/secret.yaml, {climb}/etc/passwd, ..]\n"
        f"patches:\n  - path: ../../home/secret.yaml\nconfigMapGenerator:\n  - name: x\n    files: [../../home/secret.yaml]\n"
        f"    envs: [{climb}/etc/passwd]\ncomponents: [../../home]\ncrds: [../linked/secret.yaml]\n",
    )


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def program(path: Path, marker: Path) -> None:
    write(path, f"#!/bin/sh\n: > '{marker}'\n")
    path.chmod(0o755)


def service(name: str, app: str) -> str:
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: {app}}}, ports: [{{port: 80}}]}}\n"


VERBS = [
    ("check",),
    ("check", "--fix", "--unsafe-fixes"),
    ("check", "--diff", "overlay/web.yaml", "--output-format", "sarif"),
    ("map", "--output-format", "html"),
    ("dig", "web"),
    ("resolve", "http://web"),
    ("admit", "."),
    ("scan", "--executor", "serial", "."),
]


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_nothing_is_opened_started_or_asked_but_the_files_of_the_root(
    traps: Traps, verb: tuple[str, ...], tmp_path: Path, environment: dict[str, str]
) -> None:
    """What Python itself tells of every file, import, program and connection, in the real command line."""
    import subprocess

    root = tmp_path / "repository"
    shutil.copytree(traps.root, root, symlinks=True)
    log = tmp_path / "log"
    done = subprocess.run(
        [sys.executable, "-P", str(HERE / "watched.py"), *verb],
        cwd=root,
        env={**environment, **traps.env, "WATCHED": str(log)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 1), done.stderr
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert any(event == "open" and what.endswith("web.yaml") for event, what, *_ in events), "the hook hears nothing"
    assert [event for event in events if event[0].startswith(FORBIDDEN)] == []
    assert not traps.marker.exists(), traps.marker.read_text()
    ours = [root, *installation(environment), Path(os.devnull), traps.home / ".cache" / "svclint"]
    opened = {event[1] for event in events if event[0] == "open" and not event[1].isdigit()}
    assert sorted(path for path in opened if not any(Path(path).is_relative_to(each) for each in ours)) == []
    run = {event[1] for event in events if event[0] == "exec"}
    assert [path for path in run if path.startswith(str(root))] == []
    assert b"kube-credentials" not in done.stdout
    assert b"root:" not in done.stdout


def installation(environment: dict[str, str]) -> list[Path]:
    """Where Python and svclint lie."""
    import svclint
    import svclint_rules
    import svclint_schemas

    packages = [Path(each.__path__[0]).resolve() for each in (svclint, svclint_rules, svclint_schemas)]
    python = [sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *site.getsitepackages()]
    return [*packages, *map(Path, python), Path(environment["PYTHONPYCACHEPREFIX"]), HERE / "watched.py"]


def test_the_hook_hears_a_connection_and_a_program(tmp_path: Path) -> None:
    """The test above would be worth nothing if it did not."""
    import subprocess

    log = tmp_path / "log"
    says = (
        "import socket, subprocess, sys; s = socket.socket(); s.connect_ex(('127.0.0.1', 9)); "
        "subprocess.run([sys.executable, '-c', ''])"
    )
    source = (HERE / "watched.py").read_text().partition("sys.argv[0]")[0] + says
    subprocess.run([sys.executable, "-P", "-c", source], env={**os.environ, "WATCHED": str(log)}, check=True)
    heard = {json.loads(line)[0] for line in log.read_text().splitlines()}
    assert {"socket.connect", "subprocess.Popen", "open", "import"} <= heard


@pytest.mark.parametrize("arguments", [("check", "--trust-local-rules"), ("check",)])
def test_local_rules_run_only_when_they_are_trusted(traps: Traps, svclint: Run, arguments: tuple[str, ...]) -> None:
    """No configuration can trust itself; the user can."""
    try:
        done = svclint(*arguments, cwd=traps.root, env=traps.env)
        assert traps.marker.exists() is (len(arguments) > 1)
        assert (b"not run without --trust-local-rules" in done.out) is (len(arguments) == 1)
    finally:
        traps.marker.unlink(missing_ok=True)


def test_python_m_imports_no_library_and_no_rule_pack_from_where_it_runs(
    traps: Traps, environment: dict[str, str], tmp_path: Path
) -> None:
    import subprocess

    env = {**environment, **traps.env}
    done = subprocess.run(
        [sys.executable, "-m", "svclint", "map", "pod.yaml"], cwd=traps.root, env=env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not traps.marker.exists(), traps.marker.read_text()


def test_a_program_is_only_started_when_it_is_asked_for(traps: Traps, svclint: Run) -> None:
    """The other side: asked to render, svclint starts the helm of PATH, and not the one that lies in the repository."""
    try:
        svclint("check", "--render=helm", cwd=traps.root, env=traps.env)
        assert traps.marker.exists()
        traps.marker.unlink()
        done = svclint("check", "--render=helm", cwd=traps.root, env={**traps.env, "PATH": ".:bin:"})
        assert not traps.marker.exists()
        assert b"helm is not on PATH" in done.out
    finally:
        traps.marker.unlink(missing_ok=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="runs git")
def test_git_starts_nothing_that_a_repository_configures(tmp_path: Path, svclint: Run) -> None:
    import subprocess

    marker = tmp_path / "went off"
    root = tmp_path / "repository"
    write(root / "web.yaml", service("web", "web"))
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=root, check=True)
    with (root / ".git" / "config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = touch '{marker}'; false\n\tpager = touch '{marker}'\n")
    program(root / ".git" / "hooks" / "post-index-change", marker)
    program(root / "git", marker)
    for arguments in (["--staged"], ["--diff-base", "HEAD"]):
        svclint("check", *arguments, cwd=root, env={"PATH": f".:{os.environ['PATH']}"})
        assert not marker.exists()


def test_what_is_rendered_has_no_network_and_no_credentials(tmp_path: Path, svclint: Run) -> None:
    """The environment that the programs get says so; a proxy that nobody is behind, no cluster, no home."""
    root, told = tmp_path / "repository", tmp_path / "told"
    write(root / "chart" / "Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
    write(tmp_path / "bin" / "helm", f"#!/bin/sh\nenv > '{told}'\n")
    (tmp_path / "bin" / "helm").chmod(0o755)
    given = {"HOME": "/root", "KUBECONFIG": "/root/.kube/config", "HELM_PLUGINS": "/x", "HTTPS_PROXY": "http://real"}
    svclint("check", "--render=helm", cwd=root, env={"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", **given})
    has = dict(line.partition("=")[::2] for line in told.read_text().splitlines())
    assert has["KUBECONFIG"] == os.devnull
    assert has["HTTPS_PROXY"] == has["http_proxy"] == "http://127.0.0.1:9"
    assert has["GIT_ALLOW_PROTOCOL"] == "none"
    assert "HELM_PLUGINS" not in has
    assert has["HOME"] not in ("/root", os.environ.get("HOME"))


CONFIGURED = {
    "assume": 'assume = ["{}"]\n',
    "baseline": 'baseline = "{}"\n',
    "local-rules": 'local-rules = ["{}"]\n',
}


@pytest.mark.parametrize(
    "way", ["../outside/secret.yaml", "{outside}", "linked", "linked/secret.yaml", "a/../../outside"]
)
@pytest.mark.parametrize("key", CONFIGURED)
def test_a_configuration_names_nothing_outside(shop: Path, outside: Path, child: Run, key: str, way: str) -> None:
    (shop / "a").mkdir()
    (shop / "linked").symlink_to(outside.parent)
    (shop / "svclint.toml").write_text(CONFIGURED[key].format(way.format(outside=outside)))
    done = child("check", "--trust-local-rules", cwd=shop)
    assert done.code == 2
    assert b"leads out of the project" in done.err
    assert b"secret-service" not in done.out + done.err


def test_a_configuration_names_no_file_to_write(shop: Path, tree: Run, child: Run) -> None:
    (shop / "svclint.toml").write_text('output-format = "json:../written.json"\n')
    before = tree(shop.parent)
    done = child("check", "--no-cache", cwd=shop)
    assert done.code == 2
    assert b"a file can be named only there" in done.err
    assert tree(shop.parent) == before


def test_a_configuration_behind_a_link_out_is_not_read(shop: Path, child: Run) -> None:
    (shop.parent / "outside.toml").write_text('select = ["a-secret"]\n')
    (shop / "svclint.toml").symlink_to("../outside.toml")
    done = child("check", cwd=shop)
    assert done.code == 2
    assert b"a link that leads out of the project" in done.err
    assert b"a-secret" not in done.err


@pytest.mark.parametrize("way", ["link.yaml", "linked", "linked/secret.yaml", "kept/../link.yaml"])
@pytest.mark.parametrize("verb", ["check", "map"])
def test_a_path_that_is_a_link_out_is_refused(shop: Path, outside: Path, child: Run, verb: str, way: str) -> None:
    (shop / "link.yaml").symlink_to(outside)
    (shop / "linked").symlink_to(outside.parent)
    done = child(verb, way, *(["--root", "."] if verb == "check" else []), cwd=shop)
    if verb == "map" and way.startswith("linked"):
        return  # It reads its PATHs and nothing else: the folder itself is the root.
    assert done.code == 2
    assert b"a link that leads out of the project" in done.err
    assert b"secret-service" not in done.out


def test_a_path_that_says_that_it_is_outside_is_read(shop: Path, outside: Path, child: Run) -> None:
    """Who names `../outside` on the command line has meant it."""
    done = child("check", "--root", ".", "../outside/secret.yaml", cwd=shop)
    assert b"secret-service" in done.out


def test_links_out_are_no_sources(shop: Path, outside: Path, child: Run) -> None:
    (shop / "link.yaml").symlink_to(outside)
    (shop / "linked").symlink_to(outside.parent)
    (shop / "kustomization.yaml").write_text(
        "resources: [link.yaml, linked, linked/secret.yaml, ../outside/secret.yaml]\n"
    )
    done = child("check", cwd=shop)
    assert done.code == 1
    assert b"secret" not in done.out.replace(b"linked/secret.yaml", b"").replace(b"outside/secret.yaml", b"")


def test_fixes_write_through_no_link_out(shop: Path, outside: Path, child: Run) -> None:
    """`..x` is a folder's name like others; what a link in it leads to is outside all the same."""
    (shop / "..x").mkdir()
    (shop / "..x" / "link.yaml").symlink_to(outside)
    (shop / "link.yaml").symlink_to(outside)
    for path in ("link.yaml", "..x/link.yaml"):
        assert child("check", "--fix", "--root", ".", path, cwd=shop).code == 2
    assert child("check", "--fix", cwd=shop).code in (0, 1)


def test_a_report_is_not_written_through_a_link_out(shop: Path, outside: Path, child: Run) -> None:
    (shop / "report.json").symlink_to(outside)
    for arguments in (("--output-format", "json:report.json"), ("--write-baseline", "report.json")):
        done = child("check", *arguments, cwd=shop)
        assert done.code == 2
        assert b"report.json: a link that leads out of its folder" in done.err


GLOBS = [
    "*a" * 40 + "b",
    "*[)]" * 40 + "b",
    "*?" * 40 + "b",
    "?*" * 40 + "b",
    "**/a/**/a/**/a/**/b",
    "**a" * 40,
    "[" * 400,
]


def test_globs_take_bounded_time(shop: Path, child: Run) -> None:
    """Each of these took hours with a matcher that tries everything. The process has ten seconds of CPU time."""
    import resource

    for name in ("a" * 200, "a" * 100 + ")" * 100, "a/" * 60 + "a"):
        write(shop / f"{name}.yaml", service("a", "web"))
    listed = json.dumps(GLOBS)
    rules = "".join(f'{json.dumps(glob)} = ["*{"*?" * 39}"]\n' for glob in GLOBS)
    (shop / "svclint.toml").write_text(
        f"exclude = {listed}\nsources = {json.dumps(['*.yaml', *GLOBS])}\nscopes = {listed}\n[per-file-ignores]\n{rules}"
    )
    (shop / ".gitignore").write_text("\n".join(GLOBS))
    done = child("check", cwd=shop, before=lambda: resource.setrlimit(resource.RLIMIT_CPU, (10, 10)))
    assert done.code in (0, 1), done.err


def test_the_home_has_only_the_key_of_the_cache(traps: Traps, svclint: Run) -> None:
    """Nothing else is left anywhere: no report home, no history."""
    svclint("check", cwd=traps.root, env=traps.env)
    left = [path for path in traps.home.rglob("*") if path.is_file()]
    known = {traps.home / ".kube" / "config", traps.home / "secret.yaml", traps.home / "svclint.toml"}
    assert set(left) - known <= {traps.home / ".cache" / "svclint" / "key"}
    for path in set(left) - known:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
