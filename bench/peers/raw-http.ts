/** The floor: what `node:http` alone does. `node raw-http.ts PORT`. */
import { createServer } from "node:http";

const BODY = Buffer.from("Hello\n");

createServer((_request, response) => {
  response.writeHead(200, [
    "content-type",
    "text/plain; charset=utf-8",
    "content-length",
    String(BODY.length),
  ]);
  response.end(BODY);
}).listen(Number(process.argv[2]), "127.0.0.1");
