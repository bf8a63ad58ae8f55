"""Turns a document into a PDF by Typst: the same data and time give the same bytes (requirement 24, STANDARDS 4).

`kit.typ` beside this module is what every paper is set from; a noun's paper is a `.typ` in its own room.  Data go in as files,
never as source text, so that nothing a person typed is read as markup.  PDF/A-3: readable in decades, with the data themselves attached.  No font is shipped: a
paper with Chinese on it needs one of `CHINESE` on the machine, and without one there is no paper rather than one with
empty boxes.
"""

import tempfile
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from models.kernel.refusal import Kind
from models.kernel.units.names import both

NO_FONT = Kind(
    "PDF-001",
    "DESIGN 9",
    "这台机器没有中文字体，无法生成 PDF；请安装 {font}（例如 apt install fonts-noto-cjk）。",
    "There is no Chinese font on this machine, so no PDF can be made; install {font} (apt install fonts-noto-cjk).",
    422,
)

KIT = Path(__file__).with_name("kit.typ")
PRINTED = 2000
"""Rows of a table on paper; the paper says how many there are, and the attached JSON holds all of them."""
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Serif CJK SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
)
LATIN = "Libertinus Serif"  # comes with Typst


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the machine, looked for once."""
    return typst.Fonts()


def chinese(families: Iterable[str]) -> str:
    """The best of the Chinese fonts among those; refuses when there is none."""
    there = set(families)
    for family in CHINESE:
        if family in there:
            return family
    raise NO_FONT(font=CHINESE[0])


def in_words(shown: Any) -> Any:
    """What is printed, with the code of each unit as the plant says it in both languages; the data beside it keep the code."""
    if isinstance(shown, dict):
        said = {key: in_words(value) for key, value in shown.items()}
        return said | {"uom": both(said["uom"])} if said.get("uom") else said
    return [in_words(one) for one in shown] if isinstance(shown, list | tuple) else shown


def cut(document: dict[str, Any], *lists: tuple[str, ...]) -> dict[str, Any]:
    """The document with the first `PRINTED` rows of the lists at these paths, and `<list>_count` beside each; the rest is shared."""
    cutting = dict(document)
    for *parts, name in lists:
        at = cutting
        for part in parts:
            at[part] = dict(at[part])
            at = at[part]
        at[f"{name}_count"] = len(at[name])
        at[name] = at[name][:PRINTED]
    return cutting


def pdf(template: Path, data: bytes, shown: bytes, at: datetime, *, test: bool) -> bytes:
    """The template's paper: it prints `shown` and has `data`, the record as it was digested, attached; `at` is written into it.

    A paper of a test home says so on every page: whoever makes one has to say which home it is of.
    """
    font = chinese(_fonts().families())
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for source in (KIT, template):
            (root / source.name).write_bytes(source.read_bytes())
        (root / "answer.json").write_bytes(data)
        (root / "shown.json").write_bytes(shown)
        return typst.compile(
            str(root / template.name),
            root=folder,
            font_paths=_fonts(),
            sys_inputs={"font": font, "test": "yes" if test else ""},
            format="pdf",
            pdf_standards=["a-3b"],
            timestamp=at.replace(microsecond=0),
        )
