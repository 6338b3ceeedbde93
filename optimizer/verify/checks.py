"""What the verifier checks: every rule of the instance, then every claim of the result. Faults are sentences."""

from pathlib import Path
from typing import Any

from optimizer.verify import assignment, drawn, figures
from optimizer.verify.reading import Facts, facts_of, read_claims, read_facts


def verify(instance: Path, result: Path) -> list[str]:
    """The faults of a result, none if it is sound. Raises `Unreadable` for files that cannot be used."""
    return faults(read_facts(instance), read_claims(result))


def verify_data(instance: bytes, claims: dict[str, Any]) -> list[str]:
    """The faults of a result that is no file: `instance` is the .json form's text. Raises `Unreadable`."""
    return faults(facts_of(instance), claims)


def faults(facts: Facts, claims: dict[str, Any]) -> list[str]:
    """The faults of a result's claims against an instance's facts."""
    pairs = [(p, r) for p, r in claims["pairs"]]
    found = [
        f"The pair [{p}, {r}] is not in the instance."
        for p, r in pairs
        if p not in facts.seats or r not in facts.persons
    ]
    if found:
        return found
    partial = claims.get("status") == "infeasible"
    found = assignment.faults(facts, claims, pairs, partial=partial)
    if partial and not found and not assignment.faults(facts, claims, pairs, partial=False):
        found.append("The status is infeasible, but every seat is filled and every rule met.")
    return found + figures.faults(facts, claims, pairs) + drawn.faults(facts, claims)
