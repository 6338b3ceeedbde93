"""The guide's 67 directions as reviewed data: one TOML file per section (专题), read and checked here.

Titles are the guide's own, every other wording is ours; an absent key is a bound the guide does not state.
"""

import tomllib
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError

from engine.catalogue.spec import DirectionSpec, contradictions
from engine.errors import Unusable

FOLDER = Path(__file__).parent


def read_catalogue(folder: Path = FOLDER) -> list[DirectionSpec]:
    """Every direction in the guide's order; raises `Unusable` naming the file, the code and what is wrong."""
    directions = [spec for file in sorted(folder.glob("*.toml")) for spec in _read_file(file)]
    directions.sort(key=lambda spec: spec.guide_lines)
    if twice := [code for code, n in Counter(spec.code for spec in directions).items() if n > 1]:
        raise Unusable(f"Direction {twice[0]} is there twice; a code names one direction.")
    for before, after in pairwise(directions):
        if before.guide_lines[1] >= after.guide_lines[0]:
            raise Unusable(f"Directions {before.code} and {after.code} share lines of the guide.")
    return directions


def _read_file(file: Path) -> list[DirectionSpec]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)["directions"]
        return [_read_direction(table) for table in tables]
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise Unusable(f"{file.name} cannot be read: {error}") from error


def _read_direction(table: dict[str, object]) -> DirectionSpec:
    try:
        spec = DirectionSpec.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(
            f"{table.get('code', 'a direction without code')}, {where}: {first['msg']}"
        ) from error
    for complaint in contradictions(spec):
        raise ValueError(f"{spec.code}: {complaint}")
    return spec
