import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    expect: { requireAssertions: true },
    // One PostgreSQL for the run; starts when the first test file asks for a database.
    globalSetup: ["tests/support/postgres-global.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/{src,tests}/**/*.test.ts", "{tools,bench}/**/*.test.ts"],
          pool: "forks",
          sequence: { shuffle: true },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: ["tests/**/*.test.ts"],
          pool: "forks",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
