"""The customers of a trace: whose goods lie together is said once, and how much they still have."""

from collections import defaultdict
from decimal import Decimal

from tests.samples import trace as samples_trace
from ui.trace.page import TracedCustomer, TracePage


def lines_of(lots: int) -> tuple[TracePage, list[list[TracedCustomer]]]:
    """The page, and the lines of its customer table, customer by customer."""
    page = samples_trace.page("zh", lots, show="customers")
    groups: list[list[TracedCustomer]] = []
    for line in page.shipped:
        if not line.again:
            groups.append([])
        groups[-1].append(line)
    return page, groups


def test_a_customers_lines_are_below_each_other_and_the_first_says_how_much_is_out() -> None:
    page, groups = lines_of(300)
    assert page.cuts["customers"].shown == page.cuts["customers"].total == sum(map(len, groups))
    names = [group[0].customer for group in groups]
    assert len(names) == len(set(names)) == page.customers
    assert max(map(len, groups)) > 1
    for group in groups:
        assert {line.customer for line in group} == {group[0].customer}
        out: dict[str, Decimal] = defaultdict(Decimal)
        for line in group:
            out[line.outstanding.unit] += line.outstanding.value
        told = {total.outstanding.unit: total.outstanding.value for total in group[0].together}
        assert told == (dict(out) if len(group) > 1 else {})
        assert not any(line.together for line in group[1:])


def test_a_customer_with_one_line_is_not_summed_up() -> None:
    _, groups = lines_of(9)
    assert [len(group) for group in groups] == [1, 1, 1]
