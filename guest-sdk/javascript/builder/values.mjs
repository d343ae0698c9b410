// Corrects how the engine passes two kinds of values between the host and JavaScript (componentize-qjs 0.4.5).
//
// - A u64 becomes a number, which is exact up to 2^53 only; half of a connection's id has 64 bits. Here it is text instead: 16
//   hexadecimal digits.
// - A borrowed handle has to be dropped before the call ends, and the engine refuses to: `[Symbol.dispose]` is for owned ones. Here
//   it is passed as an owned one, so that the SDK can dispose of it. The host's rule is the same for both.
//
// The functions of the engine that pass them get other bodies, made of its functions for strings and for owned handles.
import { Failure } from "./failure.mjs";
import { encoded, importsOf, KIND, Reader, SECTION, withBodies, withSections } from "./wasm.mjs";

const [PUSH, POP] = ["wit_dylib_push_u64", "wit_dylib_pop_u64"];
const [PUSH_BORROW, PUSH_OWN] = ["wit_dylib_push_borrow", "wit_dylib_push_own"];
const [PUSH_STRING, POP_STRING, REALLOC] = ["wit_dylib_push_string", "wit_dylib_pop_string", "cabi_realloc"];
const NEEDED = [PUSH, POP, PUSH_BORROW, PUSH_OWN, PUSH_STRING, POP_STRING, REALLOC];

const [I32, I64] = [0x7f, 0x7e];

/** Replaces the bodies in the engine's module, which exports these functions. */
export function repairValues(module) {
  let imported;
  let functions = new Map();
  let isReplaced = false;
  const changed = withSections(module, (kind, section) => {
    if (kind === SECTION.imports) imported = counted(section);
    if (kind === SECTION.exports) functions = functionsOf(section);
    if (kind !== SECTION.code || !NEEDED.every((name) => functions.has(name))) return section;
    isReplaced = true;
    const others = new Map([
      [functions.get(PUSH) - imported.functions, push(functions)],
      [functions.get(POP) - imported.functions, pop(functions, imported.stackPointer)],
      [functions.get(PUSH_BORROW) - imported.functions, asOwned(functions)],
    ]);
    return withBodies(section, (body, place) => others.get(place) ?? body);
  });
  if (!isReplaced) throw new Failure("the engine is not the one that the SDK was made for");
  return changed;
}

/** `(context, value: u64)`: 16 digits in memory of their own, which the function that takes a string frees. */
function push(functions) {
  const [context, value, at, end, digit] = [0, 1, 2, 3, 4];
  return body([[3, I32]], [
    ...i32(0), ...i32(0), ...i32(1), ...i32(16), ...call(functions.get(REALLOC)), ...tee(at), ...i32(16), ADD, ...set(end),
    ...LOOP,
    ...get(at),
    ...get(value), ...i64(60), SHIFT_RIGHT_64, WRAP, ...tee(digit), ...i32("0".charCodeAt()), ADD,
    ...get(digit), ...i32(9), ABOVE, ...i32("a".charCodeAt() - "9".charCodeAt() - 1), MULTIPLY, ADD,
    ...STORE_BYTE,
    ...get(value), ...i64(4), SHIFT_LEFT_64, ...set(value),
    ...get(at), ...i32(1), ADD, ...tee(at), ...get(end), DIFFERENT, ...branchIf(0),
    END,
    ...get(context), ...get(end), ...i32(16), SUBTRACT, ...i32(16), ...call(functions.get(PUSH_STRING)),
  ]);
}

/** `(context) -> u64`, of any number of digits in lower case. Its place on the stack takes the string's address. */
function pop(functions, stackPointer) {
  const [context, at, end, digit, value] = [0, 1, 2, 3, 4];
  return body([[3, I32], [1, I64]], [
    ...global(stackPointer), ...i32(16), SUBTRACT, ...tee(at), ...setGlobal(stackPointer),
    ...get(context), ...get(at), ...call(functions.get(POP_STRING)), ...set(end),
    ...get(at), ...i32(16), ADD, ...setGlobal(stackPointer),
    ...get(at), ...LOAD, ...tee(at), ...get(end), ADD, ...set(end),
    ...BLOCK,
    ...LOOP,
    ...get(at), ...get(end), SAME, ...branchIf(1),
    ...get(value), ...i64(4), SHIFT_LEFT_64,
    ...get(at), ...LOAD_BYTE, ...tee(digit), ...i32(15), AND, ...get(digit), ...i32("9".charCodeAt()), ABOVE, ...i32(9), MULTIPLY, ADD, EXTEND,
    OR_64, ...set(value),
    ...get(at), ...i32(1), ADD, ...set(at),
    ...branch(0),
    END,
    END,
    ...get(value),
  ]);
}

/** `(context, type, handle)`, with the parameters of the function that takes an owned one. */
function asOwned(functions) {
  return body([], [...get(0), ...get(1), ...get(2), ...call(functions.get(PUSH_OWN))]);
}

// WebAssembly's instructions, as far as they are used here.
const [BLOCK, LOOP, END] = [[0x02, 0x40], [0x03, 0x40], 0x0b];
const [LOAD, LOAD_BYTE, STORE_BYTE] = [[0x28, 2, 0], [0x2d, 0, 0], [0x3a, 0, 0]];
const [SAME, DIFFERENT, ABOVE] = [0x46, 0x47, 0x4b];
const [ADD, SUBTRACT, MULTIPLY, AND] = [0x6a, 0x6b, 0x6c, 0x71];
const [OR_64, SHIFT_LEFT_64, SHIFT_RIGHT_64] = [0x84, 0x86, 0x88];
const [WRAP, EXTEND] = [0xa7, 0xad];
const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const tee = (local) => [0x22, local];
const global = (index) => [0x23, ...encoded(index)];
const setGlobal = (index) => [0x24, ...encoded(index)];
const branch = (depth) => [0x0c, depth];
const branchIf = (depth) => [0x0d, depth];
const call = (index) => [0x10, ...encoded(index)];
/** Constants up to 63, which are one byte in signed LEB128. */
const i32 = (number) => [0x41, number];
const i64 = (number) => [0x42, number];

const body = (locals, code) => Buffer.from([locals.length, ...locals.flat(), ...code, END]);

/** How many functions a module imports, and which of its globals is the stack pointer. */
function counted(section) {
  const all = [...importsOf(section)];
  const globals = all.filter(({ kind }) => kind === KIND.global);
  return {
    functions: all.filter(({ kind }) => kind === KIND.function).length,
    stackPointer: globals.findIndex(({ name }) => name === "__stack_pointer"),
  };
}

/** The functions that a module exports, by name. */
function functionsOf(section) {
  const reader = new Reader(section);
  const found = new Map();
  for (let left = reader.number(); left > 0; left--) {
    const [name, kind, index] = [reader.sized().toString(), reader.byte(), reader.number()];
    if (kind === KIND.function) found.set(name, index);
  }
  return found;
}
