"""Who decides the class of a recall in which market, and what is done with the goods: one rule for every door."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.notice.rules.handling import ACTIONS, MEASURES, UNSAID, Handling
from models.partner.rules import MARKETS
from models.recall.rules import markets as rules
from models.recall.rules.markets import AGENCY, KINDS, Decided, check_told
from models.recall.rules.recall import CLASSES
from tests.support.record import check_sentences

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
SOME = st.lists(st.sampled_from(MARKETS), unique=True).map(lambda found: [one for one in MARKETS if one in found])
LEVEL = st.sampled_from([None, *CLASSES])


def code_of(form: dict[str, Any], markets: list[str]) -> str:
    with pytest.raises(Refusal) as said:
        rules.decide(markets, form)
    return said.value.code


@given(SOME, LEVEL, LEVEL)
def test_each_market_gets_what_its_law_knows_or_the_form_is_refused(
    markets: list[str], level: str | None, us: str | None
) -> None:
    form = {"recall_class": level, "us_class": us}
    only_eu = markets == ["EU"]
    if (only_eu and (level or us)) or (not only_eu and not level) or (us and "US" not in markets):
        assert code_of(form, markets) in {"RCM-001", "RCM-003", "RCL-005"}
        return
    found = rules.decide(markets, form)
    assert [one.market for one in found] == markets
    for one in found:
        assert one.kind == KINDS[one.market]
        assert (one.level is None) == (one.market == "EU")
    firm = {one.market: one.level for one in found}
    if "US" in firm:
        assert firm["US"] == CLASSES[us or level or ""]
    if "CN" in firm:
        assert firm["CN"] == CLASSES[level or ""]


def test_the_european_union_knows_no_class() -> None:
    assert code_of({"recall_class": "one"}, ["EU"]) == "RCM-001"
    assert rules.decide(["EU"], {}) == (Decided("EU", "fsca", None),)
    assert code_of({}, ["CN", "EU"]) == "RCL-005"
    assert code_of({"recall_class": "one", "us_class": "two"}, ["CN"]) == "RCM-003"


@given(st.sampled_from([None, *ACTIONS]), st.sampled_from([None, *MEASURES]))
def test_a_measure_and_whether_the_goods_stay_belong_together_and_agree(
    action: str | None, measure: str | None
) -> None:
    half = (action is None) != (measure is None)
    if half or (measure, action) in {("take_back", "correction"), ("warning", "removal")}:
        with pytest.raises(Refusal) as said:
            rules.handling({"action": action, "measure": measure})
        assert said.value.code == ("RCM-007" if half else "RCM-008")
        return
    found = rules.handling({"action": action, "measure": measure})
    assert (found.action, found.measure) == (action, measure)


def agency(**more: Any) -> datetime:
    given = {
        "market": "US", "authority": "FDA", "reference": "Z-1", "at": NOW - timedelta(hours=1), "markets": ("CN", "US"),
        "status": "closed", "decided_at": NOW - timedelta(days=2), "now": NOW, **more,
    }  # fmt: skip
    return rules.check_agency("RC-1", **given)


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("RCM-001", {"market": "EU"}),
        ("RCM-002", {"market": "CN"}),
        ("RCM-003", {"markets": ("CN", "EU")}),
        ("RCM-004", {"reference": " "}),
        ("RCM-004", {"authority": ""}),
        ("RCM-005", {"at": NOW + timedelta(minutes=1)}),
        ("RCM-005", {"at": NOW - timedelta(days=3)}),
        ("RCM-006", {"decided_at": None}),
        ("RCM-009", {"status": "withdrawn"}),
    ],
)
def test_an_agency_classifies_only_what_is_its_own_and_by_a_letter(code: str, more: dict[str, Any]) -> None:
    assert agency() == NOW - timedelta(hours=1)
    with pytest.raises(Refusal) as said:
        agency(**more)
    assert said.value.code == code


def test_a_recall_of_before_keeps_its_one_class_as_ours_in_china_and_as_a_proposal_elsewhere() -> None:
    found = rules.standing(MARKETS, (), "II")
    assert [(one.market, one.kind, one.level, one.approved) for one in found] == [
        ("CN", "class", "II", True),
        ("US", "proposal", "II", True),
        ("EU", "fsca", None, True),
    ]


def test_the_agencys_class_counts_and_the_proposal_stays_visible() -> None:
    rows = [
        Decided("CN", "class", "III"),
        Decided("US", "proposal", "III"),
        Decided("US", AGENCY, "II", "FDA", "Z-1", NOW),
        Decided("US", AGENCY, "I", "FDA", "Z-2", NOW),
    ]
    us = rules.standing(("US",), rows, "III")[0]
    assert (us.kind, us.level, us.proposed, us.reference) == (AGENCY, "I", "III", "Z-2")
    since = rules.standing(("CN", "EU"), rows, "III")[1]
    assert not since.approved, "reached after the approval"


def test_a_letter_names_no_class_that_its_readers_market_has_not_decided() -> None:
    firm = rules.standing(MARKETS, rules.decide(MARKETS, {"recall_class": "one"}), "I")
    assert [rules.told_level(country, firm, "I") for country in ("CN", "US", "DE", "BR", None)] == [
        "I",
        None,
        None,
        "I",
        "I",
    ]
    theirs = rules.standing(MARKETS, [Decided("US", AGENCY, "II", "FDA", "Z-1", NOW)], "I")
    assert rules.told_level("US", theirs, "I") == "II"


HANDLINGS = [UNSAID, *(Handling(action, measure, None) for action in ACTIONS for measure in MEASURES)]


@pytest.mark.parametrize("before", HANDLINGS)
@pytest.mark.parametrize("after", HANDLINGS)
def test_no_other_handling_is_approved_than_the_one_that_customers_were_told(before: Handling, after: Handling) -> None:
    letters = (before.action or "removal", before.measure)
    agrees = letters[0] == (after.action or "removal") and letters[1] in {None, after.measure}
    if agrees:
        check_told("RC-1", before, after)
        return
    with pytest.raises(Refusal, match="RCM-013") as info:
        check_told("RC-1", before, after)
    check_sentences(info.value)
