"""How grave a finding is, and what a decision on it means (ISO 13485 8.3)."""

from hypothesis import given
from hypothesis import strategies as st

from models.nonconformance import rules
from models.nonconformance.rules import Severity

SEVERITIES = st.sampled_from(Severity)
ORDER = list(Severity)


@given(st.sampled_from(["deviation", "nonconformance"]), st.booleans(), st.none() | SEVERITIES)
def test_it_is_never_lighter_than_by_rule_nor_than_what_was_said(
    kind: str, delivered: bool, said: Severity | None
) -> None:
    by_rule = rules.severity(kind, delivered=delivered)
    found = rules.graver(by_rule, said)
    assert ORDER.index(found) == max(ORDER.index(by_rule), ORDER.index(said or Severity.MINOR))
    assert not delivered or found is Severity.CRITICAL


@given(SEVERITIES, st.sampled_from(["accept", "unfounded", "rework", "sort", "return", "scrap", "reject"]))
def test_only_accepting_what_is_critical_takes_two(severity: Severity, outcome: str) -> None:
    assert rules.needs_two(severity, outcome) == ((severity, outcome) == (Severity.CRITICAL, "accept"))


def test_no_decision_is_both_for_and_against_the_goods() -> None:
    assert not rules.SETTLED & rules.AGAINST
    assert not rules.WORKED_ON & (rules.SETTLED | rules.AGAINST)
