/** What a new password must be beside its length: not among those that are tried first. */
import { readFile } from "node:fs/promises";
import { PicloudError } from "@picloud/contract";

/** 17,950 passwords of 8 characters and more, in lower case, from the lists of `@zxcvbn-ts/language-common` 4.1.3 (MIT). */
const listUrl = new URL("common-passwords.txt", import.meta.url);
const distinctMin = 4;
/** Shorter names are in many good passwords. */
const nameMin = 3;

/** Throws `invalid` for a password that is easy to guess. `path`: the field of the request it came in. */
export async function checkPassword(password: string, username: string, path = "password"): Promise<void> {
  const problem = await passwordProblem(password, username);
  if (problem === undefined) return;
  throw new PicloudError("invalid", `${path}: ${problem}`, { fields: [{ path, message: problem }] });
}

/** What is wrong with it, in words that follow a name; `undefined` for a good one. */
export async function passwordProblem(password: string, username: string): Promise<string | undefined> {
  const plain = password.normalize("NFC").toLowerCase();
  const name = username.toLowerCase();
  if (new Set(plain).size < distinctMin) return "has too few different characters";
  // The name itself, twice, or with digits and signs around it.
  const rest = plain.replaceAll(name, "");
  if (name.length >= nameMin && rest !== plain && !/\p{L}{3}/u.test(rest) && rest.length < 8)
    return "is hardly more than the username";
  if (plain.replaceAll(/[^a-z]/g, "") === "picloud") return "is one of the first that are tried";
  // Read at each check and not kept: passwords are set rarely, and the list takes 170 KB.
  const list = await readFile(listUrl, "utf8");
  const isCommon = !plain.includes("\n") && `\n${list}`.includes(`\n${plain}\n`);
  return isCommon ? "is one of the first that are tried" : undefined;
}
