/** The store that the settings name, taken for this instance. */
import path from "node:path";
import type { Config } from "../../config.ts";
import { StartError } from "../start-error.ts";
import type { FileStore } from "./file-store.ts";
import { openFolderStore } from "./folder-store.ts";
import { openS3Store } from "./s3-store.ts";

type StoreConfig = Pick<
  Config,
  "filesRoot" | "filesUrl" | "dataDir" | "awsAccessKeyId" | "awsSecretAccessKey"
>;

/** Opens the store of the settings and takes it for this instance. Throws {@link StartError}: it belongs to another one,
 *  or can't be written. */
export async function openFileStore(config: StoreConfig, instanceId: string): Promise<FileStore> {
  const setting = config.filesUrl === undefined ? "PICLOUD_FILES_ROOT" : "PICLOUD_FILES_URL";
  const store =
    config.filesUrl === undefined
      ? openFolderStore(config.filesRoot ?? path.join(config.dataDir, "files"))
      : openS3Store(config.filesUrl, {
          accessKeyId: config.awsAccessKeyId ?? "",
          secretAccessKey: config.awsSecretAccessKey ?? "",
        });
  let mark: string | undefined;
  try {
    mark = await store.readMark();
    if (mark === undefined) {
      await store.writeMark(instanceId);
      // Of two instances that come at once one was first.
      mark = await store.readMark();
    }
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`${setting}: ${store.place} can't be used: ${problem}`, { cause });
  }
  if (mark !== instanceId) {
    throw new StartError(
      `${setting}: ${store.place} holds the files of another PiCloud (${mark ?? "no mark"}; this one is ${instanceId}). ` +
        "Give this one a place of its own, or the database that goes with these files.",
    );
  }
  return store;
}
