"""From cells to pixels: column widths, lane heights, boxes, and the lines that flows may run along."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tools.drawing.placing import Cell
from tools.drawing.scene import Node, Scene

ORIGIN = (160, 80)
HEADER = 30
GAP = 64
PADDING = 36
FRAME = 34
TRACK = 12
CHARACTER = 11
PORT = 32


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    def grown(self, by: int) -> "Box":
        """The box with a margin around it (negative: a smaller box)."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def holds(self, x: int, y: int) -> bool:
        """Whether a point lies in the box or on its border."""
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def meets(self, other: "Box") -> bool:
        """Whether two boxes overlap."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )


@dataclass(frozen=True)
class Plan:
    """Everything measured: boxes of nodes, lanes and pool, and the routing lines `xs` and `ys`."""

    boxes: Mapping[str, Box]
    lanes: tuple[Box, ...]
    pool: Box
    xs: tuple[int, ...]
    ys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """One column (from `start` to `end` in x) or one row (in y), with the free gaps before and after it."""

    start: int
    end: int
    before: int
    after: int

    @property
    def middle(self) -> int:
        return (self.start + self.end) // 2


def measure(scene: Scene, cells: Mapping[str, Cell]) -> Plan:
    """Boxes for all nodes, lanes and the pool."""
    columns = _columns(scene, cells)
    rows, lanes = _rows(scene, cells)
    boxes: dict[str, Box] = {}
    for key, cell in cells.items():
        width, height = scene.nodes[key].size
        x, y = columns[cell.column].middle, rows[cell.lane, cell.row].middle
        boxes[key] = Box(x - width // 2, y - height // 2, width, height)
    for node in scene.nodes.values():
        if node.children:
            boxes[node.id] = _around(scene, node, boxes)
    for node in scene.nodes.values():
        if node.host is not None:
            boxes[node.id] = _on_border(scene, node, boxes, [column.middle for column in columns])
    left, right = columns[0].before, columns[-1].after
    indent = HEADER * (1 + bool(scene.lanes)) if scene.pool or scene.lanes else 0
    pool = Box(left - indent, lanes[0][0], right - left + indent, lanes[-1][1] - lanes[0][0])
    bands = tuple(Box(pool.x + HEADER, top, pool.width - HEADER, bottom - top) for top, bottom in lanes)
    return Plan(boxes, bands, pool, _lines(columns, PORT), _lines(list(rows.values()), 20))


def _around(scene: Scene, node: Node, boxes: Mapping[str, Box]) -> Box:
    """The frame around a subprocess's content."""
    inner = [
        boxes[child.id] if child.id in boxes else _around(scene, child, boxes)
        for child in scene.inside(node.id)
    ]
    x, y = min(box.x for box in inner), min(box.y for box in inner)
    right, bottom = max(box.right for box in inner), max(box.bottom for box in inner)
    return Box(x, y, right - x, bottom - y).grown(FRAME)


def _on_border(scene: Scene, node: Node, boxes: Mapping[str, Box], middles: list[int]) -> Box:
    """A boundary event's box: on the side of its host that faces where its flow leads, clear of the others."""
    assert node.host is not None
    host = boxes[node.host]
    target = next((boxes[flow.target] for flow in scene.flows if flow.source == node.id), host)
    xs = [host.centre[0] + PORT, host.centre[0] - PORT]
    if scene.nodes[node.host].children:
        lines = [middle + side for middle in middles for side in (0, PORT, -PORT)]
        reached = [x for x in lines if host.x + 20 < x < host.right - 20]
        xs = sorted(reached, key=lambda x: abs(x - target.centre[0]))
    near, far = (host.y, host.bottom) if target.bottom < host.y else (host.bottom, host.y)
    width, height = node.size
    places = [Box(x - width // 2, y - height // 2, width, height) for y in (near, far) for x in xs]
    others = [boxes[one.id] for one in scene.boundaries(node.host) if one.id in boxes]
    free = (place for place in places if not any(place.grown(6).meets(other) for other in others))
    return next(free, places[0])


def _columns(scene: Scene, cells: Mapping[str, Cell]) -> list[Band]:
    count = max(cell.column for cell in cells.values()) + 1
    widths = [60] * count
    gaps = [GAP] * (count + 1)
    for key, cell in cells.items():
        widths[cell.column] = max(widths[cell.column], scene.nodes[key].size[0])
    for flow in scene.flows:
        if flow.name and flow.source in cells:
            column = cells[flow.source].column + 1
            gaps[column] = max(gaps[column], CHARACTER * len(flow.name) + 36)
    for first, last in _spans(scene, cells):
        gaps[first] += FRAME
        gaps[last + 1] += FRAME
    gaps[0] -= TRACK
    return list(_bands(widths, gaps, ORIGIN[0] + 2 * HEADER))


def _spans(scene: Scene, cells: Mapping[str, Cell]) -> Iterator[tuple[int, int]]:
    """First and last column of each subprocess."""
    for node in scene.nodes.values():
        if node.children:
            columns = [cell.column for _, cell in _content(scene, node, cells)]
            yield min(columns), max(columns)


def _content(scene: Scene, node: Node, cells: Mapping[str, Cell]) -> Iterator[tuple[str, Cell]]:
    for child in scene.inside(node.id):
        if child.id in cells:
            yield child.id, cells[child.id]
        else:
            yield from _content(scene, child, cells)


def _rows(
    scene: Scene, cells: Mapping[str, Cell]
) -> tuple[dict[tuple[int, int], Band], list[tuple[int, int]]]:
    """The bands of all (lane, row), and each lane's top and bottom."""
    frames = {
        (cell.lane, cell.row)
        for node in scene.nodes.values()
        if node.children
        for _, cell in _content(scene, node, cells)
    }
    bordered = {node.lane for node in scene.nodes.values() if node.host} | {lane for lane, _ in frames}
    bands: dict[tuple[int, int], Band] = {}
    lanes: list[tuple[int, int]] = []
    top = ORIGIN[1]
    for lane in range(max(len(scene.lanes), 1)):
        here = [(key, cell) for key, cell in cells.items() if cell.lane == lane]
        count = max((cell.row for _, cell in here), default=0) + 1
        heights = [
            max([50, *(scene.nodes[key].size[1] for key, cell in here if cell.row == row)])
            for row in range(count)
        ]
        edge = PADDING + FRAME * any((lane, row) in frames for row in range(count)) + 12 * (lane in bordered)
        found = list(_bands(heights, [edge, *[GAP] * (count - 1), edge + 6], top))
        bands |= {(lane, row): band for row, band in enumerate(found)}
        lanes.append((top, found[-1].after))
        top = found[-1].after
    return bands, lanes


def _bands(sizes: list[int], gaps: list[int], start: int) -> Iterator[Band]:
    for index, size in enumerate(sizes):
        before = start
        start += gaps[index]
        end = start + size
        yield Band(start, end, before, end + gaps[index + 1])
        start = end


def _lines(bands: list[Band], side: int) -> tuple[int, ...]:
    """Middle lines, lines to the side ports, and tracks in the gaps."""
    found: set[int] = set()
    for band in bands:
        found |= {band.middle, band.middle - side, band.middle + side}
        found |= set(range(band.end + 14, band.after - 9, TRACK))
        found |= set(range(band.before + 10, band.start - 9, TRACK))
    return tuple(sorted(found))
