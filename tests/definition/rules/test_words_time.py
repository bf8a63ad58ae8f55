"""What waits, lists, automatic steps and rounds say in plain words, in both languages."""

from typing import Any

import pytest

from models.definition.words import sentence
from tests.support.definitions import end, small, task, text

DAY = {"key": "day", "title": {"zh": "到期日", "en": "expiry"}, "type": "date", "required": True}
WAIT = {"key": "wait", "kind": "wait", "title": {"zh": "到货", "en": "goods"}, "next": "end"}
BOTH = {"after": "P1D", "date": "fill.day", "offset": "P2D", "working": True}
SLA = {"complete": "PT8H", "escalations": [{"after": "PT8H", "to_role": "quality_manager", "message": text("late")}]}


@pytest.mark.parametrize(
    ("stage", "zh", "en"),
    [
        (WAIT | {"fact": "goods.came"}, "到货", "goods"),
        (WAIT | {"until": {"after": "P1D"}}, "等待「到货」: 直到满 1 天", "Wait “goods”: until the end of 1 day"),
        (
            WAIT | {"fact": "goods.came", "until": BOTH | {"elapsed": "fill"}, "sla": SLA},
            (
                "等待「到货」: 直到发生, 或满 1 天工作时间 或 「到期日」之后 2 天工作时间; 已发生 → 「step」; 时间到 → 「填写」"
                "; 8 小时内; 逾期报 质量经理"
            ),
            (
                "Wait “goods”: until it happens, or the end of 1 day of working time or 2 days of working time after “expiry”; "
                "it happened → “step”; time is up → “fill”, within 8 hours, if late, tells the Quality manager"
            ),
        ),
        (
            {
                "key": "wait",
                "kind": "subprocess",
                "process": "x",
                "next": "end",
                "for_each": {"links": "affected", "enough": 2},
            },
            "对每一个关联对象进行「step」, 2 个结束即可",
            "Run “step” for each linked subject; goes on when 2 have ended",
        ),
        (
            {"key": "wait", "kind": "subprocess", "process": "x", "next": "end", "for_each": {"rows": "fill.day"}},
            "对「到期日」的每一行进行「step」, 全部结束后继续",
            "Run “step” for each row of “expiry”; goes on when all have ended",
        ),
        (
            {"key": "wait", "kind": "action", "does": ["label.print"], "next": "end", "sla": {"complete": "PT1H"}},
            "系统自动: step; 1 小时内",
            "Automatic: step, within 1 hour",
        ),
        (
            task("wait", next="end", not_same_as=["fill"], rounds="all"),
            "操作员 step, 不得与任何一轮的「填写」 同一人",
            "Operator: step, not the same person as “fill” in any round",
        ),
    ],
)
def test_a_step_in_words(stage: dict[str, Any], zh: str, en: str) -> None:
    fill = task("fill", next="wait", form=[DAY], title={"zh": "填写", "en": "fill"})
    definition = small(fill, stage, end())
    found = definition.stage("wait")
    assert (sentence(found, "zh", definition), sentence(found, "en", definition)) == (zh, en)
