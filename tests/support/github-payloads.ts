/** Every payload of `@octokit/webhooks-examples`, signed as GitHub signs. */
import { createHmac, randomUUID } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface Delivery {
  /** `x-github-event`. */
  readonly kind: string;
  /** Unique: `x-github-delivery`. */
  readonly id: string;
  readonly body: string;
  /** `owner/name`, or `none` for events that name no repository. */
  readonly repository: string;
}

interface EventExamples {
  readonly name: string;
  readonly examples: readonly { readonly repository?: { readonly full_name?: string } }[];
}

/** Those of github.com and of each release of the Enterprise server that the package has. */
export function githubDeliveries(): Delivery[] {
  const manifest = createRequire(import.meta.url).resolve("@octokit/webhooks-examples/package.json");
  const files = globSync("*/index.json", { cwd: dirname(manifest) }).toSorted();
  return files.flatMap((file) => {
    const events = JSON.parse(readFileSync(join(dirname(manifest), file), "utf8")) as EventExamples[];
    return events.flatMap(({ name, examples }) =>
      examples.map((example) => ({
        kind: name,
        id: randomUUID(),
        body: JSON.stringify(example),
        repository: example.repository?.full_name ?? "none",
      })),
    );
  });
}

export function githubSignature(secret: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}
