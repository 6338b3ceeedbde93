// The names an expression of this diagram may use: the outcome of each step, and what the bureau knows (policy).
import { is } from "bpmn-js/lib/util/ModelUtil";
import { property } from "./extensions.js";

const LEAVING = ["bpmn:UserTask", "bpmn:ManualTask", "bpmn:ReceiveTask", "bpmn:ServiceTask", "bpmn:SubProcess", "bpmn:CallActivity"];

export default {
  keguanVariables: ["type", Variables],
};

function Variables(config, elementRegistry) {
  // Each with its title and, for an outcome, the words it can be.
  this.known = () => [...outcomes(elementRegistry, config?.called || {}), ...(config?.names || [])];
}
Variables.$inject = ["config.keguanVariables", "elementRegistry"];

function outcomes(elementRegistry, called) {
  const steps = elementRegistry.filter((element) => element.type !== "label" && LEAVING.some((type) => is(element, type)));
  return steps.map(({ businessObject: object }) => ({
    name: `${object.id}_outcome`,
    title: object.name || object.id,
    values: words(property(object, "outcomes")) || called[object.calledElement] || inner(object),
  }));
}

function words(text) {
  return text ? text.split(",").map((word) => word.trim()) : null;
}

function inner(object) {
  const ends = (object.flowElements || []).filter((one) => is(one, "bpmn:EndEvent"));
  return ends.map((end) => property(end, "outcome")).filter(Boolean);
}
