// Answers GitHub's webhooks: checks the signature, then counts the event by kind and by repository.
import { hash, kv, log } from "picloud";

const PREFIX = "sha256=";

export default async function inbox(request: Request): Promise<Response> {
  const secret = await kv.collection("config").get("webhook_secret");
  if (typeof secret !== "string") {
    log.error("no signing secret: pic kv set config webhook_secret '\"…\"'");
    return Response.json({ error: "not configured" }, { status: 503 });
  }

  // The signature is over the exact bytes, so they are read before anything is parsed.
  const bytes = new Uint8Array(await request.arrayBuffer());
  const expected = PREFIX + hash.hmacSha256(secret, bytes);
  const given = request.headers.get("x-hub-signature-256") ?? "";
  // hash.equal takes the same time wherever the two differ: an answer's time tells nothing about the signature.
  if (!hash.equal(given, expected)) {
    log.warn("wrong signature", { delivery: request.headers.get("x-github-delivery") });
    return Response.json({ error: "wrong signature" }, { status: 401 });
  }

  const kind = request.headers.get("x-github-event") ?? "unknown";
  const delivery = request.headers.get("x-github-delivery");
  if (delivery !== null && !(await isFirst(delivery))) {
    log.info("seen before", { kind, delivery });
    return Response.json({ kind, counted: false });
  }

  const payload = JSON.parse(new TextDecoder().decode(bytes)) as { repository?: { full_name?: string } };
  // Some events belong to an organisation or an installation and name no repository.
  const repository = payload.repository?.full_name ?? "none";
  const counts = kv.collection<number>("counts");
  await Promise.all([counts.increment(`kind/${kind}`), counts.increment(`repository/${repository}`)]);
  log.info("counted", { kind, repository, delivery });
  return Response.json({ kind, repository, counted: true }, { status: 202 });
}

// GitHub sends a delivery again when it saw no answer in time, always with the same id. The mark is set before the
// counting: a run that dies between the two leaves its event out rather than counting it twice.
async function isFirst(delivery: string): Promise<boolean> {
  return await kv.collection<boolean>("deliveries").compareAndSet(delivery, undefined, true, { ttl: "3d" });
}
