/** Texts of any size as notifications, which are at most 7,999 bytes long: cut into parts that are sent in one transaction,
 *  so that they arrive together and in order, and put together again. */

/** Of UTF-8 in one part; with its head it stays below PostgreSQL's bound. */
const PART_BYTES = 7_800;

/** `node number index count text`: fields of the head have no spaces. */
export function partsOfText(nodeId: string, number: number, text: string): string[] {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = boundaryBefore(bytes, start + PART_BYTES);
    parts.push(bytes.toString("utf8", start, end));
    start = end;
  }
  return parts.map((part, i) => `${nodeId} ${number} ${i} ${parts.length} ${part}`);
}

/** The last place at or before `at` where no character is cut. */
function boundaryBefore(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return bytes.length;
  let end = at;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}

export interface TopicParts {
  /** The text that this part completes, if it does. A part that does not follow the one before of its node is dropped,
   *  with the text it belongs to: its beginning came before this node listened. */
  add(notice: string): string | undefined;
}

interface Begun {
  readonly number: string;
  readonly texts: string[];
}

/** One text of each node can be incomplete, when the connection broke in the middle: so many are kept at most. */
const NODES_MAX = 64;

export function createTopicParts(): TopicParts {
  const begun = new Map<string, Begun>();
  return {
    add(notice) {
      const part = partOf(notice);
      if (part === undefined) return undefined;
      const { node, number, index, count, text } = part;
      if (index === 0) {
        begun.delete(node);
        if (begun.size >= NODES_MAX) begun.delete(begun.keys().next().value ?? "");
        begun.set(node, { number, texts: [] });
      }
      const found = begun.get(node);
      if (found?.number !== number || found.texts.length !== index) return undefined;
      found.texts.push(text);
      if (found.texts.length < count) return undefined;
      begun.delete(node);
      return found.texts.join("");
    },
  };
}

interface Part {
  readonly node: string;
  readonly number: string;
  readonly index: number;
  readonly count: number;
  readonly text: string;
}

function partOf(notice: string): Part | undefined {
  const match = /^(\S+) (\d+) (\d+) (\d+) (.*)$/s.exec(notice);
  if (match === null) return undefined;
  const [, node = "", number = "", index = "", count = "", text = ""] = match;
  return { node, number, index: Number(index), count: Number(count), text };
}
