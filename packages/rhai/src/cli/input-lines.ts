/** Lines of a stream of bytes, with a bound on their length. */

/** A line without its end, or undefined for one that is too long. */
export type InputLine = string | undefined;

/** UTF-8; wrong bytes become U+FFFD. The last line needs no end. */
export async function* inputLines(
  chunks: AsyncIterable<Uint8Array>,
  charsMax: number,
): AsyncGenerator<InputLine, void> {
  const decoder = new TextDecoder();
  let open = "";
  // The rest of a line that was too long is passed over.
  let isPassing = false;
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split("\n");
    for (const [at, part] of parts.entries()) {
      if (at > 0) {
        yield isPassing ? undefined : open;
        open = "";
        isPassing = false;
      }
      if (open.length + part.length > charsMax) isPassing = true;
      open = isPassing ? "" : open + part;
    }
  }
  open += decoder.decode();
  if (isPassing) yield undefined;
  else if (open !== "") yield open;
}
