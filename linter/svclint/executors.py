"""Where the tasks of a scan run: this process, processes of this machine, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
KINDS = ("processes", "serial", "dask")


class ExecutorError(Exception):
    """The executor can't be had; the message says what to do."""


class Serial(Executor):
    """Runs each task when it is submitted."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """The task, done."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes(Executor):
    """A pool of processes that can be had anew: after a worker has died, the old one takes nothing any more."""

    def __init__(self, workers: int | None) -> None:
        self._workers = workers
        self._pool = ProcessPoolExecutor(workers)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """The task, in some process."""
        return self._pool.submit(fn, *args, **kwargs)

    def renew(self) -> None:
        """A new pool in place of one that is broken."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = ProcessPoolExecutor(self._workers)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the processes."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def executor(kind: str, workers: int | None, scheduler: str | None) -> Iterator[Executor]:
    """An executor of this kind. With Dask, `scheduler` is the address of a cluster; without, one of this machine.

    Raises ExecutorError.
    """
    if kind == "serial":
        yield Serial()
    elif kind == "processes":
        with Processes(workers) as pool:
            yield pool
    else:
        try:
            from distributed import Client  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            raise ExecutorError("Dask is not installed: pip install 'svclint[dask]'") from None
        settings: dict[str, Any] = {"address": scheduler} if scheduler else {"n_workers": workers, "processes": True}
        try:
            client = Client(**settings, **({} if scheduler else {"dashboard_address": None}))
        except OSError as error:
            raise ExecutorError(f"no Dask scheduler answers at {scheduler}: {error}") from None
        with client:
            # Tasks are named anew each time: two repositories with the same arguments are still two.
            yield client.get_executor(pure=False, retries=2)
