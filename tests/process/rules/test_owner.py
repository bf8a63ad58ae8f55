"""Whose a step is: the first way of finding somebody that names one who may do it, else nobody and so its role (DESIGN 6a, 8)."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from models.definition.document import Owner
from models.process.owner import Known, Named, owner

WAYS = ("item_family", "supplier", "site")
KNOWN: Known = {"item_family": "raw", "supplier": 1, "site": 1}


def rule(key: int, person: int, **values: str | int) -> Named:
    return Named(key=key, person=person, values=values)


def found(by: tuple[str, ...], *rules: Named, may: frozenset[int] | None = None) -> int | None:
    asked = Owner.model_validate({"by": by, "role": "inspector"})
    return owner(asked, KNOWN, rules, lambda one: may is None or one in may)


def test_the_first_way_that_names_somebody_decides() -> None:
    supplier, site = rule(1, 10, supplier=1), rule(2, 20, site=1)
    assert found(("supplier", "site"), site, supplier) == 10
    assert found(("site", "supplier"), site, supplier) == 20
    assert found(("site",), supplier) is None


def test_a_rule_about_something_else_names_nobody() -> None:
    assert found(("supplier",), rule(1, 10, supplier=2)) is None
    assert found(("supplier",), rule(1, 10, supplier=1, site=2)) is None
    assert found(("supplier",), rule(1, 10)) is None


def test_the_narrower_rule_decides_then_the_older() -> None:
    wide, narrow = rule(1, 10, supplier=1), rule(2, 20, supplier=1, site=1)
    assert found(("supplier",), wide, narrow) == 20
    assert found(("supplier",), rule(5, 50, supplier=1), rule(4, 40, supplier=1)) == 40


def test_who_may_not_do_it_isnt_given_it_and_the_next_is() -> None:
    rules = (rule(1, 10, supplier=1), rule(2, 20, supplier=1), rule(3, 30, site=1))
    assert found(("supplier", "site"), *rules, may=frozenset({20, 30})) == 20
    assert found(("supplier", "site"), *rules, may=frozenset({30})) == 30
    assert found(("supplier", "site"), *rules, may=frozenset()) is None


VALUES: st.SearchStrategy[Mapping[str, int]] = st.dictionaries(st.sampled_from(WAYS), st.integers(1, 2))
RULES = st.lists(st.tuples(st.integers(1, 5), VALUES), max_size=8)


@given(st.permutations(WAYS), RULES, st.frozensets(st.integers(1, 5)), VALUES, st.randoms(use_true_random=False))
def test_the_owner_always_may_do_it_is_always_named_and_never_depends_on_the_order_of_the_rules(
    by: list[str],
    given_rules: list[tuple[int, Mapping[str, int]]],
    may: frozenset[int],
    known: Mapping[str, int],
    dice: object,
) -> None:
    named = [Named(key=key, person=person, values=values) for key, (person, values) in enumerate(given_rules)]
    asked = Owner.model_validate({"by": by[:2], "role": "inspector"})
    whose = owner(asked, known, named, may.__contains__)
    dice.shuffle(named)  # type: ignore[attr-defined]
    assert owner(asked, known, named, may.__contains__) == whose
    able = [
        one
        for one in named
        if one.person in may and one.values and all(known.get(k) == v for k, v in one.values.items())
    ]
    reached = [one for one in able if set(one.values) & set(by[:2])]
    assert (whose is None) == (not reached)
    assert whose is None or whose in {one.person for one in reached}
