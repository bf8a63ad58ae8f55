"""Where the boxes and lines of a process picture go: a small layered layout (after Sugiyama), the same for the same input.

1. Ways that lead back are turned round for the layout.  2. Each stage goes one layer below the lowest stage that leads
to it.  3. Long ways get a bend in every layer they cross.  4. Sweeps by the mean place of the neighbours untangle the
layers.  5. Places are drawn towards the neighbours, keeping the gaps.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from models.definition.document import Definition
from models.definition.graph import Edge, leaving

GAP = 28
LAYER_GAP = 58
BEND = 14
SWEEPS = 12


@dataclass
class Node:
    """A box, or a bend of a long line (no stage); x and y are the middle."""

    key: str
    width: float
    height: float
    layer: int = 0
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Line:
    """A drawn way: its points from source to target, and what is written on it."""

    source: str
    target: str
    edges: tuple[Edge, ...]
    points: tuple[tuple[float, float], ...]
    back: bool


@dataclass
class Layout:
    """The finished picture in numbers."""

    nodes: dict[str, Node]
    lines: list[Line]
    width: float = 0.0
    height: float = 0.0
    _order: list[list[Node]] = field(default_factory=list)


def layout(definition: Definition, sizes: dict[str, tuple[float, float]], gap: float = LAYER_GAP) -> Layout:
    """Place every stage of a definition (a draft may lead to stages that don't exist; such ways aren't drawn).

    `gap` is the room between two layers, where what is written on the ways stands.
    """
    keys = list(dict.fromkeys(stage.key for stage in definition.stages))
    nodes = {key: Node(key, *sizes[key]) for key in keys}
    ways: dict[tuple[str, str], list[Edge]] = {}
    for stage in definition.stages:
        for edge in leaving(stage):
            if edge.target in nodes:
                ways.setdefault((edge.source, edge.target), []).append(edge)
    back = _leading_back(keys, ways, definition.start)
    down = {(a, b): (b, a) if (a, b) in back else (a, b) for a, b in ways if a != b}
    _layers(nodes, list(down.values()))
    chains, layers = _bends(nodes, down)
    neighbours = _neighbours(chains.values())
    _untangle(layers, neighbours)
    _place(layers, neighbours, gap)
    picture = Layout(nodes=nodes, lines=[], _order=layers)
    _lines(picture, ways, back, chains)
    _trim(picture, [node for layer in layers for node in layer])
    return picture


def _leading_back(keys: list[str], ways: Iterable[tuple[str, str]], start: str) -> set[tuple[str, str]]:
    """Depth first from the start: a way to a stage that is still being walked leads back."""
    onward: dict[str, list[str]] = {key: [] for key in keys}
    for source, target in ways:
        onward[source].append(target)
    for targets in onward.values():
        targets.sort(key=keys.index)  # people write the steps in the order they think of them
    back: set[tuple[str, str]] = set()
    state: dict[str, int] = {}
    roots = [start, *keys] if start in onward else keys
    for root in roots:
        if root in state:
            continue
        state[root] = 1
        walk = [(root, iter(onward[root]))]
        while walk:
            key, rest = walk[-1]
            target = next(rest, "")
            if not target:
                state[key] = 2
                walk.pop()
            elif state.get(target) == 1:
                back.add((key, target))
            elif target not in state:
                state[target] = 1
                walk.append((target, iter(onward[target])))
    return back


def _layers(nodes: dict[str, Node], down: list[tuple[str, str]]) -> None:
    into: dict[str, list[str]] = {key: [] for key in nodes}
    for source, target in down:
        into[target].append(source)

    # Longest way from above; the ways are without circles now, so this ends after at most one round per layer.
    changed = True
    while changed:
        changed = False
        for key, sources in into.items():
            layer = max((nodes[source].layer + 1 for source in sources), default=0)
            if layer > nodes[key].layer:
                nodes[key].layer = layer
                changed = True


def _bends(
    nodes: dict[str, Node], down: dict[tuple[str, str], tuple[str, str]]
) -> tuple[dict[tuple[str, str], list[Node]], list[list[Node]]]:
    layers: list[list[Node]] = [[] for _ in range(max(node.layer for node in nodes.values()) + 1)]
    for node in nodes.values():
        layers[node.layer].append(node)
    chains: dict[tuple[str, str], list[Node]] = {}
    heights = [max((node.height for node in layer), default=0.0) for layer in layers]
    for way, (upper, lower) in down.items():
        chain = [nodes[upper]]
        for layer in range(nodes[upper].layer + 1, nodes[lower].layer):
            bend = Node(f"{'>'.join(way)}>{layer}", BEND, heights[layer], layer)
            layers[layer].append(bend)
            chain.append(bend)
        chains[way] = [*chain, nodes[lower]]
    return chains, layers


def _neighbours(chains: Iterable[list[Node]]) -> dict[str, tuple[list[Node], list[Node]]]:
    """For each node those above and those below."""
    found: dict[str, tuple[list[Node], list[Node]]] = {}
    for chain in chains:
        for upper, lower in pairwise(chain):
            found.setdefault(lower.key, ([], []))[0].append(upper)
            found.setdefault(upper.key, ([], []))[1].append(lower)
    return found


def _untangle(layers: list[list[Node]], neighbours: dict[str, tuple[list[Node], list[Node]]]) -> None:
    best, fewest = [list(layer) for layer in layers], _crossings(layers, neighbours)
    for sweep in range(SWEEPS):
        side = sweep % 2
        for layer in layers if side == 0 else reversed(layers):
            place = {node.key: float(number) for one in layers for number, node in enumerate(one)}

            def mean(node: Node, place: dict[str, float] = place, side: int = side) -> float:
                near = neighbours.get(node.key, ([], []))[side]
                return sum(place[one.key] for one in near) / len(near) if near else place[node.key]

            layer.sort(key=mean)
        count = _crossings(layers, neighbours)
        if count < fewest:
            best, fewest = [list(layer) for layer in layers], count
    layers[:] = best


def _crossings(layers: list[list[Node]], neighbours: dict[str, tuple[list[Node], list[Node]]]) -> int:
    place = {node.key: number for layer in layers for number, node in enumerate(layer)}
    count = 0
    for layer in layers:
        pairs = [(place[node.key], place[low.key]) for node in layer for low in neighbours.get(node.key, ([], []))[1]]
        count += sum((a - c) * (b - d) < 0 for number, (a, b) in enumerate(pairs) for c, d in pairs[:number])
    return count


def _place(layers: list[list[Node]], neighbours: dict[str, tuple[list[Node], list[Node]]], gap: float) -> None:
    top = 0.0
    for layer in layers:
        height = max(node.height for node in layer)
        left = 0.0
        for node in layer:
            node.x, node.y = left + node.width / 2, top + height / 2
            left += node.width + GAP
        top += height + gap
    for sweep in range(2 * SWEEPS):
        side = sweep % 2
        for layer in layers if side == 0 else reversed(layers):
            wishes = []
            for node in layer:
                near = neighbours.get(node.key, ([], []))[side] or neighbours.get(node.key, ([], []))[1 - side]
                wishes.append(sum(one.x for one in near) / len(near) if near else node.x)
            _settle(layer, wishes)


def _settle(layer: list[Node], wishes: list[float]) -> None:
    """The places nearest to the wishes that keep order and gaps: neighbours that push each other become one block."""
    offsets = [0.0]
    for left, right in pairwise(layer):
        offsets.append(offsets[-1] + (left.width + right.width) / 2 + GAP)
    blocks: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        mean, size = wish - offset, 1
        while blocks and blocks[-1][0] > mean:
            earlier, count = blocks.pop()
            mean, size = (mean * size + earlier * count) / (size + count), size + count
        blocks.append((mean, size))
    places = [mean for mean, size in blocks for _ in range(size)]
    for node, place, offset in zip(layer, places, offsets, strict=True):
        node.x = place + offset


def _lines(
    picture: Layout,
    ways: dict[tuple[str, str], list[Edge]],
    back: set[tuple[str, str]],
    chains: dict[tuple[str, str], list[Node]],
) -> None:
    """Lines leave a box spread along its edge, in the order of where they go."""
    leaving_at = _ports(picture, chains, 0)
    arriving_at = _ports(picture, chains, -1)
    for (source, target), edges in ways.items():
        node = picture.nodes[source]
        if source == target:
            right, up, low = node.x + node.width / 2, node.y - node.height / 4, node.y + node.height / 4
            loop = ((right, low), (right + GAP, low), (right + GAP, up), (right, up))
            picture.lines.append(Line(source, target, tuple(edges), loop, back=True))
            continue
        turned = (source, target) in back
        way = (source, target)
        first, *bends, last = chains[way]
        points = [(leaving_at[way], first.y + first.height / 2)]
        # Straight down beside the boxes of a layer; sideways only between layers, so no line crosses a box.
        points += [(bend.x, bend.y + half) for bend in bends for half in (-bend.height / 2, bend.height / 2)]
        points.append((arriving_at[way], last.y - last.height / 2))
        if turned:
            points.reverse()
        picture.lines.append(Line(source, target, tuple(edges), tuple(points), turned))


def _ports(picture: Layout, chains: dict[tuple[str, str], list[Node]], end: int) -> dict[tuple[str, str], float]:
    by_node: dict[str, list[tuple[str, str]]] = {}
    for pair, chain in chains.items():
        by_node.setdefault(chain[end].key, []).append(pair)
    ports = {}
    for key, pairs in by_node.items():
        node = picture.nodes[key]
        pairs.sort(key=lambda pair: chains[pair][1 if end == 0 else -2].x)
        step = min(30.0, node.width * 0.7 / len(pairs))
        for number, pair in enumerate(pairs):
            ports[pair] = node.x + (number - (len(pairs) - 1) / 2) * step
    return ports


def _trim(picture: Layout, nodes: list[Node]) -> None:
    """Move everything so that it begins at nought."""
    left = min(node.x - node.width / 2 for node in nodes)
    loops = [x for line in picture.lines for x, _ in line.points]
    picture.width = max([*(node.x + node.width / 2 for node in nodes), *loops]) - left
    picture.height = max(node.y + node.height / 2 for node in nodes)
    for node in nodes:
        node.x -= left
    picture.lines = [
        Line(line.source, line.target, line.edges, tuple((x - left, y) for x, y in line.points), line.back)
        for line in picture.lines
    ]
