"""What is not recorded is never shown as passed (STANDARDS L 25; REQUIREMENTS 15)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from models.release.rules.matrix import Factor, Mark
from models.trace.rules.answer import delivered
from models.trace.rules.evidence import Work, evidence, gaps
from models.trace.rules.trace import Delivery, FoundLine
from tests.support.house.proves import proves

KINDS = st.sampled_from(["raw", "component", "in_process", "finished", "packaged"])
SILENT = Work()
GOOD = Work(runs=2, manned=2, parents=3, people="林检", machines="M-1", documents="WI-1 A", readings=4)


def marks(kind: str = "finished", work: Work = GOOD, supplier: str | None = None, lot: str | None = None) -> str:
    """The five marks by their first letters: p, e, n (not applicable), ? (not checked)."""
    said = {Mark.PASSED: "p", Mark.EXCEPTION: "e", Mark.NOT_APPLICABLE: "-", Mark.NOT_CHECKED: "?"}
    return "".join(said[Mark(proof.mark)] for proof in evidence(kind, supplier, lot, work))


def test_a_lot_with_everything_recorded_has_passed() -> None:
    assert marks() == "ppppp"


@proves("case 11")
def test_what_is_not_recorded_is_not_checked() -> None:
    assert marks(work=SILENT) == "?????"[:4] + "-"
    assert marks(work=replace(GOOD, manned=1)) == "?pppp"
    assert marks(work=replace(GOOD, machines=None)) == "p-ppp"
    assert marks(work=replace(GOOD, unproven=1)) == "p?ppp"
    assert marks(work=replace(GOOD, parents=0)) == "pp?pp"
    assert marks(work=replace(GOOD, undocumented=1)) == "ppp?p"
    assert marks(work=replace(GOOD, unread=1)) == "pppp?"
    assert marks(work=replace(GOOD, inspected="open", inspection="IQC-1")) == "ppp?p"


def test_what_is_out_of_its_limits_is_an_exception() -> None:
    assert marks(work=replace(GOOD, uncalibrated="M-1")) == "peppp"
    assert marks(work=replace(GOOD, values_out=1)) == "pppep"
    assert marks(work=replace(GOOD, inspected="failed")) == "pppep"
    assert marks(work=replace(GOOD, readings_out=1)) == "ppppe"


def test_a_material_rests_on_its_suppliers_lot() -> None:
    assert marks("raw", SILENT, "S-1", "P88") == "--p--"
    assert marks("raw", SILENT, "S-1", None) == "--?--"
    assert marks("raw", replace(SILENT, inspected="accepted", inspection="IQC-1"), "S-1", "P88") == "--pp-"
    # imported, without a word about who made it of its parts
    assert marks("component", replace(SILENT, parents=2)) == "??p?-"


@given(kind=KINDS, supplier=st.none() | st.just("S-1"), parents=st.integers(0, 3))
def test_without_a_record_nothing_of_the_work_has_passed(kind: str, supplier: str | None, parents: int) -> None:
    found = evidence(kind, supplier, None, replace(SILENT, parents=parents))
    for factor, proof in zip(Factor, found, strict=True):
        if factor is not Factor.MATERIAL:
            assert proof.mark != Mark.PASSED
    assert (found.material.mark == Mark.PASSED) == (parents > 0)


@given(st.lists(st.tuples(st.sampled_from([GOOD, SILENT, replace(GOOD, uncalibrated="M-1"), replace(GOOD, unread=2)]))))
def test_the_gaps_count_every_lot_once_for_each_factor(works: list[tuple[Work]]) -> None:
    found = [(f"L{place}", evidence("finished", None, None, work)) for place, (work,) in enumerate(works)]
    counted = {(gap.factor, gap.mark): gap.lots for gap in gaps(found)}
    silent, broken = sum(w == SILENT for (w,) in works), sum(bool(w.uncalibrated) for (w,) in works)
    unread = sum(w.unread > 0 for (w,) in works)
    expected = {
        ("man", "not_checked"): silent,
        ("machine", "exception"): broken,
        ("machine", "not_checked"): silent,
        ("material", "not_checked"): silent,
        ("method", "not_checked"): silent,
        ("environment", "not_checked"): unread,
    }
    assert counted == {key: count for key, count in expected.items() if count}
    assert all(len(gap.first) == min(gap.lots, 10) for gap in gaps(found))


def test_a_delivery_is_a_line_from_its_shipment_on() -> None:
    assert delivered(FoundLine._fields) == Delivery._fields
