/** The data folder: checked before anything is written, then made. */
import fs from "node:fs";
import path from "node:path";
import { findClosedFolder, postgresAccount } from "./database/postgres-accounts.ts";
import { StartError } from "./start-error.ts";

/**
 * Makes sure that the folder exists, can be written, and can be entered by the account that PostgreSQL runs as.
 * Returns its path without links, so that one folder has one name. Throws {@link StartError} that names the folder in the way; then nothing was changed.
 */
export function prepareDataFolder(dataFolder: string): string {
  const existing = nearestExisting(dataFolder);
  checkWritable(dataFolder, existing);
  const account = postgresAccount(path.join(dataFolder, "pg"));
  if (account !== undefined) {
    for (const ids of [account, account.initdb]) {
      const closed = findClosedFolder(dataFolder, ids);
      if (closed !== undefined) {
        throw new StartError(
          `PICLOUD_DATA_DIR: PostgreSQL runs as ${account.name} and cannot enter ${closed}; ` +
            `give a folder below folders that everyone may enter (mode 0711), such as one in /var/lib`,
        );
      }
    }
  }
  makeFolders(dataFolder, existing, account === undefined ? 0o700 : 0o711);
  return fs.realpathSync(dataFolder);
}

function nearestExisting(folder: string): string {
  let current = folder;
  while (!fs.existsSync(current) && path.dirname(current) !== current) current = path.dirname(current);
  return current;
}

function checkWritable(dataFolder: string, existing: string): void {
  try {
    if (!fs.statSync(existing).isDirectory()) throw new Error("it is no folder");
    fs.accessSync(existing, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    const subject = existing === dataFolder ? dataFolder : `${dataFolder} cannot be made: ${existing}`;
    throw new StartError(
      `PICLOUD_DATA_DIR: ${subject} cannot be written (${problem}); give a folder that this user may write`,
      {
        cause,
      },
    );
  }
}

/** Each new folder gets its mode whatever the umask is. */
function makeFolders(dataFolder: string, existing: string, mode: number): void {
  const missing: string[] = [];
  for (let folder = dataFolder; folder !== existing; folder = path.dirname(folder)) missing.unshift(folder);
  try {
    for (const folder of missing) {
      fs.mkdirSync(folder, { mode });
      fs.chmodSync(folder, mode);
    }
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(
      `PICLOUD_DATA_DIR: ${dataFolder} cannot be made (${problem}); give a folder that this user may write`,
      {
        cause,
      },
    );
  }
}
