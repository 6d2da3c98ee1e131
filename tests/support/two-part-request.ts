/** A request whose body comes later than its head. */
import { connect } from "node:net";

/** Sends the head of a POST of JSON, and the body once `between` is done. Gives the status and what follows the head of the
 *  answer. */
export async function inTwoParts(
  request: { readonly url: string; readonly token: string; readonly body: unknown },
  between: () => Promise<void>,
): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port, pathname } = new URL(request.url);
  const body = JSON.stringify(request.body);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
  const ended = new Promise((resolve) => socket.on("close", resolve));
  // The server asks for the body once it has the head.
  const asked = new Promise((resolve) => socket.once("data", resolve));
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${request.token}\r\n` +
      `connection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `expect: 100-continue\r\n\r\n`,
  );
  await asked;
  await between();
  socket.write(body);
  await ended;
  const [, status = "", text = ""] =
    /HTTP\/1\.1 ([2-5]\d\d)[^\r]*\r\n(?:.+\r\n)*\r\n([^]*)/.exec(answer) ?? [];
  return { status: Number(status), text };
}
