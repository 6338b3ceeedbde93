"""The draw: probabilities as asked, fair frequencies, replay byte for byte."""

import json

import numpy as np
import pytest
from scipy.stats import chisquare

from optimizer.draw import commitment, list_hash, replay, seed_of, ticket, with_lottery
from optimizer.errors import ProblemError
from optimizer.lottery import lottery
from optimizer.problem import Problem
from optimizer.solve import solve
from tests.optimizer.worlds import matrix_problem


def six_papers_eight_experts() -> Problem:
    """Scores with room for choice."""
    return matrix_problem(np.random.default_rng(1).random((6, 8)).tolist(), load=[3] * 8, demand=[2] * 6)


def test_no_pair_is_likelier_than_asked() -> None:
    """Half at most, and every assignment is complete."""
    made = lottery(six_papers_eight_experts(), solve(six_papers_eight_experts()), 0.5)
    assert made.largest <= 0.5
    assert {len(pairs) for pairs in made.assignments} == {12}


def test_it_says_when_the_probability_cannot_be_had() -> None:
    """Two eligible experts for one seat cannot both be below one half."""
    problem = matrix_problem([[0.9, 0.8]])
    result = with_lottery(problem, solve(problem), 0.3)
    assert result.lottery is not None
    assert (result.lottery["had"], "cannot be had" in result.lottery["sentence"]) == (False, True)


def test_replay_draws_the_same_from_the_stored_list() -> None:
    """Written, read and replayed, the draw is the same; a changed list or secret is refused."""
    problem = six_papers_eight_experts()
    drawn = with_lottery(problem, solve(problem), 0.5, seed=7)
    stored = json.loads(json.dumps(drawn.lottery))
    k = replay(stored, "7", "0")
    assert [tuple(pair) for pair in stored["assignments"][k]["pairs"]] == list(drawn.pairs)
    with pytest.raises(ProblemError, match="secret"):
        replay(stored, "8", "0")
    stored["assignments"][0]["tickets"] += 1
    with pytest.raises(ProblemError, match="list"):
        replay(stored, "7", "0")


def test_tickets_come_up_as_often_as_they_should() -> None:
    """4,000 draws with fixed secrets over 7 tickets: chi-square sees nothing odd."""
    drawn = [ticket(seed_of("secret", str(witness), 1, "list"), 7) for witness in range(4000)]
    assert chisquare(np.bincount(drawn, minlength=7)).pvalue > 0.01


def test_list_and_secret_are_committed_by_hash() -> None:
    """The same content gives the same hash, other content another."""
    assert list_hash([{"pairs": [[0, 1]], "tickets": 1}]) == list_hash([{"tickets": 1, "pairs": [[0, 1]]}])
    assert commitment("a") != commitment("b")
