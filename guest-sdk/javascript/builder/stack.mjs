// Turns stack overflow into an error that JavaScript can catch, instead of a trap that ends the instance.
//
// QuickJS compares its stack with a limit wherever it goes deeper: in calls, in JSON, in regular expressions, in its own parser.
// Built for WASI it has no limit (quickjs-ng before its change 1700), and componentize-qjs 0.4.5 has no way to set
// one. So the places that read the limit from the runtime's record get a constant in its place.
import { Failure } from "./failure.mjs";
import { encoded, SECTION, withBodies, withSections } from "./wasm.mjs";

/** The lowest address of the stack, which begins at 1 MiB and grows down. Native code needs up to 32 times as much of its own
 *  stack as the engine of this one (JSON.stringify does), and the host has 64 MiB; but what looks for cycles takes the square
 *  of the depth, and 7,000 levels of JSON, which 128 KiB are, take it a fraction of a second. */
const LIMIT = 896 * 1024;

/** `i32.load offset=636`: the limit, out of the record of the runtime whose address lies on the stack. */
const READS_LIMIT = Buffer.from([0x28, 0x02, 0xfc, 0x04]);

/** The number of places that read it in the pinned runtime; any other number means another runtime. */
const PLACES = 20;

const [DROP, I32_CONST] = [0x1a, 0x41];

/** Sets the stack limit in the engine's module. */
export function limitStack(module) {
  let places = 0;
  const instead = Buffer.concat([Buffer.from([DROP, I32_CONST]), signed(LIMIT)]);

  const body = (code) => {
    const parts = [];
    let from = 0;
    for (let found = code.indexOf(READS_LIMIT); found >= 0; found = code.indexOf(READS_LIMIT, from)) {
      parts.push(code.subarray(from, found), instead);
      from = found + READS_LIMIT.length;
      places += 1;
    }
    return Buffer.concat([...parts, code.subarray(from)]);
  };
  const limited = withSections(module, (kind, section) => (kind === SECTION.code ? withBodies(section, body) : section));
  if (places !== PLACES) {
    throw new Failure(`the engine is not the one that the SDK was made for: ${places} places read the limit of its stack, not ${PLACES}`);
  }
  return limited;
}

/** A positive number in signed LEB128, whose uppermost bit is the sign. */
const signed = (number) => {
  const bytes = encoded(number);
  return bytes.at(-1) & 0x40 ? Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1) | 0x80, 0])]) : bytes;
};
