"""What schemas/generate.py writes is what lies in the repository, and editors can use it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

from svclint.apiserver.types import OLDEST, Types, go_name

SCHEMAS = Path(__file__).parents[3] / "schemas"
WRITTEN = SCHEMAS / "svclint_schemas" / "kubernetes"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", SCHEMAS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_files_are_fresh() -> None:
    files = generator().files()
    assert {path.name for path in WRITTEN.iterdir() if path.suffix in (".types", ".json")} == set(files)
    for name, text in files.items():
        assert (WRITTEN / name).read_text(encoding="utf-8") == text, f"{name}: run python schemas/generate.py"


def test_json_schema_knows_kinds_and_their_fields() -> None:
    schema = json.loads((WRITTEN / "1.36.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}]}}
    assert validator.is_valid(service)
    assert not validator.is_valid({**service, "spec": {"ports": [{"port": "80"}]}})
    assert not validator.is_valid({**service, "spec": {"port": 80}})
    assert validator.is_valid({"apiVersion": "example.com/v1", "kind": "Foo"}), "other kinds are not its business"


@pytest.mark.parametrize("minor", range(OLDEST[1], 37))
def test_every_code_can_be_read(minor: int) -> None:
    table = Types((1, minor))
    for kinds in table.kinds.values():
        for kind in kinds.values():
            table.fields(kind.definition)
    seen = set()
    waiting = [kind.definition for kinds in table.kinds.values() for kind in kinds.values()]
    while waiting:
        definition = waiting.pop()
        if definition in seen:
            continue
        seen.add(definition)
        for field in table.fields(definition).values():
            assert go_name(field.code)
            bare = field.code.lstrip("[{").partition("=")[0]
            if bare[0] == "@":
                waiting.append(bare[1:])
    assert "core.v1.PodSpec" in seen


def test_versions_differ_where_the_api_does() -> None:
    newest, oldest = Types((1, 36)), Types((1, 29))
    assert "trafficDistribution" in newest.fields("core.v1.ServiceSpec")
    assert "trafficDistribution" not in oldest.fields("core.v1.ServiceSpec")
    assert "image" not in oldest.fields("core.v1.Volume")
    assert newest.kind("networking.k8s.io/v1", "IPAddress") is not None
    assert oldest.kind("networking.k8s.io/v1", "IPAddress") is None
    assert oldest.kind("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy") is None
