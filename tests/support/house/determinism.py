"""Our own check for workflows and rules: nothing in them may differ between a run and its replay (DESIGN 2.3).

Temporal's sandbox finds some of this, but only on a path that a test happens to run, and not at all in modules that
are passed through it (`runtime.temporal.workers.PASSED_THROUGH`).  The check reads the source instead.

DET-001  the clock: `datetime.now`, `date.today`, `time.time`, …  A replay days later sees another time and takes
         another branch; take `now` as an argument, `workflow.now()` in a workflow.
DET-002  chance: `uuid4`, `random`, `secrets`, `os.urandom`.  Two runs store two ids; use `workflow.uuid4()`, or the
         database's `uuidv7()` in the activity.
DET-003  the order of a set, and `hash()`.  String hashes differ per process, so a loop over a set starts activities in
         another order after a restart: a non-determinism error that appears only on some days.  Use `sorted(…)`.
DET-004  the outside: files, environment, sockets, processes, threads.  Belongs into an activity.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

CLOCK = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "localtime", "gmtime"},
}
CHANCE_MODULES = {"random", "secrets"}
CHANCE = {"uuid": {"uuid1", "uuid4", "uuid6", "uuid7", "getnode"}, "os": {"urandom", "getrandom"}}
OUTSIDE_MODULES = {"socket", "subprocess", "threading", "multiprocessing", "urllib.request", "http.client", "tempfile"}
OUTSIDE = {"os": {"environ", "getenv", "listdir", "getpid", "scandir"}}
OUTSIDE_METHODS = {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob"}
# What takes a set and gives the same for every order.
ORDERLESS = {"sorted", "set", "frozenset", "len", "sum", "min", "max", "any", "all", "bool", "isinstance"}
ORDERED = {"list", "tuple", "enumerate", "iter", "next", "zip", "map", "dict"}
BANNED_CALLS = {"hash": "DET-003", "open": "DET-004"}
SET_METHODS = {"union", "intersection", "difference", "symmetric_difference"}


@dataclass(frozen=True)
class Finding:
    """One place that could differ."""

    file: str
    line: int
    code: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code} {self.what}"


def check_folder(folder: Path) -> list[Finding]:
    """All findings in a folder's modules."""
    return [found for file in sorted(folder.rglob("*.py")) for found in check(file.read_text("utf-8"), str(file))]


def check(source: str, file: str = "<source>") -> list[Finding]:
    """All findings in one module."""
    tree = ast.parse(source)
    visitor = _Visitor(file, _temporal_names(tree))
    visitor.visit(tree)
    return visitor.findings


def _temporal_names(tree: ast.Module) -> set[str]:
    """Names that look like a clock or chance but are Temporal's deterministic ones: `workflow.now`, `workflow.uuid4`."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "temporalio"
        for alias in node.names
    }


class _Visitor(ast.NodeVisitor):
    def __init__(self, file: str, temporal_names: set[str]) -> None:
        self.file = file
        self.temporal_names = temporal_names
        self.findings: list[Finding] = []
        self.scopes: list[dict[str, bool]] = [{}]  # name → whether it is a set, innermost last

    def _found(self, node: ast.AST, code: str, what: str) -> None:
        self.findings.append(Finding(self.file, getattr(node, "lineno", 0), code, what))

    # --- imports ---------------------------------------------------------------------------------------------------
    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._module(node, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        self._module(node, module)
        for alias in node.names:
            self._member(node, module, alias.name)

    def _module(self, node: ast.AST, module: str) -> None:
        if module in CHANCE_MODULES:
            self._found(node, "DET-002", f"import of {module}")
        if module in OUTSIDE_MODULES:
            self._found(node, "DET-004", f"import of {module}")

    def _member(self, node: ast.AST, owner: str, name: str) -> None:
        # `from datetime import datetime` is fine, `from time import time` isn't.
        if owner == "time" and name in CLOCK["time"]:
            self._found(node, "DET-001", f"{owner}.{name}")
        if name in CHANCE.get(owner, ()):
            self._found(node, "DET-002", f"{owner}.{name}")
        if name in OUTSIDE.get(owner, ()):
            self._found(node, "DET-004", f"{owner}.{name}")

    # --- names -----------------------------------------------------------------------------------------------------
    def visit_Attribute(self, node: ast.Attribute) -> None:
        owner = _last_name(node.value)
        if owner not in self.temporal_names:
            if node.attr in CLOCK.get(owner, ()):
                self._found(node, "DET-001", f"{owner}.{node.attr}")
            if node.attr in CHANCE.get(owner, ()):
                self._found(node, "DET-002", f"{owner}.{node.attr}")
            if node.attr in OUTSIDE.get(owner, ()):
                self._found(node, "DET-004", f"{owner}.{node.attr}")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        name = _last_name(function)
        if isinstance(function, ast.Attribute):
            if name in OUTSIDE_METHODS:
                self._found(node, "DET-004", f".{name}()")
            self._arguments(node, ordered=name in {"join", "extend"}, orderless=name in SET_METHODS)
            self.visit(function)
            return
        if name in BANNED_CALLS:
            self._found(node, BANNED_CALLS[name], f"{name}()")
        self._arguments(node, ordered=name in ORDERED, orderless=name in ORDERLESS)

    def _arguments(self, node: ast.Call, *, ordered: bool, orderless: bool) -> None:
        for argument in node.args:
            if ordered:
                self._ordered_use(argument)
            if orderless:
                self._visit_orderless(argument.value if isinstance(argument, ast.Starred) else argument)
            else:
                self.visit(argument)
        for keyword in node.keywords:
            self.visit(keyword.value)

    def _visit_orderless(self, argument: ast.expr) -> None:
        """`any(x for x in some_set)`: the order of the outer loop doesn't matter here."""
        if isinstance(argument, ast.GeneratorExp | ast.SetComp | ast.ListComp):
            for each in argument.generators:
                self.visit(each.iter)
                for condition in each.ifs:
                    self.visit(condition)
            self.visit(argument.elt)
        else:
            self.visit(argument)

    # --- sets ------------------------------------------------------------------------------------------------------
    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.scopes.append({arg.arg: _says_set(arg.annotation) for arg in [*node.args.args, *node.args.kwonlyargs]})
        self.generic_visit(node)
        self.scopes.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """A field's name isn't visible in the functions around it."""
        self.scopes.append({})
        self.generic_visit(node)
        self.scopes.pop()

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scopes[-1][target.id] = self._is_set(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and _says_set(node.annotation):
            self.scopes[-1][node.target.id] = True

    def visit_For(self, node: ast.For) -> None:
        self._ordered_use(node.iter)
        self.generic_visit(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._visit_orderless(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._ordered_use(node.iter)
        self.generic_visit(node)

    def visit_Starred(self, node: ast.Starred) -> None:
        self._ordered_use(node.value)
        self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:
        """`{*a_set, more}` makes a set again: no order is used."""
        for element in node.elts:
            self.visit(element.value if isinstance(element, ast.Starred) else element)

    def _ordered_use(self, node: ast.expr) -> None:
        if self._is_set(node):
            self._found(node, "DET-003", f"order of the set {ast.unparse(node)}")

    def _is_set(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Set | ast.SetComp):
            return True
        if isinstance(node, ast.Name):
            return next((scope[node.id] for scope in reversed(self.scopes) if node.id in scope), False)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                return node.func.id in {"set", "frozenset"}
            return isinstance(node.func, ast.Attribute) and node.func.attr in SET_METHODS
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor):
            return self._is_set(node.left) or self._is_set(node.right)
        return False


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _says_set(annotation: ast.expr | None) -> bool:
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    return annotation is not None and _last_name(annotation) in {"set", "frozenset", "Set", "AbstractSet", "FrozenSet"}
