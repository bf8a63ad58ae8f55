"""What is typed about a notice, behind its link or by whoever runs the recall: the answer, and to whom goods went on."""

from dataclasses import asdict
from typing import Any

from starlette.datastructures import FormData

from api.recall.schemas import AnswerIn, ReceiversIn
from models.notice.rules import receivers as recall_receivers
from ui.frame.form.forms import read
from ui.frame.visit import typed


def answer_in(form: FormData) -> AnswerIn:
    """The answer; RCS-008 where a row of receivers can't be read."""
    names = (name for name in AnswerIn.model_fields if name != "receivers")
    return read(AnswerIn, {**{name: typed(form, name) for name in names}, "receivers": _receivers(form)})


def receivers_in(form: FormData) -> ReceiversIn:
    """More receivers, after the answer."""
    rows = _receivers(form)
    if not rows:
        raise recall_receivers.NO_NAMES()
    return read(ReceiversIn, {"name": typed(form, "name"), "receivers": rows})


def _receivers(form: FormData) -> list[dict[str, Any]]:
    rows = recall_receivers.read(typed(form, "receivers"))
    if len(rows) > recall_receivers.MOST:
        raise recall_receivers.TOO_LONG(most=recall_receivers.MOST, rows=len(rows))
    return [{name: value for name, value in asdict(one).items() if value != ""} for one in rows]
