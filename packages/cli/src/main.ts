/** Process of `pic`: arguments in, exit code out. */
import process from "node:process";
import { processIo } from "./process-io.ts";
import { runPic } from "./program.ts";

process.exitCode = await runPic(processIo(), process.argv.slice(2));
