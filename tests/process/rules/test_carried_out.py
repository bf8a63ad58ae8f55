"""Whatever lint accepts is carried out: any order of commands, clocks and facts leads on, and an end can always be reached."""

import random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from models.definition.document import StageKind
from models.definition.lint.lint import lint
from models.process.state import RunState
from models.process.time.moments import SiteTime
from tests.support.often import often
from tests.support.processes.random_definitions import CHILDREN, Carrier, build, state_of

MANY = often(120, 300)
SITE = SiteTime(ZoneInfo("Asia/Shanghai"))


def accepted(choose: random.Random, tries: int = 30) -> Carrier | None:
    """A random definition without errors, begun."""
    for _ in range(tries):
        definition = build(choose)
        found = lint(definition, known_processes=CHILDREN)
        # what the engine carries out before its form has a page is no reason to leave it out here
        if not [one for one in found if one.severity == "error" and "yet" not in one.en]:
            return Carrier(definition, choose, SITE)
    return None


@settings(max_examples=often(25, 10_000), deadline=None)
@given(choose=st.randoms(use_true_random=True), acts=st.integers(0, 60))
def test_what_lint_accepts_is_carried_out_in_any_order(choose: random.Random, acts: int) -> None:
    carrier = accepted(choose)
    if carrier is None:
        return
    for _ in range(acts):
        carrier.anything()
        assert not any(state_of(carrier).values()), (state_of(carrier), carrier.state)
        carrier.state = RunState.model_validate_json(carrier.state.model_dump_json())
    carrier.finish()
    assert carrier.state.result == "closed"
    assert carrier.state.open == ()


def test_the_random_definitions_have_every_kind_and_most_are_accepted() -> None:
    """Else the property above would say little."""
    choose = random.Random(20261129)  # noqa: S311 - a seed, no secret
    kinds: set[str] = set()
    refused: set[str] = set()
    carriers = [accepted(choose, tries=1) for _ in range(MANY)]
    for carrier in carriers:
        if carrier is not None:
            for _ in range(40):
                carrier.anything()
            carrier.finish()
            kinds |= carrier.kinds
            refused |= carrier.refused
    assert sum(one is not None for one in carriers) > MANY // 5
    assert kinds == {
        StageKind.TASK, StageKind.SIGN_OFF, StageKind.WAIT, StageKind.ACTION, StageKind.SUBPROCESS,
    }  # fmt: skip
    assert {"PRC-001", "PRC-005", "PRC-008", "PRC-009", "PRC-013", "PRC-014"} <= refused
