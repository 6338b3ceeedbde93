// Reads diagrams as the editor does and writes them as it saves: file names in, files of the same name out.
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BpmnModdle } from "bpmn-moddle";

const [folder, descriptor, ...files] = process.argv.slice(2);
const spiffworkflow = JSON.parse(await readFile(descriptor, "utf8"));
for (const file of files) {
  const { rootElement, warnings } = await new BpmnModdle({ spiffworkflow }).fromXML(await readFile(file, "utf8"));
  if (warnings.length) throw new Error(`${file}: ${warnings[0].message}`);
  const { xml } = await new BpmnModdle({ spiffworkflow }).toXML(rootElement, { format: true });
  await writeFile(join(folder, basename(file)), xml);
}
