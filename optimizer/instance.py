"""Instances and results at the edge: .npz and .json in, .json out. Whatever is unusable is refused in a sentence."""

import json
import math
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from jsonschema import Draft202012Validator
from numpy.typing import NDArray
from scipy.sparse import csr_array

from optimizer.errors import ProblemError
from optimizer.fit import UNWEIGHTED_INSTANCE, fit_scores
from optimizer.identity import merge_accounts
from optimizer.problem import Application, Composition, Exclusion, Expert, Force, Id, Mode, Policy, Problem
from optimizer.result import Objective, Position, Result
from optimizer.schema import INSTANCE

ARRAYS = ("sim", "mask", "load", "demand", "minimum")
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
SHARE = re.compile(r"[0-9]{1,9}(/[0-9]{1,9}|(\.[0-9]{1,18})?(e-[0-9]{1,2})?)", re.IGNORECASE)
FINEST = 1_000_000  # largest denominator of a share
MOST_PAIRS = 1_000_000_000  # of an .npz: what 8 GB of scores hold
UNREADABLE = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    RuntimeError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)


def read(path: Path) -> Problem:
    """Read an instance by its suffix, .npz or .json."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ProblemError(f"{path} cannot be read: {error.strerror}.") from error
    if path.suffix.lower() == ".npz":
        return from_npz(content, path.name)
    if path.suffix.lower() == ".json":
        return from_json(_parsed(content, path.name), sha256(content).hexdigest())
    raise ProblemError(f"{path.name} is neither .npz nor .json.")


def from_npz(content: bytes, name: str = "instance.npz") -> Problem:
    """A matrix instance: `sim` papers x reviewers, `mask` 1 = conflict, `load` cap, `demand` seats.

    Optional: `minimum` least load per reviewer. Indices are the ids; a single number for a count holds for all.
    Shapes are checked before an array is unpacked, and pickled objects are never loaded.
    """
    arrays = _arrays(content, name)
    sim, mask = _numbers(arrays, "sim", name), _numbers(arrays, "mask", name)
    if not np.isin(mask, (0, 1)).all():
        raise ProblemError(f"In {name}, 'mask' must hold only 0 and 1 (conflict).")
    demand = _counts(arrays, "demand", sim.shape[0], name)
    load = _counts(arrays, "load", sim.shape[1], name)
    least = _counts(arrays, "minimum", sim.shape[1], name) if "minimum" in arrays else np.zeros_like(load)
    return Problem(
        tuple(Application(i, int(s)) for i, s in enumerate(demand)),
        tuple(Expert(i, int(c), int(k)) for i, (c, k) in enumerate(zip(load, least, strict=True))),
        sim,
        np.ascontiguousarray(mask != 0),
        named=False,
        digest=sha256(content).hexdigest(),
    )


def _arrays(content: bytes, name: str) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            shapes = {key: _shape(archive, key) for key in ARRAYS if f"{key}.npy" in archive.namelist()}
        _check_shapes(shapes, name)
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            return {key: arrays[key] for key in shapes}
    except UNREADABLE as error:
        raise ProblemError(f"{name} cannot be read as an .npz archive of plain arrays.") from error


def _shape(archive: zipfile.ZipFile, key: str) -> tuple[int, ...]:
    """The shape an array's header announces; nothing else is unpacked."""
    with archive.open(f"{key}.npy") as file:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        return tuple(read(file)[0])


def _check_shapes(shapes: Mapping[str, tuple[int, ...]], name: str) -> None:
    for key in ("sim", "mask", "load", "demand"):
        if key not in shapes:
            raise ProblemError(f"{name} lacks the array {key!r}; it must hold sim, mask, load and demand.")
    sim = shapes["sim"]
    if len(sim) != 2:
        raise ProblemError(f"In {name}, 'sim' has {len(sim)} dimensions; it must be papers x reviewers.")
    if math.prod(sim) > MOST_PAIRS:
        raise ProblemError(f"In {name}, 'sim' has {math.prod(sim)} pairs; at most {MOST_PAIRS} can be read.")
    if shapes["mask"] != sim:
        raise ProblemError(f"In {name}, 'mask' has shape {shapes['mask']} but 'sim' has {sim}.")
    for key, length in (("demand", sim[0]), ("load", sim[1]), ("minimum", sim[1])):
        if shapes.get(key, ()) not in ((length,), ()):
            raise ProblemError(f"In {name}, {key!r} has shape {shapes[key]}; 'sim' asks for ({length},).")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _numbers(arrays: Mapping[str, NDArray[Any]], key: str, name: str) -> NDArray[np.float64]:
    array = arrays[key]
    if array.dtype.kind not in "biuf":
        raise ProblemError(f"In {name}, {key!r} holds {array.dtype}, not numbers.")
    values = np.ascontiguousarray(array, dtype=np.float64).reshape(array.shape)
    if not np.isfinite(values).all():
        where = ", ".join(map(str, np.argwhere(~np.isfinite(values))[0]))
        raise ProblemError(f"In {name}, {key!r} holds a value that is not a finite number, at [{where}].")
    return values


def _counts(arrays: Mapping[str, NDArray[Any]], key: str, length: int, name: str) -> NDArray[np.int64]:
    values = np.broadcast_to(_numbers(arrays, key, name), (length,))
    if (values < 0).any() or (values != np.floor(values)).any() or (values > 2**31).any():
        raise ProblemError(f"In {name}, {key!r} must hold whole numbers from 0 to {2**31}.")
    return values.astype(np.int64)


def _parsed(content: bytes, name: str) -> Any:
    def refuse(word: str) -> float:
        raise ProblemError(f"{name} holds {word}, which is not a number JSON knows.")

    try:
        data = json.loads(content, parse_constant=refuse)
        if SURROGATE.search(content):  # half a character: it may be read, but never be written
            json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ProblemError(f"{name} is not JSON: {_first_line(error)}.") from error
    return data


def from_json(data: Any, digest: str = "") -> Problem:
    """A named instance, as `schema.INSTANCE` describes it. Accounts of one person are merged into one expert."""
    fault = next(
        iter(sorted(Draft202012Validator(INSTANCE).iter_errors(data), key=lambda e: list(map(str, e.path)))),
        None,
    )
    if fault is not None:
        where = "/".join(str(step) for step in fault.absolute_path) or "the top"
        raise ProblemError(
            f"The instance is not usable at {where}: {_first_line(Exception(fault.message[:200]))}."
        )
    return trusted(data, digest)


def trusted(data: Mapping[str, Any], digest: str = "") -> Problem:
    """As `from_json`, for an instance this product wrote itself: its form is not looked at again."""
    applications = tuple(_application(one) for one in data["applications"])
    experts = tuple(_expert(one) for one in data["experts"])
    exclusions = tuple(dict.fromkeys(_exclusion(one) for one in data.get("conflicts", ())))
    policy = _policy(data.get("policy", {}))
    try:
        scores, parts = _scores(data, applications, experts)
    except OverflowError as error:
        raise ProblemError("The scores hold a number too large to compute with.") from error
    problem = Problem(
        applications, experts, scores, None, exclusions, policy, parts, named=True, digest=digest
    )
    return with_barred(merge_accounts(problem))


def with_barred(problem: Problem) -> Problem:
    """The problem with its hard conflicts (and in letter mode its abstentions) marked in the conflict table."""
    barred = np.zeros(problem.shape, dtype=bool)
    for pair in problem.hits(problem.barring):
        barred[pair] = True
    return replace(problem, barred=barred)


def _id(one: str | float) -> Id:
    """An id as written; JSON Schema counts 1.0 as a whole number."""
    return one if isinstance(one, str) else int(one)


def _application(one: Mapping[str, Any]) -> Application:
    return Application(
        _id(one["id"]),
        int(one["seats"]),
        tuple(one.get("units", ())),
        tuple(one.get("people", ())),
        tuple(one.get("domains", ())),
        one.get("group", ""),
        one.get("title", ""),
        one.get("abstract", ""),
        tuple(one.get("keywords", ())),
    )


def _expert(one: Mapping[str, Any]) -> Expert:
    return Expert(
        _id(one["id"]),
        int(one["cap"]),
        int(one.get("minimum", 0)),
        one.get("person", ""),
        tuple(one.get("units", ())),
        tuple(one.get("past_units", ())),
        tuple(one.get("domains", ())),
        tuple(one.get("roles", ())),
        one.get("outside", False),
        one.get("profile", ""),
        tuple(one.get("keywords", ())),
    )


def _exclusion(one: Mapping[str, Any]) -> Exclusion:
    return Exclusion(
        _id(one["application"]),
        _id(one["expert"]),
        one["rule"],
        one["evidence"],
        Force(one.get("force", "hard")),
        float(one.get("penalty", 0.0)),
    )


def _policy(one: Mapping[str, Any]) -> Policy:
    share, chance = one.get("outside_share", 0), one.get("pair_probability")
    low, high = one.get("panel_sizes", (1, 40))
    return Policy(
        Mode(one.get("mode", "letter")),
        one.get("unit_cap"),
        _fraction("outside_share", share),
        _fraction("establishment_share", one.get("establishment_share", 1)),
        tuple(Composition(c["role"], c.get("least", 0), c.get("most")) for c in one.get("composition", ())),
        one.get("coverage", 0),
        one.get("coverage_digits", 3),
        (low, high),
        None if chance is None else _fraction("pair_probability", chance),
        dict(one.get("versions", {})),
    )


def _fraction(name: str, value: str | float) -> Fraction:
    try:
        share = Fraction(str(value)) if SHARE.fullmatch(str(value)) else None
    except ZeroDivisionError:
        share = None
    if share is None or share.denominator > FINEST:
        raise ProblemError(f"The policy's {name} is {value!r}; write a share such as 1/3 or 0.5.")
    return share


def _scores(
    data: Mapping[str, Any],
    applications: tuple[Application, ...],
    experts: tuple[Expert, ...],
) -> tuple[NDArray[np.float64] | csr_array, dict[str, NDArray[np.float64]]]:
    given = data.get("scores", {})
    if "dense" in given:
        lengths = {len(line) for line in given["dense"]}
        if len(given["dense"]) != len(applications) or lengths - {len(experts)}:
            raise ProblemError(
                f"The dense scores must be {len(applications)} rows of {len(experts)} numbers."
            )
        return np.array(given["dense"], dtype=np.float64).reshape(len(applications), len(experts)), {}
    if "pairs" in given:
        return _listed(given, applications, experts), {}
    return _fitted(given, applications, experts)


def _fitted(
    given: Mapping[str, Any], applications: tuple[Application, ...], experts: tuple[Expert, ...]
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    weights = dict(given.get("weights", {}))
    if "prefixes" in weights:
        weights["prefixes"] = tuple((int(digits), worth) for digits, worth in weights["prefixes"].items())
    bids = {(_id(a), _id(e)): float(wish) for a, e, wish in given["bids"]} if "bids" in given else None
    if bids is not None and len(bids) < len(given["bids"]):
        raise ProblemError("A pair has two bids.")
    return fit_scores(applications, experts, replace(UNWEIGHTED_INSTANCE, **weights), bids)


def fitted_scores(data: Mapping[str, Any]) -> NDArray[np.float64]:
    """The scores of an instance that lists none: the fit of its domains, texts, keywords and bids."""
    applications, experts = map(_application, data["applications"]), map(_expert, data["experts"])
    return _fitted(data.get("scores", {}), tuple(applications), tuple(experts))[0]


def _listed(
    given: Mapping[str, Any], applications: tuple[Application, ...], experts: tuple[Expert, ...]
) -> NDArray[np.float64] | csr_array:
    row = {a.id: i for i, a in enumerate(applications)}
    column = {e.id: i for i, e in enumerate(experts)}
    for a, e, score in given["pairs"]:
        if a not in row or e not in column or not math.isfinite(score):
            raise ProblemError(f"The score of ({a}, {e}) names an unknown pair or is not a finite number.")
    p = np.array([row[a] for a, _, _ in given["pairs"]], dtype=np.int64)
    r = np.array([column[e] for _, e, _ in given["pairs"]], dtype=np.int64)
    value = np.array([s for _, _, s in given["pairs"]], dtype=np.float64)
    if len(set(zip(p.tolist(), r.tolist(), strict=True))) < len(p):
        raise ProblemError("A pair is scored twice.")
    shape = len(applications), len(experts)
    if given.get("unlisted", 0.0) is None:
        return csr_array((value, (p, r)), shape=shape)
    dense = np.full(shape, float(given.get("unlisted", 0.0)))
    dense[p, r] = value
    return dense


def result_json(result: Result) -> dict[str, Any]:
    """A result as the JSON object that is printed and written."""
    written: dict[str, Any] = {
        "status": str(result.status),
        "total": result.total,
        "worst": result.worst,
        "total_bound": result.total_bound,
        "worst_bound": result.worst_bound,
        "pairs": [list(pair) for pair in result.pairs],
        "shortages": [
            {
                "kind": s.kind,
                "subject": s.subject,
                "wanted": s.wanted,
                "reached": s.reached,
                "missing": s.wanted - s.reached,
                "rule": s.rule,
                "eligible": s.eligible,
                "sentence": s.sentence,
            }
            for s in result.shortages
        ],
        "relaxations": [
            {
                "sentence": r.sentence,
                "verified": True,
                "changes": [
                    {"kind": c.kind, "subject": c.subject, "from": c.before, "to": c.after} for c in r.changes
                ],
            }
            for r in result.relaxations
        ],
        "seconds": result.seconds,
        "certificate": dict(result.certificate),
    }
    if result.lottery is not None:
        written["lottery"] = dict(result.lottery)
    if result.panels:
        written["panels"] = [dict(panel) for panel in result.panels]
    return written


def read_result(path: Path) -> dict[str, Any]:
    """Read a result, or any JSON object with `pairs`."""
    try:
        data = _parsed(path.read_bytes(), path.name)
    except OSError as error:
        raise ProblemError(f"{path} cannot be read: {error.strerror}.") from error
    pairs = data.get("pairs") if isinstance(data, dict) else None
    if not isinstance(pairs, list) or not all(isinstance(one, list) and len(one) == 2 for one in pairs):
        raise ProblemError(f"{path.name} is not a result: it needs 'pairs', a list of [paper, reviewer].")
    _check_certificate(data.get("certificate"), path.name)
    return dict(data)


def _check_certificate(said: Any, name: str) -> None:
    """What repair and explain take over from a certificate: objective, levels, seed."""
    if said is None:
        return
    known = isinstance(said, dict) and said.get("objective", "fair") in list(Objective)
    whole = known and all(
        type(said.get(key, 0)) is int and said.get(key, 0) >= 0 for key in ("levels", "seed")
    )
    if not whole:
        raise ProblemError(f"{name} has a certificate that names no objective, levels and seed of a solve.")


def positions(problem: Problem, pairs: list[list[Any]]) -> tuple[Position, ...]:
    """Pairs of ids as positions; an unknown id is refused."""
    row = {a.id: i for i, a in enumerate(problem.applications)}
    column = {e.id: i for i, e in enumerate(problem.experts)}
    found = []
    for p, r in pairs:
        if not _known(p, row) or not _known(r, column):
            raise ProblemError(f"The pair [{p}, {r}] is not in the instance.")
        found.append((row[p], column[r]))
    if len(set(found)) < len(found):
        raise ProblemError("A pair stands twice in the result.")
    return tuple(sorted(found))


def _known(one: Any, ids: Mapping[Any, int]) -> bool:
    return isinstance(one, int | str) and not isinstance(one, bool) and one in ids
