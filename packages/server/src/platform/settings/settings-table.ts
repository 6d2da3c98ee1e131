/** Every setting of the server: name, default, unit, accepted form and meaning, in one table. */
import { createHash } from "node:crypto";
import path from "node:path";
import { LOG_FORMATS, LOG_LEVELS } from "../logger.ts";
import {
  dnsServer,
  folder,
  hostName,
  hostPort,
  key32,
  listOf,
  network,
  oneOf,
  password,
  pathPrefix,
  text,
  url,
  username,
  wholeNumber,
  yesOrNo,
  type SettingForm,
} from "./setting-forms.ts";

/** What defaults depend on. */
export interface Machine {
  /** Absolute. */
  readonly workingFolder: string;
  readonly isRoot: boolean;
  readonly cores: number;
}

/** One variable of the environment. `T` includes `undefined` where there is no default. */
export interface Setting<T> {
  /** The whole name: `PICLOUD_LISTEN`. */
  readonly name: string;
  readonly form: SettingForm<Exclude<T, undefined>>;
  readonly fallback: T;
  /** The default as the reference shows it. */
  readonly shownDefault: string;
  readonly doc: string;
  /** Never printed. */
  readonly isSecret: boolean;
}

const MIB = 1_048_576;
const DAYS_MAX = 3_650;
const BYTES_MAX = 1_099_511_627_776;
const MS_MAX = 86_400_000;

/** The table. Settings of features that come later are read and checked too. */
export function settingsTable(machine: Machine) {
  return {
    databaseUrl: optional(
      "DATABASE_URL",
      url(["postgres", "postgresql"], "postgres://user:password@host:5432/name"),
      {
        doc: "The PostgreSQL (15 or newer) to use instead of the embedded one.",
        isSecret: true,
        shownDefault: "the embedded PostgreSQL",
      },
    ),
    listen: setting(
      "PICLOUD_LISTEN",
      hostPort(),
      { host: "127.0.0.1", port: 8080 },
      { doc: "Where HTTP is served.", shownDefault: "127.0.0.1:8080" },
    ),
    dataDir: setting("PICLOUD_DATA_DIR", folder(machine.workingFolder), defaultDataFolder(machine), {
      doc: "Data folder of the embedded PostgreSQL and of files. One server uses it at a time.",
      shownDefault: "./picloud-data; as root /var/lib/picloud/<first 12 of SHA-256 of the working folder>",
    }),
    profile: setting(
      "PICLOUD_PROFILE",
      oneOf("default", "small"),
      "default",
      "Preset of sizes for the machine.",
    ),
    devMode: setting(
      "PICLOUD_DEV_MODE",
      yesOrNo(),
      false,
      "Development: relaxed checks, loopback addresses only. `npm start` sets it to true.",
    ),
    ...accessSettings(),
    ...runSettings(machine),
    ...triggerRetrySettings(),
    ...retentionSettings(),
    ...fileSettings(machine),
    ...outboundSettings(),
    ...mailSettings(),
    logLevel: setting("PICLOUD_LOG_LEVEL", oneOf(...LOG_LEVELS), "info", "Least level that the server logs."),
    logFormat: setting(
      "PICLOUD_LOG_FORMAT",
      oneOf(...LOG_FORMATS),
      "auto",
      "JSON lines or text; auto is text on a terminal.",
    ),
    otelExporterOtlpEndpoint: optional(
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      url(["http", "https"], "http://host:4318"),
      "Where traces are sent.",
    ),
  };
}

function accessSettings() {
  return {
    bootstrapAdminUsername: optional(
      "PICLOUD_BOOTSTRAP_ADMIN_USERNAME",
      username(),
      "Username of the first owner, made by the first start. Ignored once there is an admin.",
    ),
    bootstrapAdminPassword: optional("PICLOUD_BOOTSTRAP_ADMIN_PASSWORD", password(), {
      doc: "Password of the first owner; goes with the username.",
      isSecret: true,
    }),
    secretKey: optional("PICLOUD_SECRET_KEY", key32(), {
      doc: "Key that stored secrets are encrypted with.",
      isSecret: true,
    }),
    secretKeysOld: setting("PICLOUD_SECRET_KEYS_OLD", listOf(key32(), "keys in base64"), [], {
      doc: "Earlier keys that stored secrets can still be read with.",
      isSecret: true,
      shownDefault: "none",
    }),
    secretMaxValueBytes: bytes("PICLOUD_SECRET_MAX_VALUE_BYTES", 65_536, "Most bytes of a secret's value."),
    publicUrl: optional("PICLOUD_PUBLIC_URL", url(["http", "https"], "https://host"), {
      doc: "Address of this server as others see it, for links in mail.",
      shownDefault: "derived from PICLOUD_LISTEN",
    }),
    basePath: setting("PICLOUD_BASE_PATH", pathPrefix(), "", {
      doc: "Path in front of every path of the server.",
      shownDefault: "none",
    }),
    adminHost: optional("PICLOUD_ADMIN_HOST", hostName(), {
      doc: "The only host of dashboard and admin API.",
      shownDefault: "any",
    }),
    trustedProxies: setting("PICLOUD_TRUSTED_PROXIES", listOf(network(), "IP addresses or networks"), [], {
      doc: "Proxies whose forwarding headers are believed.",
      shownDefault: "none",
    }),
    defaultAppHosts: optional("PICLOUD_DEFAULT_APP_HOSTS", listOf(hostName(), "host names"), {
      doc: "Hosts that the app `default` answers on.",
      shownDefault: "loopback names, IP literals and the host of PICLOUD_PUBLIC_URL",
    }),
    dnsServers: optional("PICLOUD_DNS_SERVERS", listOf(dnsServer(), "IP addresses, with or without port"), {
      doc: "DNS servers that are asked for the proof of a claimed host.",
      shownDefault: "those of the system",
    }),
  };
}

function runSettings(machine: Machine) {
  return {
    maxConcurrentExecutions: number("PICLOUD_MAX_CONCURRENT_EXECUTIONS", [1, 100_000, "executions"], 256, {
      doc: "Runs at a time on this node; more get 503.",
    }),
    executors: number("PICLOUD_EXECUTORS", [1, 256, "processes"], machine.cores, {
      doc: "Processes that run scripts.",
      shownDefault: "number of cores",
    }),
    isolation: setting(
      "PICLOUD_ISOLATION",
      oneOf("shared", "process"),
      "shared",
      "Whether apps share executor processes or each has its own.",
    ),
    requestMaxBytes: bytes("PICLOUD_REQUEST_MAX_BYTES", 10 * MIB, "Most bytes of a request's body."),
    scriptCacheSize: number("PICLOUD_SCRIPT_CACHE_SIZE", [1, 100_000, "entries"], 256, {
      doc: "Compiled scripts kept in memory.",
    }),
    moduleCacheSize: number("PICLOUD_MODULE_CACHE_SIZE", [1, 100_000, "entries"], 512, {
      doc: "Compiled modules kept in memory.",
    }),
    moduleImportDepth: number("PICLOUD_MODULE_IMPORT_DEPTH", [1, 64, "levels"], 8, {
      doc: "How deep modules import.",
    }),
    maxTriggerDepth: number("PICLOUD_MAX_TRIGGER_DEPTH", [1, 64, "levels"], 8, {
      doc: "How long a chain of triggers may be: 8 runs, 9 does not.",
    }),
    leaseMs: number("PICLOUD_LEASE_MS", [1_000, 600_000, "milliseconds"], 30_000, {
      doc: "How long a node may hold a delivery without renewing its claim.",
    }),
    drainMs: number("PICLOUD_DRAIN_MS", [0, 600_000, "milliseconds"], 30_000, {
      doc: "How long a stop waits for runs that have begun.",
    }),
  };
}

function triggerRetrySettings() {
  return {
    triggerRetryMaxAttempts: number("PICLOUD_TRIGGER_RETRY_MAX_ATTEMPTS", [1, 100, "attempts"], 5, {
      doc: "Attempts before a delivery becomes a dead letter. Default of new triggers, like those below.",
    }),
    triggerRetryBackoff: setting(
      "PICLOUD_TRIGGER_RETRY_BACKOFF",
      oneOf("exponential", "linear", "constant"),
      "exponential",
      "How the wait between attempts grows.",
    ),
    triggerRetryBaseMs: number("PICLOUD_TRIGGER_RETRY_BASE_MS", [1, MS_MAX, "milliseconds"], 1_000, {
      doc: "First wait.",
    }),
    triggerRetryMaxMs: number("PICLOUD_TRIGGER_RETRY_MAX_MS", [1, 30 * MS_MAX, "milliseconds"], 3_600_000, {
      doc: "Longest wait.",
    }),
    triggerRetryJitterPct: number("PICLOUD_TRIGGER_RETRY_JITTER_PCT", [0, 100, "percent"], 20, {
      doc: "How far a wait is varied by chance.",
    }),
  };
}

function retentionSettings() {
  return {
    deadLetterRetentionDays: days("PICLOUD_DEAD_LETTER_RETENTION_DAYS", 30, "dead letters"),
    abandonedExecutionsRetentionDays: days(
      "PICLOUD_ABANDONED_EXECUTIONS_RETENTION_DAYS",
      7,
      "outcomes that nobody waited for",
    ),
    eventRetentionDays: days("PICLOUD_EVENT_RETENTION_DAYS", 14, "events"),
    logRetentionDays: days("PICLOUD_LOG_RETENTION_DAYS", 14, "executions and their logs"),
    logMaxBytes: bytes("PICLOUD_LOG_MAX_BYTES", 1_073_741_824, "Most bytes of all execution logs together."),
  };
}

function fileSettings(machine: Machine) {
  return {
    filesRoot: optional("PICLOUD_FILES_ROOT", folder(machine.workingFolder), {
      doc: "Folder of files.",
      shownDefault: "<data folder>/files",
    }),
    filesUrl: optional(
      "PICLOUD_FILES_URL",
      url(["s3"], "s3://bucket/prefix?region=…&endpoint=…"),
      "S3 bucket for files instead of a folder.",
    ),
    awsAccessKeyId: optional("AWS_ACCESS_KEY_ID", text(256), "Access key for PICLOUD_FILES_URL."),
    awsSecretAccessKey: optional("AWS_SECRET_ACCESS_KEY", text(256), {
      doc: "Secret of the access key.",
      isSecret: true,
    }),
    fileMaxBytes: bytes("PICLOUD_FILE_MAX_BYTES", 5_368_709_120, "Most bytes of a file."),
  };
}

function outboundSettings() {
  return {
    httpAllowPrivate: setting(
      "PICLOUD_HTTP_ALLOW_PRIVATE",
      yesOrNo(),
      false,
      "Whether scripts may call private and loopback addresses.",
    ),
    httpPorts: setting(
      "PICLOUD_HTTP_PORTS",
      listOf(wholeNumber(1, 65_535, "port"), "port numbers"),
      [80, 443, 8080, 8443],
      { doc: "Ports that scripts may call.", shownDefault: "80,443,8080,8443" },
    ),
    httpProxy: optional("PICLOUD_HTTP_PROXY", url(["http", "https"], "http://host:port"), {
      doc: "Proxy for calls of scripts.",
      isSecret: true,
    }),
    httpMaxRequestBytes: bytes(
      "PICLOUD_HTTP_MAX_REQUEST_BYTES",
      10 * MIB,
      "Most bytes that a script's call sends.",
    ),
    httpMaxResponseBytes: bytes("PICLOUD_HTTP_MAX_RESPONSE_BYTES", 10 * MIB, "Most bytes that it reads."),
    httpConnectTimeoutMs: number("PICLOUD_HTTP_CONNECT_TIMEOUT_MS", [1, 600_000, "milliseconds"], 5_000, {
      doc: "How long connecting may take.",
    }),
    httpTimeoutMs: number("PICLOUD_HTTP_TIMEOUT_MS", [1, 3_600_000, "milliseconds"], 30_000, {
      doc: "How long a call may take in all.",
    }),
    httpMaxRedirects: number("PICLOUD_HTTP_MAX_REDIRECTS", [0, 20, "redirects"], 5, {
      doc: "Redirects that a call follows.",
    }),
  };
}

function mailSettings() {
  return {
    smtpHost: optional("PICLOUD_SMTP_HOST", hostName(), "Mail server; without it no mail is sent."),
    smtpPort: number("PICLOUD_SMTP_PORT", [1, 65_535, "port"], 587, { doc: "Its port." }),
    smtpUser: optional("PICLOUD_SMTP_USER", text(256), "User at the mail server."),
    smtpPassword: optional("PICLOUD_SMTP_PASSWORD", text(1_024), {
      doc: "Password of that user.",
      isSecret: true,
    }),
    smtpTls: setting(
      "PICLOUD_SMTP_TLS",
      oneOf("starttls", "implicit", "none"),
      "starttls",
      "How mail is encrypted.",
    ),
    smtpTimeoutSecs: number("PICLOUD_SMTP_TIMEOUT_SECS", [1, 600, "seconds"], 30, {
      doc: "How long the mail server may take.",
    }),
    emailMaxMessageBytes: bytes("PICLOUD_EMAIL_MAX_MESSAGE_BYTES", 26_214_400, "Most bytes of a mail."),
    smtpListen: optional("PICLOUD_SMTP_LISTEN", hostPort(), "Where inbound mail is taken over SMTP."),
  };
}

interface Notes {
  readonly doc: string;
  readonly isSecret?: boolean;
  readonly shownDefault?: string;
}

function setting<T>(
  name: string,
  form: SettingForm<T>,
  fallback: NoInfer<T>,
  notes: Notes | string,
): Setting<T> {
  const {
    doc,
    isSecret = false,
    shownDefault = String(fallback),
  } = typeof notes === "string" ? { doc: notes } : notes;
  // A form gives no `undefined`, so `Exclude` takes nothing away.
  return { name, form, fallback, doc, isSecret, shownDefault } as unknown as Setting<T>;
}

function optional<T>(name: string, form: SettingForm<T>, notes: Notes | string): Setting<T | undefined> {
  const {
    doc,
    isSecret = false,
    shownDefault = "unset",
  } = typeof notes === "string" ? { doc: notes } : notes;
  return { name, form, fallback: undefined, doc, isSecret, shownDefault } as unknown as Setting<
    T | undefined
  >;
}

function number(
  name: string,
  [min, max, unit]: readonly [number, number, string],
  fallback: number,
  notes: Notes | string,
): Setting<number> {
  return setting(name, wholeNumber(min, max, unit), fallback, notes);
}

function bytes(name: string, fallback: number, doc: string): Setting<number> {
  return setting(name, wholeNumber(1, BYTES_MAX, "bytes"), fallback, doc);
}

function days(name: string, fallback: number, what: string): Setting<number> {
  return number(name, [1, DAYS_MAX, "days"], fallback, `How long ${what} are kept.`);
}

/** As root the account of PostgreSQL could not enter a working folder below a 0700 home. */
function defaultDataFolder(machine: Machine): string {
  if (!machine.isRoot) return path.join(machine.workingFolder, "picloud-data");
  const name = createHash("sha256").update(machine.workingFolder).digest("hex").slice(0, 12);
  return path.join("/var/lib/picloud", name);
}
