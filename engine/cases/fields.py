"""Field types shared by the forms: money as people write it (元, two decimals), and its way to fen."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

Yuan = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2, allow_inf_nan=False)]
"""An amount in yuan with at most two decimals, never negative."""
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3, allow_inf_nan=False)]
"""A share of the whole in percent."""
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=4000)]


def en(label: str, **more: Any) -> dict[str, Any]:
    """The English label of a field, beside its Chinese `title`."""
    return {"en": label, **more}


def to_fen(yuan: Decimal) -> int:
    """Yuan as integer fen; exact, since a `Yuan` has at most two decimals."""
    return int(yuan * 100)


def yuan_text(fen: int) -> str:
    """Fen as yuan with two decimals, for a sentence."""
    return f"{Decimal(fen).scaleb(-2):.2f}"
