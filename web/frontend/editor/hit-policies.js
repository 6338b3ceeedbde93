// The hit policies the list offers, in the place of all that DMN knows.
const entry = (hitPolicy, explanation, aggregation) => ({
  label: aggregation ? `${hitPolicy} (${aggregation})` : hitPolicy,
  value: { hitPolicy, aggregation },
  explanation,
});

export const HIT_POLICIES = [
  entry("UNIQUE", "No overlap is possible and all rules are disjoint. Only a single rule can be matched"),
  entry("COLLECT", "Collects the values of all matching rules"),
];

// A file of another modeler may have one that is not supported: it must be shown to be changed.
export function show(hitPolicy, aggregation) {
  const known = HIT_POLICIES.some(({ value }) => value.hitPolicy === hitPolicy && value.aggregation === aggregation);
  if (!known) HIT_POLICIES.push(entry(hitPolicy, "Not supported here", aggregation));
}
