"""Runs `svclint ARGUMENTS` and writes what it opens, imports, starts and connects to, one JSON list a line, to WATCHED.

Not a test: the tests start it in a process of its own, because an audit hook can't be taken away again.
"""

import json
import os
import sys

LOG = os.open(os.environ["WATCHED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
NAMES = (
    "open",
    "import",
    "exec",
    "os.",
    "subprocess.",
    "socket.",
    "urllib.",
    "http.",
    "ctypes.",
    "shutil.",
    "webbrowser.",
)


def hook(event, arguments):
    if not event.startswith(NAMES):
        return
    if event == "exec":
        arguments = (getattr(arguments[0], "co_filename", ""),)
    elif event == "import":
        arguments = arguments[:2]
    elif event == "open" and isinstance(arguments[0], str | bytes):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        # Where it leads is told now: it may be gone later. What is not to be followed leads nowhere.
        nofollow = isinstance(arguments[2], int) and arguments[2] & os.O_NOFOLLOW
        folder, name = os.path.split(path)
        real = os.path.join(os.path.realpath(folder), name) if nofollow else os.path.realpath(path)
        arguments = (real, arguments[2])
    os.write(LOG, (json.dumps([event, *map(str, arguments)]) + "\n").encode())


sys.addaudithook(hook)
sys.argv[0] = "svclint"

from svclint.cli import main  # noqa: E402

main()
