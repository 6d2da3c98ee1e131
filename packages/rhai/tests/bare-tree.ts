/** A tree without its places, to be compared. */
import { type Program } from "../src/syntax/tree.ts";

const places: ReadonlySet<string> = new Set(["at", "start", "end", "close", "operatorAt", "dotAt", "nameAt"]);

export function bareTree(program: Program): unknown {
  return bare(program);
}

function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).filter(([key]) => !places.has(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, bare(value)]));
}
