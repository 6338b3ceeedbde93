"""Instances that lie are refused in a sentence, before they cost memory or time."""

import json
import zipfile
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from optimizer.errors import ProblemError
from optimizer.grid import effective_scores
from optimizer.instance import from_json, from_npz, result_json
from optimizer.problem import Application, Problem
from optimizer.solve import solve


def named(**changes: Any) -> dict[str, Any]:
    """One application for one expert, in the .json form."""
    return {
        "applications": [{"id": "a", "seats": 1}],
        "experts": [{"id": "e", "cap": 1}],
        "scores": {"dense": [[0.5]]},
    } | changes


def archive(**arrays: Any) -> bytes:
    """An .npz of one paper and two reviewers, some arrays changed."""
    told = {"sim": [[0.5, 0.4]], "mask": [[0, 0]], "load": [1, 1], "demand": [1]} | arrays
    file = BytesIO()
    np.savez(file, **{key: np.asarray(value) for key, value in told.items()})
    return file.getvalue()


def test_an_archive_that_announces_too_much_is_not_unpacked() -> None:
    """A header of 10^12 pairs over a few bytes: refused by its shape."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for key, shape in (
            ("sim", (10**6, 10**6)),
            ("mask", (10**6, 10**6)),
            ("load", (1,)),
            ("demand", (1,)),
        ):
            with made.open(f"{key}.npy", "w") as array:
                np.lib.format.write_array_header_1_0(
                    array, {"descr": "<f8", "fortran_order": False, "shape": shape}
                )
    with pytest.raises(ProblemError, match="at most 1000000000 can be read"):
        from_npz(file.getvalue())


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"sim": [[0.5, float("inf")]]}, r"not a finite number, at \[0, 1\]"),
        ({"sim": [0.5, 0.4]}, "has 1 dimensions"),
        ({"mask": [[0, 2]]}, "only 0 and 1"),
        ({"sim": [["a", "b"]]}, "not numbers"),
        ({"sim": [[1e13, 0]]}, "rescale the scores"),
        ({"demand": [20_000]}, "at most 10000 can be"),
    ],
)
def test_an_archive_of_what_cannot_be_is_refused(arrays: dict[str, Any], sentence: str) -> None:
    """What is wrong, and where."""
    with pytest.raises(ProblemError, match=sentence):
        from_npz(archive(**arrays))


@pytest.mark.parametrize(
    "arrays",
    [
        {"sim": np.array([[0.5, 0.25]], dtype=np.float32)},
        {"sim": np.array([[1, 0]]), "mask": np.array([[False, True]])},
        {"demand": np.array(1), "load": np.array(1.0)},
    ],
)
def test_any_kind_of_number_will_do(arrays: dict[str, Any]) -> None:
    """Small floats, whole numbers, marks that are true or false, one count for all."""
    assert solve(from_npz(archive(**arrays))).positions == ((0, 0),)


@pytest.mark.parametrize("share", ["1e9999999", "1e-9999999", "1/0", "0.12345678901", "a third"])
def test_a_share_that_never_ends_is_refused(share: str) -> None:
    """Neither computed for ever nor rounded in silence."""
    with pytest.raises(ProblemError, match="write a share such as"):
        from_json(named(policy={"outside_share": share}))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scores": {"dense": [[10**400]]}}, "too large to compute with"),
        ({"scores": {"dense": [[0.5, 0.5]]}}, "must be 1 rows of 1 numbers"),
        ({"scores": {"pairs": [["a", "e", 1], ["a", "e", 1]]}}, "scored twice"),
        ({"experts": [{"id": "e", "cap": 1}] * 2, "scores": {"pairs": []}}, "two experts with the id 'e'"),
        ({"scores": {}}, "scores"),
        ({"scores": {"bids": [["a", "e", 1], ["a", "e", 0]]}}, "two bids"),
        ({"scores": {"bids": [["a", "nobody", 1]]}}, "unknown pair"),
        ({"scores": {"bids": [["a", "e", 2]]}}, "scores"),
        ({"scores": {"weights": {"bid": 1}}}, "scores"),
        ({"applications": [{"id": "a", "seats": 10**6}]}, "at most 10000 can be"),
        ({"applications": [{"id": "a"}]}, "'seats' is a required property"),
    ],
)
def test_a_named_instance_of_what_cannot_be_is_refused(changes: dict[str, Any], sentence: str) -> None:
    """What is wrong, and where."""
    with pytest.raises(ProblemError, match=sentence):
        from_json(named(**changes))


def test_an_instance_says_how_its_fit_is_computed() -> None:
    """Weights, what a prefix is worth, and bids as a part of their own; a part not named keeps its usual weight."""
    told = named(
        applications=[{"id": "a", "seats": 1, "domains": ["4601520"]}],
        experts=[{"id": one, "cap": 1, "domains": ["46015"]} for one in ("e", "f")],
        scores={"weights": {"domain": 1, "bids": 3, "prefixes": {"5": 0.6}}, "bids": [["a", "f", 1]]},
    )
    problem = from_json(told)
    assert problem.scores.tolist() == [[0.15, 0.9]]
    assert {name: table.tolist() for name, table in problem.parts.items()} == {
        "domain": [[0.6, 0.6]],
        "bids": [[0.0, 1.0]],
    }


def test_a_conflict_written_twice_counts_once() -> None:
    """Of two accounts of one person, or twice in the file: one penalty."""
    hit = {"application": "a", "rule": "rule 16", "evidence": "x", "force": "soft", "penalty": 0.25}
    told = named(
        experts=[{"id": one, "cap": 1, "person": "p"} for one in ("e", "f")],
        scores={"dense": [[0.5, 0.5]]},
        conflicts=[hit | {"expert": "e"}, hit | {"expert": "e"}, hit | {"expert": "f"}],
    )
    assert effective_scores(from_json(told), ((0, 0),)).tolist() == [0.25]


def test_a_whole_number_with_a_point_is_the_same_id() -> None:
    """JSON knows one kind of number: 1.0 is 1."""
    told = json.loads('{"applications": [{"id": 1.0, "seats": 1.0}], "experts": [{"id": 2, "cap": 1}]}')
    assert result_json(solve(from_json(told)))["pairs"] == [[1, 2]]


def test_the_form_is_checked_once_built() -> None:
    """A problem cannot exist with a table of another shape."""
    with pytest.raises(ProblemError, match="is 1 x 2, but there are 1 applications and 0 experts"):
        Problem((Application(0, 1),), (), np.zeros((1, 2)))
