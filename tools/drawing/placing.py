"""Gives every node a cell: a column from left to right, a lane, a row inside the lane.

Greedy, in the order of the flow: the first way on (the ordinary one) stays in its row, a step into another
lane may stay in its column, a dead end or a way back goes beside or below the gateway it leaves.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from tools.drawing.scene import Node, Scene


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A place in the grid; rows count from the top of the lane."""

    column: int
    lane: int
    row: int


@dataclass
class Grid:
    """The cells given so far.

    `kept` are cells a straight vertical flow runs through; `promised` wait for their node; `walls` are the
    subprocesses laid out (first and last column, first and last lane).
    """

    cells: dict[str, Cell] = field(default_factory=dict)
    taken: set[Cell] = field(default_factory=set)
    kept: set[Cell] = field(default_factory=set)
    promised: dict[Cell, str] = field(default_factory=dict)
    walls: list[tuple[int, int, int, int]] = field(default_factory=list)

    def put(self, node: str, cell: Cell) -> None:
        """Give a node its cell."""
        self.cells[node] = cell
        self.taken.add(cell)

    def free(self, cell: Cell, node: str) -> bool:
        """Whether nothing else stands in, runs through, waits for or walls off a cell."""
        walled = any(
            left <= cell.column <= right and top <= cell.lane <= bottom
            for left, right, top, bottom in self.walls
        )
        promised = self.promised.get(cell, node) != node
        return not (walled or promised or cell in self.taken or cell in self.kept)

    def between(self, one: Cell, other: Cell) -> list[Cell] | None:
        """The cells strictly between two of one column, None when something stands there."""
        low, high = sorted((one, other))
        column = low.column
        found = [
            Cell(column, lane, row)
            for lane in range(low.lane, high.lane + 1)
            for row in range(-6, 7)
            if low < Cell(column, lane, row) < high
        ]
        return found if all(cell not in self.taken for cell in found) else None


@dataclass(frozen=True)
class Order:
    """The flow of one scope without its ways back: ranks, heights, and who precedes whom."""

    nodes: tuple[str, ...]
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    height: dict[str, int]


def place(scene: Scene) -> dict[str, Cell]:
    """A cell for every node but boundary events; columns and rows without gaps, from 0."""
    grid = Grid()
    _place_scope(scene, scene.process, grid, 0)
    columns = {old: new for new, old in enumerate(sorted({cell.column for cell in grid.cells.values()}))}
    used = {(cell.lane, cell.row) for cell in grid.cells.values()}
    return {
        node: Cell(
            columns[cell.column],
            cell.lane,
            sum(lane == cell.lane and row < cell.row for lane, row in used),
        )
        for node, cell in grid.cells.items()
    }


def _place_scope(scene: Scene, scope: str, grid: Grid, base: int) -> None:
    order = _order(scene, scope)
    for key in order.nodes:
        node = scene.nodes[key]
        if node.children:
            _place_subprocess(scene, node, order, grid, base)
        else:
            cell, corridor = _choose(scene, node, order, grid, base)
            grid.put(key, cell)
            grid.kept.update(corridor)
            if (next_one := _straight(scene, key, order)) and not scene.nodes[next_one].children:
                grid.promised.setdefault(Cell(cell.column + 1, cell.lane, cell.row), next_one)


def _place_subprocess(scene: Scene, node: Node, order: Order, grid: Grid, base: int) -> None:
    """Lay the content out to the right of all that stands in its lanes, and wall it off."""
    inner = [scene.nodes[child].lane for child in node.children]
    top, bottom = min(inner), max(inner)
    standing = [cell.column + 1 for cell in grid.cells.values() if top <= cell.lane <= bottom]
    previous = [grid.cells[one].column for one in order.before[node.id] if one in grid.cells]
    first = max([base, *standing, *previous])
    _place_scope(scene, node.id, grid, first)
    last = max(_columns(scene, node.id, grid))
    grid.walls.append((first, last, top, bottom))


def _columns(scene: Scene, scope: str, grid: Grid) -> Iterator[int]:
    for node in scene.inside(scope):
        if node.children:
            yield from _columns(scene, node.id, grid)
        else:
            yield grid.cells[node.id].column


def _choose(scene: Scene, node: Node, order: Order, grid: Grid, base: int) -> tuple[Cell, list[Cell]]:
    """The first fitting cell for a node, with the cells its straight incoming flow passes."""
    anchors = [(_anchor(scene, one, grid), one) for one in order.before[node.id]]
    if not anchors:
        wished = (Cell(column, node.lane, row) for column in count(base) for row in range(4))
        return next(cell for cell in wished if grid.free(cell, node.id)), []
    start, previous = max(anchors, key=lambda pair: (pair[0].column, pair[0].lane == node.lane))
    roomy = _straight(scene, node.id, order) is not None
    for cell in _wishes(scene, node, previous, order, grid):
        if not grid.free(cell, node.id):
            continue
        beside = Cell(cell.column + 1, cell.lane, cell.row)
        if roomy and cell.column == start.column and beside in grid.taken:
            continue
        if cell.column > start.column or bool(scene.nodes[previous].children):
            return cell, []
        corridor = grid.between(start, cell)
        if corridor is not None:
            return cell, corridor
    raise AssertionError(f"no cell for {node.id}")  # _wishes never ends


def _anchor(scene: Scene, key: str, grid: Grid) -> Cell:
    """Where flows from a placed node start: its cell, or the last column of a subprocess."""
    if key in grid.cells:
        return grid.cells[key]
    node = scene.nodes[key]
    return Cell(max(_columns(scene, key, grid)), node.lane, 0)


def _wishes(scene: Scene, node: Node, previous: str, order: Order, grid: Grid) -> Iterator[Cell]:
    """Cells for a node after `previous`, the best first, without end."""
    start = _anchor(scene, previous, grid)
    lane, column, row = node.lane, start.column, start.row
    promised = [cell.row for cell, one in grid.promised.items() if one == node.id]
    if promised and (lane == start.lane or scene.nodes[previous].children):
        yield Cell(column + 1, lane, promised[0])
    side = 1
    if lane != start.lane:
        row = 0
        yield Cell(column, lane, 0)
        yield Cell(column, lane, 1 if lane < start.lane else -1)
        yield Cell(column + 1, lane, 0)
    elif node.id in _targets(scene, previous):
        side = _side(scene, node.id, previous, order)
        if _straight(scene, previous, order) is None:
            yield Cell(column + 1, lane, row)
        if not order.after[node.id]:
            yield Cell(column, lane, row + side)
            yield Cell(column, lane, row - side)
    else:
        side = -1 if _falls(scene, previous, order) else 1
        yield Cell(column, lane, row + side)
        yield Cell(column, lane, row - side)
    while True:
        column += 1
        for step in (side, -side, 2 * side, -2 * side, 3 * side, -3 * side):
            yield Cell(column, lane, row + step)


def _side(scene: Scene, key: str, previous: str, order: Order) -> int:
    """Above (-1) or below (1) the row: above when the way on, or a longer side way, needs the place below."""
    straight = _straight(scene, previous, order)
    if straight is None:
        return -1 if _falls(scene, previous, order) else 1
    others = set(order.after[previous]) - {straight, key}
    longer = any(order.after[one] and scene.nodes[one].lane == scene.nodes[key].lane for one in others)
    return -1 if longer and not order.after[key] else 1


def _targets(scene: Scene, key: str) -> set[str]:
    """The targets of a node's own flows, not of its boundary events."""
    return {flow.target for flow in scene.flows if flow.source == key}


def _straight(scene: Scene, key: str, order: Order) -> str | None:
    """The successor that continues a node's row: the first way on in the file, if it stays in the lane."""
    own = [one for one in order.after[key] if one in _targets(scene, key)]
    return own[0] if own and scene.nodes[own[0]].lane == scene.nodes[key].lane else None


def _falls(scene: Scene, key: str, order: Order) -> bool:
    """Whether the way on from a node leaves its lane downwards; what hangs on it then goes above."""
    while (after := _straight(scene, key, order)) is not None:
        key = after
    lane = scene.nodes[key].lane
    return any(scene.nodes[one].lane > lane for one in order.after[key])


# --- the order of the flow ----------------------------------------------------------------------------------


def _order(scene: Scene, scope: str) -> Order:
    keys = [node.id for node in scene.inside(scope)]
    back = _ways_back(scene, keys)
    after = {key: [one for one in scene.successors[key] if (key, one) not in back] for key in keys}
    before: dict[str, list[str]] = {key: [] for key in keys}
    for key, targets in after.items():
        for target in targets:
            before[target].append(key)
    height = _longest(after, keys)
    rank = _longest(before, keys)
    position = {key: index for index, key in enumerate(keys)}
    nodes = tuple(sorted(keys, key=lambda key: (rank[key], -height[key], position[key])))
    return Order(nodes, before, after, height)


def _ways_back(scene: Scene, keys: list[str]) -> set[tuple[str, str]]:
    """The flows that close a cycle, found by a depth-first walk in document order."""
    back: set[tuple[str, str]] = set()
    state: dict[str, str] = {}
    for root in keys:
        if root in state:
            continue
        state[root] = "open"
        stack = [(root, iter(scene.successors[root]))]
        while stack:
            key, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                state[key] = "done"
                stack.pop()
            elif state.get(target) == "open":
                back.add((key, target))
            elif target not in state:
                state[target] = "open"
                stack.append((target, iter(scene.successors[target])))
    return back


def _longest(links: dict[str, list[str]], keys: list[str]) -> dict[str, int]:
    """The longest path from each node along the links, which have no cycle."""
    found: dict[str, int] = {}
    for root in keys:
        stack = [root]
        while stack:
            missing = [one for one in links[stack[-1]] if one not in found]
            if missing:
                stack += missing
            else:
                key = stack.pop()
                found[key] = max((found[one] + 1 for one in links[key]), default=0)
    return found
