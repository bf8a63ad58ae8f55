"""`make browser`: the system's Chromium, else Debian's package when we are root, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.browser import executable


def main() -> None:
    """Find or install one; end with status 1 when that fails."""
    if executable() or _playwright_has_one():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        # The fonts too: without them the pictures of Chinese pages are empty boxes.
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
        for argv in (["apt-get", "update"], install):
            if subprocess.run(argv, env=environment, stdout=sys.stderr, check=False).returncode != 0:
                break
        if executable():
            return
    sys.exit(subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode)


def _playwright_has_one() -> bool:
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


if __name__ == "__main__":
    main()
