"""Slow tests skip where their counterpart can't be had, and say why; with SVCLINT_NO_SKIPS=1 that is a failure.

A pipeline that has every counterpart sets it, so that no test is skipped everywhere.
"""

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("SVCLINT_NO_SKIPS") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, with SVCLINT_NO_SKIPS=1: {report.longrepr}"
    return report
