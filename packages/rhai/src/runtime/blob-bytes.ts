/** Blobs that grow at their end: with room to spare, so that a loop of `push` stays linear. */
import { tick } from "./fuel.ts";
import { type Blob } from "./value.ts";

/** Adds bytes at the end. The buffer behind `bytes` may be longer than they are: what lies beyond is nobody's. */
export function appendBytes(blob: Blob, more: Uint8Array): void {
  const { bytes } = blob;
  const length = bytes.length + more.length;
  tick(more.length >> 6);
  if (!blob.shared && bytes.byteOffset === 0 && bytes.buffer.byteLength >= length) {
    const longer = new Uint8Array(bytes.buffer, 0, length);
    longer.set(more, bytes.length);
    blob.bytes = longer;
    return;
  }
  tick(bytes.length >> 6);
  const made = new Uint8Array(length + (length >> 1) + 8);
  made.set(bytes);
  made.set(more, bytes.length);
  blob.bytes = new Uint8Array(made.buffer, 0, length);
  blob.shared = false;
}
