/** The one HTTP port of a node: bound before anything else starts, so that a port that is taken changes nothing. */
import { createServer, type RequestListener, type Server } from "node:http";
import { PicloudError } from "@picloud/contract";
import { answerConnectionErrors } from "./connection-errors.ts";
import { sendError } from "./error-answer.ts";
import { newId } from "./ids.ts";
import { normalizeTarget } from "./request-target.ts";
import { StartError } from "./start-error.ts";

export interface HttpServer {
  /** `http://127.0.0.1:8080`, with the port that is really open. */
  readonly url: string;
  /** For what needs more than requests: upgrades. */
  readonly node: Server;
  /** Hands requests to this listener from now on. */
  readonly serve: (listener: RequestListener) => void;
  /** Takes no new connection, ends each open one with its next answer, and all of them after `drainMs`. What still
   *  comes in goes to the listener, which refuses new work. */
  readonly close: (drainMs: number) => Promise<void>;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Binds the port. Throws {@link StartError} if it is taken or not this machine's. */
export async function openHttpServer(listen: ListenAddress, first: RequestListener): Promise<HttpServer> {
  let listener = first;
  // A missing Host is refused below, in the form of every error.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    errors.track(response);
    // Closing: a client that sends one request after another would keep its connection until the time is over.
    if (!server.listening) response.shouldKeepAlive = false;
    const problem = normalizeTarget(request);
    if (problem === undefined) listener(request, response);
    else sendError(response, new PicloudError("malformed_request", problem), { requestId: newId() });
  });
  const errors = answerConnectionErrors(server);
  await bind(server, listen);
  const address = server.address();
  // `address()` is text only for a unix socket, which `listen` cannot name.
  const port = typeof address === "object" && address !== null ? address.port : listen.port;
  return {
    url: `http://${listen.host.includes(":") ? `[${listen.host}]` : listen.host}:${port}`,
    node: server,
    serve: (next) => {
      listener = next;
    },
    close: async (drainMs) => await close(server, drainMs),
  };
}

async function bind(server: Server, { host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(new StartError(`PICLOUD_LISTEN: ${host}:${port} ${describe(cause)}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use by another program; stop it, or",
  EACCES: "may not be opened by this user (ports below 1024 are reserved);",
  EADDRNOTAVAIL: "is no address of this machine;",
  ENOTFOUND: "is no address of this machine;",
  EAI_AGAIN: "is no address that can be found;",
};

function describe(error: NodeJS.ErrnoException): string {
  const problem = PROBLEMS[error.code ?? ""] ?? `cannot be opened (${error.message});`;
  return `${problem} give another host:port, such as 127.0.0.1:8081`;
}

const IDLE_POLL_MS = 50;

async function close(server: Server, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // `close` ends the connections that are idle then; those whose answer is under way become idle later.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_POLL_MS);
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}
