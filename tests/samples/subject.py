"""Samples of the page of any subject: with everything, and of a thing that nothing hangs on."""

from collections.abc import Callable
from dataclasses import replace

from models.kernel.request import CURSOR
from models.listing.rules import Asked
from models.process.queries.subjects import LIST
from models.process.sign.sign import WRONG_PASSWORD
from models.process.sign.signed_act import HAND_OVER
from tests.samples.pages import DIGEST, LONG_ZH, SCRIPT, hours
from ui.audit.page import AuditRow, Change
from ui.frame.first_rows import Cut
from ui.frame.i18n import Language, Words
from ui.frame.listing import part
from ui.frame.parts import Deadline, Fact, FormField, Link, Option, Pager, SignatureLine, SignaturePanel
from ui.frame.render import Page
from ui.frame.status import mark
from ui.subject.page import (
    FileLine,
    HandOverPage,
    LinkLine,
    OwnerRuleLine,
    OwnerRulesPage,
    RunLine,
    SubjectAuditPage,
    SubjectPage,
    SubjectRow,
    SubjectsPage,
    TaskLine,
)
from ui.subject.shown import Panel

WHOSE = (
    Fact(label="负责人", text="吴经理", href="/people/1"),
    Fact(label="厂区", text="苏州一厂"),
    Fact(label="法定主体", text="苏州髋之星医疗器械有限公司"),
    Fact(label="建立时间", moment=hours(-300)),
)


def full(language: Language) -> Page:
    """A finding whose decision is late."""
    zh = language == "zh"
    run = Link(label="偏差处理" if zh else "Deviation", href="/runs/1")
    return SubjectPage(
        kind="不合格或偏差" if zh else "Nonconformance or deviation", number="NC-H-2611-04-1", title=LONG_ZH[:60] + SCRIPT,
        mark=mark("subject", "late"), own=Link(label="批次页面" if zh else "Page of the batch", href="/lots/1"), facts=WHOSE,
        tasks=(
            TaskLine(title="决定" if zh else "Decide", href="/tasks/1", process=run.label, process_href=run.href, mark=mark("task", "claimed"),
                     who="陈批", deadline=Deadline(due=hours(-3))),
            TaskLine(title="调查" if zh else "Investigate", href="/tasks/2", process=run.label, process_href=run.href, mark=mark("task", "open"),
                     who="质量经理" if zh else "quality manager", deadline=Deadline(due=hours(30))),
        ),
        runs=(
            RunLine(title=f"{run.label} v3", href=run.href, mark=mark("subject", "late"), started_at=hours(-90), open=2),
            RunLine(title=f"{run.label} v2", href="/runs/2", mark=mark("run", "completed"), started_at=hours(-290), ended_at=hours(-200),
                    result="退回" if zh else "Sent back", part=True),
        ),
        runs_cut=Cut(shown=2, total=812, more_href="?show=runs#runs"),
        links=(
            LinkLine(role="受影响" if zh else "affected", kind="批次" if zh else "batch", subject=Link(label="H-2611-04", href="/lots/H-2611-04"),
                     title="髋关节柄 12/14", run=run),
            LinkLine(role="名称来自" if zh else "Called by", kind="物料" if zh else "Item", subject=Link(label="HIP-12", href="/subjects/1")),
        ),
        files=(FileLine(name="三坐标报告 2026-11.pdf", href="/attachments/1", size="1.4 MiB", who="林检", at=hours(-80)),),
        signatures=(
            SignatureLine(who="周审", at=hours(-70), meaning="审核 · 本人已审核 · 退回", digest=DIGEST, role="质量审核员", reason=LONG_ZH, tone="hold"),
        ),
        panel=Panel(title="发现与决定" if zh else "Finding and decision", facts=(Fact(label="要求", text="≤ 60 %"), Fact(label="实际值", text="61 %"))),
        audit=_rows(),
        audit_href="/subjects/1/audit",
    )  # fmt: skip


def _rows() -> tuple[AuditRow, ...]:
    changes = (Change(column="所在步骤", before="审核", after="写下"),)
    return (
        AuditRow(
            seq=192,
            at=hours(-70),
            who="周审",
            source="页面",
            operation="update",
            record="流程",
            changes=changes,
            leaf=DIGEST,
        ),
    )


def bare(language: Language) -> Page:
    """A machine that no process has been about, for somebody who may not read trails."""
    return SubjectPage(
        kind="设备" if language == "zh" else "Equipment", number="G-17", title="", mark=mark("subject", "none"), own=None, facts=WHOSE,
        tasks=(), runs=(), runs_cut=Cut(shown=0, total=0),
    )  # fmt: skip


def rows(language: Language) -> Page:
    """A list, sorted and narrowed."""
    zh = language == "zh"
    asked = Asked({"number": "NC", "state": "late"}, "number")
    return SubjectsPage(
        title="不合格或偏差" if zh else "Nonconformance or deviation",
        kinds=(Link(label="全部" if zh else "All", href="/subjects"), Link(label="不合格或偏差" if zh else "Nonconformance or deviation", href="/subjects?kind=x")),
        here="/subjects?kind=x",
        every=False,
        rows=tuple(
            SubjectRow(kind="", number=f"NC-H-2611-{n:02}-1", href="/subjects/1", title=LONG_ZH[: 20 * n], mark=mark("subject", "late" if n % 2 else "open"),
                       owner="吴经理", opened_at=hours(-24 * n), open=n % 3, deadline=Deadline(due=hours(6 - 5 * n)) if n % 3 else None)
            for n in range(1, 9)
        ),
        list=part(Words(language), LIST, asked, "/subjects", {"kind": "x"}, shown=8, cursor="c", following="d"),
    )  # fmt: skip


def nothing(language: Language) -> Page:
    """A list that a stale address was asked of."""
    return SubjectsPage(
        title="全部事项" if language == "zh" else "All matters", kinds=(), here="/subjects", every=True, rows=(),
        list=part(Words(language), LIST, Asked(), "/subjects", {}, shown=0, cursor="", following=None), refusal=CURSOR(),
    )  # fmt: skip


def whom(language: Language) -> HandOverPage:
    """Nobody was chosen yet, of many."""
    return HandOverPage(
        kind="批次" if language == "zh" else "batch", number="H-2611-04", title=LONG_ZH[:60] + SCRIPT,
        subject=Link(label="H-2611-04", href="/subjects/1"), owner="吴经理",
        choices=tuple(Option(value=f"p.{n}", label=f"{LONG_ZH[:n]} (p.{n})") for n in range(1, 60)),
    )  # fmt: skip


def signing(language: Language) -> Page:
    """The password was wrong."""
    return replace(
        whom(language), to="p.3", to_name=LONG_ZH[:30] + SCRIPT, typed=LONG_ZH[:200], record_href="/subjects/1/owner/record?to=p.3",
        signature=SignaturePanel(meaning=HAND_OVER.title(language), digest=DIGEST, attempts_left=1), refusal=WRONG_PASSWORD(left=1),
    )  # fmt: skip


def owner_rules(language: Language) -> Page:
    """Rules of every width, one of whom its person can't carry out, one that was refused to end, and one that has ended."""
    line = OwnerRuleLine(
        kind="批次" if language == "zh" else "batch", narrowed=(LONG_ZH[:40], "S-1" + SCRIPT, "夜班"), role="检验员",
        person=Link(label="林检", href="/people/1"), idle=True, made_at=hours(-300), end_href="/owner-rules/1/end",
    )  # fmt: skip
    wide = replace(line, narrowed=(), person=None, idle=False, end_href="/owner-rules/2/end", refusal=CURSOR())
    return OwnerRulesPage(
        rules=(line, wide),
        ended=(replace(wide, ended_at=hours(-1), end_href="", refusal=None),),
        fields=(
            FormField(key="reason", label="理由" if language == "zh" else "Reason", kind="long_text", required=True),
        ),
    )


PAGES: dict[str, Callable[[Language], Page]] = {
    "subject": full,
    "subject-bare": bare,
    "owner-whom": whom,
    "owner-signing": signing,
    "owner-rules": owner_rules,
    "owner-rules-empty": lambda _: OwnerRulesPage(rules=()),
    "subjects": rows,
    "subjects-refused": nothing,
    "subject-trail": lambda language: SubjectAuditPage(
        subject="G-17",
        rows=_rows(),
        pager=Pager(shown=1),
        about=Link(label="设备 G-17" if language == "zh" else "Equipment G-17", href="/subjects/1"),
    ),
}
