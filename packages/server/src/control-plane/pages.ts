/** What the control plane serves beside the admin API: version, OpenAPI document and its page, dashboard page. Open to
 *  all. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { PicloudError } from "@picloud/contract";
import type { FeatureContract } from "@picloud/contract";
import { sendError } from "../platform/error-answer.ts";
import { newId } from "../platform/ids.ts";
import { dashboardHeaders, dashboardPage } from "./dashboard-files.ts";
import { makeOpenApi } from "./openapi.ts";
import { referenceHeaders, referencePage } from "./reference-page.ts";

export interface About {
  /** Version of the package. */
  readonly version: string;
  /** Stamp of the newest migration of this build. */
  readonly schema: string;
}

interface PagesOptions {
  readonly basePath: string;
  readonly contracts: Readonly<Record<string, FeatureContract>>;
  readonly about: About;
}

interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Versions of what clients and scripts depend on; they change rarely and apart from the package's. */
const apiVersion = "1";
const sdkVersion = "0.1";

/** Answers the pages' paths; false for others, which are then untouched. */
export function createPages(
  options: PagesOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const { basePath, contracts, about } = options;
  // Made once: it can only fail for a contract that OpenAPI can't say, which a test would have found.
  let made: Promise<object> | undefined;
  const openApi = async (): Promise<object> =>
    await (made ??= makeOpenApi(contracts, { version: about.version, basePath }));
  const pages: Readonly<Record<string, () => Promise<Page>>> = {
    [`${basePath}/api/v1/version`]: async () =>
      await Promise.resolve(json(JSON.stringify({ ...about, api: apiVersion, sdk: sdkVersion }))),
    [`${basePath}/api/v1/openapi.json`]: async () => json(JSON.stringify(await openApi())),
    [`${basePath}/api/v1/docs`]: async () => ({
      headers: referenceHeaders,
      body: referencePage(await openApi(), basePath),
    }),
    [`${basePath}/dashboard`]: async () =>
      await Promise.resolve({ headers: dashboardHeaders, body: dashboardPage(about.version, basePath) }),
  };

  return async (request, response) => {
    const [path = ""] = (request.url ?? "/").split("?", 1);
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) return false;
    response.setHeader("x-content-type-options", "nosniff");
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      sendError(response, new PicloudError("method_not_allowed", "This path takes GET."), {
        requestId: newId(),
      });
      return true;
    }
    const { headers, body } = await page();
    response.writeHead(200, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
    return true;
  };
}

function json(body: string): Page {
  return { headers: { "content-type": "application/json" }, body };
}
