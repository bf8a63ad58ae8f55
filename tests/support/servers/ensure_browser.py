"""`make browser`: the system's Chromium, else Debian's packages when we are root, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.servers.browser import executable


def main() -> None:
    """Find or install one; end with status 1 when that fails."""
    if executable() or _playwright_has_one():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _apt("update")
        # The shell alone where the distribution has it.  The fonts too: without them Chinese pages are empty boxes.
        for package in ("chromium-headless-shell", "chromium"):
            if _apt("install", "-y", "--no-install-recommends", package, "fonts-noto-cjk") and executable():
                return
    sys.exit(subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode)


def _apt(*arguments: str) -> bool:
    argv = ["apt-get", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(argv, env=environment, stdout=sys.stderr, check=False).returncode == 0


def _playwright_has_one() -> bool:
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


if __name__ == "__main__":
    main()
