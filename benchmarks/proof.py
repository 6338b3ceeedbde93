"""How long it takes to prove each shipped diagram, and over how many states; a second is the most allowed.

One JSON line a diagram: reading the file and everything it may call is part of the time.

    python -m benchmarks.proof
"""

import time
from pathlib import Path

from benchmarks.timing import report
from engine.bpmn.proof import prove

WORKFLOWS = Path(__file__).resolve().parents[1] / "workflows"


def main() -> None:
    """Every shipped diagram by itself, as at publish."""
    shipped = {file.name: file.read_bytes() for file in sorted(WORKFLOWS.glob("*.bpmn"))}
    for name, source in shipped.items():
        began = time.perf_counter()
        (proof,) = prove({name: source}, shipped)
        seconds = time.perf_counter() - began
        holds = all(verdict.holds for verdict in proof.verdicts)
        report("proof", {"file": name, "states": proof.states, "holds": holds, "seconds": round(seconds, 4)})


if __name__ == "__main__":
    main()
