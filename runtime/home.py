"""The data folder: what lies where, who may read it, and that one supervisor at a time uses it.

Everything an embedded Batchwright must not lose is below this folder; copying it while nothing runs is a backup.
"""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.ports import free_port, is_free


class HomeInUseError(RuntimeError):
    """Another process holds the data folder."""


@dataclass(frozen=True)
class Home:
    """Paths in one data folder."""

    path: Path

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data directory."""
        return self.path / "postgres"

    @property
    def temporal(self) -> Path:
        """Temporal's SQLite file."""
        return self.path / "temporal.sqlite"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.path / "logs"

    @property
    def run_file(self) -> Path:
        """Addresses and process ids of what runs now; stale after a kill, so readers check the pids."""
        return self.path / "run.json"

    def ensure(self) -> None:
        """Make the folder; others may pass through (PostgreSQL's own user must, under root) but read nothing."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        self.logs.mkdir(exist_ok=True)
        self.logs.chmod(0o700)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; the kernel lets go of the lock when we die, however we die."""
        self.ensure()
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"{self.path} is in use by another Batchwright / 数据目录正被另一个 Batchwright 使用"
                raise HomeInUseError(message) from None
            yield

    def secret(self, name: str) -> str:
        """A password that is made once per data folder and readable by its owner only."""
        file = self.path / "secrets.json"
        known: dict[str, str] = read_json(file)
        if name not in known:
            known[name] = secrets.token_urlsafe(32)
            write_json(file, known)
        return known[name]

    def port(self, name: str) -> int:
        """A port that stays the same from start to start, chosen again only when somebody else has taken it."""
        file = self.path / "ports.json"
        known: dict[str, int] = read_json(file)
        if name not in known or not is_free(known[name]):
            known[name] = free_port(avoid=set(known.values()))
            write_json(file, known)
        return known[name]


def read_json(file: Path) -> dict[str, Any]:
    """The object in a file; empty when the file isn't there."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return dict(document)


def write_json(file: Path, document: dict[str, Any]) -> None:
    """Replace a file in one step, so that a kill leaves the old or the new one; only the owner may read it."""
    draft = file.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(document, out, indent=2)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
