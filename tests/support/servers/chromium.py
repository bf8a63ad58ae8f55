"""Which Chromium the page tests drive: the system's, else Debian's package when we are root, else Playwright's own.

python3 -m tests.support.servers.chromium package     # installs the package where it can, beside those that we need ourselves
.venv/bin/python -m tests.support.servers.chromium    # Playwright's own where there is still none
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The headless shell first: the same engine without a browser's windows around it, which Playwright drives by default
# too.  For the same pages it takes half the processor time (measured: 26 s against 55 s for one file of flows).
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def executable() -> str | None:
    """The path of the system's Chromium; None lets Playwright take its own.  `BROWSER_PATH` overrides."""
    if chosen := os.environ.get("BROWSER_PATH"):
        return chosen
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def main() -> None:
    """Find or install one; ends with status 1 when that fails."""
    if sys.argv[1:] == ["package"]:
        _package()
    elif not executable() and not _playwright_has_one():
        sys.exit(subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode)


def _package() -> None:
    if executable() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    _apt("update")
    # The shell alone where the distribution has it.  The fonts too: without them Chinese pages are empty boxes.
    for package in ("chromium-headless-shell", "chromium"):
        if _apt("install", "-y", "--no-install-recommends", package, "fonts-noto-cjk") and executable():
            return


def _playwright_has_one() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def _apt(*arguments: str) -> bool:
    argv = ["apt-get", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(argv, env=environment, stdout=sys.stderr, check=False).returncode == 0


if __name__ == "__main__":
    main()
