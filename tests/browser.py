"""A headless browser, and a server for it to visit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = os.environ.get("ALAQAT_CHROMIUM") or shutil.which("chromium")
LANGUAGES = ("ar", "en")
_QUIET = ("background-networking", "component-update", "sync", "gpu", "quic")

in_a_browser = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium is installed (set ALAQAT_CHROMIUM)"
    ),
]


@contextmanager
def served(output: Path) -> Iterator[str]:
    """Start a server over a dataset, and yield its address."""
    alaqat = Path(sys.executable).with_name("alaqat")
    command = [alaqat, "serve", "--port", "0", "--output", output]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield server.stdout.readline().split()[-1]
        server.terminate()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a window, and without its own calls to elsewhere."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--no-first-run",
                *(f"--disable-{q}" for q in _QUIET),
            ],
        )
        yield browser
        browser.close()
