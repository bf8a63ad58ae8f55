"""The score of an item family: 0 to 100, full only where nothing was found, never better for being worse (REQ 26)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.health.rules import SEVERITY, TAKES, Health, sentence
from models.kernel.refusal import CATALOGUE

_counts = st.tuples(st.integers(0, 2_000_000), *(st.integers(0, 1000) for _ in TAKES))


@st.composite
def healths(draw: st.DrawFn) -> Health:
    clean, gap, balance, doubt = draw(_counts)
    return Health(clean + gap + balance + doubt, gap, balance, doubt)


@given(health=healths())
def test_the_score_is_full_only_where_nothing_was_found(health: Health) -> None:
    assert 0 <= health.score <= 100
    assert (health.score == 100) == (not any(health[1:]))


@given(health=healths(), other=healths())
def test_worse_findings_never_score_better_and_a_whole_lies_between_its_parts(health: Health, other: Health) -> None:
    if health.doubt:
        assert health._replace(doubt=health.doubt - 1, gap=health.gap + 1).score <= health.score
    both = health.plus(other)
    assert both.lots == health.lots + other.lots
    if health.lots and other.lots:
        assert min(health.score, other.score) <= both.score <= max(health.score, other.score) + 1


def test_one_gap_among_a_million_shows() -> None:
    assert Health(1_000_000, 1, 0, 0).score == 99
    assert Health(0, 0, 0, 0).score == 100


def test_every_code_of_a_trace_has_a_severity_and_a_sentence() -> None:
    findings = {code for code in CATALOGUE if code.startswith("TRC-1")}
    assert findings == set(SEVERITY)
    assert sentence("TRC-101", "N-1", {})[1].startswith("Lot N-1 was made here")


@pytest.mark.parametrize("code", ["TRC-110", "TRC-111", "TRC-120", "TRC-121"])
def test_a_finding_says_its_unit_as_each_language_does(code: str) -> None:
    """The same facts, as the check of all batches keeps them: `rod` is in neither Chinese sentence."""
    facts = {"consumed": "7", "linked": "5", "difference": "2", "came": "7", "known": "5", "uom": "rod"}
    zh, en = sentence(code, "N-1", facts)
    assert "根" in zh
    assert "rod" not in zh
    assert "rods" in en
