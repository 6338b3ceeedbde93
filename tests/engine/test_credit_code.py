"""Unified social credit codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.credit_code import ALPHABET, check_character, credit_code_is_valid

BODIES = st.text(ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "11450202DEM000014J"])
def test_a_right_code_is_valid(code: str) -> None:
    """The example of the standard, and one of the demo world's."""
    assert credit_code_is_valid(code)


@pytest.mark.parametrize(
    "code", ["", "91350100M000100Y4", "91350100M000100Y44", "91350100m000100y43", "I" * 18]
)
def test_a_wrong_code_is_not(code: str) -> None:
    """Too short, wrong check character, small letters, a letter the alphabet leaves out."""
    assert not credit_code_is_valid(code)


@given(BODIES, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_mistyped_character_is_always_noticed(body: str, place: int, char: str) -> None:
    """31 is prime and no weight is a multiple of it."""
    code = body + check_character(body)
    mistyped = code[:place] + char + code[place + 1 :]
    assert credit_code_is_valid(mistyped) == (mistyped == code)
