"""Whoever writes a parser of outside text says so: here it is found, and how its time grows is measured (STYLE: small, plain).

A quadratic expression in one reader took 40 seconds for 80,000 dashes and stopped the API.  So every module that reads text by one of the
libraries for it is either measured, under the names it has in `tests/support/readers.py`, or says here whose text it reads.
"""

import ast
import re
from pathlib import Path

from tests.support.readers import TEXTS

ROOT = Path(__file__).parents[2]
FOLDERS = ("models", "api", "ui", "runtime", "activities", "workflows")
LIBRARIES: dict[str, frozenset[str]] = {
    "re": frozenset({"compile", "match", "search", "split", "sub", "subn", "findall", "finditer", "fullmatch"}),
    "json": frozenset({"loads", "load"}),
    "yaml": frozenset({"load", "safe_load", "load_all", "safe_load_all", "SafeLoader", "CSafeLoader"}),
    "csv": frozenset({"reader", "DictReader"}),
    "zipfile": frozenset({"ZipFile"}),
    "zlib": frozenset({"decompress", "decompressobj"}),
    "gzip": frozenset({"open", "decompress", "GzipFile"}),
    "base64": frozenset({"b64decode", "urlsafe_b64decode", "b32decode", "a85decode"}),
    "binascii": frozenset({"unhexlify", "a2b_base64"}),
    "unicodedata": frozenset({"normalize"}),
    "html": frozenset({"unescape"}),
    "openpyxl": frozenset({"load_workbook"}),
}
NAMES = frozenset(
    {"XMLPullParser", "XMLParser", "fromstring", "iterparse", "urlsafe_b64decode", "b64decode", "urlsplit", "urlparse", "unquote", "parse_qs",
     "parse_qsl", "getaddresses", "parseaddr", "unescape", "normalize", "safe_load", "loads", "DictReader", "ZipFile"}
)  # fmt: skip
METHODS = frozenset({"fromisoformat", "strptime", "model_validate_json", "fromhex"})

MEASURED: dict[str, tuple[str, ...]] = {
    "api/body.py": ("api body",),
    "api/digits.py": ("api json",),
    "api/idempotency.py": ("api address",),
    "api/schemas/meant.py": ("api shapes",),
    "api/security.py": ("ui parts of a page",),
    "api/slashes.py": ("api address",),
    "models/attachment/rules.py": ("attachment name",),
    "models/attachment/sniff.py": ("attachment content",),
    "models/rules/account_mail.py": ("account_mail.read",),
    "models/rules/credential.py": ("credential.mail_key", "credential.name_key", "founding.check_key"),
    "models/rules/definition.py": ("definition_yaml.read",),
    "models/rules/definition_yaml.py": ("definition_yaml.read",),
    "models/rules/exposure.py": ("exposure.read_identifier", "exposure.read_reference"),
    "models/rules/exposure_csv.py": ("exposure_csv.from_csv",),
    "models/rules/exposure_window.py": ("moments",),
    "models/rules/identifiers.py": ("identifiers.parse",),
    "models/rules/identifiers_ai.py": ("identifiers.parse",),
    "models/rules/identifiers_check.py": ("identifiers.parse",),
    "models/rules/identifiers_epc.py": ("identifiers.parse",),
    "models/rules/identifiers_gs1.py": ("identifiers.parse",),
    "models/rules/identifiers_hibc.py": ("identifiers.parse",),
    "models/rules/identity.py": ("identity.identity_key", "identity.near_key"),
    "models/rules/importing/files.py": ("importing files",),
    "models/rules/importing/gudid_xml.py": ("importing files",),
    "models/rules/importing/inventree_builds.py": ("importing files",),
    "models/rules/importing/reading.py": ("importing cells",),
    "models/rules/lot_list.py": ("lot_list.parse",),
    "models/rules/lot_list_account.py": ("lot_list.parse",),
    "models/rules/lot_list_kinds.py": ("lot_list.parse", "notice_list.read"),
    "models/rules/lot_list_tables.py": ("lot_list.parse",),
    "models/rules/lot_list_tokens.py": ("lot_list.parse",),
    "models/rules/lot_list_values.py": ("lot_list.parse",),
    "models/rules/moments.py": ("moments",),
    "models/rules/moved_clock.py": ("moments",),
    "models/rules/notice_links.py": ("notice_links.read",),
    "models/rules/notice_mail.py": ("notice_mail.addresses",),
    "models/rules/packing.py": ("packing.read_number",),
    "models/rules/process_form_values.py": ("process_form.read_form",),
    "models/rules/recall_receivers.py": ("recall_receivers.read",),
    "models/rules/recall_report.py": ("moments",),
    "models/rules/requests.py": ("requests.read_cursor",),
    "models/rules/resolve.py": ("resolve.read_reference",),
    "models/rules/scanned.py": ("scanned",),
    "models/rules/trace_csv.py": ("trace_csv.from_csv",),
    "models/rules/trace_moment.py": ("moments",),
    "models/rules/typed.py": ("typed.number",),
    "models/rules/units.py": ("units.split",),
    "models/store/exposure_subjects.py": ("words of a page",),
    "models/store/people.py": ("words of a page",),
    "models/store/queries_people.py": ("moments",),
    "ui/registers.py": ("moments",),
    "ui/recall_cockpit.py": ("ui parts of a page",),
    "ui/routes_people.py": ("moments",),
    "ui/routes_production.py": ("words of a page",),
    "ui/routes_trace.py": ("words of a page",),
    "ui/task_form.py": ("task_form.cells",),
    "ui/views_audit.py": ("moments",),
    "ui/views_lines.py": ("moments",),
    "ui/first_rows.py": ("ui parts of a page",),
    "ui/routes_base.py": ("ui parts of a page",),
}
RECORD, SHIPPED = "what the record wrote itself", "what ships with the program, or its operator wrote"
OURS: dict[str, str] = {
    "api/doors.py": SHIPPED,
    "api/routes_acts.py": RECORD,
    "api/routes_recalls.py": RECORD,
    "models/papers/recall_pack.py": RECORD,
    "models/papers/trace.py": RECORD,
    "models/rules/deadline_book.py": SHIPPED,
    "models/rules/evidence.py": RECORD,
    "models/process/lawful.py": RECORD,
    "models/rules/process_time.py": RECORD,
    "models/rules/statement.py": RECORD,
    "models/store/acts/disposing.py": RECORD,
    "models/store/batch_record.py": RECORD,
    "models/store/definitions.py": RECORD,
    "models/store/demo.py": SHIPPED,
    "models/store/english.py": RECORD,
    "models/store/importing.py": RECORD,
    "models/store/outward.py": RECORD,
    "models/store/proposed.py": RECORD,
    "models/store/recalls.py": RECORD,
    "models/store/sessions.py": RECORD,
    "models/store/views_tasks_read.py": RECORD,
    "runtime/demo/agenda.py": SHIPPED,
    "runtime/demo/history.py": SHIPPED,
    "runtime/demo/legacy.py": SHIPPED,
    "runtime/home.py": SHIPPED,
    "runtime/reference_glossary.py": SHIPPED,
    "runtime/reference_proofs.py": SHIPPED,
    "runtime/reference_record.py": SHIPPED,
    "runtime/settings.py": SHIPPED,
    "ui/clauses.py": RECORD,
    "ui/render.py": RECORD,
    "ui/i18n.py": SHIPPED,
    "ui/problem_pages.py": RECORD,
    "ui/views_inspection.py": RECORD,
    "ui/views_recall.py": RECORD,
    "ui/views_recall_forms.py": RECORD,
    "ui/views_task.py": RECORD,
    "ui/views_timeline.py": RECORD,
    "workflows/process.py": RECORD,
}


def reads(tree: ast.Module) -> bool:
    """Whether a module reads text by a library for it."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=library), attr=name) if name in LIBRARIES.get(library, ()):
                return True
            case ast.Attribute(attr=name) if name in METHODS:
                return True
            case ast.Call(func=ast.Name(id=name)) if name in NAMES:
                return True
            case ast.ImportFrom(module=module, names=names) if module in LIBRARIES and any(
                one.name in LIBRARIES[module] for one in names
            ):
                return True
    return False


def found() -> set[str]:
    """The modules that do."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    files += [ROOT / "cli.py", ROOT / "worker.py"]
    names = {file: file.relative_to(ROOT).as_posix() for file in files if "migrations" not in file.parts}
    return {name for file, name in names.items() if reads(ast.parse(file.read_text("utf-8")))}


def test_a_module_that_reads_text_is_measured_or_reads_our_own() -> None:
    assert found() == MEASURED.keys() | OURS.keys()
    assert not MEASURED.keys() & OURS.keys()


READS = re.compile(r"(read|parse|split|from|unpack|decode)(_\w+)?")
INSIDE: dict[str, str] = {
    "definition.parse_duration": "a word of a definition",
    "definition_yaml.parse_yaml": "definition_yaml.read, kept",
    "deadline_book.read_book": SHIPPED,
    "files.read": "importing files",
    "lot_list_values.read_run": "lot_list.parse",
    "unit_label.read": "no text: what its label says otherwise, found already",
    "packaging.read": "process_form.read_form",
    "identifiers_epc.read_epc": "identifiers.parse",
    "identifiers_gs1.read_bracketed": "identifiers.parse",
    "identifiers_gs1.read_link": "identifiers.parse",
    "identifiers_gs1.read_unbracketed": "identifiers.parse",
    "identifiers_hibc.read_hibc": "identifiers.parse",
}


def test_a_function_that_reads_text_is_asked_by_name() -> None:
    """In `models/rules`: `read…`, `parse…`, `split…`, `from…` of a text, in a module that is measured already."""
    asked, missing = (ROOT / "tests/support/readers.py").read_text("utf-8"), []
    for file in sorted((ROOT / "models/rules").rglob("*.py")):
        for one in ast.parse(file.read_text("utf-8")).body:
            if isinstance(one, ast.FunctionDef) and READS.fullmatch(one.name) and _takes_text(one):
                name = f"{file.stem}.{one.name}"
                if f"{name}" not in asked and name not in INSIDE:
                    missing.append(name)
    assert missing == []


def _takes_text(function: ast.FunctionDef) -> bool:
    said = {ast.unparse(one.annotation) for one in function.args.args if one.annotation is not None}
    return bool(said & {"str", "bytes", "str | None", "Iterable[str]"})


def test_what_is_measured_is_named() -> None:
    named = {name for names in MEASURED.values() for name in names}
    assert named - {"importing files"} <= TEXTS.keys()


def test_a_new_parser_is_seen() -> None:
    for line in (
        "import re\nX = re.compile('a')",
        "import json\njson.loads(x)",
        "from csv import DictReader\nDictReader(x)",
        "date.fromisoformat(x)",
    ):
        assert reads(ast.parse(line)), line
    assert not reads(ast.parse("import re\nx.split('a')"))
