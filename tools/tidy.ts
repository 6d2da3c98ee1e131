/** Checks what no other tool does: names, lengths, places of SQL, parts of a feature, migrations, changelog, manifests. */
import { join } from "node:path";
import { listFiles, readFiles } from "./source-files.ts";
import { rules } from "./tidy-rules.ts";

const TEXT = /\.(tsx?|m?js|sql|md|json|lock|rhai)$|^LICENSE$/;

export function checkTidy(root: string): { readonly files: number; readonly offences: readonly string[] } {
  const paths = listFiles(root);
  const files = readFiles(
    root,
    paths.filter((path) => TEXT.test(path) && !path.startsWith("bench/results/")),
  );
  return { files: files.length, offences: Object.values(rules).flatMap((rule) => rule(files)) };
}

if (import.meta.main) {
  const { files, offences } = checkTidy(join(import.meta.dirname, ".."));
  for (const offence of offences) console.error(offence);
  console.log(`tidy: ${files} files, ${offences.length} offences`);
  process.exitCode = offences.length > 0 || files === 0 ? 1 : 0;
}
