"""Putting away with a form that asks for one thing of every type: a definition that tests drive by page, API and engine."""

import json
from typing import Any

from sqlalchemy import Engine

from models.definition import store as definitions
from models.definition.document import Definition, as_data
from models.kernel.store.act import act
from tests.support.definitions import edited, shipped
from tests.support.plant.plant import SETUP


def _field(key: str, zh: str, en: str, kind: str, **parts: Any) -> dict[str, Any]:
    return {"key": key, "title": {"zh": zh, "en": en}, "type": kind, **parts}


LINES = [
    _field("part", "部位", "Part", "choice", required=True, choices=[
        {"key": "head", "title": {"zh": "头部", "en": "Head"}}, {"key": "stem", "title": {"zh": "柄部", "en": "Stem"}},
    ]),
    _field("good", "合格", "Good", "quantity", required=True, unit="kg"),
    _field("bad", "不良", "Bad", "quantity", required=True, unit="kg"),
    _field("all", "合计", "All", "quantity", unit="kg", computed={"plus": ["good", "bad"]}),
    _field("seen_by", "确认人", "Seen by", "person"),
    _field("why", "不良原因", "Why bad", "text", required_when={"op": "gt", "field": "bad", "value": 0}),
]  # fmt: skip
FORM = [
    _field("location", "库位", "Location", "text", required=True, max_length=60),
    _field("remark", "备注", "Remark", "long_text"),
    _field("boxes", "箱数", "Boxes", "integer", minimum="1", maximum="40"),
    _field("width", "宽度", "Width", "decimal", unit="mm", maximum="9.5"),
    _field("dry", "干燥", "Dry", "boolean"),
    _field("made", "制造月份", "Made", "month"),
    _field("day", "复验日期", "Retest on", "date"),
    _field("weighed_at", "称重时间", "Weighed at", "instant", required=True),
    _field("weighed_by", "称重人", "Weighed by", "person", required=True),
    _field("machine", "设备", "Machine", "reference", subject="equipment"),
    _field("like", "同类批次", "Batch like it", "reference", subject="lot"),
    _field("lines", "称重明细", "What was weighed", "table", required=True, columns=LINES),
    _field("total", "总重", "Total", "quantity", unit="kg", maximum="100", computed={"plus": ["lines.all"]}),
    _field("photos", "照片", "Photos", "attachment"),
    _field("wet", "潮湿说明", "Why wet", "text", required_when={"op": "eq", "field": "dry", "value": False}),
]
"""One of each type."""


def definition() -> Definition:
    """The life of a batch whose putting away asks for all of it."""
    made = edited(shipped("batch-lifecycle"), "putaway", form=FORM)
    return made.model_copy(update={"version": made.version + 50})


def ship(engine: Engine) -> None:
    """Batches that are received from now on are put away with it."""
    with act(engine, SETUP) as session:
        definitions.ship(session, json.dumps(as_data(definition())))
