"""How long it takes to check and to prove each shipped diagram, and over how many states; a second is the most allowed.

One JSON line a diagram, as `keguan bpmn check` and `keguan bpmn prove` do it: reading the file and everything it
may call is part of the time, loading the product is not.

    python -m benchmarks.proof
"""

import time

from benchmarks.timing import report
from engine.bpmn.proof import prove
from web.commands.bpmn import findings_of
from web.commands.diagrams import shipped_diagrams


def main() -> None:
    """Every shipped diagram by itself, as at publish."""
    shipped = shipped_diagrams()
    findings_of(shipped)  # the product is loaded once
    for name, source in shipped.items():
        began = time.perf_counter()
        findings = findings_of({name: source})
        checked = time.perf_counter()
        (proof,) = prove({name: source}, shipped)
        proved = time.perf_counter()
        figures = {
            "file": name,
            "states": proof.states,
            "publishable": not findings,
            "holds": all(verdict.holds for verdict in proof.verdicts),
            "check_seconds": round(checked - began, 4),
            "prove_seconds": round(proved - checked, 4),
            "seconds": round(proved - began, 4),
        }
        report("proof", figures)


if __name__ == "__main__":
    main()
