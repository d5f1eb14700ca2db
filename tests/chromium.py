"""Find the Chromium for the browser tests, or bring one: `python -m tests.chromium` is part of `make test`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
SENTENCE = (
    "No Chromium could be installed. The browser tests need one: install Debian's package `chromium` "
    "(as root: apt-get install chromium), then run make test again."
)


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome: the machine's, else the one Playwright brought; None without either."""
    for name in NAMES:
        path = shutil.which(name)
        # Ubuntu's package of this name is a door to a snap, and says so instead of starting.
        if path and subprocess.run([path, "--version"], capture_output=True).returncode == 0:
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> bool:
    """Try Debian's package as root, then Playwright's own. True when a Chromium is there afterwards."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *command], env=environment, stdin=subprocess.DEVNULL)
        if find_chromium():
            return True
    dependencies = ["--with-deps"] if os.geteuid() == 0 else []
    subprocess.run([sys.executable, "-m", "playwright", "install", *dependencies, "chromium"])
    return find_chromium() is not None


if __name__ == "__main__":
    if find_chromium() is None and not install():
        print(SENTENCE, file=sys.stderr)
        # Without CI the other tests are still worth running; the browser's are skipped with the same sentence.
        sys.exit(1 if os.environ.get("CI") == "true" else 0)
