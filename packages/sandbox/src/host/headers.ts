/** Header blocks that scripts make: checked once for each distinct text. */
import { HEADER_BLOCK_CHARS_MAX } from "../protocol.ts";

const KNOWN_MAX = 500;
const KNOWN_CHARS_MAX = 2048;
/** Lines `name: value`; names lower case and none that belong to the connection (RFC 9110 §5, §7.6.1). */
const BLOCK =
  /^(?:(?!(?:content-length|transfer-encoding|connection|keep-alive|proxy-connection|upgrade|trailer|te):)[!#$%&'*+.^_`|~0-9a-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n)*$/;

const known = new Map<string, readonly string[] | undefined>();

/** Flat list name, value, …; `undefined` for a block that is refused. */
export function parseHeaderBlock(block: string): readonly string[] | undefined {
  if (block === "") return [];
  const found = known.get(block);
  if (found !== undefined || known.has(block)) return found;
  const parsed = block.length <= HEADER_BLOCK_CHARS_MAX && BLOCK.test(block) ? split(block) : undefined;
  if (block.length <= KNOWN_CHARS_MAX) {
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(block, parsed);
  }
  return parsed;
}

function split(block: string): readonly string[] {
  const flat: string[] = [];
  for (const line of block.split("\r\n")) {
    const at = line.indexOf(": ");
    if (at > 0) flat.push(line.slice(0, at), line.slice(at + 2));
  }
  return flat;
}
