import fc from "fast-check";
import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

test("holds what was added and not deleted, in no more places than were ever needed at once", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (steps) => {
      const slots = new Slots<{ n: number }>();
      const model = new Map<number, { n: number }>();
      let most = 0;
      for (const [n, isAdd] of steps.entries()) {
        const [first] = model.keys();
        if (isAdd) {
          const item = { n };
          model.set(slots.add(item), item);
        } else if (first !== undefined) {
          slots.delete(first);
          model.delete(first);
        }
        most = Math.max(most, model.size);
        expect(slots.size).toBe(model.size);
        expect(Math.max(-1, ...model.keys())).toBeLessThan(most);
      }
      expect(new Set(slots)).toEqual(new Set(model.values()));
    }),
  );
});
