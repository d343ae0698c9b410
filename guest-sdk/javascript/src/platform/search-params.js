// URLSearchParams: what follows the `?`.

export class URLSearchParams {
  #pairs;

  constructor(init = "") {
    if (typeof init === "string") this.#pairs = parse(init.replace(/^\?/, ""));
    else this.#pairs = [...(init[Symbol.iterator] ? init : Object.entries(init))].map(([name, value]) => [String(name), String(value)]);
  }

  get size() {
    return this.#pairs.length;
  }

  get(name) {
    return this.#pairs.find(([key]) => key === name)?.[1] ?? null;
  }

  getAll(name) {
    return this.#pairs.filter(([key]) => key === name).map(([, value]) => value);
  }

  has(name, value) {
    return this.#pairs.some(([key, content]) => key === name && (value === undefined || content === value));
  }

  append(name, value) {
    this.#pairs.push([String(name), String(value)]);
  }

  set(name, value) {
    const first = this.#pairs.find(([key]) => key === name);
    if (!first) return this.append(name, value);
    first[1] = String(value);
    this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== name);
  }

  delete(name, value) {
    this.#pairs = this.#pairs.filter(([key, content]) => key !== name || (value !== undefined && content !== value));
  }

  sort() {
    this.#pairs.sort(([one], [two]) => (one < two ? -1 : one > two ? 1 : 0));
  }

  forEach(work, self) {
    for (const [name, value] of this.#pairs) work.call(self, value, name, this);
  }

  entries() {
    return this.#pairs.map(([name, value]) => [name, value]).values();
  }

  keys() {
    return this.#pairs.map(([name]) => name).values();
  }

  values() {
    return this.#pairs.map(([, value]) => value).values();
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  toString() {
    return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
  }
}

function parse(query) {
  return query.split("&").filter((pair) => pair !== "").map((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? [decode(pair), ""] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
  });
}

/** `+` is a space, `%XX` a byte; what is not UTF-8 then becomes U+FFFD, and a `%` that stands alone stays one. */
function decode(text) {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    const encoded = new TextEncoder().encode(spaced);
    const bytes = [];
    for (let i = 0; i < encoded.length; i++) {
      const hex = encoded[i] === 0x25 ? String.fromCharCode(...encoded.subarray(i + 1, i + 3)) : "";
      if (/^[0-9a-f]{2}$/i.test(hex)) {
        bytes.push(parseInt(hex, 16));
        i += 2;
      } else {
        bytes.push(encoded[i]);
      }
    }
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
  }
}

function encode(text) {
  const escaped = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()~]/g, escaped).replaceAll("%20", "+");
}
