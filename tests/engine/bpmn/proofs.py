"""Small diagrams for the proof's tests, and what is proved of them."""

from engine.bpmn.proof import Proof, prove
from engine.db import ROOT
from tests.engine.bpmn import diagrams

SHIPPED = {file.name: file.read_bytes() for file in sorted((ROOT / "workflows").glob("*.bpmn"))}


def human(id_: str, outcomes: str = "", limit: str = "5", inside: str = "", form: str = "") -> str:
    """A user task with a limit; `outcomes` as in the product's own property."""
    said = {"limit": limit, "outcomes": outcomes, "form": form}
    kept = {key: value for key, value in said.items() if value}
    return diagrams.human(id_, diagrams.properties(**kept) + inside)


def diagram(*inside: str, key: str = "p", people: str = "", **kept: tuple[str, ...]) -> bytes:
    """A diagram whose human tasks, named in `people`, have a lane."""
    return diagrams.diagram(key, *inside, lanes={"受理员": tuple(people.split())}, **kept)  # type: ignore[arg-type]


def proved(*sources: bytes, limit: int = 10_000) -> Proof:
    """The proof of the first file; the others can be called, like the shipped ones."""
    files = {f"{number}.bpmn": source for number, source in enumerate(sources)}
    return prove(files, SHIPPED, limit)[0]


def broken(*sources: bytes) -> dict[str, tuple[str, ...]]:
    """The properties that do not hold of the first file, with their walks."""
    return {one.property: one.walk for one in proved(*sources).verdicts if one.holds is False}
