// Analyses folders with js-x-ray, which parses and runs nothing: the folders
// are a JSON list on the standard input.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AstAnalyser } from "@nodesecure/js-x-ray";

const results = [];
for (const folder of JSON.parse(readFileSync(0, "utf8"))) {
  const begin = performance.now();
  const kinds = new Set();
  for (const name of readdirSync(folder, { recursive: true }).sort()) {
    if (!/\.[cm]?[jt]s$/.test(name)) continue;
    try {
      const { warnings } = await new AstAnalyser().analyseFile(join(folder, name));
      // A file that it cannot parse is no finding about the code.
      for (const { kind } of warnings ?? []) if (kind !== "parsing-error") kinds.add(kind);
    } catch {}
  }
  results.push({ kinds: [...kinds].sort(), risk: kinds.size > 0, seconds: (performance.now() - begin) / 1000 });
}
process.stdout.write(JSON.stringify({ results }));
