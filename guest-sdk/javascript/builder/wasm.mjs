// The outer layer of WebAssembly's binary format, shared by modules and components: a header, then sections.

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

const COMPONENT = { module: 1, component: 4 };

/** Rewrites each core module of a component, also those in components within it. */
export function withModules(component, change) {
  return withSections(component, (kind, section) => {
    if (kind === COMPONENT.module) return change(section);
    return kind === COMPONENT.component ? withModules(section, change) : section;
  });
}

/** Rewrites a module's code section: `change(body, place)` returns the new body of each function. */
export function withBodies(section, change) {
  const reader = new Reader(section);
  const count = reader.number();
  const changed = Array.from({ length: count }, (_, place) => sized(change(reader.sized(), place)));
  return Buffer.concat([encoded(count), ...changed]);
}

/** Rewrites a module or component: `change(kind, content)` returns the new content of each section. */
export function withSections(binary, change) {
  const reader = new Reader(binary, HEADER);
  const parts = [binary.subarray(0, HEADER)];
  while (!reader.isAtEnd) {
    const kind = reader.byte();
    parts.push(Buffer.from([kind]), sized(change(kind, reader.sized())));
  }
  return Buffer.concat(parts);
}
