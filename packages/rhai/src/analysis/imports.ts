/** What a program imports. */
import { type Expression, type Program, type Statement } from "../syntax/tree.ts";
import { children, type Piece } from "./effects.ts";

/** Paths of `import` statements that are literals, each once, in the order of the text. */
export function importsOf(program: Program): string[] {
  const paths = new Set<string>();
  const pieces: Piece[] = [...program.body, ...program.functions.flatMap((one) => one.body.body)];
  // Depth first, in the order of the text.
  pieces.reverse();
  for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
    const path = pathOf(piece);
    if (path !== undefined) paths.add(path);
    // One by one: what is spread into a call has to fit on the stack.
    for (const inside of insideOf(piece).toReversed()) pieces.push(inside);
  }
  return [...paths];
}

function pathOf(piece: Statement | Expression): string | undefined {
  if (piece.kind !== "import" || piece.path.kind !== "literal") return undefined;
  const { literal } = piece.path;
  return literal.type === "string" ? literal.value : undefined;
}

function insideOf(piece: Piece): readonly Piece[] {
  return piece.kind === "closure" ? piece.body.body : children(piece);
}
