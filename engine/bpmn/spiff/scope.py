"""Where a process keeps its variables: one dictionary for the case, one for each multi-instance instance.

SpiffWorkflow gives every task a copy of the data and merges the copies where branches meet; a branch that
ends later then overwrites what the other one decided with what was true before the split (measured). Here
tasks carry no data at all. A name is looked up in the innermost scope first and written to it, so that
reviewers filling in the same form never see each other's values, and only the collected output leaves a
multi-instance task.
"""

from collections import ChainMap
from typing import Any

from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference

from engine.errors import Refused

MAX_INSTANCES = 200
"""Instances of one multi-instance task: ten times the largest panel; every step walks over all of them."""

SCOPE = "scope"


def scopes(task: Any) -> list[dict[str, Any]]:
    """The dictionaries in sight of a task, the innermost first, the case's own last."""
    found = []
    workflow = task.workflow
    while True:
        if SCOPE in task.internal_data:
            found.append(task.internal_data[SCOPE])
        if workflow.parent_task_id is None:
            return [*found, workflow.script_engine.data]
        workflow, task = (
            workflow.parent_workflow,
            workflow.top_workflow.get_task_from_id(workflow.parent_task_id),
        )


def assign(task: Any, values: dict[str, Any]) -> None:
    """Write variables where this task's variables live."""
    scopes(task)[0].update(values)


def visible(task: Any) -> ChainMap[str, Any]:
    """All variables a task can read."""
    return ChainMap(*scopes(task))


class Collection(TaskDataReference):  # type: ignore[misc] # SpiffWorkflow carries no types
    """The list a multi-instance task runs over."""

    def get(self, my_task: Any) -> Any:
        value = visible(my_task).get(self.bpmn_id)
        if not isinstance(value, list):
            raise Refused(
                f"多实例步骤“{_label(my_task)}”要处理的列表“{self.bpmn_id}”不存在；请先生成该列表。"
            )
        if len(value) > MAX_INSTANCES:
            raise Refused(
                f"多实例步骤“{_label(my_task)}”要处理 {len(value)} 项，超过上限 {MAX_INSTANCES}；请分批处理。"
            )
        return value

    def exists(self, my_task: Any) -> bool:
        return self.bpmn_id in visible(my_task)


class Results(TaskDataReference):  # type: ignore[misc]
    """The list a multi-instance task fills, in the order its instances finish; a new one for every round."""

    def get(self, my_task: Any) -> Any:
        return scopes(my_task)[0][self.bpmn_id]

    def set(self, my_task: Any, value: Any) -> None:
        assign(my_task, {self.bpmn_id: value})

    def exists(self, my_task: Any) -> bool:  # noqa: ARG002
        """Never: SpiffWorkflow would refuse to begin a second round over the filled list of the first."""
        return False


class Item(TaskDataReference):  # type: ignore[misc]
    """The value an instance works on, or the one it hands back; it lives in the instance's own scope."""

    def get(self, my_task: Any) -> Any:
        own = my_task.internal_data[SCOPE]
        if self.bpmn_id not in own:
            raise Refused(f"步骤“{_label(my_task)}”办结时没有给出“{self.bpmn_id}”；请补全后再提交。")
        return own[self.bpmn_id]

    def set(self, my_task: Any, value: Any) -> None:
        my_task.internal_data.setdefault(SCOPE, {})[self.bpmn_id] = value

    def exists(self, my_task: Any) -> bool:
        return SCOPE in my_task.internal_data


def _label(task: Any) -> str:
    return str(task.task_spec.bpmn_name or task.task_spec.bpmn_id)
