/** The forms that settings come in: each turns the text of a variable into a value, or says what is wrong with it. */
import { isIP, BlockList } from "node:net";
import path from "node:path";
import { z } from "zod";

/** How a text becomes a value. */
export interface SettingForm<T> {
  /** What is accepted, for messages and the reference: "a whole number from 1 to 65535". */
  readonly form: string;
  readonly schema: z.ZodType<T, string>;
}

export interface HostPort {
  /** Without brackets: `::1`. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** Any text of at most `charsMax` characters without control characters. */
export function text(charsMax: number, form = `text of at most ${charsMax} characters`): SettingForm<string> {
  const schema = z
    .string()
    .max(charsMax, `is longer than ${charsMax} characters`)
    .regex(/^\P{Cc}*$/u, "holds control characters");
  return { form, schema };
}

/** Digits only, within bounds. */
export function wholeNumber(min: number, max: number, unit: string): SettingForm<number> {
  const schema = z
    .string()
    .regex(/^\d{1,16}$/, "is not a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `is not from ${min} to ${max}`);
  return { form: `a whole number of ${unit} from ${min} to ${max}`, schema };
}

export function yesOrNo(): SettingForm<boolean> {
  const schema = z.enum(["true", "false"], "is not true or false").transform((value) => value === "true");
  return { form: "true or false", schema };
}

export function oneOf<const T extends string>(...values: readonly [T, ...T[]]): SettingForm<T> {
  const form = `one of ${values.join(", ")}`;
  return {
    form,
    schema: z.string().pipe(z.enum(values, `is not ${form}`)),
  };
}

export function hostPort(): SettingForm<HostPort> {
  const schema = z.string().transform((value, context): HostPort => {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(value);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    const isHost = match?.[1] === undefined ? isHostName(host ?? "") : isIP(match[1]) === 6;
    if (host !== undefined && isHost && port <= 65_535) return { host, port };
    context.addIssue({ code: "custom", message: "is not host:port" });
    return z.NEVER;
  });
  return { form: "host:port, such as 127.0.0.1:8080 or [::1]:8080", schema };
}

/** A host name or IPv4 address. */
export function isHostName(value: string): boolean {
  return value.length <= 253 && /^(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.?$/.test(value);
}

export function hostName(): SettingForm<string> {
  const schema = z
    .string()
    .refine((value) => isHostName(value) || isIP(value) !== 0, "is not a host name")
    .transform((value) => value.toLowerCase());
  return { form: "a host name without scheme or port, such as admin.example.org", schema };
}

/** Commas between items; spaces around them do not count. */
export function listOf<T>(item: SettingForm<T>, what: string): SettingForm<readonly T[]> {
  const schema = z.string().transform((value, context): readonly T[] => {
    const items: T[] = [];
    for (const part of value.split(",").map((each) => each.trim())) {
      const parsed = item.schema.safeParse(part);
      if (!parsed.success) {
        context.addIssue({ code: "custom", message: `has an item that ${parsed.error.issues[0]?.message}` });
        return z.NEVER;
      }
      items.push(parsed.data);
    }
    return items;
  });
  return { form: `${what}, separated by commas`, schema };
}

/** An address or a network such as `10.0.0.0/8`. */
export function network(): SettingForm<string> {
  const schema = z.string().refine(isNetwork, "is not an IP address or network");
  return { form: "an IP address or network", schema };
}

function isNetwork(value: string): boolean {
  const [address = "", prefix, ...rest] = value.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), version === 4 ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false;
  }
}

/** As node:dns takes it: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::1`, `[2001:db8::1]:53`. */
export function dnsServer(): SettingForm<string> {
  const schema = z.string().refine((value) => {
    if (isIP(value) !== 0) return true;
    const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value) ?? [];
    const isAddress = v6 === undefined ? isIP(v4 ?? "") === 4 : isIP(v6) === 6;
    return isAddress && Number(port) >= 1 && Number(port) <= 65_535;
  }, "is not an IP address, or one with a port");
  return { form: "an IP address, with or without port", schema };
}

/** An absolute URL of one of these schemes, as text. */
export function url(schemes: readonly string[], example: string): SettingForm<string> {
  const schema = z.string().refine(
    (value) => {
      const parsed = URL.parse(value);
      return parsed !== null && schemes.includes(parsed.protocol.slice(0, -1)) && isDecodable(parsed);
    },
    `is not a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
  );
  return { form: example, schema };
}

/** Clients decode user, password and path; a stray percent sign would fail there. */
function isDecodable(parsed: URL): boolean {
  try {
    for (const part of [parsed.username, parsed.password, parsed.pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** `""` or `/a/b`: no slash at the end, nothing that needs encoding. */
export function pathPrefix(): SettingForm<string> {
  const schema = z.string().regex(/^(?:\/[A-Za-z0-9._~-]+)*$/, "is not a path prefix");
  return { form: "a path that starts with / and does not end with it, such as /picloud", schema };
}

/** A folder; relative to the working folder. */
export function folder(workingFolder: string): SettingForm<string> {
  const schema = z
    .string()
    .min(1, "is empty")
    .refine((value) => !value.includes("\u0000"), "holds a zero character")
    .transform((value) => path.resolve(workingFolder, value));
  return { form: "the path of a folder", schema };
}

/** Standard or URL-safe base64 of 32 bytes. */
export function key32(): SettingForm<Buffer> {
  const schema = z
    .string()
    .regex(/^[A-Za-z0-9+/_-]{43}=?$/, "is not base64 of 32 bytes")
    .transform((value) => Buffer.from(value, "base64"));
  return { form: "base64 of 32 bytes, as made by: openssl rand -base64 32", schema };
}

/** As the contract of users has it, which is above the settings; a test compares them. */
export function username(): SettingForm<string> {
  const form = "1 to 64 of a–z, A–Z, 0–9, ., _, @ and -, starting with a letter or digit";
  return { form, schema: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}$/, "is not a username") };
}

/** Also as the contract of users has it. */
export function password(): SettingForm<string> {
  const schema = z
    .string()
    .min(8, "is too short")
    .max(1_024, "is too long")
    .refine((value) => value.isWellFormed(), "has half of a surrogate pair");
  return { form: "8 to 1024 characters", schema };
}
