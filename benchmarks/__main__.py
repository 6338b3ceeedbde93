"""All benchmarks, one JSON object a line.

python -m benchmarks
"""

from benchmarks import floor, simulation, steps

SUITES = (floor, steps, simulation)

for suite in SUITES:
    suite.main()
