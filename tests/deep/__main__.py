"""`make test-deep NAME=api-schema SEED=7 MINUTES=10`: one long test, with its seed and its counts; without a name, their list.

A test file that asks `tests.support.often` or has properties is one too, under its own name: its races and properties are tried
many times.
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path

from tests.deep import api_schema

ROOT = Path(__file__).parents[2]


def files() -> dict[str, Path]:
    """The test files with something to try many times, by name."""
    found = [
        path
        for path in sorted(ROOT.glob("tests/**/test_*.py"))
        if any(sign in path.read_text("utf-8") for sign in ("tests.support.often", "@given"))
    ]
    return {_name(path): path.relative_to(ROOT) for path in found}


def _name(path: Path) -> str:
    """`tests/hold/test_workflow.py` is `hold-workflow`."""
    *folders, file = path.relative_to(ROOT / "tests").with_suffix("").parts
    return "-".join([*folders, file.removeprefix("test_")]).replace("_", "-")


def main() -> int:
    """Run the one that is named; 1 when it found something, 2 when there is none of that name."""
    name, known = (sys.argv[1] if len(sys.argv) > 1 else ""), files()
    if name != "api-schema" and name not in known:
        print(f"{'api-schema':<20} {(api_schema.__doc__ or '').splitlines()[0]}")
        for one, path in known.items():
            print(f"{one:<20} {path}, many times")
        return 2
    seed = int(os.environ.get("SEED") or secrets.randbelow(2**31))
    if name == "api-schema":
        return api_schema.run(seed, float(os.environ.get("MINUTES") or 10))
    print(f"{name}: seed {seed}", flush=True)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--timeout=0", f"--hypothesis-seed={seed}"]
    told = [*command, "--hypothesis-show-statistics", str(known[name])]
    return 1 if subprocess.run(told, cwd=ROOT, check=False, env=os.environ | {"DEEP": "1"}).returncode else 0


if __name__ == "__main__":
    sys.exit(main())
