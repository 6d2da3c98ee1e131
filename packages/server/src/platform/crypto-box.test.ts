import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { createCryptoBox } from "./crypto-box.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "picloud-box-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const [key, otherKey] = [randomBytes(32), randomBytes(32)];
const config = { secretKey: key, secretKeysOld: [], devMode: false, dataDir: folder };
const place = { table: "user_totp", name: "x" };
const secret = Buffer.from("a secret");

test("what is sealed opens in its place, and only there", () => {
  const box = createCryptoBox(config);
  const sealed = box.seal(secret, place);
  expect(box.open(sealed, place)).toEqual(secret);
  expect(sealed.includes(secret)).toBe(false);
  expect(box.seal(secret, place).equals(sealed)).toBe(false);
  for (const elsewhere of [
    { ...place, name: "y" },
    { ...place, table: "secrets" },
    { ...place, app: "a" },
  ])
    expect(() => box.open(sealed, elsewhere)).toThrow(expect.objectContaining({ code: "corrupted" }));
});

test("a changed byte anywhere does not open, nor do other bytes", () => {
  const box = createCryptoBox(config);
  const sealed = box.seal(secret, place);
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(() => box.open(changed, place), `byte ${i}`).toThrow(/secret/);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(() => box.open(bytes, place)).toThrow(/secret/);
    }),
  );
});

test("an earlier key still reads, the new one writes; without the key there is no way", () => {
  const old = createCryptoBox(config).seal(secret, place);
  const rotated = createCryptoBox({ ...config, secretKey: otherKey, secretKeysOld: [key] });
  expect(rotated.open(old, place)).toEqual(secret);
  const onlyNew = createCryptoBox({ ...config, secretKey: otherKey });
  expect(onlyNew.open(rotated.seal(secret, place), place)).toEqual(secret);
  expect(() => onlyNew.open(old, place)).toThrow(
    expect.objectContaining({ code: "unavailable", retryable: false }),
  );
});

test("without a key nothing is sealed, except in development: there a key is made once, for its owner only", () => {
  const none = { ...config, secretKey: undefined };
  expect(() => createCryptoBox(none).seal(secret, place)).toThrow(/PICLOUD_SECRET_KEY/);
  expect(fs.existsSync(path.join(folder, "secret.key"))).toBe(false);
  const dev = { ...none, devMode: true };
  const sealed = createCryptoBox(dev).seal(secret, place);
  expect(fs.statSync(path.join(folder, "secret.key")).mode & 0o777).toBe(0o600);
  expect(createCryptoBox(dev).open(sealed, place)).toEqual(secret);
});
