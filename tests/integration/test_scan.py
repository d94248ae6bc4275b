"""`svclint scan`: what crosses repositories is met, and no executor changes the answer."""

import json
import os
from concurrent.futures import Executor
from pathlib import Path

import pytest
from click.testing import CliRunner

from svclint import scan
from svclint.cli.scan import scan as verb
from svclint.executors import Processes, Serial

CLIENT = """\
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: {namespace}
spec:
  containers:
    - name: client
      image: registry.example.com/client:1
      env:
        - name: CATALOG_ADDR
          value: {address}
"""
SERVER = """\
apiVersion: v1
kind: Service
metadata:
  name: catalog
  namespace: shop
spec:
  selector:
    app: catalog
  ports:
    - port: 3550
---
apiVersion: v1
kind: Pod
metadata:
  name: catalog
  namespace: shop
  labels:
    app: catalog
spec:
  containers:
    - name: catalog
      image: registry.example.com/catalog:1
"""


def repositories(folder: Path, address: str, namespace: str = "web") -> list[str]:
    for name, text in (("client", CLIENT.format(address=address, namespace=namespace)), ("server", SERVER)):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "all.yaml").write_text(text)
    return [str(folder / "client"), str(folder / "server")]


def found(paths: list[str], executor: Executor | None = None) -> dict[str, list[str]]:
    with executor or Serial() as running:
        return {
            each.name: [f"{said['rule']}: {said['message']}" for said in each.findings]
            for each in scan.scan(paths, running, {})
        }


def test_a_name_meets_the_service_of_another_repository(tmp_path: Path) -> None:
    assert found(repositories(tmp_path, "catalog.shop:3550")) == {"client": [], "server": []}


def test_a_port_that_the_other_repository_does_not_have(tmp_path: Path) -> None:
    paths = repositories(tmp_path, "catalog.shop:3551")
    assert found(paths[:1]) == {"client": []}
    (said,) = found(paths)["client"]
    assert said.startswith('dns-wrong-port: Service "catalog" has no port 3551')


def test_the_other_place_is_the_real_one(tmp_path: Path) -> None:
    with Serial() as executor:
        client, _ = scan.scan(repositories(tmp_path, "catalog.shop:3551"), executor, {})
    (finding,) = client.findings
    assert finding["file"] == "client/all.yaml"
    (related,) = finding["related"]
    assert (related["file"], related["line"]) == ("server/all.yaml", 4)


def test_a_service_of_nobody_in_a_namespace_of_another(tmp_path: Path) -> None:
    (said,) = found(repositories(tmp_path, "catalogue.shop:3550"))["client"]
    assert said.startswith('dns-missing-service: no Service "catalogue" in namespace "shop"')


def test_the_same_stated_namespace(tmp_path: Path) -> None:
    assert found(repositories(tmp_path, "catalog:3550", "shop")) == {"client": [], "server": []}
    (said,) = found(repositories(tmp_path, "catalog:3551", "shop"))["client"]
    assert "has no port 3551" in said


def test_two_owners_of_one_name_offer_the_ports_of_both(tmp_path: Path) -> None:
    paths = repositories(tmp_path, "catalog.shop:9999")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "all.yaml").write_text(SERVER.replace("3550", "9999"))
    assert found([*paths, str(tmp_path / "other")])["client"] == []


def test_processes_say_what_one_process_says(tmp_path: Path) -> None:
    paths = repositories(tmp_path, "catalog.shop:3551")
    assert found(paths, Processes(2)) == found(paths) == found(paths[::-1])


def _deadly(folder: str, name: str) -> str:
    """Dies, the first time or always."""
    if name == "always":
        os._exit(1)
    if name == "once":
        try:
            os.close(os.open(os.path.join(folder, "died"), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return name
        os._exit(1)
    return name


def test_a_worker_that_dies_loses_nothing_but_what_kills_it(tmp_path: Path) -> None:
    names = ["a", "once", "b", "always", "c"]
    with Processes(2) as executor:
        done = scan._each(executor, _deadly, {name: (str(tmp_path), name) for name in names})
    assert {name for name in names if done[name] == name} == {"a", "once", "b", "c"}
    assert "died" in done["always"]


def test_a_repository_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    paths = repositories(tmp_path, "catalog.shop:3551")
    (tmp_path / "server" / "svclint.toml").write_text("selct = []\n")
    result = CliRunner().invoke(verb, [*paths, "--executor", "serial", "--output-format", "json"])
    assert result.exit_code == 2
    client, server = json.loads(result.stdout)["repositories"]
    assert client["crashes"] == [] and "did you mean `select`" in server["crashes"][0]


def test_the_verb(tmp_path: Path) -> None:
    result = CliRunner().invoke(verb, [*repositories(tmp_path, "catalog.shop:3551"), "--executor", "serial"])
    assert result.exit_code == 1
    assert "client/all.yaml:12:31: error[dns-wrong-port]" in result.stdout
    assert result.stdout.endswith("1 error in 3 objects in 2 repositories.\n")


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/a/web", "/b/api"], ["web", "api"]),
        (["/a/web", "/b/web"], ["a/web", "b/web"]),
        (["/a/x/web", "/b/x/web", "/c/web"], ["a/x/web", "b/x/web", "c/web"]),
    ],
)
def test_names_are_short_and_unlike(paths: list[str], names: list[str]) -> None:
    assert list(scan.named(paths)) == names
