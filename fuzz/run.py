"""Fuzzes one target after another for a bounded time.

    run.py [--seconds N] [--seed N] [--random] [TARGET...]

With atheris (a coverage-guided fuzzer; `make fuzz` installs it) inputs grow towards code that none has reached; without
it they are changed at random from the same beginnings, which needs nothing but svclint. A failing input is kept in
`fuzz/failures/`, one for each thing that is said, and fuzzing goes on. An input that takes long is a failure too. The
last line says how many inputs there were, how much CPU time they took, and how many things were said.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import pkgutil
import random
import re
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
FAILURES = HERE / "failures"
LONGEST = 20_000
"""Bytes of an input."""
SLOW = 1.0
"""Seconds of CPU time that no input may take; four times as many where each branch is counted."""
MORE = {"large": 30.0, "policy": 10.0}
"""Seconds for targets that look at time themselves, and for policies, which may cost so much and no more."""
FAILED = "failed: "


class TooSlow(BaseException):
    """One input took too long. Nothing in svclint catches it."""


class Watch:
    """Runs a target on one input after another and keeps those that fail, the first of each kind."""

    def __init__(self, target: str, run: Callable[[bytes], None], limit: float) -> None:
        self.target = target
        self.failures: dict[str, str] = {}
        self._run = run
        # What is imported late is imported by the first input.
        self._limit = limit * 20
        self._usual = limit
        signal.signal(signal.SIGVTALRM, self._stop)

    def _stop(self, *_: object) -> None:
        raise TooSlow(f"more than {self._limit} s of CPU time")

    def __call__(self, data: bytes) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, self._limit)
        try:
            self._run(data)
        except (Exception, RecursionError, TooSlow) as error:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            said = _summary(error)
            if said not in self.failures:
                self.failures[said] = path = keep(self.target, data)
                print(f"{FAILED}{said}  ({path})", flush=True)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        self._limit = self._usual


def keep(target: str, data: bytes) -> str:
    """Writes a failing input; gives its path."""
    FAILURES.mkdir(exist_ok=True)
    path = FAILURES / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return str(path)


def _summary(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "svclint" in f.filename] or list(frames)
    last = own[-1]
    name = Path(last.filename).name
    if isinstance(error, TooSlow):
        return f"TooSlow in {name}: {last.name}"
    said = str(error)
    return f"{type(error).__name__} at {name}:{last.lineno}: " + (
        said.partition(": ")[0] if name == "targets.py" else said[:160]
    )


def at_random(target: str, seconds: float, seed: int) -> None:
    """Runs changed seeds for some time, and says how many."""
    import seeds
    import targets

    watch = Watch(target, targets.TARGETS[target], MORE.get(target, SLOW))
    rng = random.Random(seed)
    pool = list(seeds.of(target))
    count = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        watch(pool[count] if count < len(pool) else targets.change(target, rng.choice(pool), rng, pool, LONGEST))
        count += 1
    print(f"stat::number_of_executed_units: {count}", file=sys.stderr)


def guided(target: str, seconds: int, seed: int) -> None:
    """Hands this process to libFuzzer, which ends it."""
    import atheris  # type: ignore

    with atheris.instrument_imports(include=["svclint", "svclint_rules"]):
        import seeds
        import targets

        for package in ("svclint", "svclint_rules"):
            _import_all(importlib.import_module(package))

    watch = Watch(target, targets.TARGETS[target], 4 * MORE.get(target, SLOW))
    corpus = HERE / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    pool = list(seeds.of(target))
    for data in pool:
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)

    def change(data: bytes, limit: int, number: int) -> bytes:
        rng = random.Random(number)
        return targets.change(target, data, rng, pool, limit) if rng.random() < 0.8 else atheris.Mutate(data, limit)

    flags = [
        f"-max_total_time={seconds}",
        "-timeout=300",
        "-rss_limit_mb=2048",
        f"-seed={seed or 1}",
        f"-max_len={LONGEST}",
        "-print_final_stats=1",
        f"-artifact_prefix={FAILURES}/{target}-",
    ]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], watch, custom_mutator=change)
    atheris.Fuzz()


def _import_all(package: ModuleType) -> None:
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def has_atheris() -> bool:
    """Whether the coverage-guided fuzzer is installed."""
    import importlib.util

    return importlib.util.find_spec("atheris") is not None


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Fuzzes, and prints one line a target and the sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--random", action="store_true", help="without coverage, even where atheris is installed")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*")
    arguments = parser.parse_args()
    by_coverage = has_atheris() and not arguments.random
    if arguments.one:
        (guided if by_coverage else at_random)(arguments.one, arguments.seconds, arguments.seed)
        return
    import targets

    chosen = arguments.targets or list(targets.TARGETS)
    inputs = failed = 0
    for target in chosen:
        before = _cpu()
        flags = ["--one", target, "--seconds", str(arguments.seconds), "--seed", str(arguments.seed)]
        done = subprocess.run(
            [sys.executable, __file__, *flags, *(["--random"] if arguments.random else [])],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        count = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
        edges = re.findall(r" cov: (\d+) ", done.stderr)
        failures = [line[len(FAILED) :] for line in done.stdout.splitlines() if line.startswith(FAILED)]
        if done.returncode != 0:
            failures.append(_last_error(done.stdout + done.stderr))
        inputs += int(count[1]) if count else 0
        failed += len(failures)
        reached = f", {edges[-1]} edges reached" if edges else ""
        print(
            f"fuzz {target}: {count[1] if count else 0} inputs in {_cpu() - before:.0f} s of CPU time{reached}, "
            f"{len(failures)} failures",
            flush=True,
        )
        for said in failures:
            print(f"  {said}", flush=True)
    how = "coverage-guided" if by_coverage else "random"
    print(f"fuzz: {inputs} inputs ({how}) for {len(chosen)} targets in {_cpu():.0f} s of CPU time, {failed} failures")
    sys.exit(1 if failed else 0)


def _last_error(text: str) -> str:
    lines = [line for line in text.splitlines() if re.match(r"\w*(Error|Failure|Exception)|==\d+== ERROR|ALARM", line)]
    return lines[0][:300] if lines else text[-300:]


if __name__ == "__main__":
    main()
