"""`svclint` in this process: a subprocess costs half a second."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from svclint import cli


class Done(NamedTuple):
    """How a call ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


def call(*arguments: str, cwd: Path, stdin: bytes | str = b"") -> Done:
    """Calls `svclint ARGUMENTS` in a folder, in an environment that says nothing; an exception is always a defect."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        for name in ("SVCLINT_CHECK_FIX", "FORCE_COLOR", "LC_ALL", "LC_MESSAGES", "LANG"):
            patch.delenv(name, raising=False)
        patch.setattr(sys, "argv", ["svclint", *arguments])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        said = [io.BytesIO(), io.BytesIO()]
        for name, to in zip(("stdout", "stderr"), said, strict=True):
            patch.setattr(sys, name, io.TextIOWrapper(to, encoding="utf-8", newline="", write_through=True))
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = (to.getvalue().decode() for to in said)
    assert isinstance(end.value.code, int)
    return Done(end.value.code, out, err)


@pytest.fixture
def svclint() -> Callable[..., Done]:
    """Calls `svclint ARGUMENTS` in the folder `cwd`."""
    return call


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Done]:
    """Calls `svclint ARGUMENTS` in `tmp_path`, which is a project of its own."""
    (tmp_path / ".git").mkdir()
    return partial(call, cwd=tmp_path)
