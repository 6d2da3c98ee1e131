/** The rules of `tidy`, each a function from the repository's files to offences, so that tests can plant faults. */
import { createHash } from "node:crypto";
import { basename, dirname, join, normalize } from "node:path";
import { findSql } from "./sql-strings.ts";
import { isTest } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";

/** Offences, one line each, beginning with the path. */
export type Rule = (files: readonly SourceFile[]) => string[];

const CODE = /\.(tsx?|m?js|sql)$/;
const GENERATED = /\.generated\.|^docs\/reference\/|^packages\/script-types\/|^package-lock\.json$/;
const ROOT_NAMES =
  /^(README|ARCHITECTURE|CONTRIBUTING|CHANGELOG|SECURITY)\.md$|^LICENSE$|^\.[a-z]+(\.json)?$/;
const FORBIDDEN_NAMES = /^(index|utils?|helpers?|types|common|misc|shared)$/;
const LINES_MAX = 500;

/** kebab-case with a role as suffix; migrations begin with a stamp. The file is named for what is in it. */
const names: Rule = (files) =>
  files.flatMap(({ path }) => {
    const name = basename(path);
    const isCapital = name === "README.md" || (!path.includes("/") && ROOT_NAMES.test(name));
    const offences = path
      .split("/")
      .filter((part) => FORBIDDEN_NAMES.test(part.split(".")[0] ?? ""))
      .map((part) => `${path}: "${part}" says nothing: name the file for what is in it`);
    if (path.endsWith(".sql") && path.startsWith("packages/") && !/^\d{12}-[a-z0-9-]+\.sql$/.test(name))
      offences.push(`${path}: migrations are named YYYYMMDDHHMM-name.sql`);
    if (!isCapital && !/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(name))
      offences.push(`${path}: file names are kebab-case`);
    return offences;
  });

/** oxlint counts the lines of TypeScript; guest text, SQL and examples are counted here. */
const lengths: Rule = (files) =>
  files
    .filter(({ path }) => CODE.test(path) && !GENERATED.test(path))
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines, at most ${LINES_MAX}: cut it by meaning`);

// Written with brackets so that this file does not offend itself.
const DEBT = /\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b/;

const debts: Rule = (files) =>
  files
    .filter(({ path }) => CODE.test(path) && !GENERATED.test(path))
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, at) =>
          DEBT.test(line) ? [`${path}:${at + 1}: no notes to self: do it, or file an issue`] : [],
        ),
    );

const SQL_PLACES = /\.repository\.ts$|^packages\/server\/src\/platform\/database\/|^(tests|tools|bench)\//;

const sqlPlaces: Rule = (files) =>
  files
    .filter(({ path }) => /\.tsx?$/.test(path) && !SQL_PLACES.test(path) && !isTest(path))
    .flatMap((file) =>
      findSql(file).map(
        ({ line, text }) =>
          `${file.path}:${line}: SQL belongs into a repository: "${text.trim().slice(0, 40).replaceAll(/\s+/g, " ")}…"`,
      ),
    );

const FEATURE = /^packages\/server\/src\/features\/([^/]+)\//;

/** A feature with a contract has its wiring, a test and a guide page; a store that others use has a test. */
const features: Rule = (files) => {
  const folders = new Map<string, string[]>();
  for (const { path } of files) {
    const name = FEATURE.exec(path)?.[1];
    if (name !== undefined) folders.set(name, [...(folders.get(name) ?? []), basename(path)]);
  }
  return [...folders].flatMap(([name, own]) => {
    const needed = own.includes(`${name}.contract.ts`) ? [`${name}.server.ts`, `${name}.md`] : [];
    const missing = needed.filter((file) => !own.includes(file));
    if (!own.some((file) => file.endsWith(".test.ts"))) missing.push(`${name}.test.ts`);
    return missing.map(
      (file) =>
        `packages/server/src/features/${name}/${file}: missing: a feature is contract, wiring, test, guide`,
    );
  });
};

const LOCK = "packages/server/migrations.lock";

/** `<sha256>  <file name>` per released migration, in order. */
const migrations: Rule = (files) => {
  const sql = files.filter(({ path }) => /^packages\/server\/src\/.*\.sql$/.test(path));
  const lock = files.find(({ path }) => path === LOCK);
  if (lock === undefined) return [`${LOCK}: missing: it lists the hash of each released migration`];
  const offences: string[] = [];
  const released = new Map<string, string>();
  for (const line of lock.text.split("\n").filter((text) => text !== "" && !text.startsWith("#"))) {
    const match = /^([0-9a-f]{64}) {2}(\d{12}-[a-z0-9-]+\.sql)$/.exec(line);
    if (match === null) offences.push(`${LOCK}: not "<sha256>  <file>": ${line}`);
    else released.set(match[2] ?? "", match[1] ?? "");
  }
  const byName = new Map(sql.map((file) => [basename(file.path), file]));
  if (byName.size < sql.length) offences.push(`${LOCK}: two migrations have one file name`);
  for (const [name, hash] of released) {
    const file = byName.get(name);
    if (file === undefined) offences.push(`${name}: released migrations are never removed or renamed`);
    else if (createHash("sha256").update(file.text).digest("hex") !== hash)
      offences.push(`${file.path}: released migrations are never edited: write a new one`);
  }
  const newest = [...released.keys()].map((name) => name.slice(0, 12)).reduce((a, b) => (a > b ? a : b), "");
  for (const [name, { path }] of byName) {
    if (!released.has(name) && name.slice(0, 12) <= newest)
      offences.push(`${path}: its stamp is not newer than the newest released one (${newest})`);
  }
  return offences;
};

/** keep-a-changelog: `# Changelog`, then `## [Unreleased]`, then releases, newest first; known sections; bullets. */
const changelog: Rule = (files) => {
  const file = files.find(({ path }) => path === "CHANGELOG.md");
  if (file === undefined) return ["CHANGELOG.md: missing"];
  const headings = file.text.split("\n").filter((line) => line.startsWith("#"));
  const versions = headings.filter((line) => line.startsWith("## "));
  const offences: string[] = [];
  if (headings[0] !== "# Changelog") offences.push(`CHANGELOG.md: begins with "# Changelog"`);
  if (versions[0] !== "## [Unreleased]") offences.push(`CHANGELOG.md: first comes "## [Unreleased]"`);
  const dates = versions.slice(1).map((line) => /^## \[\d+\.\d+\.\d+\] - (\d{4}-\d\d-\d\d)$/.exec(line)?.[1]);
  if (dates.includes(undefined)) offences.push(`CHANGELOG.md: a release is "## [1.2.3] - 2026-01-31"`);
  if (dates.some((date, at) => at > 0 && (date ?? "") > (dates[at - 1] ?? "")))
    offences.push("CHANGELOG.md: releases stand newest first");
  for (const heading of headings.filter((line) => line.startsWith("### "))) {
    if (!/^### (Breaking|Added|Changed|Deprecated|Removed|Fixed|Security)$/.test(heading))
      offences.push(`CHANGELOG.md: unknown section "${heading}"`);
  }
  return offences;
};

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly type?: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** One version for the repository, exact dependencies, exports that exist; a lock file that names no private host. */
const manifests: Rule = (files) => {
  const paths = new Set(files.map(({ path }) => path));
  const root = files.find(({ path }) => path === "package.json");
  const version = root === undefined ? undefined : manifest(root).version;
  const offences = files
    .filter(({ path }) => /^packages\/[^/]+\/package\.json$|^package\.json$/.test(path))
    .flatMap((file) => checkManifest(file.path, manifest(file), version, paths));
  const lock = files.find(({ path }) => path === "package-lock.json");
  const hosts = new Set(
    [...(lock?.text ?? "").matchAll(/"resolved": "([^"]*)"/g)]
      .map(([, url]) => url ?? "")
      .filter((url) => !url.startsWith("packages/")),
  );
  return [
    ...offences,
    ...[...hosts].map((url) => `package-lock.json: names where it was installed from: ${url}`),
  ];
};

function manifest(file: SourceFile): Manifest {
  return JSON.parse(file.text) as Manifest;
}

function checkManifest(
  path: string,
  { name: ownName, version: ownVersion, license, type, exports, ...dependencies }: Manifest,
  version: string | undefined,
  paths: ReadonlySet<string>,
): string[] {
  const offences: string[] = [];
  const folder = dirname(path);
  if (folder !== "." && ownName !== `@picloud/${basename(folder)}`)
    offences.push(`${path}: its name is @picloud/${basename(folder)}`);
  if (ownVersion !== version) offences.push(`${path}: its version is ${version}, the repository's`);
  if (license !== "MIT" || type !== "module") offences.push(`${path}: MIT, and type module`);
  for (const target of Object.values(exports ?? {})) {
    if (!paths.has(`${folder}/${target.replace(/^\.\//, "")}`))
      offences.push(`${path}: exports ${target}, which does not exist`);
  }
  const groups = [dependencies.dependencies, dependencies.devDependencies, dependencies.optionalDependencies];
  for (const [name, range] of groups.flatMap((group) => Object.entries(group ?? {}))) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range)) offences.push(`${path}: ${name} is not an exact version`);
  }
  return offences;
}

/** Links of pages to files of the repository lead somewhere. */
const links: Rule = (files) => {
  const paths = new Set(files.map(({ path }) => path));
  const isThere = (target: string): boolean =>
    paths.has(target) || files.some(({ path }) => path.startsWith(`${target.replace(/\/$/, "")}/`));
  return files
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)\s#]+)(#[^)]*)?\)/g)]
        .map(([, target]) => target ?? "")
        .filter((target) => !/^[a-z]+:/.test(target) && !isThere(normalize(join(dirname(path), target))))
        .map((target) => `${path}: a link to ${target}, which does not exist`),
    );
};

export const rules = {
  names,
  lengths,
  debts,
  sqlPlaces,
  features,
  migrations,
  changelog,
  manifests,
  links,
} as const satisfies Record<string, Rule>;
