"""The semantic difference: what changed by its id, in words, and what only moved on the page."""

from engine.bpmn.difference import Change, PropertyChange, colours, difference
from seed.procedures import shipped_sources
from tests.engine.change.edits import insert_step

FILE = "filing.bpmn"


def changed(old: str, new: str) -> tuple[Change, ...]:
    """The difference between the shipped diagram and one with a text replaced."""
    source = shipped_sources()[FILE].decode()
    assert old in source
    return difference({FILE: source.encode()}, {FILE: source.replace(old, new, 1).encode()})


def test_nothing_changed() -> None:
    """The same text, and the same diagram written differently."""
    assert changed("<bpmn:process ", "<!-- a comment --><bpmn:process ") == ()


def test_a_property_is_told_old_and_new() -> None:
    """By the property's Chinese name."""
    (change,) = changed('value="limit_intake"', 'value="limit_intake + 2"')
    assert change.properties == (PropertyChange("limit", "limit_intake", "limit_intake + 2"),)
    assert change.sentence == "修改人工步骤“受理审核”：办理期限由“limit_intake”改为“limit_intake + 2”"


def test_an_element_moved_on_the_page_only() -> None:
    """Layout is told apart from meaning."""
    source = shipped_sources()[FILE].decode()
    start = source.index('bpmnElement="intake"')
    x = source[source.index('x="', start) : source.index('" y=', start)]
    shape = source[start : start + 200]
    (change,) = changed(shape, shape.replace(x, x + "9"))
    assert (change.kind, change.what, change.id) == ("moved", "element", "intake")


def test_a_step_put_into_a_flow() -> None:
    """The step and the flow to it are new, the flow it was put into begins elsewhere."""
    source = shipped_sources()[FILE].decode()
    found = difference(
        {FILE: source.encode()},
        {FILE: insert_step(source, "flow_recommend_recommend_result", lane="受理员").encode()},
    )
    assert [(one.kind, one.what, one.id) for one in found] == [
        ("added", "element", "extra_check"),
        ("changed", "flow", "flow_recommend_recommend_result"),
        ("added", "flow", "to_extra_check"),
    ]
    assert colours(found, "filing") == {
        "added": ["extra_check", "to_extra_check"],
        "removed": [],
        "changed": ["flow_recommend_recommend_result"],
        "moved": [],
    }


def test_a_lane_renamed_changes_its_steps_too() -> None:
    """Other people decide."""
    found = changed('id="lane_intake" name="受理员"', 'id="lane_intake" name="业务科室"')
    assert {one.id for one in found if one.what == "lane"} == {"lane_intake"}
    assert (
        PropertyChange("lane", "受理员", "业务科室")
        in next(one for one in found if one.id == "intake").properties
    )


def test_a_file_more_or_less_is_a_process_more_or_less() -> None:
    """Over a closure, a part that is no longer called."""
    sources = shipped_sources()
    fewer = {name: text for name, text in sources.items() if name != "clawback.bpmn"}
    assert [(one.kind, one.id) for one in difference(sources, fewer)] == [("removed", "clawback")]
    assert [(one.kind, one.title) for one in difference(fewer, sources)] == [("added", "流程“追缴”")]


def test_a_rule_of_a_decision_table() -> None:
    """Cell by cell, under the table's own heads."""
    table = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
    <decision id="size" name="规模"><decisionTable id="t" hitPolicy="UNIQUE">
    <input id="i"><inputExpression id="e"><text>amount</text></inputExpression></input><output id="o" name="size"/>
    <rule id="r1"><inputEntry id="a"><text>&lt; 10</text></inputEntry><outputEntry id="b"><text>"small"</text>
    </outputEntry></rule></decisionTable></decision></definitions>"""
    (change,) = difference(
        {"size.dmn": table.encode()}, {"size.dmn": table.replace("&lt; 10", "&lt; 20").encode()}
    )
    assert (change.kind, change.what, change.id) == ("changed", "rule", "r1")
    assert change.properties == (PropertyChange("amount", "< 10", "< 20"),)
