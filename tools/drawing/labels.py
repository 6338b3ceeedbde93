"""Puts names beside events, gateways and flows where they hide nothing."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from tools.drawing.measuring import CHARACTER, Box, Plan
from tools.drawing.routing import Point
from tools.drawing.scene import GATEWAY, Scene

WIDEST = 88
LINE = 14


def label(scene: Scene, plan: Plan, ways: Mapping[str, list[Point]]) -> dict[str, Box]:
    """A box for each name that stands outside its shape."""
    shapes = {key: box for key, box in plan.boxes.items() if not scene.nodes[key].children}
    lines = {key: [_segment(*pair) for pair in pairwise(points)] for key, points in ways.items()}
    lines[""] = [Box(lane.x, lane.y - 1, lane.width, 2) for lane in plan.lanes]
    found: dict[str, Box] = {}
    for node in scene.nodes.values():
        if node.labelled_outside and node.name:
            box, size = plan.boxes[node.id], _size(node.name)
            host = None if node.host is None else plan.boxes[node.host]
            places = list(_beside(box, *size) if host is None else _outside(box, *size, host))
            others = [box for key, box in shapes.items() if key != node.id]
            found[node.id] = _best(places, others, lines, found)
    for flow in scene.flows:
        if flow.name:
            places = list(_along(ways[flow.id], *_size(flow.name)))
            found[flow.id] = _best(places, list(shapes.values()), lines, found)
    return found


def _size(name: str) -> tuple[int, int]:
    """Width and height of a name as modelers set it: 11 pixels a character, wrapped."""
    wide = CHARACTER * len(name) + 2
    return min(wide, WIDEST), LINE * -(-wide // WIDEST)


def _segment(one: Point, other: Point) -> Box:
    x, y = min(one[0], other[0]), min(one[1], other[1])
    return Box(x - 1, y - 1, abs(one[0] - other[0]) + 2, abs(one[1] - other[1]) + 2)


def _best(
    places: list[Box], shapes: list[Box], lines: Mapping[str, list[Box]], labels: Mapping[str, Box]
) -> Box:
    """The first place that covers least: a shape or a label is worse than a line."""

    def covered(place: Box) -> int:
        tight = place.grown(1)
        return (
            10 * sum(tight.meets(box) for box in shapes)
            + 8 * sum(tight.meets(box) for box in labels.values())
            + 5 * sum(place.meets(box) for boxes in lines.values() for box in boxes)
        )

    return min(places, key=covered)


def _outside(box: Box, width: int, height: int, host: Box) -> Iterator[Box]:
    """Places for a boundary event: outside its host, beside the way out."""
    upper = host.centre[1] > box.centre[1]
    place = box.y - height + 6 if upper else box.bottom - 6
    yield Box(box.right + 2, place, width, height)
    yield Box(box.x - width - 2, place, width, height)


def _beside(box: Box, width: int, height: int) -> Iterator[Box]:
    x, y = box.centre
    under, over = box.bottom + 4, box.y - height - 4
    clear = 8 if box.width == GATEWAY[0] else box.width // 2
    for place in (under, over):
        yield Box(x - width // 2, place, width, height)
    for place in (box.y - height + 6, box.bottom - 6):
        yield Box(x - width - clear, place, width, height)
        yield Box(x + clear, place, width, height)
    yield Box(box.right + 4, y - height - 4, width, height)
    yield Box(box.x - width - 4, y - height - 4, width, height)


def _along(points: list[Point], width: int, height: int) -> Iterator[Box]:
    """Places beside a flow, nearest its source first."""
    for (x, y), (to_x, to_y) in pairwise(points):
        if y == to_y:
            length = abs(to_x - x)
            for start in (16, max(16, (length - width) // 2), max(16, length - width - 12)):
                left = x + start if to_x > x else x - start - width
                yield Box(left, y - height - 2, width, height)
                yield Box(left, y + 3, width, height)
        else:
            length = abs(to_y - y)
            for start in (14, max(14, (length - height) // 2), max(14, length - height - 12)):
                top = y + start if to_y > y else y - start - height
                yield Box(x + 4, top, width, height)
                yield Box(x - width - 4, top, width, height)
