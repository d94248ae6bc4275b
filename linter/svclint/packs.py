"""Rule packs: distributions that name the entry point group of rules."""

from __future__ import annotations

import os
import sys

GROUP = "svclint.rules"
OWN = "svclint_rules"


def any_pack() -> bool:
    """Whether any distribution but svclint itself names the entry point group.

    `importlib.metadata` costs a fifth of a short run to import; most machines have no pack.
    """
    for folder in sys.path:
        try:
            with os.scandir(folder or ".") as found:
                infos = [item.path for item in found if item.name.endswith((".dist-info", ".egg-info"))]
        except OSError:
            continue
        for info in infos:
            try:
                with open(os.path.join(info, "entry_points.txt"), "rb") as file:
                    text = file.read()
            except OSError:
                continue
            if f"[{GROUP}]".encode() in text and _names_pack(text.decode("utf-8", "replace")):
                return True
    return False


def _names_pack(text: str) -> bool:
    """Whether an entry_points.txt names a pack that isn't svclint's own."""
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line
        elif group == f"[{GROUP}]" and "=" in line and line.partition("=")[2].strip() != OWN:
            return True
    return False
