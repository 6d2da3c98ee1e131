import { Agent, request } from "node:http";
import { expect, test } from "vitest";
import { openHttpServer } from "./http-server.ts";

function get(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
}

test("a client that asks without pause does not hold up the end, and its answer under way is whole", async () => {
  const inside = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const server = await openHttpServer({ host: "127.0.0.1", port: 0 }, (_request, response) =>
    response.end("quick"),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const busy = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await get(server.url, agent)).toBe("quick");
  server.serve((_request, response) => {
    inside.resolve();
    void finish.promise.then(() => response.end("slow"));
  });
  const slow = get(server.url, agent);
  await inside.promise;
  server.serve((_request, response) => response.end("refused"));
  // Keeps its connection busy for as long as it is answered.
  const asking = (async (): Promise<number> => {
    for (let answers = 0; ; answers++) {
      const answer = await get(server.url, busy).catch(() => undefined);
      if (answer === undefined) return answers;
    }
  })();
  const started = performance.now();
  const closed = server.close(20_000);
  finish.resolve();
  expect(await slow).toBe("slow");
  await closed;
  expect(performance.now() - started).toBeLessThan(4_000);
  expect(await asking).toBeGreaterThanOrEqual(0);
  agent.destroy();
  busy.destroy();
});
