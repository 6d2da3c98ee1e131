/** `pic pubsub publish` and `pic pubsub tail`: messages as one writes them in a shell, and those that arrive. */
import type { Command } from "commander";
import type { PicloudClient } from "@picloud/client";
import type { Cli } from "../cli.ts";
import { say } from "../io.ts";
import { cellText, jsonLine, printRow, tsvLine } from "../output.ts";
import { jsonOrString, plainString, readValueArgument, strictJson } from "../value-argument.ts";

interface PublishFlags {
  readonly ephemeral?: true;
  readonly string?: true;
  readonly json?: true;
}

export function definePubsubPublish(command: Command, cli: Cli): void {
  command
    .argument("<topic>", "a.b.c")
    .argument("<message>", "JSON or text; @file and - (stdin) are read, @@x is the text @x")
    .option("--ephemeral", "only to those who follow the topic now; nothing is stored")
    .option("--string", "send text as a string even if it is JSON")
    .option("--json", "refuse what is not JSON")
    .addHelpText(
      "after",
      `
Says how many triggers the message was delivered to.
What is JSON is sent as that value (42 is a number, "42" a string); other text as a string.
Text that begins with {, [ or " and is not JSON is refused: use --string if it is meant so.`,
    )
    .action(async (topic: string, argument: string, flags: PublishFlags) => {
      const app = cli.app();
      cli.failsWith({ listCommand: "pic apps ls" });
      const read = await readValueArgument(cli.io, argument);
      const parse = flags.string === true ? plainString : flags.json === true ? strictJson : jsonOrString;
      const { pubsub } = (await cli.client()).api;
      const ephemeral = flags.ephemeral === true;
      const result = await pubsub.publish({ app, topic, message: parse(read), ephemeral });
      printRow(cli.io, cli.format(), result, ["topic", "deliveries"]);
    });
}

type Tail = PicloudClient["api"]["pubsub"]["tail"];
type Message = Awaited<ReturnType<Tail>> extends AsyncIterable<infer Item> ? Item : never;

const columns = ["time", "topic", "durable", "message"] as const;

export function definePubsubTail(command: Command, cli: Cli): void {
  command
    .argument("[topic]", "a topic, prefix.* or *; all without it")
    .addHelpText(
      "after",
      "\nWhat is published from now on; Ctrl+C ends it. With --output json one object a line.",
    )
    .action(async (topic: string | undefined) => await tail(cli, topic));
}

async function tail(cli: Cli, topic: string | undefined): Promise<void> {
  const { resumed } = await import("@picloud/client");
  const { io } = cli;
  const app = cli.app();
  cli.failsWith({ listCommand: "pic apps ls" });
  const { pubsub } = (await cli.client()).api;
  const query = { app, ...(topic === undefined ? {} : { topic }) };
  const open = async (lastEventId: string | undefined): Promise<AsyncIterable<Message>> =>
    await pubsub.tail(query, { signal: io.signal, ...(lastEventId === undefined ? {} : { lastEventId }) });
  // A server that can't be reached at the first try is an error; later it is waited for.
  let first: AsyncIterable<Message> | undefined = await open(undefined);
  const reopen = async (lastEventId: string | undefined): Promise<AsyncIterable<Message>> => {
    const opened = first ?? (await open(lastEventId));
    first = undefined;
    return opened;
  };
  const messages = resumed(reopen, {
    signal: io.signal,
    onBreak: (error, pauseMs) => {
      const why = error instanceof Error ? error.message : "the server ended the stream";
      say(io, `connection lost (${why}); next try in ${pauseMs} ms`);
    },
  });
  let isFirst = true;
  for await (const message of messages) {
    if (cli.format() === "json") io.out.write(`${jsonLine(message)}\n`);
    else io.out.write((isFirst ? tsvLine(columns) : "") + rowOf(message));
    isFirst = false;
  }
}

function rowOf({ published_at, topic, durable, message }: Message): string {
  return `${[published_at, topic, durable, message].map(cellText).join("\t")}\n`;
}
