"""The process engine (流程引擎): SpiffWorkflow behind one door. Pure: no database, no clock.

`parse` turns a closure of diagrams into a `Definition` that any number of threads may share. `start` and
`restore` give an `Instance`, which says where it waits (`tokens`), is moved on by exactly one event at a time
(`complete`, `deliver`, `fire`) and is small enough to be kept after every move (`save`). What SpiffWorkflow
gets wrong on its own, and how each point is met here, is told where it is met.
"""

from engine.bpmn.spiff.instance import Instance, restore, start
from engine.bpmn.spiff.migration import migrate, standing
from engine.bpmn.spiff.reading import Definition, parse
from engine.bpmn.spiff.values import Host, Passed, Token

__all__ = [
    "Definition",
    "Host",
    "Instance",
    "Passed",
    "Token",
    "migrate",
    "parse",
    "restore",
    "standing",
    "start",
]
