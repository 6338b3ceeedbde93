"""The verifier (独立校验): checks any assignment, hand-made too, and shares no code with the solver.

It reads the instance by itself, recounts everything, and adds a result's prices up to its bound.
"""

from optimizer.verify.checks import verify, verify_data
from optimizer.verify.reading import Unreadable

__all__ = ["Unreadable", "verify", "verify_data"]
