/** A process that compiles one script: `{ source, name }` comes in as JSON, what `compileTypescript` gives goes out. */
import { text } from "node:stream/consumers";

import { compileTypescript } from "./compile-typescript.ts";

const { source, name } = JSON.parse(await text(process.stdin)) as {
  readonly source: string;
  readonly name: string;
};
process.stdout.write(JSON.stringify(compileTypescript(source, name)));
