"""Whatever folds alike is found by every door, and what is only near is left for a decision (REQUIREMENTS 19)."""

import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from models.exposure.store import exposure
from models.identifier.rules.identity import folds_alike, identity_key, near_key
from models.lot.queries import list as queries_lots
from models.lot.store import lots
from models.notice.rules import list as notice_list
from models.notice.rules.lot_list.reader import parse
from models.notice.store import lot_list
from models.recall.store import recalls
from models.resolve.store import resolve
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.graph import Plant
from tests.support.often import often

SPELLINGS = ("Q7-0042", "q7-0042", "Q7 0042", "Q7–0042", "Q7-0042\x07", "Ｑ７－００４２", "Q7__0042", "\u200fQ7\u00ad-0042 ", "Q7\t0042", "Q7--0042")  # fmt: skip
PARTS = some.from_regex(r"[A-Z]{1,3}[0-9]{1,4}", fullmatch=True)
SIGNS = some.sampled_from(["-", " ", "_", "–", "—", "‑", "−", "--", " - ", "\u3000", "－", "＿", "\t", "-\u200b"])
UNSEEN = some.sampled_from(["", "\u200b", "\u00ad", "\u200f", "\ufeff", "\ufe0f", "\x07"])
NASTY = some.text(
    some.one_of(
        some.characters(exclude_categories=("Cs", "Cn", "Co"), exclude_characters="\x00"),
        some.sampled_from(
            "Qq7０Ａａ–—‑−-_ \t\u00a0\u3000\u00ad\u200b\u200f\u202e\ufeff\u0301\u0308éßŉﬁ①㎏Ⅷİıςσ\u115f\ufe0f/."
        ),
    ),
    max_size=14,
)


@some.composite
def spelled(draw: some.DrawFn) -> tuple[str, list[str]]:
    """A number and three other ways to write it."""
    parts = draw(some.lists(PARTS, min_size=1, max_size=3))

    def write() -> str:
        written = draw(UNSEEN) + draw(some.sampled_from([parts[0], parts[0].lower()]))
        for part in parts[1:]:
            written += draw(SIGNS) + draw(some.sampled_from([part, part.lower(), part.translate(WIDE)])) + draw(UNSEEN)
        return written

    return "-".join(parts), [write() for _ in range(3)]


WIDE = {ord(char): ord(char) + 0xFEE0 for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


@pytest.mark.parametrize("other", SPELLINGS)
def test_spellings_of_one_number_fold_alike(other: str) -> None:
    assert folds_alike("Q7-0042", other)


@pytest.mark.parametrize(("one", "other"), [("1-23", "12-3"), ("Q7-0042", "Q70042"), ("A.1", "A1"), ("A/1", "A-1"), ("", "-")])  # fmt: skip
def test_a_separator_inside_is_never_deleted(one: str, other: str) -> None:
    assert not folds_alike(one, other)


@given(NASTY)
def test_folding_twice_changes_nothing(typed: str) -> None:
    assert identity_key(identity_key(typed)) == identity_key(typed)
    assert near_key(identity_key(typed)) == near_key(typed)


@settings(max_examples=often(8, 150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(NASTY, min_size=60, max_size=60))
def test_the_database_folds_as_the_rule_does(
    new_plant: Callable[[], AbstractContextManager[Plant]], typed: list[str]
) -> None:
    with new_plant() as plant:
        rows = plant.session.connection().execute(
            text("select t, identity_key(t), near_key(t) from unnest(cast(:typed as text[])) t"), {"typed": typed}
        )
        for said, identity, near in rows:
            assert (identity, near) == (identity_key(said), near_key(said)), [
                unicodedata.name(c, hex(ord(c))) for c in said
            ]


def test_every_character_folds_in_the_database_as_in_the_rule(graph_plant: Plant) -> None:
    """One by one and behind a letter, so that marks compose: all of Unicode that this Python knows."""
    known = [chr(code) for code in range(1, 0x110000) if unicodedata.category(chr(code)) not in {"Cs", "Cn", "Co"}]
    rows = graph_plant.session.connection().execute(
        text("select t, identity_key('a' || t || '1') from unnest(cast(:typed as text[])) t"), {"typed": known}
    )
    newer = [key for char, key in rows if key != identity_key(f"a{char}1")]  # capitals that a later Unicode added
    assert [key for key in newer if all(unicodedata.category(char) != "Cn" for char in key)] == []
    assert len(newer) < 100


@settings(max_examples=often(8, 120), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spelled())
def test_whatever_folds_alike_is_found_by_every_door(
    new_plant: Callable[[], AbstractContextManager[Plant]], number: tuple[str, list[str]]
) -> None:
    printed, (one, two, asked) = number
    with new_plant() as plant:
        mine = {plant.raw("R-1", supplier_lot=one).id, plant.raw("R-2", supplier_lot=two).id}
        other = plant.raw("R-3", supplier_lot=printed + "X").id
        session = plant.session
        typed = asked.replace("\x07", "")  # a control character in what is typed is refused with a sentence
        assert resolve.lots(session, typed)[2] == mine
        answer = trace.trace_identifier(session, typed, Direction.BOTH)
        assert {node.lot_no for node in answer.nodes} == {"R-1", "R-2"}
        assert not [each for each in answer.findings if each.code in {"TRC-150", "TRC-151"}]
        assert {node.lot_no for node in recalls.answer(session, recalls.named(session, [typed])).nodes} == {
            "R-1",
            "R-2",
        }
        listed = notice_list.read([f"list:lot:{printed}"])
        assert lot_list.lots(session, listed) == mine
        assert {view.lot_no for view in queries_lots.page(session, q=typed).items} >= {"R-1", "R-2"}
        assert other not in mine


@pytest.mark.parametrize("asked", SPELLINGS[:4])
def test_four_spellings_of_one_suppliers_lot_are_one_scope(graph_plant: Plant, asked: str) -> None:
    mine = {graph_plant.raw(f"R-{place}", supplier_lot=said).id for place, said in enumerate(SPELLINGS)}
    assert resolve.lots(graph_plant.session, asked)[2] == mine
    answer = trace.trace_identifier(graph_plant.session, asked, Direction.FORWARD)
    assert len(answer.nodes) == len(SPELLINGS)
    assert answer.complete


def test_what_is_near_leaves_the_answer_complete_except_for_a_decision(graph_plant: Plant) -> None:
    mine, near = graph_plant.raw("R-1", supplier_lot="Q7-0042"), graph_plant.raw("R-2", supplier_lot="Q70042")
    answer = trace.trace_identifier(graph_plant.session, "q7 0042", Direction.FORWARD)
    assert ({node.lot_no for node in answer.nodes}, answer.complete) == ({mine.lot_no}, False)
    said = [each for each in answer.findings if each.code == "TRC-150"]
    assert [each.lot_no for each in said] == ["Q70042"]
    assert "R-2" in said[0].zh
    scope = recalls.answer(graph_plant.session, recalls.named(graph_plant.session, ["Q7-0042"]))
    assert "TRC-150" in {each.code for each in scope.findings}
    both = recalls.answer(
        graph_plant.session, recalls.named(graph_plant.session, ["Q7-0042", "Q70042"])
    )  # decided: it is in scope too
    assert "TRC-150" not in {each.code for each in both.findings}
    assert {node.lot_no for node in both.nodes} == {mine.lot_no, near.lot_no}


def test_a_number_that_is_only_near_is_followed_with_the_question_whether_it_is_meant(graph_plant: Plant) -> None:
    graph_plant.raw("R-1", supplier_lot="1-23")
    answer = trace.trace_identifier(graph_plant.session, "12-3", Direction.FORWARD)
    assert (answer.complete, [each.code for each in answer.findings if each.code.startswith("TRC-15")]) == (
        False,
        ["TRC-151"],
    )


def test_serials_and_documents_fold_too(graph_plant: Plant) -> None:
    lot = graph_plant.product("L-5")
    graph_plant.unit(lot, "SN 001–A")
    graph_plant.ship(lot, 1, shipment_no="SH-0001")
    for asked in ("sn-001-a", "ＳＮ_001 A"):
        assert resolve.lots(graph_plant.session, asked)[2] == {lot.id}
    assert resolve.lots(graph_plant.session, "sh 0001")[2] == {lot.id}


def test_a_room_is_found_for_co_exposure_however_its_code_is_typed(graph_plant: Plant) -> None:
    lot = graph_plant.product("L-7")
    assert exposure.find(graph_plant.session, "l–7").number == lot.lot_no


def test_the_notice_says_which_of_its_lots_are_only_near(graph_plant: Plant) -> None:
    graph_plant.product("12-3")
    graph_plant.product("A-77")
    found = lot_list.resolve(graph_plant.session, parse("Lots 1_23; a-77"))
    assert found.near == ("1_23 ≈ 12-3",)
    assert found.undecided == 1


def test_numbers_of_before_that_fold_alike_are_listed(graph_plant: Plant) -> None:
    for number in ("B-1", "b 1", "B1", "C-1"):
        graph_plant.product(number)
    assert lots.alike(graph_plant.session) == [("B-1", "b 1")]
