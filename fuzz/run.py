"""Fuzzes one target after another for a bounded time.

    run.py [--seconds N] [--jobs N] [--seed N] [TARGET...]

With atheris (a coverage-guided fuzzer; `make fuzz` installs it) inputs grow towards code that none has reached; without
it they are changed at random from the same beginnings, which needs nothing but svclint. A failing input is kept in
`fuzz/failures/`; the last line says how many inputs there were and how many failed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
FAILURES = HERE / "failures"
SLOW = 10
NAMES = ("check", "yaml", "repair", "paper", "config", "krm")


class TooSlow(Exception):
    """One input took longer than SLOW seconds."""


def keep(target: str, data: bytes) -> str:
    """Writes a failing input; gives its path."""
    FAILURES.mkdir(exist_ok=True)
    path = FAILURES / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return str(path)


def at_random(target: str, seconds: float, seed: int) -> tuple[int, dict[str, str]]:
    """Runs changed seeds for some time: how many inputs, and the failures by what they say."""
    import mutate
    import seeds
    import targets

    run = targets.TARGETS[target]
    rng = random.Random(seed)
    pool = list(seeds.of(target))
    failures: dict[str, str] = {}
    count = 0

    def stop(*_: object) -> None:
        raise TooSlow(f"slower than {SLOW} s")

    signal.signal(signal.SIGALRM, stop)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        data = pool[count] if count < len(pool) else mutate.mutate(rng.choice(pool), rng)
        count += 1
        signal.alarm(SLOW)
        try:
            run(data)
        except (Exception, RecursionError) as error:
            said = _summary(error)
            if said not in failures:
                failures[said] = keep(target, data)
        finally:
            signal.alarm(0)
    return count, failures


def _summary(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "svclint" in f.filename] or list(frames)
    at = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "?"
    said = str(error)
    return f"{type(error).__name__} at {at}: {said.partition(': ')[0] if at.startswith('targets.py') else said[:160]}"


def guided(target: str, seconds: int, seed: int) -> None:
    """Hands this process to libFuzzer, which ends it."""
    import atheris  # type: ignore

    with atheris.instrument_imports(include=["svclint", "svclint_rules"]):
        import mutate
        import seeds
        import targets

    run: Callable[[bytes], None] = targets.TARGETS[target]
    corpus = HERE / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    for data in seeds.of(target):
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    FAILURES.mkdir(exist_ok=True)

    def change(data: bytes, limit: int, number: int) -> bytes:
        rng = random.Random(number)
        return mutate.mutate(data, rng, limit) if rng.random() < 0.8 else atheris.Mutate(data, limit)

    flags = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOW}",
        "-rss_limit_mb=1024",
        f"-seed={seed or 1}",
        "-max_len=20000",
        "-print_final_stats=1",
        "-verbosity=0",
        f"-artifact_prefix={FAILURES}/{target}-",
    ]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], run, custom_mutator=change)
    atheris.Fuzz()


def has_atheris() -> bool:
    """Whether the coverage-guided fuzzer is installed."""
    import importlib.util

    return importlib.util.find_spec("atheris") is not None


def main() -> None:
    """Fuzzes, and prints one line a target and the sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--random", action="store_true", help="without coverage, even where atheris is installed")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", default=NAMES)
    arguments = parser.parse_args()
    if arguments.one:
        guided(arguments.one, arguments.seconds, arguments.seed)
        return
    by_coverage = has_atheris() and not arguments.random
    total = failed = 0
    began = time.monotonic()
    for target in arguments.targets:
        if by_coverage:
            flags = ["--one", target, "--seconds", str(arguments.seconds), "--seed", str(arguments.seed)]
            done = subprocess.run(
                [sys.executable, __file__, *flags],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                env={**os.environ, "PYTHONHASHSEED": "0"},
            )
            executed = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
            count = int(executed[1]) if executed else 0
            failures = {} if done.returncode == 0 else {_last_error(done.stdout + done.stderr): str(FAILURES)}
        else:
            count, failures = at_random(target, arguments.seconds, arguments.seed)
        total += count
        failed += len(failures)
        print(f"fuzz {target}: {count} inputs, {len(failures)} failures", flush=True)
        for said, path in failures.items():
            print(f"  {said}  ({path})", flush=True)
    how = "coverage-guided" if by_coverage else "random"
    took = time.monotonic() - began
    print(f"fuzz: {total} inputs ({how}) for {len(arguments.targets)} targets in {took:.0f} s, {failed} failures")
    sys.exit(1 if failed else 0)


def _last_error(text: str) -> str:
    lines = [line for line in text.splitlines() if re.match(r"\w*(Error|Failure|Exception)|==\d+== ERROR|ALARM", line)]
    return lines[0][:300] if lines else text[-300:]


if __name__ == "__main__":
    main()
