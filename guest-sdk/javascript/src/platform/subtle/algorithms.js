// The algorithms of crypto.subtle that there are, by their names in Web Cryptography.

/** Names of the contract for hash functions, with their length in bytes. */
export const HASHES = {
  "SHA-1": { tag: "sha1", length: 20 },
  "SHA-256": { tag: "sha256", length: 32 },
  "SHA-384": { tag: "sha384", length: 48 },
  "SHA-512": { tag: "sha512", length: 64 },
};

/** Curves, with the length of a coordinate and the hash function that goes with it. */
export const CURVES = {
  "P-256": { length: 32, hash: "SHA-256", identifier: "2a8648ce3d030107", tag: "ecdsa-p256-sha256" },
  "P-384": { length: 48, hash: "SHA-384", identifier: "2b81040022", tag: "ecdsa-p384-sha384" },
};

export const RSA = { "RSASSA-PKCS1-v1_5": "rsa-pkcs1", "RSA-PSS": "rsa-pss" };

const NAMES = ["HMAC", "ECDSA", "Ed25519", ...Object.keys(RSA)];

export const fault = (name, message) => new DOMException(message, name);

/** What is not there. */
export const unsupported = (what, instead) => fault("NotSupportedError", `crypto.subtle: ${what}: ${instead}`);

/** An object with the name as it is written here. */
export function algorithmOf(given) {
  const algorithm = typeof given === "string" ? { name: given } : { ...given };
  const name = NAMES.find((known) => known.toLowerCase() === String(algorithm.name).toLowerCase());
  if (!name) throw unsupported(`there is no ${String(algorithm.name)}`, `it has ${NAMES.join(", ")}; for others use a library in JavaScript`);
  return { ...algorithm, name };
}

/** The name of a hash function, from a name or an object. */
export function hashOf(given) {
  const wanted = String(given?.name ?? given).toUpperCase();
  if (!Object.hasOwn(HASHES, wanted)) throw unsupported(`there is no hash function ${wanted}`, `it has ${Object.keys(HASHES).join(", ")}`);
  return wanted;
}

/** The contract's name for signatures that such a key makes. */
export function signatureOf({ algorithm }, { hash, saltLength }) {
  if (algorithm.name === "Ed25519") return "ed25519";
  if (algorithm.name === "ECDSA") {
    const curve = CURVES[algorithm.namedCurve];
    if (hashOf(hash) !== curve.hash) throw unsupported(`ECDSA on ${algorithm.namedCurve} with ${hashOf(hash)}`, `it goes with ${curve.hash}`);
    return curve.tag;
  }
  const { tag, length } = HASHES[algorithm.hash.name];
  if (tag === "sha1") throw unsupported("signatures with SHA-1", "they can be forged; use SHA-256");
  if (algorithm.name === "RSA-PSS" && saltLength !== length) {
    throw unsupported(`RSA-PSS with a salt of ${saltLength} bytes`, `with ${algorithm.hash.name} it is ${length}`);
  }
  return `${RSA[algorithm.name]}-${tag}`;
}
