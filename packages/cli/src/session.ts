/** Which server, as whom: flags beat the environment, the environment beats the file. */
import { checkedProfileName, credentialsPath, readProfiles } from "./credentials.ts";
import type { Profile, Profiles } from "./credentials.ts";
import { CliError, exitCodes, usageError } from "./failure.ts";
import type { Io } from "./io.ts";

export const defaultUrl = "http://127.0.0.1:8080";

export interface SessionFlags {
  readonly url?: string | undefined;
  readonly profile?: string | undefined;
}

export interface Session {
  readonly url: string;
  readonly token: string | undefined;
  readonly profileName: string;
  /** Why there is no token although the file has one. */
  readonly note?: string;
}

export function profileNameOf(io: Io, flags: SessionFlags): string {
  return checkedProfileName(flags.profile ?? nonEmpty(io.env["PIC_PROFILE"]) ?? "default");
}

/** The session of this run. The file is not read when the environment says it all. */
export async function resolveSession(io: Io, flags: SessionFlags): Promise<Session> {
  const profileName = profileNameOf(io, flags);
  const url = flags.url ?? nonEmpty(io.env["PICLOUD_URL"]);
  const token = nonEmpty(io.env["PICLOUD_TOKEN"]);
  if (url !== undefined && token !== undefined) return { url: checkedUrl(url), token, profileName };
  const profiles = await readProfiles(io);
  // Else a mistyped name would send the command, or the token of the environment, to the default server.
  if (url === undefined && isNamed(io, flags) && !Object.hasOwn(profiles, profileName)) {
    throw noProfile(credentialsPath(io), profileName, Object.keys(profiles));
  }
  return sessionOf({ profileName, url, token }, profiles);
}

function isNamed(io: Io, flags: SessionFlags): boolean {
  return flags.profile !== undefined || nonEmpty(io.env["PIC_PROFILE"]) !== undefined;
}

function noProfile(path: string, name: string, names: readonly string[]): CliError {
  const known = names.toSorted().join(", ");
  return new CliError({
    code: "no_profile",
    message: `${path} has no profile "${name}"`,
    cause: known === "" ? "nobody is logged in here" : `it has ${known}`,
    fix: `pic login --profile ${name} --url https://…`,
    exitCode: exitCodes.notAllowed,
  });
}

interface Wanted {
  readonly profileName: string;
  readonly url: string | undefined;
  readonly token: string | undefined;
}

function sessionOf({ profileName, url, token }: Wanted, profiles: Profiles): Session {
  const profile: Profile | undefined = Object.hasOwn(profiles, profileName)
    ? profiles[profileName]
    : undefined;
  const base = checkedUrl(url ?? profile?.url ?? defaultUrl);
  if (token !== undefined || profile === undefined) return { url: base, token, profileName };
  // A stored token goes only to the server that issued it, whatever PICLOUD_URL says.
  if (checkedUrl(profile.url) === base) return { url: base, token: profile.token, profileName };
  const note = `the stored log-in is for ${profile.url}; its token is not sent to ${base}`;
  return { url: base, token: undefined, profileName, note };
}

/** The base URL in one form: scheme, host, port and path, without a slash at the end. */
export function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "") {
    throw usageError(`"${text}" is not the URL of a server`, `pic login --url ${defaultUrl}`);
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}
