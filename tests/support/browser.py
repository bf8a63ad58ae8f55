"""Which Chromium the page tests drive: the system's if there is one, else Playwright's own."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# A container has no user namespaces for the sandbox and a small /dev/shm; and nothing may leave the machine.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def executable() -> str | None:
    """The path of the system's Chromium; None lets Playwright take its own.  `BROWSER_PATH` overrides."""
    if chosen := os.environ.get("BROWSER_PATH"):
        return chosen
    return next((found for name in NAMES if (found := shutil.which(name))), None)
