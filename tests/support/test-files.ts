/** A place for the bytes of files: a folder of its own that is made with the first write. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { MarkedStore } from "../../packages/server/src/platform/file-store/file-store.ts";
import { openFolderStore } from "../../packages/server/src/platform/file-store/folder-store.ts";

export interface TestFolder extends AsyncDisposable {
  readonly folder: string;
}

/** Removed when it is disposed of. */
export function testFolder(): TestFolder {
  const folder = mkdtempSync(path.join(os.tmpdir(), "picloud-files-"));
  return {
    folder,
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }),
  };
}

/** For platforms whose tests write no files: nothing is made on disk until one does. */
export function unusedFiles(): MarkedStore {
  return openFolderStore(path.join(os.tmpdir(), `picloud-files-unused-${process.pid}`));
}
