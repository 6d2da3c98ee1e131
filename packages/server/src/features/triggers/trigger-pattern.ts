/** What a trigger matches: an exact name, `prefix:*` or `*`. */
import { isStorableText, PicloudError, utf8Bytes } from "@picloud/contract";

/** Bytes of a collection name; the `*` of a pattern is not counted. */
const NAME_BYTES_MAX = 128;

/** Checks a collection glob. Throws `invalid` or `too_large` for `field`. */
export function checkCollectionGlob(glob: string, field: string): void {
  if (glob === "") throw invalid(field, "must not be empty");
  if (!isStorableText(glob)) throw invalid(field, "has U+0000 or half of a surrogate pair");
  const name = glob === "*" || glob.endsWith(":*") ? glob.slice(0, -1) : glob;
  if (name.includes("*")) throw invalid(field, "must be a name, `prefix:*` or `*`");
  if (utf8Bytes(name) > NAME_BYTES_MAX) {
    throw new PicloudError("too_large", `${field} has more than ${NAME_BYTES_MAX} bytes`, {
      fields: [{ path: field, message: `at most ${NAME_BYTES_MAX} bytes` }],
    });
  }
}

/** Checks ops against those of the kind and removes repetitions; empty means all. Throws `invalid` for `field`. */
export function checkOps(ops: readonly string[], known: readonly string[], field: string): readonly string[] {
  ops.forEach((op, i) => {
    if (!known.includes(op)) throw invalid(`${field}[${i}]`, `must be one of ${known.join(", ")}`);
  });
  return [...new Set(ops)];
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
