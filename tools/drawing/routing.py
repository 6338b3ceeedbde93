"""Draws the flows: orthogonal, around the nodes, with few bends and crossings.

Each flow is the cheapest way (A*) over a grid of lines: node middles, side ports, and tracks in the gaps.
Short flows go first. Flows to the same target may run together; any other two never share a stretch.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from engine.errors import Unusable
from tools.drawing.measuring import Box, Plan
from tools.drawing.ports import BACKWARDS, MARGIN, STEPS, in_front, ports
from tools.drawing.scene import Flow, Scene

Point = tuple[int, int]
Spot = tuple[int, int]
"""Indexes into the lines: column line, row line."""

State = tuple[Spot, str]
"""A grid point and the direction of travel."""

BEND, CROSSING, TOUCHING, SHARING, USED_PORT = 45, 30, 160, 900, 220
END: State = ((-1, -1), "")


@dataclass
class Board:
    """What is drawn so far: which stretches, points and ports carry a flow to which target."""

    plan: Plan
    stretches: dict[tuple[Spot, Spot], set[str]] = field(default_factory=lambda: defaultdict(set))
    points: dict[Spot, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    ports: dict[Point, set[str]] = field(default_factory=lambda: defaultdict(set))

    def at(self, spot: Spot) -> Point:
        """The pixel of a grid point."""
        return self.plan.xs[spot[0]], self.plan.ys[spot[1]]

    def step_cost(self, spot: Spot, to: Spot, axis: str, target: str) -> int:
        """Length of a stretch, and what it costs to meet flows that lead elsewhere."""
        (x, y), (to_x, to_y) = self.at(spot), self.at(to)
        length = abs(to_x - x) + abs(to_y - y)
        users = self.stretches.get((min(spot, to), max(spot, to)), set())
        if target in users:
            return length
        cost = length + (SHARING if users else 0)
        for other, how in self.points.get(to, set()):
            if other != target:
                cost += CROSSING if how not in ("bend", axis) else TOUCHING
        return cost

    def draw(self, spots: list[Spot], target: str, ends: tuple[Point, Point]) -> None:
        """Remember a flow."""
        for one, other in pairwise(spots):
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
    board = Board(plan)
    blocked = {scope: _blocked(scene, plan, scope) for scope in {flow.scope for flow in scene.flows}}
    found: dict[str, list[Point]] = {}
    for flow in sorted(scene.flows, key=lambda one: _distance(plan, one)):
        spots, start, end = _way(scene, board, flow, blocked[flow.scope])
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


def _way(scene: Scene, board: Board, flow: Flow, blocked: set[Spot]) -> tuple[list[Spot], Point, Point]:
    """The cheapest way of one flow: grid points, first and last pixel."""
    starts = _doors(scene, board, flow.source, blocked, arriving=False)
    goals = _doors(scene, board, flow.target, blocked, arriving=True)
    states = _search(board, starts, goals, blocked, flow.target)
    spots = [spot for index, (spot, _) in enumerate(states) if index == 0 or spot != states[index - 1][0]]
    return spots, starts[states[0]][1], goals[states[-1]][1]


def _doors(
    scene: Scene, board: Board, key: str, blocked: set[Spot], *, arriving: bool
) -> dict[State, tuple[int, Point]]:
    """The states in which a flow stands before a node's ports, with each port's cost and pixel."""
    found: dict[State, tuple[int, Point]] = {}
    for port in ports(scene.nodes[key], board.plan, source=not arriving):
        spot = in_front(port, board.plan)
        if spot is None or spot in blocked:
            continue
        users = board.ports.get(port.at, set()) - ({key} if arriving else set())
        side = BACKWARDS[port.side] if arriving else port.side
        door = port.cost + USED_PORT * bool(users), port.at
        found[spot, side] = min(door, found.get((spot, side), door))
    return found


def _search(
    board: Board,
    starts: Mapping[State, tuple[int, Point]],
    goals: Mapping[State, tuple[int, Point]],
    blocked: set[Spot],
    target: str,
) -> list[State]:
    """The cheapest states from a start to a goal (A*)."""
    reach = board.plan.boxes[target].grown(MARGIN)
    best = {state: cost for state, (cost, _) in starts.items()}
    came: dict[State, State] = {}
    heap = [(cost, cost, state) for state, cost in best.items()]
    heapq.heapify(heap)
    while heap:
        _, cost, state = heapq.heappop(heap)
        if state == END:
            break
        if cost > best[state]:
            continue
        ways = list(_steps(board, state, blocked, target))
        if state in goals:
            ways.append((END, goals[state][0]))
        for to, price in ways:
            if cost + price < best.get(to, cost + price + 1):
                best[to], came[to] = cost + price, state
                ahead = 0 if to == END else _away(reach, board.at(to[0]))
                heapq.heappush(heap, (cost + price + ahead, cost + price, to))
    if END not in came:
        raise Unusable(f"通往“{target}”的流程线无处可走；请在编辑器中手工排布该文件。")
    states = [came[END]]
    while states[-1] in came:
        states.append(came[states[-1]])
    return states[::-1]


def _steps(board: Board, state: State, blocked: set[Spot], target: str) -> Iterator[tuple[State, int]]:
    """Turn on the spot, or go on to the next line."""
    spot, side = state
    for turned in STEPS:
        if turned not in (side, BACKWARDS[side]):
            yield (spot, turned), BEND
    dx, dy = STEPS[side]
    to = (spot[0] + dx, spot[1] + dy)
    if to not in blocked and 0 <= to[0] < len(board.plan.xs) and 0 <= to[1] < len(board.plan.ys):
        yield (to, side), board.step_cost(spot, to, "level" if dx else "upright", target)


def _away(box: Box, point: Point) -> int:
    """A lower bound of the way left: how far outside the target's box a point is."""
    x, y = point
    return max(box.x - x, x - box.right, 0) + max(box.y - y, y - box.bottom, 0)


def _corners(points: list[Point]) -> list[Point]:
    """The points where a line turns, with both ends."""
    kept = points[:1]
    for before, point, after in zip(points, points[1:], points[2:], strict=False):
        straight = before[0] == point[0] == after[0] or before[1] == point[1] == after[1]
        if not straight and point != kept[-1]:
            kept.append(point)
    return [*kept, points[-1]]
