/** A typed collection of documents: what a filter may say is what the type has (sdk: an unknown field is a type error). */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const SCRIPT = `import { docs } from "picloud";
import type { DocEvent, Document, Page } from "picloud";

interface Order {
  sku: string;
  qty: number;
  status: "new" | "open";
  tags?: string[];
  address: { city: string; lines: { text: string } };
}
const orders = docs.collection<Order>("orders");

export async function allowed(event: DocEvent<Order>): Promise<unknown> {
  const id: string = await orders.create({ sku: "a", qty: 1, status: "new", address: { city: "x", lines: { text: "" } } });
  const one: Document<Order> | undefined = await orders.get(id);
  const many: Document<Order>[] = await orders.find({ qty: { $gte: 2, $in: [1, 2] }, $sort: ["-qty", { sku: "asc" }], $limit: 5 });
  const page: Page<Document<Order>> = await orders.page({ "address.lines.text": { $starts_with: "a" }, $sort: "-address.city" });
  await orders.find({ $or: [{ status: "new" }, { $not: { sku: { $exists: true } } }], tags: { $contains: "x" } });
  await orders.find({ tags: null, $id: { $in: [id] }, $created_at: { $gt: new Date() }, $sort: "$created_at" });
  await orders.updateMany({ status: "new" }, { status: "open", tags: null, address: { city: "y" } });
  const quantity: number | undefined = event.docs.prevData?.qty;
  const free = docs.collection("free");
  await free.find({ anything: { $gt: 1 }, "a.b": [1], $sort: "-x" });
  await free.patch(id, { a: null });
  return [one?.createdAt, many[0]?.data.status, page.nextCursor, quantity];
}

export async function refused(): Promise<void> {
  // @ts-expect-error no such field
  await orders.find({ colour: "red" });
  // @ts-expect-error no such field in an or
  await orders.find({ $or: [{ colour: "red" }] });
  // @ts-expect-error another type
  await orders.find({ qty: "2" });
  // @ts-expect-error another type
  await orders.find({ qty: { $gt: "2" } });
  // @ts-expect-error not one of the values
  await orders.find({ status: "done" });
  // @ts-expect-error no such field of a field
  await orders.find({ "address.street": "x" });
  // @ts-expect-error no such operator
  await orders.find({ qty: { $above: 2 } });
  // @ts-expect-error no such field to sort by
  await orders.find({ $sort: "-colour" });
  // @ts-expect-error no list
  await orders.find({ sku: { $contains: "a" } });
  // @ts-expect-error no such field
  await orders.patch("id", { colour: "red" });
  // @ts-expect-error a field is missing
  await orders.create({ sku: "a" });
}
`;

test("a filter is checked against the type of the collection", async () => {
  const folder = await mkdtemp(join(tmpdir(), "picloud-docs-typings-"));
  const root = fileURLToPath(new URL("../..", import.meta.url));
  try {
    await writeFile(join(folder, "script.ts"), SCRIPT);
    const typings = await readFile(join(root, "packages/script-types/picloud.d.ts"), "utf8");
    await writeFile(join(folder, "picloud.d.ts"), typings);
    const compilerOptions = { strict: true, noEmit: true, target: "esnext", types: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ include: ["*"], compilerOptions }));
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(root, "node_modules/typescript/bin/tsc"),
      "-p",
      folder,
    ]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  } finally {
    await rm(folder, { recursive: true });
  }
}, 30_000);
