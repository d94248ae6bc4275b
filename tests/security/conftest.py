"""`svclint` as strangers may meet it: in processes of its own, among files that were made to be traps."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {app}}} # the pods
  ports:
    - port: {port}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers:
    - {name: web, image: registry.example.com/web:1}
"""


class Done(NamedTuple):
    """How a process ended (as `subprocess` has it: a signal is a negative number) and what it said."""

    code: int
    out: bytes
    err: bytes


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment that says nothing, with compiled modules, and with a home that is empty."""
    home = tmp_path_factory.mktemp("home")
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("compiled")),
    }


@pytest.fixture
def svclint(environment: dict[str, str]) -> Callable[..., Done]:
    """`svclint ARGUMENTS` in a process of its own, in the folder `cwd`; `env` is added to an empty environment."""

    def run(*arguments: str | bytes, cwd: Path, env: dict[str, str] | None = None, **options: Any) -> Done:
        script = [sys.executable, "-c", "import sys; sys.argv[0] = 'svclint'; from svclint.cli import main; main()"]
        options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(
            [*script[:1], "-P", *script[1:], *arguments],
            cwd=cwd,
            env={**environment, **(env or {})},
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
            **options,
        )
        return Done(done.returncode, done.stdout or b"", done.stderr)

    return run


@pytest.fixture
def child(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Done]:
    """`svclint ARGUMENTS` in a fork of this process, which has everything imported; `before` runs first in it."""
    from svclint import cli, session  # noqa: F401 (imported once, here)

    said = tmp_path_factory.mktemp("said")

    def run(*arguments: str, cwd: Path, before: Callable[[], object] = lambda: None) -> Done:
        pid = os.fork()
        if pid == 0:
            status = 70
            try:
                os.chdir(cwd)
                for number, name in ((1, "out"), (2, "err")):
                    os.dup2(os.open(said / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
                sys.stdin = io.TextIOWrapper(io.BytesIO(b""))
                sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb"), encoding="utf-8")
                sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb"), encoding="utf-8", write_through=True)
                sys.argv = ["svclint", *arguments]
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
                before()
                cli.main()
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 1
            except BaseException:
                import traceback

                traceback.print_exc()
            finally:
                for stream in (sys.stdout, sys.stderr):
                    with contextlib.suppress(BaseException):
                        stream.flush()
                os._exit(status)
        status = os.waitpid(pid, 0)[1]
        return Done(os.waitstatus_to_exitcode(status), (said / "out").read_bytes(), (said / "err").read_bytes())

    return run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project: three Services with a number in quotes (a safe fix), one of them behind a link, and their Pod."""
    root = tmp_path / "shop"
    (root / ".git").mkdir(parents=True)
    (root / "pod.yaml").write_text(POD)
    (root / "a.yaml").write_text(SERVICE.format(name="a", app="web", port="'80'"))
    crlf = SERVICE.format(name="b", app="web", port="'80'").replace("\n", "\r\n")
    (root / "b.yaml").write_bytes(b"\xef\xbb\xbf" + crlf.encode())
    (root / "b.yaml").chmod(0o640)
    (root / "kept").mkdir()
    (root / "kept" / "c.txt").write_text(SERVICE.format(name="c", app="web", port="'80'"))
    (root / "c.yaml").symlink_to("kept/c.txt")
    return root


def tree(root: Path) -> dict[str, object]:
    """What lies below a folder: bytes and mode of files, where links lead."""
    found: dict[str, object] = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, root)
            if os.path.islink(path):
                found[relative] = "-> " + os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    found[relative] = file.read(), os.stat(path).st_mode
    return found


@pytest.fixture(name="tree")
def _tree() -> Callable[[Path], dict[str, object]]:
    return tree


@pytest.fixture
def service() -> str:
    """A template of a Service: `name`, `app`, `port`."""
    return SERVICE


@pytest.fixture
def pod() -> str:
    """The Pod that the Services select."""
    return POD


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A file beside the project that nothing may read: it would be a finding."""
    secret = tmp_path / "outside" / "secret.yaml"
    secret.parent.mkdir()
    secret.write_text(SERVICE.format(name="secret-service", app="secret-pods", port="'80'"))
    before = tree(secret.parent)
    yield secret
    assert tree(secret.parent) == before
