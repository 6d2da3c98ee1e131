/** The migrations of a build: SQL files beside the code of their feature, in the order of their stamps. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { StartError } from "../start-error.ts";

export interface Migration {
  /** File name without the extension: `202611250900-users`. The key in the database. */
  readonly name: string;
  /** `YYYYMMDDHHMM` as a number. */
  readonly stamp: number;
  readonly sha256: string;
  readonly sql: string;
  /** Waits until no other node is live: header line `--! breaking`. */
  readonly isBreaking: boolean;
  /** Statements run one by one outside a transaction: header line `--! no-transaction`; `--! next` between statements. */
  readonly isInTransaction: boolean;
}

const FILE_NAME = /^(\d{12})-[a-z0-9-]+\.sql$/;

/** Reads all migrations below a folder (the server's own sources unless given), sorted by file name. */
export function readMigrations(folder = serverSources()): readonly Migration[] {
  const migrations = fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sql"))
    .map((file) => parseMigration(path.basename(file), fs.readFileSync(path.join(folder, file), "utf8")))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const [at, migration] of migrations.entries()) {
    if (migrations[at + 1]?.name === migration.name) {
      throw new StartError(`two migrations are named ${migration.name}; give one another name`);
    }
  }
  return migrations;
}

/** `platform/database/` is two levels below the sources. */
function serverSources(): string {
  return fileURLToPath(new URL("../..", import.meta.url));
}

/** Parses one file; throws {@link StartError} for a name or header line of another form. */
export function parseMigration(fileName: string, sql: string): Migration {
  const stamp = FILE_NAME.exec(fileName)?.[1];
  if (stamp === undefined) {
    throw new StartError(`the migration ${fileName} is not named YYYYMMDDHHMM-name.sql`);
  }
  const marks = [...sql.matchAll(/^--!(.*)$/gm)].map((match) => (match[1] ?? "").trim());
  const unknown = marks.find((mark) => !["breaking", "no-transaction", "next"].includes(mark));
  if (unknown !== undefined)
    throw new StartError(`the migration ${fileName} has the unknown mark "--! ${unknown}"`);
  return {
    name: fileName.slice(0, -".sql".length),
    stamp: Number(stamp),
    sha256: createHash("sha256").update(sql).digest("hex"),
    sql,
    isBreaking: marks.includes("breaking"),
    isInTransaction: !marks.includes("no-transaction"),
  };
}

/** The statements of a file that runs outside a transaction. */
export function splitStatements(migration: Migration): readonly string[] {
  return migration.sql
    .split(/^--!\s*next\s*$/m)
    .filter((part) => part.replaceAll(/^\s*--.*$/gm, "").trim() !== "");
}
