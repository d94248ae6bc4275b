"""`python -m svclint`."""

from svclint.cli import main

main()
