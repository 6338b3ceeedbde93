"""The unified social credit code (统一社会信用代码) and its check character, GB 32100-2015."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Its 31 characters: no I, O, S, V, Z."""
_WEIGHTS = [3**position % 31 for position in range(17)]


def check_character(body: str) -> str:
    """The 18th character for the first 17."""
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def credit_code_is_valid(code: str) -> bool:
    """Is this 18 characters of the alphabet, ending in the right check character?"""
    return len(code) == 18 and set(code) <= set(ALPHABET) and check_character(code[:17]) == code[17]
