/** What goes wrong before there is a request: answered in the form of every error (`api.md` §5), then the connection ends. */
import { STATUS_CODES, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { PicloudError } from "@picloud/contract";
import { errorEnvelope } from "./error-answer.ts";
import { newId } from "./ids.ts";

/** By code of Node's parser; anything else is 400. */
const known: Readonly<Record<string, readonly [number, PicloudError]>> = {
  HPE_HEADER_OVERFLOW: [431, new PicloudError("too_large", "The headers of the request are too large.")],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    413,
    new PicloudError("too_large", "The chunks of the body are too large."),
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    new PicloudError("malformed_request", "The request did not arrive in its time."),
  ],
};
const unreadable = new PicloudError("malformed_request", "This is not a valid HTTP request.");

/** After the answer a connection stays open for so long. */
const LINGER_MS = 500;

export interface ConnectionErrors {
  /** Has to be told of each answer: once its head is sent, nothing can be said on its connection any more. */
  track(response: ServerResponse): void;
}

export function answerConnectionErrors(server: Server): ConnectionErrors {
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    const isAnswering = answers.get(socket)?.headersSent === true;
    if (isAnswering || error.code === "ECONNRESET") socket.destroy();
    else if (socket.writable) {
      socket.end(answerTo(error.code));
      // A client that still writes would not see the answer if the connection were reset at once.
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    }
  });
  return {
    track(response) {
      const { socket } = response.req;
      answers.set(socket, response);
      response.on("close", () => {
        if (answers.get(socket) === response) answers.delete(socket);
      });
    },
  };
}

function answerTo(code: string | undefined): string {
  const [status, error] = known[code ?? ""] ?? [400, unreadable];
  const body = JSON.stringify(errorEnvelope(error, { requestId: newId() }));
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  );
}
