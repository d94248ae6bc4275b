"""`svclint server` as a command."""

from __future__ import annotations

import subprocess
import sys


def test_without_pygls_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['pygls'] = None; sys.modules['lsprotocol'] = None\n"
        "sys.argv = ['svclint', 'server']\n"
        "from svclint.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "pip install 'svclint[lsp]'" in done.stderr
