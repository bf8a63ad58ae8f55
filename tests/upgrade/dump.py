"""Writes down what a play left: `python -m tests.upgrade.dump record HOME FILE`, then, stopped, `... temporal HOME FILE`.

`record` asks the running embedded PostgreSQL of an old home by `pg_dump`: one SQL script, without what only its own client reads.
`temporal` keeps the file of the stopped Temporal server, written anew so that nothing of its journal is left out.
"""

import json
import lzma
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from runtime.home import Home
from runtime.postgres import BIN, SUPERUSER, Postgres


def record(home: Home) -> bytes:
    """The whole record as SQL."""
    server = Postgres(home)
    server.port = json.loads(home.run_file.read_text(encoding="utf-8"))["postgres_port"]
    url = server.url(SUPERUSER).replace("+psycopg", "")
    command = [str(BIN / "pg_dump"), "--dbname", url, "--inserts", "--rows-per-insert=200"]
    lines = subprocess.run(command, check=True, capture_output=True).stdout.splitlines(keepends=True)
    # some functions of before name others without their schema, so the script must find them
    left_out = (b"\\", b"SELECT pg_catalog.set_config('search_path', ''")
    return b"".join(line for line in lines if not line.startswith(left_out))


def temporal(home: Home) -> bytes:
    """Temporal's own file, whole."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / home.temporal.name
        with sqlite3.connect(home.temporal) as there:
            there.execute("vacuum into ?", (str(copy),))
        there.close()
        return copy.read_bytes()


if __name__ == "__main__":
    what, old, to = sys.argv[1:]
    Path(to).write_bytes(lzma.compress({"record": record, "temporal": temporal}[what](Home(Path(old))), preset=9))
