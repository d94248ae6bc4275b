"""Acme's rules for svclint: one file a rule."""

SVCLINT_API = 1
