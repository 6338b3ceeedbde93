"""All benchmarks, one JSON object a line.

python -m benchmarks
"""

from benchmarks import assignment, conflicts, floor, inbox, migration, proof, publishing, simulation, steps

SUITES = (floor, steps, simulation, proof, publishing, migration, conflicts, assignment, inbox)

for suite in SUITES:
    suite.main()
