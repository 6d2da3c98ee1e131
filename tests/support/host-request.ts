/** Requests with a Host of one's own, which fetch does not send. */
import { request } from "node:http";
import net from "node:net";
import type { RunningServer } from "./start-server.ts";

export interface HostAnswer {
  readonly status: number;
  /** Values by lower-case name, one for each line of the answer. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
  readonly text: string;
}

interface HostRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `target`: host and path, as in `app.example.org/x`. */
export async function askHost(
  server: Pick<RunningServer, "port">,
  target: string,
  options: HostRequest = {},
): Promise<HostAnswer> {
  const slash = target.indexOf("/");
  const { promise, resolve, reject } = Promise.withResolvers<HostAnswer>();
  const sent = request(
    {
      host: "127.0.0.1",
      port: server.port,
      path: target.slice(slash),
      method: options.method ?? "GET",
      headers: { host: target.slice(0, slash), ...options.headers },
      timeout: 30_000,
      agent: false,
    },
    (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("error", reject);
      answer.on("end", () => {
        const lines: Record<string, string[]> = {};
        for (const [name, values] of Object.entries(answer.headersDistinct))
          lines[name] = [...(values ?? [])];
        resolve({ status: answer.statusCode ?? 0, lines, text: Buffer.concat(pieces).toString("utf8") });
      });
    },
  );
  sent.on("timeout", () => sent.destroy(new Error(`no answer from ${target}`)));
  sent.on("error", reject);
  sent.end(options.body);
  return await promise;
}

/** Sends bytes as they are, and gives the status of the first answer with all that came until the end. */
export async function sendBytes(
  server: RunningServer,
  text: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = net.connect(server.port, "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8").setTimeout(30_000);
  socket.on("data", (piece) => (received += String(piece)));
  socket.on("timeout", () => socket.destroy(new Error(`no end of the answer: ${received}`)));
  socket.on("error", reject);
  socket.on("close", () => resolve(received));
  socket.write(text);
  const answer = await promise;
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]), text: answer };
}
