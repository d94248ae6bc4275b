"""The command line: thin over one session; every verb's module is imported when it is called."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

VERBS = {
    "admit": "svclint.cli.admit:admit",
    "cel": "svclint.cli.cel:cel",
    "check": "svclint.cli.check:check",
    "config": "svclint.cli.config:config",
    "dig": "svclint.cli.dig:dig",
    "explain": "svclint.cli.explain:explain",
    "krm": "svclint.cli.krm:krm",
    "map": "svclint.cli.map:map_",
    "resolve": "svclint.cli.resolve:resolve",
    "rules": "svclint.cli.rules:rules",
    "scan": "svclint.cli.scan:scan",
    "server": "svclint.cli.server:server",
}


def main() -> None:
    """Entry point of the console scripts; exit codes: 0 fine, 1 findings, 2 svclint could not do its work."""
    # What is read lives until the end: looking for garbage at Python's usual pace costs a tenth of a run.
    gc.set_threshold(200_000, 20, 50)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # Closed by whoever started us: there is nobody to talk to.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    try:
        code = _run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # The reader (`| head`) has gone: nothing is wrong, and nothing more can be said.
        _silence()
        code = 0
    except OSError as error:
        _silence()
        _say(f"{error.filename or 'output'}: {error.strerror or error}")
        code = 2
    sys.exit(code)


def _silence() -> None:
    """What is still to be printed goes nowhere: it could not be written before."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(error: str) -> None:
    """Tells an error; names of files are in it, and may hold anything."""
    from svclint.output.printable import plain

    print(f"Error: {plain(error)}", file=sys.stderr)


def _run() -> int:
    from svclint.cli import linting, quick

    asked = quick.read(sys.argv[1:])
    if asked is not None:
        try:
            return linting.run(asked, lambda facts: facts)
        except linting.WrongUse:
            pass  # Click has the words for it.
        except linting.CheckError as error:
            _say(str(error))
            return 2
    from svclint.cli.verbs import main as by_click

    return by_click()


def __getattr__(name: str) -> Any:
    """`root`, the group of all verbs, for those who call it from Python."""
    if name == "root":
        from svclint.cli.verbs import root

        return root
    raise AttributeError(name)
