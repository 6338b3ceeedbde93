"""All benchmarks, one JSON object a line.

python -m benchmarks
"""

from benchmarks import assignment, conflicts, floor, proof, simulation, steps

SUITES = (floor, steps, simulation, proof, conflicts, assignment)

for suite in SUITES:
    suite.main()
