"""Our own check for time: an instant becomes a day or words in one module, with the plant's zone (`models.kernel.time.moments`).

`at.date()` cuts a day where the server's clock happens to stand: for eight hours of every day Suzhou has another one, and a
batch was "manufactured yesterday".  Types are not known here, so a method is judged by its name.

DAY-001  `.date()` without arguments, `.today()`, `.utcnow()`, `.fromtimestamp()`: ask `plant_day(at, zone)`.
DAY-002  `strftime`, a format such as `{at:%Y-%m-%d}`, `isoformat(sep=…)`: words of an instant come from `minute`, `second`, `day`.
DAY-003  SQL that cuts an instant: `::date`, `current_date`, `date_trunc`, `to_char` without `at time zone`.
"""

import ast
import re
from pathlib import Path

from tests.support.house.determinism import Finding

HOME = "models/kernel/time/moments.py"
CUTS = {"today", "utcnow", "fromtimestamp", "utcfromtimestamp"}
FORMAT = re.compile(r"%[aAbBcdDFHIjmMpSTuUwWxXyYZ]")
SQL = re.compile(
    r"::date\b|\bcurrent_date\b|\bdate_trunc\s*\(|\bto_char\s*\((?!$|[^)]*(at time zone|_on\b))", re.IGNORECASE
)


def check_folder(folder: Path, root: Path) -> list[Finding]:
    """All findings in a folder's modules, except in the one module that may."""
    files = [file for file in sorted(folder.rglob("*.py")) if str(file.relative_to(root)) != HOME]
    return [found for file in files for found in check(file.read_text("utf-8"), str(file))]


def check(source: str, file: str = "<source>") -> list[Finding]:
    """All findings in one module."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="date"), args=[], keywords=[]):
                found.append(_found(file, node, "DAY-001", ".date()"))
            case ast.Attribute(attr=name) if name in CUTS:
                found.append(_found(file, node, "DAY-001", f".{name}"))
            case ast.Attribute(attr="strftime"):
                found.append(_found(file, node, "DAY-002", ".strftime"))
            case ast.Call(func=ast.Attribute(attr="isoformat"), args=args, keywords=keywords) if args or any(
                one.arg == "sep" for one in keywords
            ):
                found.append(_found(file, node, "DAY-002", ".isoformat(sep=…)"))
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value=str(spec)), *_])) if (
                FORMAT.search(spec)
            ):
                found.append(_found(file, node, "DAY-002", spec))
            case ast.Constant(value=str(text)) if cut := SQL.search(text):
                found.append(_found(file, node, "DAY-003", cut[0]))
            case _:
                pass
    return found


def _found(file: str, node: ast.AST, code: str, what: str) -> Finding:
    return Finding(file, getattr(node, "lineno", 0), code, what)
