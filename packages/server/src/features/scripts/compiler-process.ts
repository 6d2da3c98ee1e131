/** A process that compiles one script: a `CompileRequest` comes in as JSON, what `compileHere` gives goes out. */
import { text } from "node:stream/consumers";

import { compileHere, type CompileRequest } from "./compile-here.ts";

const request = JSON.parse(await text(process.stdin)) as CompileRequest;
process.stdout.write(JSON.stringify(compileHere(request)));
