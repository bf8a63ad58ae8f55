"""Reports that go to authorities about a recall: which there are, what each stops and sets going (STANDARDS T 59, 62).

21 CFR 806.10, 7.53 (status), 7.55 (termination); 医疗器械召回管理办法: 召回计划, 实施情况报告, 总结评估报告.
"""

from dataclasses import dataclass
from datetime import datetime

from models.calendar.rules.deadline import Start
from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.time.reported import told

CLAUSE = "21 CFR 7.53, 7.55, 806.10; 医疗器械召回管理办法"
NOT_DECIDED = Kind(
    "RCP-001",
    CLAUSE,
    "召回 {recall} 的范围和级别尚未批准，还没有可报告的内容。",
    "Scope and class of {recall} are not approved yet; there is nothing to report.",
)
NOT_CLOSED = Kind(
    "RCP-002",
    "21 CFR 7.55; 医疗器械召回管理办法 (总结评估)",
    "召回 {recall} 尚未关闭，不能出总结评估报告。",
    "The recall {recall} is not closed yet; there is no termination report.",
)
WHEN = Kind(
    "RCP-003",
    CLAUSE,
    "提交时间 {at} 不在{since_zh}之后、此刻之前。",
    "The time of filing, {at}, is not between {since_en} and now.",
    422,
)
NO_PROOF = Kind(
    "RCP-004",
    "21 CFR 11.10(e); 806.10(c)",
    "登记已提交的报告必须写明主管部门和受理编号或凭证。",
    "A filed report needs the authority and its reference or proof.",
    422,
)
NO_KIND = Kind(
    "RCP-005",
    "DESIGN 2.5",
    "没有「{kind}」这种报告，可选: {known}。",
    "There is no report “{kind}”; there are: {known}.",
    404,
)
NO_DAY = Kind(
    "RCP-006",
    "21 CFR 7.53(b)(6)",
    "预计完成日期「{day}」应为 2026-12-31 这样的日期。",
    "The estimated completion “{day}” should be a date like 2026-12-31.",
    422,
)

KINDS = ("status", "termination")
"""The reports that are computed: 实施情况报告, 总结评估报告."""


@dataclass(frozen=True)
class Filing:
    """A kind of report as it is filed: the event that it is, the clocks that it stops, the report behind it (if one)."""

    event: Start
    stops: tuple[Start, ...]
    report: str | None = None
    after_closing: bool = False


FILINGS: dict[str, Filing] = {
    "plan": Filing(Start.PLAN_REPORTED, (Start.PLAN_REPORTED,)),
    "authority": Filing(Start.AUTHORITY_REPORTED, (Start.AUTHORITY_REPORTED,)),
    "progress": Filing(Start.PROGRESS_REPORTED, (Start.PROGRESS_REPORTED,), report="status"),
    # the summary is the last word on progress too
    "summary": Filing(
        Start.SUMMARY_REPORTED,
        (Start.SUMMARY_REPORTED, Start.PROGRESS_REPORTED),
        report="termination",
        after_closing=True,
    ),
}


def check_filing(
    recall_no: str,
    kind: str,
    filed_at: datetime,
    authority: str,
    reference: str,
    decided_at: datetime | None,
    closed_at: datetime | None,
    now: datetime,
) -> tuple[Filing, datetime]:
    """Refuse what can't have been filed; answers what the filing does, and when it was."""
    filing = FILINGS[kind]
    if decided_at is None:
        raise NOT_DECIDED(recall=recall_no)
    if filing.after_closing and closed_at is None:
        raise NOT_CLOSED(recall=recall_no)
    if not authority.strip() or not reference.strip():
        raise NO_PROOF()
    since = closed_at if filing.after_closing and closed_at is not None else decided_at
    at = told(filed_at, since, now)
    if at is None:
        words = Text("召回关闭", "the closing") if filing.after_closing else Text("召回决定", "the decision")
        raise WHEN(at=filed_at.isoformat(timespec="minutes"), since_zh=words[0], since_en=words[1])
    return filing, at
