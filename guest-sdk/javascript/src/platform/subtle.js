// crypto.subtle: hashes, HMAC, and checks of signatures, by the host.
import { call } from "../host-error.js";
import { algorithmOf, fault, HASHES, hashOf, signatureOf, unsupported } from "./subtle/algorithms.js";
import { bytesOf, importKey } from "./subtle/import.js";
import { CryptoKey, materialOf } from "./subtle/key.js";

export { CryptoKey };

const METHODS = {
  exportKey: "keep what you import",
  generateKey: "draw a secret with crypto.getRandomValues; make a pair of keys outside",
  encrypt: "use a library in JavaScript",
  decrypt: "use a library in JavaScript",
  deriveBits: "use a library in JavaScript",
  deriveKey: "use a library in JavaScript",
  wrapKey: "use a library in JavaScript",
  unwrapKey: "use a library in JavaScript",
};

/** It, over the functions of the contract's interface `crypto`. */
export function subtleCrypto(host) {
  const subtle = {
    async digest(algorithm, data) {
      const { tag } = HASHES[hashOf(algorithm)];
      return bufferOf(call(host.digest, { tag }, bytesOf(data)));
    },

    async importKey(format, data, algorithm, extractable, usages) {
      return importKey(format, data, algorithm, extractable, usages);
    },

    async sign(algorithm, key, data) {
      const { name } = permitted("sign", algorithm, key);
      if (name !== "HMAC") throw unsupported(`sign with ${name}`, "there are no private keys here; it signs with HMAC");
      return bufferOf(call(host.hmac, hashTag(key), materialOf(key), bytesOf(data)));
    },

    async verify(algorithm, key, signature, data) {
      const wanted = permitted("verify", algorithm, key);
      const [signed, content] = [bytesOf(signature), bytesOf(data)];
      if (wanted.name === "HMAC") return call(host.verifyHmac, hashTag(key), materialOf(key), content, signed);
      return call(host.verify, { tag: signatureOf(key, wanted) }, materialOf(key), content, signed);
    },
  };
  for (const [name, instead] of Object.entries(METHODS)) {
    subtle[name] = async () => { throw unsupported(`there is no ${name}`, instead); };
  }
  return subtle;
}

/** The algorithm, if the key is for it and for this. */
function permitted(usage, given, key) {
  const algorithm = algorithmOf(given);
  if (!(key instanceof CryptoKey)) throw new TypeError(`crypto.subtle.${usage} takes a key that crypto.subtle.importKey has made`);
  if (key.algorithm.name !== algorithm.name) throw fault("InvalidAccessError", `crypto.subtle.${usage}: the key is for ${key.algorithm.name}, not ${algorithm.name}`);
  if (!key.usages.includes(usage)) throw fault("InvalidAccessError", `crypto.subtle.${usage}: the key was not imported for it: its usages are [${key.usages}]`);
  return algorithm;
}

const hashTag = ({ algorithm }) => ({ tag: HASHES[algorithm.hash.name].tag });

/** A buffer of these bytes alone. */
const bufferOf = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
