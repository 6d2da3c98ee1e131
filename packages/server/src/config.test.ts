import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, describeSettings, parseConfig, type Config, type Environment } from "./config.ts";
import { passwordSchema, usernameSchema } from "./features/users/users.contract.ts";
import type { Machine } from "./platform/settings/settings-table.ts";

const machine: Machine = { workingFolder: "/srv/picloud", isRoot: false, cores: 4 };
const parse = (environment: Environment, on: Machine = machine): Config => parseConfig(environment, on);

function outcomeOf(environment: Environment): Config | ConfigError {
  try {
    return parse(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function problemsOf(environment: Environment): ConfigError {
  const outcome = outcomeOf(environment);
  if (outcome instanceof ConfigError) return outcome;
  throw new Error("it was accepted");
}

describe("defaults", () => {
  it("are those of the documentation", () => {
    const config = parse({});
    expect(config.listen).toEqual({ host: "127.0.0.1", port: 8080 });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.executors).toBe(4);
    expect(config.leaseMs).toBe(30_000);
    expect(config.limits.cpu_ms).toEqual({ default: 5_000, ceiling: 60_000 });
  });

  it("put the data below the working folder, but as root where PostgreSQL's account can enter", () => {
    expect(parse({}).dataDir).toBe("/srv/picloud/picloud-data");
    // SHA-256 of "/srv/picloud" begins with these twelve.
    expect(parse({}, { ...machine, isRoot: true }).dataDir).toBe("/var/lib/picloud/ad15b7a4bb98");
    expect(parse({ PICLOUD_DATA_DIR: "data/x" }, { ...machine, isRoot: true }).dataDir).toBe(
      "/srv/picloud/data/x",
    );
  });

  it("hold for empty variables", () => {
    expect(parse({ PICLOUD_LISTEN: "", PICLOUD_LIMIT_CPU_MS: "" })).toEqual(parse({}));
  });
});

describe("values", () => {
  it.each([
    ["PICLOUD_LISTEN", "[::1]:0", "listen", { host: "::1", port: 0 }],
    ["PICLOUD_LISTEN", "0.0.0.0:65535", "listen", { host: "0.0.0.0", port: 65_535 }],
    ["PICLOUD_DEV_MODE", "true", "devMode", true],
    ["PICLOUD_TRUSTED_PROXIES", "10.0.0.0/8, ::1", "trustedProxies", ["10.0.0.0/8", "::1"]],
    [
      "PICLOUD_DNS_SERVERS",
      "192.0.2.1, [2001:db8::1]:5353",
      "dnsServers",
      ["192.0.2.1", "[2001:db8::1]:5353"],
    ],
    ["PICLOUD_HTTP_PORTS", "80,8080", "httpPorts", [80, 8080]],
    ["PICLOUD_BASE_PATH", "/a/b", "basePath", "/a/b"],
    ["PICLOUD_ADMIN_HOST", "Admin.Example.ORG", "adminHost", "admin.example.org"],
    ["PICLOUD_SECRET_KEY", `${"A".repeat(43)}=`, "secretKey", Buffer.alloc(32)],
    [
      "DATABASE_URL",
      "postgres://u:p%40@h/d?sslmode=require",
      "databaseUrl",
      "postgres://u:p%40@h/d?sslmode=require",
    ],
  ] as const)("%s=%s is read", (name, value, key, expected) => {
    expect(parse({ [name]: value })[key]).toEqual(expected);
  });

  it.each([
    ["PICLOUD_LISTEN", "8080"],
    ["PICLOUD_LISTEN", "127.0.0.1:65536"],
    ["PICLOUD_LISTEN", "::1:80"],
    ["PICLOUD_LISTEN", "[127.0.0.1]:80"],
    ["PICLOUD_LISTEN", "a b:80"],
    ["PICLOUD_DEV_MODE", "yes"],
    ["PICLOUD_LEASE_MS", "30s"],
    ["PICLOUD_LEASE_MS", "-1"],
    ["PICLOUD_LEASE_MS", "1e4"],
    ["PICLOUD_LEASE_MS", "999"],
    ["PICLOUD_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["PICLOUD_TRUSTED_PROXIES", "10.0.0.1,,"],
    ["PICLOUD_DNS_SERVERS", "dns.example.org"],
    ["PICLOUD_DNS_SERVERS", "192.0.2.1:0"],
    ["PICLOUD_DNS_SERVERS", "192.0.2.1:65536"],
    ["PICLOUD_DNS_SERVERS", "[192.0.2.1]:53"],
    ["PICLOUD_DNS_SERVERS", "2001:db8::1:x"],
    ["PICLOUD_BASE_PATH", "/a/"],
    ["PICLOUD_SECRET_KEY", "c2hvcnQ="],
    ["PICLOUD_LOG_LEVEL", "loud"],
    ["PICLOUD_LIMIT_CPU_MS", "0"],
    ["PICLOUD_LIMIT_CPU_MS", "60001"],
    ["PICLOUD_BOOTSTRAP_ADMIN_USERNAME", "root"],
    ["DATABASE_URL", "mysql://h/d"],
    ["DATABASE_URL", "postgres://h/%zz"],
  ])("%s=%s is refused with its accepted form", (name, value) => {
    const { problems } = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.name.startsWith(name.slice(0, 20))).toBe(true);
    expect(problems[0]?.form.length).toBeGreaterThan(5);
  });

  it("that are secret are never printed", () => {
    const error = problemsOf({
      DATABASE_URL: "postgres//u:hunter2@h",
      PICLOUD_SECRET_KEY: "hunter2",
      PICLOUD_SMTP_PASSWORD: "hunter2\u0001",
      PICLOUD_SECRET_KEYS_OLD: "hunter2,x",
    });
    expect(error.problems).toHaveLength(4);
    expect(error.message).not.toContain("hunter2");
  });
});

describe("the first owner", () => {
  it("is accepted exactly when the API would accept it", () => {
    const check = fc.check(
      fc.property(
        fc.oneof(fc.string({ maxLength: 70 }), fc.stringMatching(/^[a-zA-Z0-9._@-]{1,70}$/)),
        fc.string({ maxLength: 1_100, unit: "binary" }),
        (username, password) => {
          fc.pre(username !== "" && password !== "");
          const outcome = outcomeOf({
            PICLOUD_BOOTSTRAP_ADMIN_USERNAME: username,
            PICLOUD_BOOTSTRAP_ADMIN_PASSWORD: password,
          });
          const isAccepted =
            usernameSchema.safeParse(username).success && passwordSchema.safeParse(password).success;
          return isAccepted === !(outcome instanceof ConfigError);
        },
      ),
    );
    expect(check.failed ? fc.defaultReportMessage(check) : "").toBe("");
  });
});

describe("rules between settings", () => {
  it("development is on loopback only", () => {
    expect(problemsOf({ PICLOUD_DEV_MODE: "true", PICLOUD_LISTEN: "0.0.0.0:1" }).message).toContain(
      "no loopback",
    );
    expect(parse({ PICLOUD_DEV_MODE: "true", PICLOUD_LISTEN: "[::1]:1" }).devMode).toBe(true);
  });

  it("a lower ceiling lowers the default, but not a default that was set", () => {
    expect(parse({ PICLOUD_LIMIT_CPU_MS_MAX: "100" }).limits.cpu_ms).toEqual({ default: 100, ceiling: 100 });
    const { problems } = problemsOf({ PICLOUD_LIMIT_CPU_MS_MAX: "100", PICLOUD_LIMIT_CPU_MS: "200" });
    expect(problems.map((problem) => problem.name)).toEqual(["PICLOUD_LIMIT_CPU_MS"]);
  });
});

describe("names", () => {
  it("that are unknown are told with the nearest known one, all at once", () => {
    const error = problemsOf({ PICLOUD_LISTN: "x", PICLOUD_LIMIT_CPU_MSMAX: "1", PICLOUD_EXECUTORS: "no" });
    expect(error.exitCode).toBe(2);
    expect(error.message.split("\n")).toEqual([
      expect.stringMatching(
        /^PICLOUD_LIMIT_CPU_MSMAX is no setting; did you mean PICLOUD_LIMIT_CPU_MS_MAX\?/,
      ),
      expect.stringMatching(/^PICLOUD_LISTN is no setting; did you mean PICLOUD_LISTEN\?/),
      expect.stringMatching(/^PICLOUD_EXECUTORS \("no"\) is not a whole number; accepted: a whole number/),
    ]);
  });

  it("of clients and tests are ignored, and so is everything without the prefix", () => {
    const others = {
      PICLOUD_URL: "x",
      PICLOUD_TOKEN: "x",
      PICLOUD_TEST_DATABASE_URL: "x",
      PICLOUD_CLI_E2E_URL: "x",
      PIC_PROFILE: "x",
      LISTEN: "x",
    };
    expect(parse(others)).toEqual(parse({}));
    expect(problemsOf({ PICLOUD_URLS: "x" }).message).toContain("PICLOUD_URLS is no setting");
  });
});

describe("any environment", () => {
  const names = describeSettings().map((setting) => setting.name);

  it("gives settings or a ConfigError with one line for each problem", () => {
    const name = fc.oneof(
      fc.constantFrom(...names),
      fc.string().map((text) => `PICLOUD_${text}`),
      fc.string(),
    );
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.webUrl(),
      fc.ipV4(),
      fc.ipV6(),
      fc.nat().map(String),
      fc.constantFrom("true", "[::1]:80", "h:1", "postgres://a:b@c/d", ",", "/", "%"),
    );
    const check = fc.check(
      fc.property(fc.dictionary(name, value), (environment) => {
        const outcome = outcomeOf(environment);
        // Anything but a ConfigError was thrown on by then.
        return outcome instanceof ConfigError
          ? outcome.problems.length === outcome.message.split("\n").length
          : outcome.listen.port <= 65_535 && outcome.limits.cpu_ms.default <= outcome.limits.cpu_ms.ceiling;
      }),
      { numRuns: 500 },
    );
    expect(check.failed ? fc.defaultReportMessage(check) : "").toBe("");
  });

  it("that sets one variable to its documented default changes nothing", () => {
    const numeric = describeSettings().filter((setting) => /^\d+$/.test(setting.default));
    expect(numeric.length).toBeGreaterThan(40);
    for (const setting of numeric) {
      if (setting.name === "PICLOUD_EXECUTORS") continue;
      expect({ [setting.name]: parse({ [setting.name]: setting.default }) }).toEqual({
        [setting.name]: parse({}),
      });
    }
  });
});

describe("the table", () => {
  it("has every setting of the documentation once, with meaning and form", () => {
    const all = describeSettings();
    expect(new Set(all.map((setting) => setting.name)).size).toBe(all.length);
    for (const setting of all) {
      expect(setting.name).toMatch(
        /^(PICLOUD_[A-Z0-9_]+|DATABASE_URL|AWS_[A-Z_]+|OTEL_EXPORTER_OTLP_ENDPOINT)$/,
      );
      expect(`${setting.name}: ${setting.doc}`).toMatch(/: [A-Z`].*[.]$/s);
      expect(`${setting.name}: ${setting.form}`).toMatch(/: .{5,}$/);
    }
  });
});
