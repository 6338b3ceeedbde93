"""Draws the flows: orthogonal, around the nodes, with few bends and crossings.

Each flow is the cheapest way (A*) over a grid of lines: node middles, side ports, and tracks in the gaps. Short flows go
first. Flows to the same target may run together; any other two never share a stretch.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tools.drawing.measuring import PORT, Box, Plan
from tools.drawing.scene import Flow, Node, Scene

Point = tuple[int, int]
Spot = tuple[int, int]
"""Indexes into the lines: column line, row line."""

BEND, CROSSING, TOUCHING, SHARING, USED_PORT = 45, 30, 160, 900, 220
MARGIN = 6
STEPS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}
BACKWARDS = {"right": "left", "left": "right", "up": "down", "down": "up"}


@dataclass(frozen=True, slots=True)
class Port:
    """A point on a node's border where a flow may touch it, `side` pointing outwards."""

    at: Point
    side: str
    cost: int


@dataclass
class Board:
    """What is drawn so far: which stretches and points of the grid carry a flow to which target."""

    xs: tuple[int, ...]
    ys: tuple[int, ...]
    stretches: dict[tuple[Spot, Spot], set[str]] = field(default_factory=lambda: defaultdict(set))
    points: dict[Spot, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    ports: dict[Point, set[str]] = field(default_factory=lambda: defaultdict(set))

    def at(self, spot: Spot) -> Point:
        """The pixel of a grid point."""
        return self.xs[spot[0]], self.ys[spot[1]]

    def step_cost(self, spot: Spot, to: Spot, axis: str, target: str) -> int:
        """Length of a stretch, and what it costs to meet flows that lead elsewhere."""
        (x, y), (to_x, to_y) = self.at(spot), self.at(to)
        length = abs(to_x - x) + abs(to_y - y)
        users = self.stretches.get((min(spot, to), max(spot, to)), set())
        if target in users:
            return length // 2
        cost = length + (SHARING if users else 0)
        for other, how in self.points.get(to, set()):
            if other != target:
                cost += CROSSING if how not in ("bend", axis) else TOUCHING
        return cost

    def draw(self, spots: list[Spot], target: str, ends: tuple[Point, Point]) -> None:
        """Remember a flow."""
        for one, other in zip(spots, spots[1:], strict=False):
            self.stretches[min(one, other), max(one, other)].add(target)
        for index, spot in enumerate(spots):
            around = [spots[index + step] for step in (-1, 1) if 0 <= index + step < len(spots)]
            level = all(one[1] == spot[1] for one in around)
            upright = all(one[0] == spot[0] for one in around)
            self.points[spot].add((target, "level" if level else "upright" if upright else "bend"))
        for end in ends:
            self.ports[end].add(target)


def route(scene: Scene, plan: Plan) -> dict[str, list[Point]]:
    """Waypoints of every flow."""
    board = Board(plan.xs, plan.ys)
    blocked = {scope: _blocked(scene, plan, scope) for scope in {flow.scope for flow in scene.flows}}
    found: dict[str, list[Point]] = {}
    for flow in sorted(scene.flows, key=lambda one: _distance(plan, one)):
        spots, start, end = _way(scene, plan, board, flow, blocked[flow.scope])
        board.draw(spots, flow.target, (start, end))
        found[flow.id] = _corners([start, *(board.at(spot) for spot in spots), end])
    return {flow.id: found[flow.id] for flow in scene.flows}


def _distance(plan: Plan, flow: Flow) -> tuple[int, int]:
    """Flows that can be one straight line first, then the short ones."""
    (x, y), (to_x, to_y) = plan.boxes[flow.source].centre, plan.boxes[flow.target].centre
    return int(y != to_y and x != to_x), abs(to_x - x) + abs(to_y - y)


def _blocked(scene: Scene, plan: Plan, scope: str) -> set[Spot]:
    """Grid points a flow of this scope may not touch: in nodes, in foreign subprocesses, outside its own."""
    around = _scopes_around(scene, scope)
    solid = [plan.boxes[key].grown(MARGIN) for key in scene.nodes if key not in around]
    frame = plan.boxes[scope].grown(-MARGIN) if scope in scene.nodes else plan.pool.grown(-4)
    return {
        (i, j)
        for i, x in enumerate(plan.xs)
        for j, y in enumerate(plan.ys)
        if not frame.holds(x, y) or any(box.holds(x, y) for box in solid)
    }


def _scopes_around(scene: Scene, scope: str) -> set[str]:
    found: set[str] = set()
    while scope in scene.nodes:
        found.add(scope)
        scope = scene.nodes[scope].scope
    return found


# --- one flow -----------------------------------------------------------------------------------------------


def _way(
    scene: Scene, plan: Plan, board: Board, flow: Flow, blocked: set[Spot]
) -> tuple[list[Spot], Point, Point]:
    """The cheapest way of one flow: grid points, first and last pixel."""
    source, target = scene.nodes[flow.source], scene.nodes[flow.target]
    goals = {}
    for port in _ports(source=False, node=target, box=plan.boxes[target.id], plan=plan):
        if spot := _outside(board, port, blocked):
            cost = port.cost + USED_PORT * bool(board.ports[port.at] - {target.id})
            goals.setdefault((spot, BACKWARDS[port.side]), (cost, port.at))
    heap: list[tuple[int, int, Spot, str]] = []
    came: dict[tuple[Spot, str], tuple[Spot, str] | Point] = {}
    best: dict[tuple[Spot, str], int] = {}
    for port in _ports(source=True, node=source, box=plan.boxes[source.id], plan=plan):
        if spot := _outside(board, port, blocked):
            cost = port.cost + USED_PORT * bool(board.ports[port.at])
            if cost < best.get((spot, port.side), 10**9):
                best[spot, port.side], came[spot, port.side] = cost, port.at
                heapq.heappush(heap, (cost, cost, spot, port.side))
    reach = plan.boxes[target.id].grown(MARGIN)
    final: tuple[int, tuple[Spot, str]] | None = None
    while heap:
        estimate, cost, spot, side = heapq.heappop(heap)
        if final and final[0] <= estimate:
            break
        if cost > best[spot, side]:
            continue
        for arriving in STEPS:
            if (spot, arriving) in goals and arriving != BACKWARDS[side]:
                total = cost + goals[spot, arriving][0] + BEND * (arriving != side)
                if final is None or total < final[0]:
                    final = total, (spot, arriving)
                    came[spot, "end"] = (spot, side)
                    winner = goals[spot, arriving][1]
        for to, turned, price in _steps(board, spot, side, blocked, target.id):
            reached = cost + price
            if reached < best.get((to, turned), 10**9):
                best[to, turned], came[to, turned] = reached, (spot, side)
                heapq.heappush(heap, (reached + _away(reach, board.at(to)), reached, to, turned))
    assert final is not None, f"no way for {flow.id}"
    spots, start = _back(came, final[1][0])
    return spots, start, winner


def _steps(
    board: Board, spot: Spot, side: str, blocked: set[Spot], target: str
) -> Iterator[tuple[Spot, str, int]]:
    for turned, (dx, dy) in STEPS.items():
        to = (spot[0] + dx, spot[1] + dy)
        if turned == BACKWARDS[side] or to in blocked:
            continue
        if 0 <= to[0] < len(board.xs) and 0 <= to[1] < len(board.ys):
            axis = "level" if dx else "upright"
            yield to, turned, board.step_cost(spot, to, axis, target) + BEND * (turned != side)


def _back(came: Mapping[tuple[Spot, str], tuple[Spot, str] | Point], last: Spot) -> tuple[list[Spot], Point]:
    """The grid points from the start to `last`, and the pixel it started from."""
    spots: list[Spot] = []
    state: tuple[Spot, str] | Point = came[last, "end"]
    while state in came:
        spots.append(state[0])  # type: ignore[arg-type] # a state, since it is a key
        state = came[state]  # type: ignore[index]
    return spots[::-1], state  # type: ignore[return-value] # what is no state is the first pixel


def _away(box: Box, point: Point) -> int:
    """A lower bound of the way left: how far outside the target's box a point is."""
    x, y = point
    return max(box.x - x, x - box.right, 0) + max(box.y - y, y - box.bottom, 0)


def _outside(board: Board, port: Port, blocked: set[Spot]) -> Spot | None:
    """The first grid point in front of a port, if a flow may stand there."""
    (x, y), (dx, dy) = port.at, STEPS[port.side]
    if dx:
        lines = [i for i, line in enumerate(board.xs) if (line - x) * dx > MARGIN]
        if not lines or y not in board.ys:
            return None
        spot = (lines[0] if dx > 0 else lines[-1], board.ys.index(y))
    else:
        lines = [j for j, line in enumerate(board.ys) if (line - y) * dy > MARGIN]
        if not lines or x not in board.xs:
            return None
        spot = (board.xs.index(x), lines[0] if dy > 0 else lines[-1])
    return None if spot in blocked else spot


def _ports(*, source: bool, node: Node, box: Box, plan: Plan) -> Iterator[Port]:
    """Where a flow may leave or enter a node, with how much each place is disliked."""
    x, y = box.centre
    ahead, behind = (0, 70) if source else (70, 0)
    if node.host is not None:
        upper = plan.boxes[node.host].centre[1] > y
        yield Port((x, box.y if upper else box.bottom), "up" if upper else "down", 0)
        return
    if node.children:
        yield from _frame_ports(box, plan, ahead, behind)
        return
    yield Port((box.right, y), "right", ahead)
    yield Port((box.x, y), "left", behind)
    yield Port((x, box.bottom), "down", 12)
    yield Port((x, box.y), "up", 14)
    if not node.labelled_outside:
        for offset in (-PORT, PORT):
            yield Port((x + offset, box.bottom), "down", 24)
            yield Port((x + offset, box.y), "up", 24)
        for offset in (-20, 20):
            yield Port((box.right, y + offset), "right", ahead + 20)
            yield Port((box.x, y + offset), "left", behind + 20)


def _frame_ports(box: Box, plan: Plan, ahead: int, behind: int) -> Iterator[Port]:
    """Anywhere on the frame of a subprocess, away from its corners."""
    for y in plan.ys:
        if box.y + 20 < y < box.bottom - 20:
            yield Port((box.right, y), "right", ahead)
            yield Port((box.x, y), "left", behind)
    for x in plan.xs:
        if box.x + 20 < x < box.right - 20:
            yield Port((x, box.y), "up", 30)
            yield Port((x, box.bottom), "down", 30)


def _corners(points: list[Point]) -> list[Point]:
    """The points where a line turns, with both ends."""
    kept = points[:1]
    for before, point, after in zip(points, points[1:], points[2:], strict=False):
        straight = before[0] == point[0] == after[0] or before[1] == point[1] == after[1]
        if not straight and point != kept[-1]:
            kept.append(point)
    return [*kept, points[-1]]
