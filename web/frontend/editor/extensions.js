// Our properties as the diagram keeps them: extension elements of a node, each read and replaced as a whole.
const PROPERTIES = "spiffworkflow:Properties";

export function property(object, name) {
  return listed(object).find((one) => one.name === name)?.value || "";
}

// The extension elements with one property set, or without it when `value` is empty; order is kept.
export function withProperty(moddle, object, name, value) {
  const before = listed(object).map((one) => ({ name: one.name, value: one.value }));
  const known = before.some((one) => one.name === name);
  const after = known ? before.map((one) => (one.name === name ? { name, value } : one)) : [...before, { name, value }];
  const properties = after.filter((one) => one.value).map((one) => moddle.create("spiffworkflow:Property", one));
  const made = properties.length ? moddle.create(PROPERTIES, { properties }) : null;
  return replaced(moddle, object, PROPERTIES, made);
}

export function extension(object, type) {
  return (object.extensionElements?.values || []).find((value) => value.$type === type);
}

// The extension elements with the one of this type replaced, added or taken out (`made` null).
export function replaced(moddle, object, type, made) {
  const before = object.extensionElements?.values || [];
  const known = before.some((value) => value.$type === type);
  const after = known ? before.map((value) => (value.$type === type ? made : value)) : [...before, made];
  const values = after.filter(Boolean);
  if (!values.length) return undefined;
  const elements = moddle.create("bpmn:ExtensionElements", { values });
  elements.$parent = object;
  values.forEach((value) => (value.$parent = elements));
  return elements;
}

function listed(object) {
  return extension(object, PROPERTIES)?.properties || [];
}
