"""Progress and cancellation: what a long solve says while it runs, and when it must stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

GRACE = 0.5  # seconds a solver has to come back with its best after the limit


@dataclass(frozen=True)
class Progress:
    """One report: the stage, the best value so far, the proven bound (None where there is none yet)."""

    stage: str
    incumbent: float | None
    bound: float | None
    seconds: float


@dataclass(frozen=True)
class Watch:
    """A deadline, a question whether to stop, and somebody to tell."""

    limit: float | None = None  # seconds for the whole solve
    cancelled: Callable[[], bool] = lambda: False
    tell: Callable[[Progress], None] = lambda _: None
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def remaining(self) -> float:
        """Seconds left, infinite without a limit."""
        return float("inf") if self.limit is None else max(0.0, self.limit - self.seconds)

    @property
    def over(self) -> bool:
        """Whether to stop now with the best so far."""
        return self.remaining <= 0 or self.cancelled()

    @property
    def overdue(self) -> bool:
        """Whether a solver that was told the limit should have been back."""
        return self.limit is not None and self.seconds > self.limit + GRACE

    def say(self, stage: str, incumbent: float | None = None, bound: float | None = None) -> None:
        """Report."""
        self.tell(Progress(stage, incumbent, bound, self.seconds))
