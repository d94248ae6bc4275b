"""docs/configuration.md and the schema speak of the same keys, and its example is a configuration."""

from __future__ import annotations

import re
from pathlib import Path

from svclint import config

PAGE = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text()


def test_every_key_is_on_the_page() -> None:
    told = {key for row in re.findall(r"^\| (`.*?) \|", PAGE, re.M) for key in re.findall(r"`([\w.-]+)`", row)}
    told = {key.partition(".")[0] for key in told}
    assert told == set(config.schema()["properties"]) - {"$schema"}


def test_the_example_is_a_configuration() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    found = config.parse(example.encode(), "svclint.toml")
    assert found.select == ("ALL",)
    assert found.workload_kinds[0].template == ("spec", "pod", "template")
