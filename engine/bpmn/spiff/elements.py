"""Our own kinds of event, task and script engine, in the places SpiffWorkflow offers for them."""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any, NoReturn

from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.spiff.specs.defaults import ServiceTask

from engine.bpmn import decisions, expressions
from engine.bpmn.model import Decision
from engine.bpmn.spiff import scope
from engine.bpmn.spiff.values import Host
from engine.errors import Refused


class Awaited(EventDefinition):  # type: ignore[misc] # SpiffWorkflow carries no types
    """A message or time limit that only the product can make happen, and only to one token.

    SpiffWorkflow's own message completes every instance of a multi-instance task at once and its timer reads
    the machine's clock; this one waits until the instance tells its task that it has come.
    """

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name=name, description=description)

    def catches(self, my_task: Any, event: Any) -> bool:  # noqa: ARG002
        return event.event_definition is self

    def __eq__(self, other: object) -> bool:
        """Identity: two limits behind one gateway are two events."""
        return self is other

    def __hash__(self) -> int:
        return id(self)


class NamedAction(ServiceTask):  # type: ignore[misc]
    """A service task: asks the host to act and keeps the outcome as `<element>_outcome`."""

    def _execute(self, task: Any) -> bool:
        engine = task.workflow.script_engine
        outcome = engine.host.act(self.operation_name, self.bpmn_id, scope.visible(task))
        scope.assign(task, {f"{self.bpmn_id}_outcome": outcome})
        return True


class DecisionTable:
    """A DMN table in the place of SpiffWorkflow's, whose cells are Python and which never checks UNIQUE."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision

    def result(self, task: Any) -> dict[str, Any]:
        """Decide, write the outputs to the scope; nothing is left for SpiffWorkflow to merge."""
        engine = task.workflow.script_engine
        scope.assign(task, decisions.decide(self.decision, engine.names(task)))
        return {}


class Expressions(PythonScriptEngine):  # type: ignore[misc]
    """The script engine of one instance: it evaluates by the allow-list and cannot execute.

    The environment is SpiffWorkflow's abstract one, which raises whatever it is asked, so that no path around
    `evaluate` (correlations, ad-hoc subprocesses) ends in Python.
    """

    def __init__(self, host: Host, data: dict[str, Any]) -> None:
        super().__init__(environment=BasePythonScriptEngineEnvironment())
        self.host = host
        self.data = data

    def names(self, task: Any) -> Mapping[str, Any]:
        """What an expression at this task may use."""
        return ChainMap(*scope.scopes(task), self.host.names())  # type: ignore[arg-type] # read only

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:  # noqa: ARG002
        return expressions.evaluate(expression, self.names(task))

    def execute(self, task: Any, script: str, external_context: Any = None) -> NoReturn:  # noqa: ARG002
        raise Refused(f"流程图的步骤“{task.task_spec.bpmn_id}”含有脚本，本系统不执行脚本；请改用具名动作。")

    def call_service(self, task: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise Refused(f"流程图的步骤“{task.task_spec.bpmn_id}”调用了外部服务，本系统只执行具名动作。")
