"""Exact numbers of the catalogue: decimals inside, ordinary JSON numbers outside."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer


def plain_number(value: Decimal) -> int | float:
    """A decimal as the JSON number with the same digits; nothing is computed with the float."""
    return int(value) if value == value.to_integral_value() else float(value)


Number = Annotated[Decimal, PlainSerializer(plain_number, when_used="json")]
