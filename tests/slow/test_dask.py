"""`svclint scan` on a real Dask cluster of several processes on loopback, of which one is killed on the way."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
REPOSITORIES = 60
# Runs in a venv that has Dask: a scheduler, three workers, and a scan that kills one of them at its twentieth answer.
DRIVER = '''
import json, os, signal, subprocess, sys, threading
from concurrent.futures import Executor
from distributed import Client
from svclint.cli.scan import as_json
from svclint.executors import executor
from svclint.scan import scan

folder, paths = sys.argv[1], sys.argv[2:]
scheduler_file = os.path.join(folder, "scheduler.json")
options = ["--scheduler-file", scheduler_file]
started = [subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port",
                             "0", "--no-dashboard", *options], stderr=subprocess.DEVNULL)]
worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1", "--no-dashboard",
          "--local-directory", folder, *options]
try:
    while not os.path.exists(scheduler_file):
        assert started[0].poll() is None
    workers = [subprocess.Popen(worker, stderr=subprocess.DEVNULL) for _ in range(3)]
    started += workers
    address = json.load(open(scheduler_file))["address"]
    with Client(address) as client:
        client.wait_for_workers(3, timeout=120)
    answers = []

    class Deadly(Executor):
        """Kills a worker when twenty tasks are done."""

        def __init__(self, inner):
            self.inner = inner

        def submit(self, fn, *args, **kwargs):
            future = self.inner.submit(fn, *args, **kwargs)
            future.add_done_callback(self.count)
            return future

        def count(self, future):
            answers.append(future)
            if len(answers) == 20:
                workers[0].send_signal(signal.SIGKILL)

    with executor("dask", None, address) as running:
        found = scan(paths, Deadly(running), {})
    assert workers[0].wait(30) == -signal.SIGKILL
    assert all(each.poll() is None for each in workers[1:])
    sys.stdout.write(as_json(found))
finally:
    for each in started:
        each.kill()
'''


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dask")
    venv.create(place, with_pip=True)
    command = [str(place / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    done = subprocess.run([*command, f"{ROOT}[dask]"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"svclint[dask] can't be installed: {done.stderr.strip()[-300:]}")
    return place / "bin" / "python"


def test_a_cluster_that_loses_a_worker_says_what_one_process_says(python: Path, tmp_path: Path) -> None:
    paths = []
    for number in range(REPOSITORIES):
        folder = tmp_path / f"repository-{number:03}"
        folder.mkdir()
        target = (number + 1) % REPOSITORIES
        port = 81 if number % 7 == 0 else 80
        (folder / "all.yaml").write_text(
            f"apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: team-{number}}}\n"
            "spec: {selector: {app: web}, ports: [{port: 80}]}\n---\n"
            f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: team-{number}, labels: {{app: web}}}}\n"
            "spec:\n  containers:\n    - name: web\n      image: registry.example.com/web:1\n      env:\n"
            f"        - {{name: NEXT, value: 'http://web.team-{target}:{port}'}}\n"
        )
        paths.append(str(folder))
    work = tmp_path / "work"
    work.mkdir()
    driver = [str(python), "-c", DRIVER, str(work), *paths]
    clustered = subprocess.run(driver, capture_output=True, text=True, check=False, timeout=600)
    assert clustered.returncode == 0, clustered.stderr
    command = [sys.executable, "-m", "svclint", "scan", "--executor", "serial", "--output-format", "json", *paths]
    local = subprocess.run(command, capture_output=True, text=True, check=False)
    assert local.returncode == 1
    assert json.loads(clustered.stdout) == json.loads(local.stdout)
    rules = [said["rule"] for each in json.loads(local.stdout)["repositories"] for said in each["findings"]]
    assert rules == ["dns-wrong-port"] * len(range(0, REPOSITORIES, 7))


def test_a_cluster_of_this_machine(python: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    command = [str(python), "-m", "svclint", "scan", "--executor", "dask", "--jobs", "2", str(tmp_path / "a")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "no findings in 0 objects in 1 repository.\n"
