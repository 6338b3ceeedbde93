"""Lay BPMN files out: `python -m tools.layout workflows/*.bpmn` (--check: only say which would change).

Reads what a diagram says, computes its layout (pool, lanes, columns by the flow, orthogonal edges, labels)
and writes it into the file in the place of any layout it had; every other byte stays. The same file always
gets the same layout.
"""

import argparse
import sys
from pathlib import Path

from engine.errors import Unusable
from tools.drawing import interchange, labels, measuring, placing, routing, scene


def lay_out(source: bytes, name: str) -> bytes:
    """The file with its layout; raises `engine.errors.Unusable` when it cannot be read or drawn."""
    drawn = scene.read(source, name)
    plan = measuring.measure(drawn, placing.place(drawn))
    ways = routing.route(drawn, plan)
    names = labels.label(drawn, plan, ways)
    return interchange.splice(source, interchange.drawing(drawn, plan, ways, names))


def main(arguments: list[str]) -> int:
    """Exit code 0; 1 when --check finds a stale layout; 2 when a file cannot be laid out."""
    parser = argparse.ArgumentParser(prog="python -m tools.layout", description="Lay BPMN files out.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a layout is stale")
    options = parser.parse_args(arguments)
    stale = 0
    for path in options.files:
        source = path.read_bytes()
        try:
            done = lay_out(source, path.name)
        except Unusable as error:
            print(error, file=sys.stderr)
            return 2
        if done != source:
            stale += 1
            print(path)
            if not options.check:
                path.write_bytes(done)
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
