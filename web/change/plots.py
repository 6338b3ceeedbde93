"""Plots as plain geometry, drawn as SVG by a template: two series, old and new, side by side. Exact numbers are
in each bar's title and in the table beside the plot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

WIDTH = 620
LEFT = 150
"""Room for the names of horizontal bars."""

ROW = 26
BINS = 14


@dataclass(frozen=True)
class Bar:
    """One bar; `series` is old or new."""

    x: float
    y: float
    width: float
    height: float
    series: str
    title: str


@dataclass(frozen=True)
class Label:
    """A text at a point."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class Plot:
    """Everything drawn; `baseline` is the height of the axis under upright bars, None for lying ones."""

    width: float
    height: float
    bars: list[Bar] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    baseline: float | None = None


def histogram(old: Sequence[int], new: Sequence[int], unit: str) -> Plot:
    """How often each length occurs, in shares of its own series, because the series may differ in number."""
    values = [*old, *new]
    if not values:
        return Plot(WIDTH, 0)
    low, high = min(values), max(values)
    step = max(1, -(-(high - low + 1) // BINS))
    starts = list(range(low, high + 1, step))
    shares = {
        name: [sum(start <= one < start + step for one in each) / (len(each) or 1) for start in starts]
        for name, each in (("old", old), ("new", new))
    }
    names = [f"{start}–{start + step - 1}" if step > 1 else str(start) for start in starts]
    return _columns(names, shares, lambda share: f"{share:.0%}", 180, unit)


def columns(names: Sequence[str], old: Sequence[float], new: Sequence[float]) -> Plot:
    """Two upright bars for each name."""
    return _columns(names, {"old": old, "new": new}, lambda value: f"{value:.1f}", 90, "")


def _columns(
    names: Sequence[str],
    series: Mapping[str, Sequence[float]],
    shown: Callable[[float], str],
    height: float,
    unit: str,
) -> Plot:
    highest = max((value for each in series.values() for value in each), default=0) or 1
    slot = (WIDTH - 20) / max(len(names), 1)
    bars, labels = [], []
    for at, name in enumerate(names):
        for side, (key, values) in enumerate(series.items()):
            tall = values[at] / highest * height if at < len(values) else 0.0
            x = 10 + at * slot + slot * (0.1 + 0.4 * side)
            title = f"{name} {unit}：{shown(values[at])}" if at < len(values) else ""
            bars.append(
                Bar(
                    round(x, 1),
                    round(14 + height - tall, 1),
                    round(slot * 0.38, 1),
                    round(tall, 1),
                    key,
                    title,
                )
            )
        if at % -(-len(names) // 12) == 0:
            labels.append(Label(round(10 + at * slot, 1), height + 30, name))
    labels.append(Label(10, 10, shown(highest)))
    return Plot(WIDTH, height + 38, bars, labels, 14 + height)


def pairs(old: Mapping[str, float], new: Mapping[str, float], most: int = 14) -> Plot:
    """Two lying bars for each name, the longest first."""
    names = sorted({*old, *new}, key=lambda name: -max(old.get(name, 0), new.get(name, 0)))[:most]
    highest = max((max(old.get(name, 0), new.get(name, 0)) for name in names), default=0) or 1
    bars, labels = [], []
    for at, name in enumerate(names):
        top = at * ROW + 4
        labels.append(Label(LEFT - 8, top + 14, name[:12], "end"))
        for side, (key, values) in enumerate((("old", old), ("new", new))):
            value = values.get(name, 0)
            long = value / highest * (WIDTH - LEFT - 60)
            bars.append(Bar(LEFT, top + side * 10, round(long, 1), 9, key, f"{name}：{value:g}"))
            if key == "new":
                both = f"{old.get(name, 0):g} → {value:g}"
                longest = max(old.get(name, 0), value) / highest * (WIDTH - LEFT - 60)
                labels.append(Label(round(LEFT + longest + 6, 1), top + 14, both))
    return Plot(WIDTH, len(names) * ROW + 8, bars, labels)
