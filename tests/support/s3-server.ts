/** An S3 server of a test's own, on a free port, with its objects in a folder that goes with it. */
import S3rver from "s3rver";
import { openS3Store } from "../../packages/server/src/platform/file-store/s3-store.ts";
import type { MarkedStore } from "../../packages/server/src/platform/file-store/file-store.ts";
import { testFolder } from "./test-files.ts";

/** The only key that s3rver knows. */
export const s3Keys = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" } as const;

export interface S3Server extends AsyncDisposable {
  /** For `PICLOUD_FILES_URL`. */
  readonly url: string;
  /** Where its objects are on disk, as s3rver keeps them. */
  readonly folder: string;
  readonly store: () => MarkedStore;
}

export async function startS3Server(): Promise<S3Server> {
  const place = testFolder();
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory: place.folder,
    configureBuckets: [{ name: "files" }],
  });
  const { port } = await server.run();
  const url = `s3://files/some/prefix?region=eu-x&endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}`;
  return {
    url,
    folder: place.folder,
    store: () => openS3Store(url, s3Keys),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await place[Symbol.asyncDispose]();
    },
  };
}
