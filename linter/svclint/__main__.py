"""`python -m svclint`."""

import os
import sys

# Python looks in the working directory first, and there lies what is linted: nothing of that is imported.
if not sys.flags.safe_path and sys.path[0] == os.getcwd() != os.path.dirname(os.path.dirname(__file__)):
    del sys.path[0]

from svclint.cli import main

main()
