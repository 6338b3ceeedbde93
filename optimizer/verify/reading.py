"""The verifier's own reading of instances and results, into plain dictionaries and arrays."""

import json
import re
import zipfile
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from jsonschema import Draft202012Validator
from numpy.typing import NDArray

Pair = tuple[Any, Any]
_NUMBERS = {"type": "array", "items": {"type": "number"}}
_TICKETS = {
    "required": ["pairs", "tickets"],
    "properties": {
        "pairs": {"type": "array", "items": {"type": "array", "minItems": 2, "maxItems": 2}},
        "tickets": {"type": "integer", "minimum": 1},
    },
}
CLAIMS: dict[str, Any] = {  # what a result holds besides `pairs`, where it holds it at all
    "properties": {
        "shortages": {"type": "array", "items": {"required": ["kind", "subject", "missing"]}},
        "relaxations": {
            "type": "array",
            "items": {
                "required": ["changes"],
                "properties": {
                    "changes": {"type": "array", "items": {"required": ["kind", "subject", "from", "to"]}}
                },
            },
        },
        "panels": {"type": "array", "items": {"required": ["id", "applications", "members"]}},
        "certificate": {
            "type": ["object", "null"],
            "properties": {
                "objective": {"enum": ["fair", "total", "leximin"]},
                "levels": {"type": "integer"},
                "dropped": {
                    "type": "array",
                    "items": {
                        "type": "array",
                        "minItems": 2,
                        "maxItems": 2,
                        "items": {"type": ["integer", "string"]},
                    },
                },
                "seed": {"type": "integer"},
                "stages": {
                    "type": "array",
                    "items": {"required": ["name", "value"], "properties": {"value": {"type": "number"}}},
                },
                "exclusions": {
                    "type": "object",
                    "required": ["count", "pairs"],
                    "properties": {"pairs": {"items": {"type": "array", "minItems": 5, "maxItems": 5}}},
                },
                "prices": {
                    "type": ["object", "null"],
                    "required": ["applications", "experts"],
                    "properties": {"applications": _NUMBERS, "experts": _NUMBERS},
                },
            },
        },
        "lottery": {
            "type": ["object", "null"],
            "properties": {
                "assignments": {"type": "array", "items": {"type": "object", **_TICKETS}},
                "attempts": {"type": "array", "items": {"required": ["attempt", "witness", "drawn"]}},
            },
        },
    },
}
SHORT = re.compile(r"[\d./]{1,20}(e-\d{1,2})?", re.IGNORECASE)  # a share that can be computed with
MOST_BYTES = 16_000_000_000  # of an .npz, unpacked


class Unreadable(Exception):  # noqa: N818 - a state of the file, said in a sentence
    """The file cannot be read as what it should be; the message is a sentence."""


@dataclass
class Facts:
    """What an instance asks for, by id. `persons` maps an account to its person."""

    seats: dict[Any, int]
    caps: dict[Any, int]
    minima: dict[Any, int]
    barred: dict[Pair, str]
    digest: str
    table: NDArray[np.float64] | None = None
    listed: dict[Pair, float] | None = None
    unlisted: float | None = 0.0
    penalties: dict[Pair, float] = field(default_factory=dict)
    abstain: set[Pair] = field(default_factory=set)
    hits: list[tuple[Any, Any, str, str]] = field(default_factory=list)  # application, person, rule, force
    policy: dict[str, Any] = field(default_factory=dict)
    applications: dict[Any, dict[str, Any]] = field(default_factory=dict)
    experts: dict[Any, dict[str, Any]] = field(default_factory=dict)
    persons: dict[Any, Any] = field(default_factory=dict)
    rows: dict[Any, int] = field(default_factory=dict)
    columns: dict[Any, int] = field(default_factory=dict)
    accounts: dict[Any, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for account, person in self.persons.items():
            self.accounts.setdefault(person, []).append(account)

    def score(self, pair: Pair) -> float | None:
        """The pair's score, best over the person's accounts, less soft penalties; None if it may not be."""
        found = [self._plain((pair[0], one)) for one in self.accounts[self.persons[pair[1]]]]
        values = [one for one in found if one is not None]
        return max(values) - self.penalties.get((pair[0], self.persons[pair[1]]), 0.0) if values else None

    def _plain(self, pair: Pair) -> float | None:
        if self.table is not None:
            return float(self.table[self.rows[pair[0]], self.columns[pair[1]]])
        assert self.listed is not None
        return self.listed.get(pair, self.unlisted)


def read_facts(path: Path) -> Facts:
    """Read an .npz or .json instance."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    read = {".npz": _from_npz, ".json": _from_json}.get(path.suffix.lower())
    if read is None:
        raise Unreadable(f"{path.name} is neither .npz nor .json.")
    try:
        return read(content)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"{path.name} is not a usable instance ({type(error).__name__}).") from error


def facts_of(content: bytes) -> Facts:
    """Read the text of a .json instance."""
    try:
        return _from_json(content)
    except Exception as error:
        raise Unreadable(f"The instance is not usable ({type(error).__name__}).") from error


def _from_npz(content: bytes) -> Facts:
    names = ("demand", "load", "minimum", "mask", "sim")
    with zipfile.ZipFile(BytesIO(content)) as sizes, np.load(BytesIO(content), allow_pickle=False) as archive:
        held = {f"{key}.npy" for key in names} & set(sizes.namelist())
        if sum(sizes.getinfo(key).file_size for key in held) > MOST_BYTES:
            raise Unreadable(f"The arrays take more than {MOST_BYTES} bytes.")
        arrays = {"minimum": np.zeros(())} | {key: archive[key] for key in names if f"{key}.npy" in held}
    if any(one.dtype.kind not in "biuf" for one in arrays.values()):
        raise Unreadable("The arrays sim, mask, load and demand must hold numbers.")
    sim, mask = arrays["sim"].astype(np.float64), arrays["mask"]
    counts = {"demand": sim.shape[:1], "load": sim.shape[1:], "minimum": sim.shape[1:]}
    for key, shape in counts.items():
        if arrays[key].shape not in (shape, ()):
            raise Unreadable("The arrays sim, mask, load and demand do not fit together.")
    if sim.ndim != 2 or mask.shape != sim.shape:
        raise Unreadable("The arrays sim, mask, load and demand do not fit together.")
    demand, load, least = (np.broadcast_to(arrays[k], shape).astype(float) for k, shape in counts.items())
    whole = all((one >= 0).all() and (one == np.floor(one)).all() for one in (demand, load, least))
    if not (whole and np.isfinite(sim).all() and np.isin(mask, (0, 1)).all()):
        raise Unreadable(
            "The arrays hold scores that are not finite, marks that are not 0 or 1, or odd counts."
        )
    papers, experts = range(sim.shape[0]), range(sim.shape[1])
    p, r = np.nonzero(mask)
    return Facts(
        {i: int(demand[i]) for i in papers},
        {j: int(load[j]) for j in experts},
        {j: int(least[j]) for j in experts},
        dict.fromkeys(zip(p.tolist(), r.tolist(), strict=True), "mask"),
        sha256(content).hexdigest(),
        table=sim,
        persons={j: j for j in experts},
        rows={i: i for i in papers},
        columns={j: j for j in experts},
    )


def _no_number(word: str) -> float:
    raise Unreadable(f"The file holds {word}, which is not a number JSON knows.")


def _from_json(content: bytes) -> Facts:
    data = json.loads(content, parse_constant=_no_number)
    applications = {one["id"]: one for one in data["applications"]}
    experts = {one["id"]: one for one in data["experts"]}
    if len(applications) < len(data["applications"]) or len(experts) < len(data["experts"]):
        raise Unreadable("The instance names an id twice.")
    persons = {key: ("person", one["person"]) if one.get("person") else key for key, one in experts.items()}
    caps: dict[Any, int] = {}
    minima: dict[Any, int] = {}
    for key, one in experts.items():
        who = persons[key]
        caps[who] = min(caps.get(who, one["cap"]), one["cap"])
        minima[who] = max(minima.get(who, 0), one.get("minimum", 0))
    minima = {who: min(least, caps[who]) for who, least in minima.items()}
    facts = Facts(
        {key: one["seats"] for key, one in applications.items()},
        caps,
        minima,
        {},
        sha256(content).hexdigest(),
        policy=data.get("policy", {}),
        applications=applications,
        experts=experts,
        persons=persons,
        rows={key: i for i, key in enumerate(applications)},
        columns={key: j for j, key in enumerate(experts)},
    )
    _read_scores(facts, data)
    panel = facts.policy.get("mode") == "panel"
    met = set()
    for hit in data.get("conflicts", ()):
        pair, force = (hit["application"], persons[hit["expert"]]), hit.get("force", "hard")
        said = pair, hit["rule"], hit["evidence"], force, hit.get("penalty", 0.0)
        if said in met:  # of two accounts of one person, or written twice
            continue
        met.add(said)
        facts.hits.append((*pair, hit["rule"], force))
        if force == "hard" or (force == "abstain" and not panel):
            facts.barred[pair] = hit["rule"]
        elif force == "abstain":
            facts.abstain.add(pair)
        elif force == "soft":
            facts.penalties[pair] = facts.penalties.get(pair, 0.0) + hit.get("penalty", 0.0)
    return facts


def _read_scores(facts: Facts, data: dict[str, Any]) -> None:
    given = data.get("scores", {})
    if "dense" in given:
        facts.table = np.array(given["dense"], dtype=np.float64).reshape(len(facts.rows), len(facts.columns))
    elif "pairs" in given:
        facts.listed = {(a, e): float(s) for a, e, s in given["pairs"]}
        facts.unlisted = given.get("unlisted", 0.0)
    else:
        from optimizer import instance  # noqa: PLC0415 - the fit of texts is input, not part of solving

        facts.table = np.asarray(instance.fitted_scores(data))


def share(value: Any) -> Fraction:
    """A share such as 1/3 or 0.5, exactly."""
    try:
        return Fraction(str(value) if SHORT.fullmatch(str(value)) else "")
    except (ValueError, ZeroDivisionError) as error:
        raise Unreadable(f"The policy asks for a share of {value!r}, which is none.") from error


def read_claims(path: Path) -> dict[str, Any]:
    """Read a result, or any JSON object with `pairs`."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path.name} cannot be read as JSON.") from error
    pairs = data.get("pairs") if isinstance(data, dict) else None
    if not isinstance(pairs, list) or not all(isinstance(one, list) and len(one) == 2 for one in pairs):
        raise Unreadable(f"{path.name} is not a result: it needs 'pairs', a list of [paper, reviewer].")
    if any(isinstance(one, bool) or not isinstance(one, int | str) for pair in pairs for one in pair):
        raise Unreadable(f"{path.name} holds a pair whose ids are neither numbers nor words.")
    fault = next(iter(Draft202012Validator(CLAIMS).iter_errors(data)), None)
    if fault is not None:
        where = "/".join(map(str, fault.absolute_path))
        raise Unreadable(f"{path.name} is not a result: {where} is not what a result holds there.")
    return dict(data)
