// The outer layer of a WebAssembly module: a header, then sections.

const HEADER = 8;

/** A cursor over the bytes of a binary. */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get isAtEnd() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** A number in LEB128. */
  number() {
    let [value, factor, byte] = [0, 1, 0];
    do {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte & 0x80);
    return value;
  }

  /** Bytes with a length prefix. */
  sized() {
    const size = this.number();
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}

/** A number in LEB128. */
export function encoded(number) {
  const bytes = [];
  for (; number > 0x7f; number >>>= 7) bytes.push((number & 0x7f) | 0x80);
  return Buffer.from([...bytes, number]);
}

/** Bytes with a length prefix. */
export const sized = (bytes) => Buffer.concat([encoded(bytes.length), bytes]);

/** Rewrites a module's code section: `change(body, place)` returns the new body of each function. */
export function withBodies(section, change) {
  const reader = new Reader(section);
  const count = reader.number();
  const changed = Array.from({ length: count }, (_, place) => sized(change(reader.sized(), place)));
  return Buffer.concat([encoded(count), ...changed]);
}

/** Rewrites a module: `change(kind, content)` returns the new content of each section. */
export function withSections(binary, change) {
  const reader = new Reader(binary, HEADER);
  const parts = [binary.subarray(0, HEADER)];
  while (!reader.isAtEnd) {
    const kind = reader.byte();
    parts.push(Buffer.from([kind]), sized(change(kind, reader.sized())));
  }
  return Buffer.concat(parts);
}

export const SECTION = { imports: 2, exports: 7, code: 10 };
export const KIND = { function: 0, table: 1, memory: 2, global: 3 };

/** The entries of a module's import section: two names, the kind, and the bytes of kind and type. */
export function* importsOf(section) {
  const reader = new Reader(section);
  for (let left = reader.number(); left > 0; left--) {
    const [from, name, at] = [reader.sized().toString(), reader.sized().toString(), reader.at];
    const kind = reader.byte();
    if (kind === KIND.function) reader.number();
    if (kind === KIND.table) reader.byte();
    if (kind === KIND.table || kind === KIND.memory) limits(reader);
    if (kind === KIND.global) [reader.byte(), reader.byte()];
    yield { from, name, kind, type: section.subarray(at, reader.at) };
  }
}

/** Skips the bounds of a table or memory: a flag that says whether there is an upper one, and the bounds. */
function limits(reader) {
  const hasMost = reader.byte() & 1;
  reader.number();
  if (hasMost) reader.number();
}
