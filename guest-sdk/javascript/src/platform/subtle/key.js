// CryptoKey: a key that was imported.

/** The bytes of a key: a secret, or the bits of `subjectPublicKey`. */
export let materialOf;

export class CryptoKey {
  #material;

  static {
    materialOf = (key) => key.#material;
  }

  constructor(material, { type, extractable, algorithm, usages }) {
    this.#material = material;
    Object.assign(this, { type, extractable, algorithm, usages });
  }

  get [Symbol.toStringTag]() {
    return "CryptoKey";
  }
}
