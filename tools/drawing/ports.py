"""Where a flow may leave or enter a node, and how much each place is disliked."""

from collections.abc import Iterator
from dataclasses import dataclass

from tools.drawing.measuring import PORT, Box, Plan
from tools.drawing.scene import Node

MARGIN = 10
STEPS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}
BACKWARDS = {"right": "left", "left": "right", "up": "down", "down": "up"}


@dataclass(frozen=True, slots=True)
class Port:
    """A point on a node's border where a flow may touch it, `side` pointing outwards."""

    at: tuple[int, int]
    side: str
    cost: int


def ports(node: Node, plan: Plan, *, source: bool) -> Iterator[Port]:
    """The ports of a node, as the source or the target of a flow."""
    box = plan.boxes[node.id]
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


def in_front(port: Port, plan: Plan) -> tuple[int, int] | None:
    """The first grid point outside a port, None when no line passes it."""
    (x, y), (dx, dy) = port.at, STEPS[port.side]
    if dx:
        lines = [i for i, line in enumerate(plan.xs) if (line - x) * dx > MARGIN]
        return (lines[0] if dx > 0 else lines[-1], plan.ys.index(y)) if lines and y in plan.ys else None
    lines = [j for j, line in enumerate(plan.ys) if (line - y) * dy > MARGIN]
    return (plan.xs.index(x), lines[0] if dy > 0 else lines[-1]) if lines and x in plan.xs else None
