import { capabilities, instanceRoles, scopes } from "@picloud/contract";
import { expect, test } from "vitest";
import { policy, roleHolds } from "./policy.ts";

test("every capability has exactly one scope of the seven and a lowest role", () => {
  expect(Object.keys(policy).toSorted()).toEqual([...capabilities].toSorted());
  for (const capability of capabilities) expect(scopes).toContain(policy[capability].scope);
  expect(new Set(capabilities.map((capability) => policy[capability].scope)).size).toBe(scopes.length);
});

test("an owner holds everything, an admin all but settings, a member without a role nothing", () => {
  for (const capability of capabilities) {
    expect(roleHolds(capability, "owner", undefined)).toBe(true);
    expect(roleHolds(capability, "admin", undefined)).toBe(capability !== "InstanceManageSettings");
    expect(roleHolds(capability, "member", undefined)).toBe(false);
  }
});

test("a higher app role holds all that a lower one holds", () => {
  for (const role of instanceRoles) {
    for (const capability of capabilities) {
      const held = (["viewer", "editor", "app_admin"] as const).map((appRole) =>
        roleHolds(capability, role, appRole),
      );
      expect(held).toEqual([...held].toSorted((a, b) => Number(a) - Number(b)));
    }
  }
});
