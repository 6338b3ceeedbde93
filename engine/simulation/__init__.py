"""A whole year with scripted actors and a simulated clock, through the same door the web uses (全年模拟)."""
