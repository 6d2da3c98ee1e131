/** A DNS server for TXT records, on a port of its own. */
import type { AddressInfo } from "node:net";
import dns2 from "dns2";

export interface DnsServer {
  /** As `PICLOUD_DNS_SERVERS` takes it. */
  readonly address: string;
  /** Names that were asked for. */
  readonly asked: readonly string[];
  /** Answers this name with these texts from now on, whole or in pieces. */
  set(name: string, ...texts: readonly (string | readonly string[])[]): void;
  /** Answers with this code: 0 no error, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED; `undefined` gives no answer at all. */
  fail(code: number | undefined): void;
  close(): Promise<void>;
}

export async function startDnsServer(): Promise<DnsServer> {
  const records = new Map<string, readonly (string | readonly string[])[]>();
  const asked: string[] = [];
  let failure: number | undefined = 0;
  const server = dns2.createServer({
    udp: true,
    handle: (request, send) => {
      const [question] = request.questions;
      const name = question?.name ?? "";
      asked.push(name);
      if (failure === undefined) return;
      const response = dns2.Packet.createResponseFromRequest(request);
      const texts = records.get(name.toLowerCase());
      response.header.rcode = failure === 0 && texts === undefined ? 3 : failure;
      if (failure === 0) {
        for (const data of texts ?? [])
          response.answers.push(
            new dns2.Packet.Resource({
              name,
              type: dns2.Packet.TYPE.TXT,
              class: dns2.Packet.CLASS.IN,
              ttl: 0,
              data: typeof data === "string" ? data : [...data],
            }),
          );
      }
      void send(response);
    },
  });
  const addresses = await server.listen({ udp: { port: 0, address: "127.0.0.1" } });
  return {
    address: `127.0.0.1:${(addresses.udp as AddressInfo).port}`,
    asked,
    set: (name, ...texts) => void records.set(name, texts),
    fail: (code) => {
      failure = code;
    },
    close: async () => await server.close(),
  };
}
