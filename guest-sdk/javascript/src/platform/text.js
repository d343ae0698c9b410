// TextEncoder and TextDecoder, by the engine's own Base64: a loop over the characters would take ten times as long.

const BEYOND_ASCII = /[^\0-\x7f]/;
const BEYOND_7_BITS = /[\x80-\xff]/;

export class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(content = "") {
    const text = String(content).toWellFormed();
    return Uint8Array.fromBase64(btoa(BEYOND_ASCII.test(text) ? unescape(encodeURIComponent(text)) : text));
  }

  encodeInto(content, target) {
    let [read, written] = [0, 0];
    for (const character of String(content)) {
      const bytes = this.encode(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      [read, written] = [read + character.length, written + bytes.length];
    }
    return { read, written };
  }
}

export class TextDecoder {
  /** The begin of a character that goes on in the next piece of a stream. */
  #rest = new Uint8Array();
  /** Whether something of a stream has been decoded. */
  #hasBegun = false;

  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    if (!/^utf-?8$/i.test(label)) throw new RangeError(`TextDecoder supports only UTF-8 here, not ${label}`);
    this.encoding = "utf-8";
    this.fatal = fatal;
    this.ignoreBOM = ignoreBOM;
  }

  decode(bytes = new Uint8Array(), { stream = false } = {}) {
    const whole = joined(this.#rest, viewOf(bytes));
    const end = stream ? whole.length - unfinished(whole) : whole.length;
    this.#rest = whole.slice(end);
    const text = this.#utf8(atob(whole.subarray(0, end).toBase64()));
    const isBegin = !this.#hasBegun;
    this.#hasBegun = stream && (this.#hasBegun || end > 0);
    return isBegin && !this.ignoreBOM && text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  /** From a string with one character per byte. */
  #utf8(bytes) {
    if (!BEYOND_7_BITS.test(bytes)) return bytes;
    try {
      return decodeURIComponent(escape(bytes));
    } catch {
      if (this.fatal) throw new TypeError("the bytes are not UTF-8");
      return bytes.replace(SEQUENCES, (found) => {
        try {
          return decodeURIComponent(escape(found));
        } catch {
          return "\ufffd";
        }
      });
    }
  }
}

function viewOf(bytes) {
  return ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
}

function joined(one, two) {
  if (one.length === 0) return two;
  const both = new Uint8Array(one.length + two.length);
  both.set(one);
  both.set(two, one.length);
  return both;
}

/** How many bytes at the end are the begin of a character of up to 4. */
function unfinished(bytes) {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes.at(-length);
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1;
    return needed > length ? length : 0;
  }
  return 0;
}

/** A whole character, a truncated one, or an invalid byte: each invalid one becomes U+FFFD. */
const SEQUENCES = new RegExp(
  [
    "[\\xc2-\\xdf][\\x80-\\xbf]?",
    "\\xe0(?:[\\xa0-\\xbf][\\x80-\\xbf]?)?",
    "[\\xe1-\\xec\\xee\\xef](?:[\\x80-\\xbf][\\x80-\\xbf]?)?",
    "\\xed(?:[\\x80-\\x9f][\\x80-\\xbf]?)?",
    "\\xf0(?:[\\x90-\\xbf](?:[\\x80-\\xbf][\\x80-\\xbf]?)?)?",
    "[\\xf1-\\xf3](?:[\\x80-\\xbf](?:[\\x80-\\xbf][\\x80-\\xbf]?)?)?",
    "\\xf4(?:[\\x80-\\x8f](?:[\\x80-\\xbf][\\x80-\\xbf]?)?)?",
    "[\\x80-\\xff]",
  ].join("|"),
  "g",
);
