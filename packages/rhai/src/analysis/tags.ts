/** Variables whose values get tags (`x.tag = 3`). A value without identity has no place for its tag, so the compiler keeps
 *  one beside each of these variables. */
import { type Expression } from "../syntax/tree.ts";
import { type Binding, type Scopes } from "./binding.ts";
import { type Piece, some } from "./effects.ts";

export function taggedBindings(scopes: Scopes): ReadonlySet<Binding> {
  const tagged = new Set<Binding>();
  walk(scopes, (piece) => {
    const target = piece.kind === "assign" || isSetTag(piece) ? piece.target : undefined;
    const place = target?.kind === "property" && target.name === "tag" ? target.target : target;
    if (target === undefined || (piece.kind === "assign" && place === target)) return;
    add(scopes, tagged, place);
  });
  if (tagged.size > 0) spread(scopes, tagged);
  return tagged;
}

function isSetTag(piece: Piece): piece is Extract<Piece, { kind: "method" }> {
  return piece.kind === "method" && piece.name === "set_tag";
}

function walk(scopes: Scopes, visit: (piece: Piece) => void): void {
  const look = (piece: Piece): boolean => {
    visit(piece);
    return false;
  };
  for (const unit of scopes.units) for (const statement of unit.body) some(statement, look);
}

/** The variable that an expression is. */
export function bindingOf(scopes: Scopes, node: Expression | undefined): Binding | undefined {
  if (node?.kind !== "variable") return undefined;
  const use = scopes.uses.get(node);
  return use?.kind === "binding" ? use.binding : undefined;
}

function add(scopes: Scopes, tagged: Set<Binding>, place: Expression | undefined): void {
  const binding = bindingOf(scopes, place);
  const isOwn = binding !== undefined && !binding.isShared && !binding.unit.isDynamic;
  if (isOwn && (binding.kind === "let" || binding.kind === "const" || binding.kind === "param"))
    tagged.add(binding);
}

/** A variable that gets the value of a tagged one has its tag too. */
function spread(scopes: Scopes, tagged: Set<Binding>): void {
  let before: number;
  do {
    before = tagged.size;
    walk(scopes, (piece) => {
      if (piece.kind === "let") {
        if (!has(scopes, tagged, piece.value)) return;
        const binding = scopes.declared.get(piece);
        if (binding !== undefined && !binding.isShared) tagged.add(binding);
      } else if (piece.kind === "assign" && has(scopes, tagged, piece.value))
        add(scopes, tagged, piece.target);
    });
  } while (tagged.size > before);
}

function has(scopes: Scopes, tagged: ReadonlySet<Binding>, node: Expression | undefined): boolean {
  const binding = bindingOf(scopes, node);
  return binding !== undefined && tagged.has(binding);
}
