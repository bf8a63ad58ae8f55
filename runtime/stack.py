"""What a complete Batchwright consists of: its parts in starting order, each with its program, check and first aid.

With DATABASE_URL or TEMPORAL_ADDRESS set, that part is somebody else's server and is only used, never started.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from sqlalchemy.exc import DBAPIError

from models.clock.rules import BEGUN
from runtime import tls
from runtime.home import Home
from runtime.ports import LOOPBACK, free_port, is_free
from runtime.postgres import API, OWNER, WORKER, Postgres
from runtime.process import Program, StartError
from runtime.settings import Settings
from runtime.temporal.server import Temporal

ROOT = Path(__file__).resolve().parent.parent
SERVERS = frozenset({"postgres", "temporal"})
ALL = frozenset({"postgres", "temporal", "worker", "api"})


def _nothing() -> None:
    """A part without first aid."""


@dataclass(frozen=True)
class Part:
    """One process of the stack.

    `prepare` runs before each start, `bootstrap` once it answers, `ready` is asked again and again.  `alive` gets the
    process id and says whether it still works; None where `ready` says so.
    """

    name: str
    program: Callable[[], Program]
    ready: Callable[[], bool]
    prepare: Callable[[], None] = _nothing
    bootstrap: Callable[[], None] = _nothing
    start_seconds: float = 60.0
    alive: Callable[[int], bool] | None = None

    def works(self, pid: int) -> bool:
        """Whether the running process does what it is for."""
        return self.alive(pid) if self.alive else self.ready()


ROLES = {"worker": WORKER, "api": API}
"""As whom a part logs in to the embedded database; others do as the application."""

NO_TEMPORAL_DOOR: dict[str, object] = {
    "temporal_tls": False,
    "temporal_tls_ca": None,
    "temporal_tls_cert": None,
    "temporal_tls_key": None,
    "temporal_tls_server_name": None,
    "temporal_api_key": None,
}
"""The embedded server listens on this machine alone and asks for none of it."""


@dataclass
class Stack:
    """The parts of one data folder, and the settings a child or a caller needs to reach them."""

    given: Settings
    wanted: frozenset[str] = ALL
    fast: bool = False  # for tests: PostgreSQL doesn't wait for the disk
    test: bool = False  # a new home gets a clock that can be moved; one that isn't new must have it
    home: Home = field(init=False)
    postgres: Postgres | None = field(init=False, default=None)
    temporal: Temporal | None = field(init=False, default=None)
    api_port: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Embedded servers only where no address was given."""
        self.home = Home(self.given.home)
        if self.test and (self.given.database_url or self.given.temporal_address):
            raise BEGUN()
        if "postgres" in self.wanted and not self.given.database_url:
            self.postgres = Postgres(self.home, fast=self.fast)
        if "temporal" in self.wanted and not self.given.temporal_address:
            self.temporal = Temporal(self.home, namespace=self.given.temporal_namespace, ui=self.given.temporal_ui)

    @property
    def settings(self) -> Settings:
        """The given settings with the addresses of the embedded servers filled in."""
        return self.given.model_copy(update=self._addresses())

    def _addresses(self) -> dict[str, object]:
        found: dict[str, object] = {}
        if self.postgres:
            found["database_url"] = self.postgres.url()
            found["database_owner_url"] = self.postgres.url(OWNER)
        if self.temporal:
            found |= NO_TEMPORAL_DOOR | {"temporal_address": self.temporal.address}
        if self.api_port:
            found["port"] = self.api_port
        return found

    @property
    def api_url(self) -> str:
        """Where people find the pages on this machine."""
        host = LOOPBACK if self.given.host in {"0.0.0.0", "::"} else self.given.host  # noqa: S104 - compared, not bound
        return f"{tls.scheme(self.given)}://{host}:{self.api_port or self.given.port}"

    def child_environment(self, part: str = "") -> dict[str, str]:
        """What worker, API and others are told.  Not the owner's address: the application can't lift its own walls.

        In the embedded database, worker and API log in as roles of their own.
        """
        settings = self.settings
        if self.postgres and part in ROLES:
            settings = settings.model_copy(update={"database_url": self.postgres.url(ROLES[part])})
        secret = settings.secret.get_secret_value() if settings.secret else self.home.secret("session")
        return {
            "DATABASE_URL": settings.database_url or "",
            "DATABASE_OWNER_URL": "",
            "TEMPORAL_ADDRESS": settings.temporal_address or "",
            "TEMPORAL_NAMESPACE": settings.temporal_namespace,
            # what the environment says of somebody else's server is not for ours
            **(
                {str(Settings.model_fields[one].validation_alias): "" for one in NO_TEMPORAL_DOOR}
                if self.temporal
                else {}
            ),
            "BATCHWRIGHT_HOME": str(self.home.path),
            "BATCHWRIGHT_HOST": settings.host,
            "BATCHWRIGHT_PORT": str(settings.port),
            "BATCHWRIGHT_TLS_CERT": str(settings.tls_cert or ""),
            "BATCHWRIGHT_TLS_KEY": str(settings.tls_key or ""),
            "BATCHWRIGHT_SECRET": secret,
            "PYTHONUNBUFFERED": "1",
        }

    def parts(self) -> list[Part]:
        """In starting order; stopping goes backwards."""
        made: list[Part] = []
        if self.postgres:
            it = self.postgres
            made.append(Part("postgres", it.program, it.ready, it.prepare, self._migrate_embedded))
        if self.temporal:
            at = self.temporal
            made.append(Part("temporal", at.program, at.ready, at.prepare, at.bootstrap))
        if "worker" in self.wanted:
            made.append(Part("worker", lambda: self._ours("worker", "worker"), lambda: True, alive=self._worker_alive))
        if "api" in self.wanted:
            api = Part("api", lambda: self._ours("api", "cli", "api"), self._api_ready, self.choose_api_port)
            made.append(api)
        return made

    def _migrate_embedded(self) -> None:
        if self.postgres:
            from models.migrations import test_home

            self.postgres.bootstrap()
            if self.test:
                test_home.mark(self.postgres.url(OWNER))
            migrate(self.postgres.url(OWNER))

    def migrate_given(self) -> None:
        """Migrate a database that somebody else operates, if we were told its owner's address."""
        if self.given.database_url and self.given.database_owner_url:
            migrate(self.given.database_owner_url)

    def _ours(self, name: str, module: str, *arguments: str) -> Program:
        return Program(
            name=name,
            argv=[sys.executable, "-m", module, *arguments],
            log=self.home.logs / f"{name}.log",
            env=self.child_environment(name),
            cwd=ROOT,
        )

    def choose_api_port(self) -> None:
        """People bookmark the address, so a taken port is an error and not a reason to move."""
        if self.given.port == 0:
            self.api_port = self.api_port or free_port()
        elif is_free(self.given.port, self.given.host):
            self.api_port = self.given.port
        else:
            message = f"port {self.given.port} is taken; choose another with --port / 端口 {self.given.port} 已被占用"
            raise StartError(message)

    def _worker_alive(self, pid: int) -> bool:
        """By its signs of life; where the record can't be asked, the worker isn't to blame.

        One that has just begun has a while for its first; signs of an earlier process of the same number aren't its own.
        """
        from models.clock.store import signs_of_life as beats
        from models.kernel.store import db

        try:
            age = time.time() - psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return True  # it has ended; that is noticed elsewhere
        engine = db.engine(str(self.settings.database_url), pool_size=1, tables=False)
        try:
            silent = beats.silence(engine, pid)
        except DBAPIError:
            return True
        finally:
            engine.dispose()
        if silent is None or silent > age:
            return age < beats.FIRST
        return silent < beats.SILENT

    def _api_ready(self) -> bool:
        try:
            return httpx.get(
                f"{self.api_url}/healthz", timeout=5, trust_env=False, verify=tls.client(self.given)
            ).is_success
        except httpx.HTTPError:
            return False


def migrate(owner_url: str) -> None:
    """Bring a database to the newest migration; what is new in a test home's goes by its clock too."""
    from models import migrations
    from models.migrations import test_home

    migrations.upgrade(owner_url)
    test_home.finish(owner_url)
