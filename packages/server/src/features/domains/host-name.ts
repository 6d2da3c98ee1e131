/** What can be claimed: the rules of host names, and the one form that they are stored and compared in. */
import net from "node:net";
import { domainToASCII, domainToUnicode } from "node:url";
import { isLocal } from "../../platform/instance-hosts.ts";

export type ParsedHost =
  | { readonly kind: "host"; readonly host: string }
  | { readonly kind: "wrong"; readonly rule: string };

/** RFC 1035 allows names of 253 characters; `_picloud.` in front of the host must be one too. */
const hostCharsMax = 244;
const labelCharsMax = 63;

/** Lower case, punycode, no dot at the end: `*.Bücher.Example.` → `*.xn--bcher-kva.example`. Or the rule that the text
 *  breaks, as in "host must not be an IP address". */
export function parseHost(text: string): ParsedHost {
  const isWildcard = text.startsWith("*.");
  const name = isWildcard ? text.slice(2) : text;
  const early = earlyRule(name);
  if (early !== undefined) return { kind: "wrong", rule: early };
  // As browsers do it (UTS 46): what people type is what their Host header says then.
  const ascii = domainToASCII(name).replace(/\.$/, "");
  const rule = hostRule(ascii);
  if (rule !== undefined) return { kind: "wrong", rule };
  const host = isWildcard ? `*.${ascii}` : ascii;
  if (host.length > hostCharsMax)
    return { kind: "wrong", rule: `must have at most ${hostCharsMax} characters` };
  return { kind: "host", host };
}

/** What would be lost or change its meaning in the conversion. */
function earlyRule(name: string): string | undefined {
  if (net.isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0) return "must not be an IP address";
  if (name.includes("*")) return "may have * only as its first label: *.example.org";
  if (/[\s\p{Cc}:/?#@%[\]\\]/u.test(name)) return "must be a host alone: no scheme, port, path or spaces";
  return undefined;
}

function hostRule(ascii: string): string | undefined {
  if (ascii === "") return "is not a host name";
  const labels = ascii.split(".");
  if (labels.includes("")) return "has an empty label";
  if (labels.some((label) => label.length > labelCharsMax))
    return `must have at most ${labelCharsMax} characters between dots`;
  if (!labels.every((label) => /^[a-z0-9-]+$/.test(label)))
    return "may have only letters, digits and - between dots";
  if (labels.some((label) => label.startsWith("-") || label.endsWith("-")))
    return "has a label that starts or ends with -";
  if (ascii === "localhost" || isLocal(ascii)) return "must not be localhost: that is each machine's own";
  // Browsers take a name whose last label is a number for an IPv4 address.
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")) return "must not be an IP address";
  if (labels.length < 2) return "must have a dot: a whole top-level domain can't be claimed";
  if (labels.some((label) => label.startsWith("xn--") && !isPunycode(label)))
    return "has a label that is not valid punycode";
  return undefined;
}

/** Node keeps `xn--` labels that stand for nothing as they are; browsers refuse them. */
function isPunycode(label: string): boolean {
  const unicode = domainToUnicode(label);
  return unicode !== label && domainToASCII(unicode) === label;
}
