"""Which arrows lie on a circle: a bill of material or a genealogy that leads back to where it began."""

from collections.abc import Hashable, Iterable
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def in_circles(arrows: Iterable[tuple[Node, Node]]) -> frozenset[tuple[Node, Node]]:
    """The arrows from whose end their beginning can be reached; linear in their number, whatever their depth.

    Both ends of such an arrow lie in the same strongly connected component (Kosaraju, Sharir).
    """
    arrows = dict.fromkeys(arrows)
    there: dict[Node, list[Node]] = {}
    back: dict[Node, list[Node]] = {}
    for tail, head in arrows:
        there.setdefault(tail, []).append(head)
        back.setdefault(head, []).append(tail)
    component: dict[Node, Node] = {}
    for root in reversed(_finished(there)):
        reached = [root] if root not in component else []
        while reached:
            node = reached.pop()
            if node not in component:
                component[node] = root
                reached += back.get(node, ())
    return frozenset(one for one in arrows if component.get(one[0]) == component.get(one[1], object()))


def _finished(there: dict[Node, list[Node]]) -> list[Node]:
    """The nodes that arrows leave, in the order in which a depth-first walk is done with them."""
    order: list[Node] = []
    seen: set[Node] = set()
    for start, steps in there.items():
        if start in seen:
            continue
        seen.add(start)
        path = [(start, iter(steps))]
        while path:
            node, following = path[-1]
            step = next((one for one in following if one not in seen), None)
            if step is None:
                order.append(node)
                path.pop()
            else:
                seen.add(step)
                path.append((step, iter(there.get(step, ()))))
    return order
