"""Stories of records begin in a furnished bureau."""

import pytest


@pytest.fixture
def template() -> str:
    """A bureau ready to take applications."""
    return "bureau"
