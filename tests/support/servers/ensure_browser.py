"""`make browser`: after Debian's packages (`tests/support/servers/chromium.py`), Playwright's own where there is still none."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.servers.chromium import executable


def main() -> None:
    """Find or install one; end with status 1 when that fails."""
    if executable() or _playwright_has_one():
        return
    sys.exit(subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode)


def _playwright_has_one() -> bool:
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


if __name__ == "__main__":
    main()
