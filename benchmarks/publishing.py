"""How long publishing asks one to wait: check and proof of each shipped diagram; a second is the most allowed.

One JSON line a diagram, as at publish: the findings of the check with everything registered, then the proof of
the file, with every diagram it may call to be read.

    python -m benchmarks.publishing
"""

import time

from benchmarks.timing import report
from engine import assembly
from engine.bpmn import profile
from engine.bpmn.proof import prove
from engine.cases.names import CASE_NAMES
from seed.policies import policy_entries
from seed.procedures import shipped_sources


def main() -> None:
    """Every shipped diagram by itself."""
    shipped = shipped_sources()
    names = {entry.key for entry in policy_entries()} | CASE_NAMES.keys()
    for name, source in shipped.items():
        began = time.perf_counter()
        findings = profile.check({name: source}, shipped, assembly.ACTIONS, forms=assembly.FORMS, names=names)
        checked = time.perf_counter()
        if name.endswith(".bpmn"):
            prove({name: source}, shipped)
        ended = time.perf_counter()
        figures = {"check": round(checked - began, 4), "prove": round(ended - checked, 4)}
        within = ended - began < 1
        report("publishing", {"file": name, "findings": len(findings), **figures, "within_a_second": within})


if __name__ == "__main__":
    main()
