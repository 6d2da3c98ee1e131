/** A file's bytes as a whole, for a script's memory. */
import { PicloudError } from "@picloud/contract";
import { filesLimits } from "./files.contract.ts";
import type { OpenFile } from "./files.service.ts";

/** Throws `too_large`, `corrupted`. */
export async function readForScript(file: OpenFile): Promise<Uint8Array> {
  const { scriptBytes } = filesLimits;
  if (file.size_bytes > scriptBytes) {
    throw new PicloudError(
      "too_large",
      `data: the file has ${file.size_bytes} bytes; a script reads at most ${scriptBytes}. Hand it out with files.url.`,
      { fields: [{ path: "data", message: `at most ${scriptBytes} bytes` }] },
    );
  }
  const bytes = new Uint8Array(file.size_bytes);
  let at = 0;
  for await (const chunk of file.read({ start: 0, end: file.size_bytes })) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
