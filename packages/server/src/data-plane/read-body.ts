/** The body of a request, whole and bounded. */
import type { IncomingMessage } from "node:http";
import { PicloudError } from "@picloud/contract";

const empty = new Uint8Array(0);

/** Rejects with `too_large` over `bytesMax`, and with `malformed_request` when the client stopped in the middle. */
export function readBody(request: IncomingMessage, bytesMax: number): Uint8Array | Promise<Uint8Array> {
  const declared = request.headers["content-length"];
  if (declared === undefined && request.headers["transfer-encoding"] === undefined) return empty;
  if (declared === "0") return empty;
  if (declared !== undefined && Number(declared) > bytesMax) throw tooLarge(bytesMax);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) reject(tooLarge(bytesMax));
      else chunks.push(chunk);
    });
    request.on("end", () =>
      resolve(chunks.length === 1 ? (chunks[0] ?? empty) : Buffer.concat(chunks, bytes)),
    );
    request.on("error", (error) =>
      reject(new PicloudError("malformed_request", "The body ended too early.", { cause: error })),
    );
    request.on("close", () => reject(new PicloudError("malformed_request", "The body ended too early.")));
  });
}

function tooLarge(bytesMax: number): PicloudError {
  return new PicloudError("too_large", `The body has more than ${bytesMax} bytes.`, {
    fields: [{ path: "body", message: `at most ${bytesMax} bytes` }],
  });
}
