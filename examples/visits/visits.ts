// Greets, and counts how often it has greeted whom.
import { kv } from "picloud";
import type { Context } from "picloud";

export default async function visits(_request: Request, ctx: Context): Promise<object> {
  const name = ctx.params["name"] ?? "nobody";
  const count = await kv.collection<number>("visits").increment(name);
  console.log(`hello, ${name}`);
  return { name, visits: count };
}
