"""Writes down what `play.py` left: `python -m tests.upgrade.dump HOME` of a running old home makes `november.sql.xz`.

One SQL script by `pg_dump` of the embedded PostgreSQL, without what only its own client reads.
"""

import json
import lzma
import subprocess
import sys
from pathlib import Path

from runtime.home import Home
from runtime.postgres import BIN, SUPERUSER, Postgres

TO = Path(__file__).parent / "november.sql.xz"


def written(home: Path) -> bytes:
    """The whole record as SQL."""
    server = Postgres(Home(home))
    server.port = json.loads((home / "run.json").read_text(encoding="utf-8"))["postgres_port"]
    url = server.url(SUPERUSER).replace("+psycopg", "")
    command = [str(BIN / "pg_dump"), "--dbname", url, "--inserts", "--rows-per-insert=200"]
    return subprocess.run(command, check=True, capture_output=True).stdout


if __name__ == "__main__":
    lines = written(Path(sys.argv[1])).splitlines(keepends=True)
    TO.write_bytes(lzma.compress(b"".join(line for line in lines if not line.startswith(b"\\")), preset=9))
