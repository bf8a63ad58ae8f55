"""What a notice says is not in scope, or is under a condition, never enters a recall by itself (STANDARDS C 72)."""

import pytest

from models.notice.rules.lot_list.reader import parse


@pytest.mark.parametrize(
    ("text", "kept", "ask"),
    [
        ("批号A1、A2不在召回范围", [], "exception"),
        ("批号A1、A2和A3均不涉及", [], "exception"),
        ("Lots A1 - A9, B1 not included", [], "exception"),
        ("Lots A1, A2 and A3 are not affected; lot B1 is", ["B1"], "exception"),
        ("Lots A1, A2 are affected, A3 is not affected", ["A1", "A2"], "exception"),
        ("Lots: A1, A2 (not recalled)", ["A1"], "exception"),
        ("Lots A1, replaced by lot B9", ["A1"], "exception"),
        ("批号 A1；替代批号：B9", ["A1"], "exception"),
        ("Lot A1; replacement lots: B9", ["A1"], "exception"),
        ("批号A1无问题", [], "exception"),
        ("批号A1、A2未见异常", [], "exception"),
        ("批号A1正常", [], "exception"),
        ("批号A1可继续使用", [], "exception"),
        ("Lot A1 is fine", [], "exception"),
        ("Lot A1 is OK", [], "exception"),
        ("Lot A1 has no defects", [], "exception"),
        ("Lot A1 can still be used", [], "exception"),
        ("Lot A1: no problem", ["A1"], "exception"),
        ("Returned lots: Z9 only if the seal is broken", ["Z9"], "condition"),
        ("Lots Z9, Y8 unless opened", ["Z9", "Y8"], "condition"),
        ("Lots: Z9 - to be confirmed", ["Z9"], "condition"),
        ("仅批号 A1", ["A1"], "condition"),
        ("批号 A1 若已开封", ["A1"], "condition"),
        ("批号：A1（待确认）", ["A1"], "condition"),
    ],
)
def test_what_a_notice_takes_out_or_binds_to_a_condition_is_asked_and_never_simply_in_scope(
    text: str, kept: list[str], ask: str
) -> None:
    """An exception behind an enumeration may be of all of it; what replaces a batch is not what is recalled."""
    parsed = parse(text)
    assert ([one.number for one in parsed.singles], parsed.ranges) == (kept, ())
    assert ask in [question.ask for question in parsed.questions]
