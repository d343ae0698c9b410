// The corrections of the engine; check/ runs what they make of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { limitStack } from "../builder/stack.mjs";
import { repairValues } from "../builder/values.mjs";

test("an engine that they do not fit is refused", () => {
  const empty = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]);
  for (const correct of [limitStack, repairValues]) assert.throws(() => correct(empty), /the engine is not the one that the SDK was made for/);
});
