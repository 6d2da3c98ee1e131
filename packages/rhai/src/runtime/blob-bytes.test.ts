import { expect, test } from "vitest";
import { appendBytes } from "./blob-bytes.ts";
import { toDebug } from "./format.ts";
import { Blob, copy } from "./value.ts";

test("a blob that grows does not change its copies, nor they it", () => {
  const a = new Blob(Uint8Array.of(1));
  appendBytes(a, Uint8Array.of(2));
  const b = copy(a);
  appendBytes(a, Uint8Array.of(3));
  if (!(b instanceof Blob)) throw new Error("no blob");
  appendBytes(b, Uint8Array.of(9));
  appendBytes(a, a.bytes);
  expect([a, b].map(toDebug)).toEqual(["[010203010203]", "[010209]"]);
});

test("many bytes one by one are linear", () => {
  const blob = new Blob(new Uint8Array(0));
  let buffers = 0;
  let last: unknown;
  for (let i = 0; i < 100_000; i++) {
    appendBytes(blob, Uint8Array.of(i));
    if (blob.bytes.buffer !== last) buffers++;
    last = blob.bytes.buffer;
  }
  expect(blob.bytes.length).toBe(100_000);
  expect(buffers).toBeLessThan(40);
});
