"""The version of this svclint."""

VERSION = "0.1.0"
