/** Finds a name that an object of JSON text has twice. Parsers differ in which of the two counts (RFC 8259 §4), so a proxy in
 *  front could have checked another value than the one that is used: such text is refused. */

interface Open {
  /** Names so far; absent for an array. */
  readonly names: Set<string> | undefined;
  isNameNext: boolean;
  /** Where it is now: the last name, or the index. */
  at: string | number;
}

/** The path to the first repeated name, such as `scripts.0.name`; `undefined` if there is none. `text` is valid JSON. One pass,
 *  without recursion. */
export function findRepeatedName(text: string): string | undefined {
  const open: Open[] = [];
  for (let i = 0; i < text.length; i++) {
    switch (text.charAt(i)) {
      case '"': {
        const end = endOfText(text, i);
        const object = open.at(-1);
        if (object?.names !== undefined && object.isNameNext) {
          object.at = nameOf(text.slice(i, end + 1));
          object.isNameNext = false;
          if (object.names.has(object.at)) return open.map(({ at }) => at).join(".");
          object.names.add(object.at);
        }
        i = end;
        break;
      }
      case "{":
        open.push({ names: new Set(), isNameNext: true, at: "" });
        break;
      case "[":
        open.push({ names: undefined, isNameNext: false, at: 0 });
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        step(open.at(-1));
        break;
      default:
    }
  }
  return undefined;
}

function step(inside: Open | undefined): void {
  if (inside === undefined) return;
  if (inside.names !== undefined) inside.isNameNext = true;
  else if (typeof inside.at === "number") inside.at++;
}

/** Index of the closing quote of the text that begins at `start`. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/** `"a"` and `"\u0061"` are the same name. */
function nameOf(quoted: string): string {
  return quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}
