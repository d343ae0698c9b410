// structuredClone for plain data, Map, Set, Date, errors and bytes.

export function structuredClone(value, copies = new Map()) {
  if (typeof value === "function" || typeof value === "symbol") throw new TypeError(`a ${typeof value} cannot be cloned`);
  if (typeof value !== "object" || value === null) return value;
  if (copies instanceof Map === false) copies = new Map();
  if (copies.has(value)) return copies.get(value);
  const keep = (copy) => {
    copies.set(value, copy);
    return copy;
  };
  const inner = (part) => structuredClone(part, copies);
  if (value instanceof Date) return keep(new Date(value));
  if (value instanceof RegExp) return keep(new RegExp(value));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(new value.constructor(inner(value.buffer), value.byteOffset, value.length));
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, part] of value) copy.set(inner(key), inner(part));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const part of value) copy.add(inner(part));
    return copy;
  }
  if (value instanceof Error) return keep(Object.assign(new Error(value.message), { name: value.name, stack: value.stack }));
  const copy = keep(Array.isArray(value) ? [] : {});
  // Not by assignment: `__proto__` is a key as any other.
  for (const key of Object.keys(value)) Object.defineProperty(copy, key, { value: inner(value[key]), enumerable: true, configurable: true, writable: true });
  return copy;
}
