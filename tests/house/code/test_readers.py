"""Whoever writes a parser of outside text says so: here it is found, and how its time grows is measured (STYLE: small, plain).

A quadratic expression in one reader took 40 seconds for 80,000 dashes and stopped the API.  So every module that reads text by one of the
libraries for it is either measured, under the names it has in `tests/support/house/readers.py`, or says here whose text it reads.
"""

import ast
import functools
import re
from pathlib import Path

from tests.support.house.layers import pure
from tests.support.house.readers import TEXTS

ROOT = Path(__file__).parents[3]
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
    "api/frame/request/body.py": ("api body",),
    "api/frame/request/digits.py": ("api json",),
    "api/frame/idempotency.py": ("api address",),
    "api/frame/request/meant.py": ("api shapes",),
    "api/frame/security.py": ("ui parts of a page",),
    "api/frame/request/slashes.py": ("api address",),
    "models/attachment/rules/attachment.py": ("attachment name",),
    "models/attachment/rules/sniff.py": ("attachment content",),
    "models/person/rules/account_mail.py": ("account_mail.read",),
    "models/person/rules/credential.py": ("credential.mail_key", "credential.name_key", "founding.check_key"),
    "models/definition/document.py": ("definition_yaml.read",),
    "models/definition/yaml_text.py": ("definition_yaml.read",),
    "models/exposure/rules/exposure.py": ("exposure.read_identifier", "exposure.read_reference"),
    "models/exposure/rules/csv_file.py": ("exposure_csv.from_csv",),
    "models/exposure/rules/window.py": ("moments",),
    "models/identifier/rules/identifiers.py": ("identifiers.parse",),
    "models/identifier/rules/application_identifiers.py": ("identifiers.parse",),
    "models/identifier/rules/check_digits.py": ("identifiers.parse",),
    "models/identifier/rules/epc.py": ("identifiers.parse",),
    "models/identifier/rules/gs1.py": ("identifiers.parse",),
    "models/identifier/rules/hibc.py": ("identifiers.parse",),
    "models/identifier/rules/identity.py": ("identity.identity_key", "identity.near_key"),
    "models/importing/rules/files.py": ("importing files",),
    "models/importing/rules/gudid/xml_release.py": ("importing files",),
    "models/importing/rules/inventree/builds.py": ("importing files",),
    "models/importing/rules/reading.py": ("importing cells",),
    "models/notice/rules/lot_list/reader.py": ("lot_list.parse",),
    "models/notice/rules/lot_list/account.py": ("lot_list.parse",),
    "models/notice/rules/lot_list/kinds.py": ("lot_list.parse", "notice_list.read"),
    "models/notice/rules/lot_list/tables.py": ("lot_list.parse",),
    "models/notice/rules/lot_list/tokens.py": ("lot_list.parse",),
    "models/notice/rules/lot_list/values.py": ("lot_list.parse",),
    "models/kernel/time/moments.py": ("moments",),
    "models/clock/rules.py": ("moments",),
    "models/kernel/links.py": ("notice_links.read", "scars.read"),
    "models/kernel/mail/addresses.py": ("notice_mail.addresses",),
    "models/packing/rules.py": ("packing.read_number",),
    "models/definition/answer.py": ("process_form.read_form",),
    "models/notice/rules/receivers.py": ("recall_receivers.read",),
    "models/recall/rules/report.py": ("moments",),
    "models/kernel/request.py": ("requests.read_cursor",),
    "models/listing/rules.py": ("listing.left_out",),
    "models/listing/store.py": ("moments",),
    "models/resolve/rules.py": ("resolve.read_reference",),
    "models/identifier/rules/scanned_field.py": ("scanned",),
    "models/trace/rules/csv_file.py": ("trace_csv.from_csv",),
    "models/trace/rules/as_of.py": ("moments",),
    "models/kernel/typed.py": ("typed.number",),
    "models/kernel/units/units.py": ("units.split",),
    "models/exposure/store/subjects.py": ("words of a page",),
    "models/person/store/people.py": ("words of a page",),
    "models/person/queries/people.py": ("moments",),
    "ui/plant/registers/registers.py": ("moments",),
    "ui/recall/cockpit.py": ("ui parts of a page",),
    "ui/person/routes/people.py": ("moments",),
    "ui/production/routes.py": ("words of a page",),
    "ui/trace/routes.py": ("words of a page",),
    "ui/task/form.py": ("task_form.cells",),
    "ui/audit/view.py": ("moments",),
    "ui/frame/form/lines.py": ("moments",),
    "ui/frame/first_rows.py": ("ui parts of a page",),
    "ui/frame/visit.py": ("ui parts of a page",),
}
RECORD, SHIPPED = "what the record wrote itself", "what ships with the program, or its operator wrote"
OURS: dict[str, str] = {
    "api/frame/addresses.py": SHIPPED,
    "api/frame/rooms.py": SHIPPED,
    "api/process/routes/acts.py": RECORD,
    "api/recall/routes/recalls.py": RECORD,
    "models/recall/papers/pack.py": RECORD,
    "models/nonconformance/paper.py": RECORD,
    "models/trace/paper.py": RECORD,
    "models/calendar/rules/deadline_book.py": SHIPPED,
    "models/release/rules/evidence.py": RECORD,
    "models/process/lawful.py": RECORD,
    "models/lot/store/open_holds.py": RECORD,
    "models/lot/store/open_locks.py": RECORD,
    "models/production/store/past_work.py": RECORD,
    "models/process/time/moments.py": RECORD,
    "models/capa/kind.py": RECORD,
    "models/change/kind/temporary.py": RECORD,
    "models/change/kind/work.py": RECORD,
    "models/change/store/tasks.py": RECORD,
    "models/capa/store/plans.py": RECORD,
    "models/supplier/kind.py": RECORD,
    "models/supplier/queries/severities.py": RECORD,
    "models/scar/kind.py": RECORD,
    "models/calibration/paper.py": RECORD,
    "models/calibration/rules.py": RECORD,
    "models/calibration/store/calibrations.py": RECORD,
    "models/breakdown/store/breakdowns.py": RECORD,
    "models/drift/rules/asking.py": RECORD,
    "models/equipment/store/machines.py": RECORD,
    "ui/calibration/view.py": RECORD,
    "models/process/sign/statement.py": RECORD,
    "models/reshape/acts/dispose.py": RECORD,
    "models/release/store/batch_record.py": RECORD,
    "models/definition/store.py": RECORD,
    "models/plant/store/demo.py": SHIPPED,
    "models/kernel/store/english_names.py": RECORD,
    "models/importing/store/importing.py": RECORD,
    "models/recall/store/hold_and_notify.py": RECORD,
    "models/stock/store/proposed.py": RECORD,
    "models/recall/store/recalls.py": RECORD,
    "models/person/store/sessions.py": RECORD,
    "models/process/queries/reading.py": RECORD,
    "runtime/demo/before/agenda.py": SHIPPED,
    "runtime/demo/before/history.py": SHIPPED,
    "runtime/demo/before/legacy.py": SHIPPED,
    "runtime/home.py": SHIPPED,
    "runtime/reference/fields.py": SHIPPED,
    "runtime/reference/glossary.py": SHIPPED,
    "runtime/reference/proofs.py": SHIPPED,
    "runtime/reference/record.py": SHIPPED,
    "runtime/reference/walls.py": SHIPPED,
    "runtime/settings.py": SHIPPED,
    "ui/frame/words/clauses.py": RECORD,
    "ui/frame/render.py": RECORD,
    "ui/frame/i18n.py": SHIPPED,
    "ui/frame/problem_pages.py": RECORD,
    "ui/inspection/view.py": RECORD,
    "ui/recall/view/cockpit.py": RECORD,
    "ui/recall/view/forms.py": RECORD,
    "ui/task/view/record.py": RECORD,
    "ui/task/view/task.py": RECORD,
    "ui/lot/view/timeline.py": RECORD,
    "workflows/process/interpreter.py": RECORD,
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
    "models.kernel.links.read": "notice_links.read, scars.read",
    "models.definition.document.parse_duration": "a word of a definition",
    "models.definition.yaml_text.parse_yaml": "definition_yaml.read, kept",
    "models.calendar.rules.deadline_book.read_book": SHIPPED,
    "models.importing.rules.files.read": "importing files",
    "models.notice.rules.lot_list.values.read_run": "lot_list.parse",
    "models.label.rules.unit.read": "no text: what its label says otherwise, found already",
    "models.production.rules.packaging.read": "process_form.read_form",
    "models.identifier.rules.epc.read_epc": "identifiers.parse",
    "models.identifier.rules.gs1.read_bracketed": "identifiers.parse",
    "models.identifier.rules.gs1.read_link": "identifiers.parse",
    "models.identifier.rules.gs1.read_unbracketed": "identifiers.parse",
    "models.identifier.rules.hibc.read_hibc": "identifiers.parse",
}


def test_a_function_that_reads_text_is_asked_by_name() -> None:
    """In rules and messages: `read…`, `parse…`, `split…`, `from…` of a text, in a module that is measured already."""
    missing = []
    for file in pure():
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for one in ast.parse(file.read_text("utf-8")).body:
            if isinstance(one, ast.FunctionDef) and READS.fullmatch(one.name) and _takes_text(one):
                name = f"{module}.{one.name}"
                if name not in _asked() and name not in INSIDE:
                    missing.append(name)
    assert missing == []


@functools.cache
def _asked() -> frozenset[str]:
    """What the table of readers asks, with the module that it is in."""
    tree = ast.parse((ROOT / "tests/support/house/readers.py").read_text("utf-8"))
    whole: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            whole |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    used = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
    names = {
        f"{whole[node.value.id]}.{node.attr}"
        for node in used
        if isinstance(node.value, ast.Name) and node.value.id in whole
    }
    return frozenset(names | set(whole.values()))


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
