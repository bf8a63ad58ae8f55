"""Which code this is: the version, the commit where it runs from a clone, and a digest of the sources as they lie here.

It goes into every audit event (21 CFR 11.10(e)): of two changes made by different code, the trail says so, also where
somebody edited a file of a release.
"""

import hashlib
import subprocess
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"
SOURCES = ("activities", "api", "definitions", "models", "runtime", "ui", "workflows")
SUFFIXES = frozenset({".py", ".sql", ".yaml", ".html", ".js", ".css"})


@lru_cache(maxsize=1)
def build_id() -> str:
    """`0.1.0+1a2b3c4d.9f8e7d6c5b4a`; the same for the same files, whoever asks."""
    commit = _commit()
    return f"{VERSION}+{commit}.{digest(ROOT)}" if commit else f"{VERSION}+{digest(ROOT)}"


def digest(root: Path) -> str:
    """The first twelve characters of the SHA-256 over names and contents of all sources."""
    whole = hashlib.sha256()
    files = [root / "cli.py", root / "worker.py"]
    for folder in SOURCES:
        files += (one for one in (root / folder).rglob("*") if one.suffix in SUFFIXES)
    for file in sorted(one for one in files if one.is_file()):
        whole.update(file.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:12]


def _commit() -> str:
    """The commit of the clone that this runs from; nothing where there is none."""
    if not (ROOT / ".git").exists():
        return ""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short=8", "HEAD"],  # noqa: S607 - whichever git is installed
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
