"""The guide's directions (申报方向): what is offered, who may apply, and what must be delivered.

`spec` is the direction as a value, `conditions` and `indicators` its parts; `models` and `directions` keep
it in the database; `facts` and `eligibility` make the formal check (形式审查) of an application against it.
"""
