"""How the benchmarks count statements, and take and print their times."""

import json
import resource
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Engine, event


@dataclass
class Laps:
    """The times of one repeated thing: each `with laps:` is one. CPU time does not wait for the disk."""

    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    _began: tuple[float, float] = (0.0, 0.0)

    def __enter__(self) -> None:
        self._began = time.process_time(), time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wall = time.perf_counter()
        self.walls.append(wall - self._began[1])
        self.cpus.append(time.process_time() - self._began[0])

    def summary(self) -> dict[str, Any]:
        """Count, rate, middle and slow times, and CPU time of one."""
        ordered = statistics.quantiles(self.walls, n=20)
        return {
            "steps": len(self.walls),
            "per_second": round(len(self.walls) / sum(self.walls), 1),
            "p50_ms": round(ordered[9] * 1000, 3),
            "p95_ms": round(ordered[18] * 1000, 3),
            "cpu_ms": round(sum(self.cpus) / len(self.cpus) * 1000, 3),
        }


@contextmanager
def counting(engine: Engine) -> Iterator[Counter[str]]:
    """Counts the statements sent in the block by their first word."""
    words: Counter[str] = Counter()

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        word = statement.split(maxsplit=1)[0]
        if word != "BEGIN":
            words[word] += 1

    event.listen(engine, "before_cursor_execute", count)
    yield words
    event.remove(engine, "before_cursor_execute", count)


def ratio(above: list[float], below: list[float]) -> dict[str, float]:
    """How many times longer the one takes than the other, by their sums and by their middle values."""
    return {
        "total": round(sum(above) / sum(below), 2),
        "median": round(statistics.median(above) / statistics.median(below), 2),
    }


def report(benchmark: str, figures: dict[str, Any]) -> None:
    """One JSON object on a line of its own."""
    print(json.dumps({"benchmark": benchmark} | figures, ensure_ascii=False), flush=True)


def peak_mb() -> int:
    """This process's own peak memory in MB; ru_maxrss would also count the process it was started from."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024
