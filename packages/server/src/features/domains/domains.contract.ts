/** Domains: hosts that an app claims, so that requests to them are the app's alone. */
import {
  appRefSchema,
  defineContract,
  endpoint,
  idSchema,
  isStorableText,
  pageOf,
  pageQuery,
} from "@picloud/contract";
import { z } from "zod";

const domainSchema = z.object({
  /** Lower case, international names as punycode; `*.` in front for all below. */
  host: z.string(),
  app_id: idSchema,
  /** Only an active claim counts for requests. */
  state: z.enum(["pending", "active"]),
  proof: z.enum(["dns", "approval"]).nullable(),
  /** The TXT record that proves the claim. */
  txt_name: z.string(),
  txt_value: z.string(),
  created_at: z.iso.datetime(),
  active_at: z.iso.datetime().nullable(),
  /** When a claim without proof ends. */
  expires_at: z.iso.datetime().nullable(),
});

const reservedSchema = z.object({
  name: z.string(),
  app_id: idSchema,
  reserved_at: z.iso.datetime(),
  reserved_until: z.iso.datetime(),
});

/** The rules of host names are the service's, which knows the server's own hosts. */
const hostSchema = z
  .string()
  .min(1, "must not be empty")
  .max(512, "must have at most 512 characters")
  .refine(isStorableText, "has U+0000 or half of a surrogate pair")
  .describe("app.example.org, or *.example.org for all hosts below it");

const columns = ["host", "state", "proof", "txt_name", "txt_value", "expires_at"] as const;

export const domainsContract = defineContract({
  summary: "Domains: hosts that an app answers on, alone.",
  noun: "domains",
  endpoints: {
    list: endpoint
      .route({
        method: "GET",
        path: "/apps/{app}/domains",
        summary: "Hosts that an app has claimed, by name",
      })
      .meta({ capability: "AppRead", cli: { verb: "ls", columns, summary: "List the app's hosts" } })
      .input(z.strictObject({ app: appRefSchema, ...pageQuery }))
      .output(pageOf(domainSchema)),
    create: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/domains",
        successStatus: 201,
        summary: "Claim a host; the answer says which DNS record proves it",
      })
      .meta({
        capability: "AppManageDomains",
        cli: { verb: "create", positionals: ["host"], columns, summary: "Claim a host for the app" },
      })
      .input(z.strictObject({ app: appRefSchema, host: hostSchema }))
      .output(domainSchema),
    verify: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/domains/{host}/verify",
        summary: "Look for the DNS record that proves a claim",
      })
      .meta({
        capability: "AppManageDomains",
        cli: {
          verb: "verify",
          positionals: ["host"],
          columns,
          summary: "Look for the DNS record that proves the claim",
        },
      })
      .input(z.strictObject({ app: appRefSchema, host: hostSchema }))
      .output(domainSchema),
    approve: endpoint
      .route({
        method: "POST",
        path: "/apps/{app}/domains/{host}/approve",
        summary: "Accept a claim without a proof, as an instance admin",
      })
      .meta({
        capability: "InstanceManageApps",
        cli: {
          verb: "approve",
          positionals: ["host"],
          columns,
          summary: "Accept a claim without a DNS record (instance admins)",
        },
      })
      .input(z.strictObject({ app: appRefSchema, host: hostSchema }))
      .output(domainSchema),
    delete: endpoint
      .route({ method: "DELETE", path: "/apps/{app}/domains/{host}", summary: "Give a host up" })
      .meta({
        capability: "AppManageDomains",
        cli: { verb: "delete", positionals: ["host"], summary: "Give a host up" },
      })
      .input(z.strictObject({ app: appRefSchema, host: hostSchema }))
      .output(z.object({ app_id: idSchema, host: z.string() })),
    list_reserved: endpoint
      .route({
        method: "GET",
        path: "/reserved_hosts",
        summary: "Hosts of deleted apps and of claims that were given up, while they are reserved",
      })
      .meta({
        capability: "InstanceManageApps",
        cli: {
          verb: "reserved",
          columns: ["name", "reserved_until", "app_id"],
          summary: "List hosts that are reserved for an app that had them (instance admins)",
        },
      })
      .input(z.strictObject(pageQuery))
      .output(pageOf(reservedSchema)),
    free: endpoint
      .route({
        method: "DELETE",
        path: "/reserved_hosts/{host}",
        summary: "Let any app claim a reserved host",
      })
      .meta({
        capability: "InstanceManageApps",
        cli: {
          verb: "free",
          positionals: ["host"],
          columns: ["name", "reserved_until", "app_id"],
          summary: "Let any app claim a reserved host (instance admins)",
        },
      })
      .input(z.strictObject({ host: hostSchema }))
      .output(reservedSchema),
  },
  methods: {},
  events: [],
  limits: [],
});
