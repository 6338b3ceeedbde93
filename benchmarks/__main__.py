"""All benchmarks, one JSON object a line.

python -m benchmarks
"""

from benchmarks import conflicts, floor, simulation, steps

SUITES = (floor, steps, simulation, conflicts)

for suite in SUITES:
    suite.main()
