"""The same input gives the same bytes: any order of files, place, locale, hash seed, run of the cache, Python."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FORMATS = ("text", "json", "sarif", "gitlab", "junit")


def project(root: Path, order: int) -> Path:
    """A project of two applications with many faults, two links to one file, and names in other scripts; its files are
    made in another order each time, so that folders list them in another one."""
    files: dict[str, str] = {}
    for number in range(12):
        files[f"web/s{number}.yaml"] = (
            f"apiVersion: v1\nkind: Service\nmetadata: {{name: s{number % 7}}}\nspec:\n  selector: {{app: web, tier: t{number}}}\n"
            f"  ports: [{{port: {'80' if number % 3 else chr(39) + '80' + chr(39)}, targetPort: {'http' if number % 2 else 8080}}}]\n"
        )
        files[f"api/d{number}.yml"] = (
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{number % 5}}}\nspec:\n"
            "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web, tier: t}}\n"
            f"    spec: {{containers: [{{name: a, image: x, env: [{{name: A, value: 'http://s{number}:81'}}]}}]}}\n"
        )
    files["größe-日本.yaml"] = files["web/s0.yaml"].replace("name: s0", "name: größe")
    files["kept/one.txt"] = files["web/s1.yaml"].replace("name: s1", "name: linked")
    for path in sorted(files, key=lambda path: random.Random(f"{order}{path}").random()):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path])
    for name in sorted(("l1.yaml", "l2.yaml", "a.yaml"), reverse=order % 2 == 1):
        (root / name).symlink_to("kept/one.txt")
    (root / ".git").mkdir()
    shutil.copytree(EXAMPLES / "shop", root / "shop")
    return root


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("bytes") / "project", 0)


def reports(run: Run, root: Path, *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> bytes:
    """What is printed in several formats, one after the other."""
    formats = [f"--output-format={each}" for each in FORMATS]
    done = run("check", "--color", "never", *formats, *arguments, cwd=cwd or root, env=env)
    assert done.code == 1, done.err
    return bytes(done.out)


@pytest.fixture(scope="module")
def known(first: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a plain run prints."""
    home = tmp_path_factory.mktemp("plain")
    formats = [f"--output-format={each}" for each in FORMATS]
    script = "import sys; sys.argv[0] = 'svclint'; from svclint.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, "check", "--no-cache", "--color", "never", *formats],
        cwd=first,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.count(b"\n") > 500
    assert "größe-日本.yaml".encode() in done.stdout
    return done.stdout


@pytest.mark.parametrize("seed", ["0", "random"])
def test_any_hash_seed(first: Path, known: bytes, svclint: Run, seed: str) -> None:
    assert reports(svclint, first, "--no-cache", env={"PYTHONHASHSEED": seed, "LC_ALL": "C.UTF-8"}) == known


LOCALES = {
    "C": {"LC_ALL": "C"},
    "POSIX, UTF-8 mode off": {"LANG": "C.UTF-8", "PYTHONUTF8": "0"},
    "Turkish": {"LC_ALL": "tr_TR.UTF-8"},
    "none, in another time zone": {"TZ": "Pacific/Chatham"},
}


@pytest.mark.parametrize("locale", LOCALES)
def test_any_locale(first: Path, known: bytes, svclint: Run, locale: str) -> None:
    assert reports(svclint, first, "--no-cache", env=LOCALES[locale]) == known


def test_programs_are_told_the_same_in_every_language(first: Path, svclint: Run) -> None:
    """A locale that names a language changes the words for people, and nothing that a program reads."""
    said = [
        svclint("check", "--no-cache", "--output-format", "json", cwd=first, env=env).out
        for env in ({"LC_ALL": "zh_CN.UTF-8"}, {"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONUTF8": "0"})
    ]
    assert said[0] == said[1]
    # Where Python is made to take all names for ASCII, those that are not are escaped; nothing else differs.
    listed = [json.loads(each)["findings"] for each in said]
    assert [found["rule"] for found in listed[2]] == [found["rule"] for found in listed[1]]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_any_order_of_files(tmp_path: Path, known: bytes, child: Run, order: int) -> None:
    assert reports(child_utf8(child), project(tmp_path / "project", order), "--no-cache") == known


def child_utf8(child: Run) -> Run:
    """The quick way to run the command line, for what depends on no environment."""
    return lambda *arguments, cwd, env=None: child(*arguments, cwd=cwd)


def test_any_order_that_the_operating_system_lists_files_in(first: Path, known: bytes, child: Run) -> None:
    def shuffled() -> None:
        scandir = os.scandir

        class Listed(list[Any]):
            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: object) -> None:
                return None

        def scan(path: Any) -> Any:
            with scandir(path) as found:
                entries = sorted(found, key=lambda entry: hash((entry.name, 7)))
            return Listed(reversed(entries))

        os.scandir = scan  # type: ignore[assignment]

    done = child(
        "check",
        "--no-cache",
        "--color",
        "never",
        *[f"--output-format={each}" for each in FORMATS],
        cwd=first,
        before=shuffled,
    )
    assert done.out == known


PLACES = {
    "a folder below": ("web", ("--root", "..")),
    "an absolute root": ("/", ("--root", "{root}")),
    "an absolute path": ("/", ("{root}",)),
    "a relative path": ("web", ("..",)),
    "the root by a way round": ("api", ("../web/..",)),
    "from above": ("..", ("project",)),
}


@pytest.mark.parametrize("place", PLACES)
def test_any_working_directory_and_form_of_path(first: Path, known: bytes, child: Run, place: str) -> None:
    folder, arguments = PLACES[place]
    given = [each.format(root=first) for each in arguments]
    assert reports(child_utf8(child), first, "--no-cache", *given, cwd=first / folder) == known


def test_targets_in_any_order(first: Path, child: Run) -> None:
    names = ["web/s0.yaml", "api", "shop", "web/s3.yaml", "größe-日本.yaml"]
    said = [child("check", "--no-cache", *order, cwd=first).out for order in (names, names[::-1], sorted(names))]
    assert said[0] == said[1] == said[2]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_any_python(first: Path, known: bytes, version: str) -> None:
    """`make versions` makes these environments."""
    python = Path(__file__).resolve().parents[2] / ".bench" / f"python{version}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"make versions makes {python}")
    formats = [f"--output-format={each}" for each in FORMATS]
    done = subprocess.run(
        [python, "-m", "svclint", "check", "--no-cache", "--color", "never", *formats],
        cwd=first,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
    )
    assert done.stdout == known


# The cache: through the command line only, whatever it is made of.


@pytest.fixture
def cached(tmp_path: Path, svclint: Run) -> Run:
    """Runs the command line with a cache of its own; the first run has filled it."""
    root = project(tmp_path / "project", 0)
    home = tmp_path / "home"
    home.mkdir()

    def run(*arguments: str) -> bytes:
        return reports(svclint, root, *arguments, env={"HOME": str(home), "LC_ALL": "C.UTF-8"})

    run.root, run.home = root, home  # type: ignore[attr-defined]
    return run


def kept(run: Any) -> list[Path]:
    """The files that the cache has left, in the project and in the home."""
    places = (run.root / ".svclint_cache", run.home)
    return [Path(folder) / name for place in places for folder, _, names in os.walk(place) for name in names]


def test_the_cache_changes_no_byte(cached: Run, known: bytes) -> None:
    assert [cached(), cached(), cached("--no-cache")] == [known] * 3
    assert kept(cached), "there is a cache to speak of"


def test_what_is_written_is_not_read_from_the_cache(cached: Run, known: bytes) -> None:
    cached()
    file = cached.root / "web" / "s1.yaml"  # type: ignore[attr-defined]
    text = file.read_text()
    status = file.stat()
    file.write_text(text.replace("8080", "8081").replace("http", "grpc"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    changed = cached()
    assert changed == cached("--no-cache") != known
    file.write_text(text)
    assert cached() == known


def test_garbage_in_the_cache_is_no_answer(cached: Run, known: bytes) -> None:
    """Every byte of every file of it may be anything: cut short, of another version, or written by a stranger."""
    cached()
    for damage in (lambda data: data[: len(data) // 2], lambda data: data[::-1]):
        files = kept(cached)
        assert files
        for file in files:
            file.write_bytes(damage(file.read_bytes()))
        assert cached() == known
    for file in kept(cached):
        file.unlink()
        file.mkdir()
    assert cached() == known


def test_the_cache_can_go_at_any_time(cached: Run, known: bytes) -> None:
    cached()
    for file in kept(cached):
        file.unlink()
        assert cached() == known
    shutil.rmtree(cached.root / ".svclint_cache", ignore_errors=True)  # type: ignore[attr-defined]
    shutil.rmtree(cached.home)  # type: ignore[attr-defined]
    assert cached() == known


@pytest.mark.parametrize("trap", ["a file", "a link out", "a fifo"])
def test_a_cache_that_is_no_folder_is_none(cached: Run, known: bytes, tmp_path: Path, trap: str) -> None:
    place = cached.root / ".svclint_cache"  # type: ignore[attr-defined]
    (tmp_path / "elsewhere").mkdir()
    if trap == "a file":
        place.write_text("x")
    elif trap == "a fifo":
        os.mkfifo(place)
    else:
        place.symlink_to(tmp_path / "elsewhere")
    assert cached() == known
    assert os.listdir(tmp_path / "elsewhere") == []


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounts the project read-only")
def test_where_nothing_can_be_written_it_works_all_the_same(
    cached: Run, known: bytes, environment: dict[str, str]
) -> None:
    root, home = cached.root, cached.home  # type: ignore[attr-defined]
    script = f"mount --bind '{root}' '{root}' && mount -o remount,ro,bind '{root}' && cd '{root}' && touch x 2>&-"
    if subprocess.run(["unshare", "-m", "sh", "-c", f"{script}; [ ! -e '{root}/x' ]"], check=False).returncode:
        pytest.skip("may not mount")
    formats = " ".join(f"--output-format={each}" for each in FORMATS)
    command = f"{script}; exec '{sys.executable}' -P -m svclint check --color never {formats}"
    env = {**environment, "HOME": str(home), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["unshare", "-m", "sh", "-c", command], env=env, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (known, b"")


def test_runs_at_the_same_time_do_not_meet(cached: Run, known: bytes, environment: dict[str, str]) -> None:
    """Four at once on an empty cache, one of them killed."""
    formats = [f"--output-format={each}" for each in FORMATS]
    env = {**environment, "HOME": str(cached.home), "LC_ALL": "C.UTF-8"}  # type: ignore[attr-defined]
    command = [sys.executable, "-P", "-m", "svclint", "check", "--color", "never", *formats]
    running = [
        subprocess.Popen(command, cwd=cached.root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # type: ignore[attr-defined]
        for _ in range(4)
    ]
    running[0].kill()
    ends = [process.communicate() for process in running]
    assert [end for end in ends[1:] if end != (known, b"")] == []
    assert cached() == known
