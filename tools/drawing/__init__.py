"""Lays a BPMN diagram out: reads what it says, places nodes in lanes, routes the flows, sets the labels."""
