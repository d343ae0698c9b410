// From `raw`, `jwk` (RFC 7517) and `spki` (RFC 5280) to keys. What is wrong with a key is a DataError.
import { algorithmOf, CURVES, fault, hashOf, unsupported } from "./algorithms.js";
import { publicKeyInfo, rsaNumbers, rsaPublicKey } from "./der.js";
import { CryptoKey } from "./key.js";

const IDENTIFIERS = { RSA: "2a864886f70d010101", EC: "2a8648ce3d0201", OKP: "2b6570" };
const PRIVATE = "there are no private keys here; sign on another server, or with a library in JavaScript";

const wrong = (why) => fault("DataError", `crypto.subtle.importKey: ${why}`);

export function importKey(format, data, given, extractable, usages) {
  const algorithm = algorithmOf(given);
  if (algorithm.name === "HMAC") return secret(format, data, algorithm, extractable, usages);
  if (format === "pkcs8" || (format === "jwk" && data?.d !== undefined)) throw unsupported("importKey of a private key", PRIVATE);
  if ([...usages].some((usage) => usage !== "verify")) throw fault("SyntaxError", `crypto.subtle.importKey: a public key is for ["verify"], not [${[...usages].map((usage) => JSON.stringify(usage))}]`);
  const read = { ECDSA: point, Ed25519: octets }[algorithm.name] ?? rsa;
  const { bits, ...more } = read(format, data, algorithm);
  return new CryptoKey(bits, { type: "public", extractable, algorithm: { name: algorithm.name, ...more }, usages: [...usages] });
}

function secret(format, data, { hash, length }, extractable, usages) {
  const name = hashOf(hash);
  if (format !== "raw" && format !== "jwk") throw unsupported(`importKey of a secret as ${format}`, "give it as raw or jwk");
  const bytes = format === "raw" ? bytesOf(data) : decoded(jwk(data, "oct").k, "k");
  if (bytes.length === 0) throw wrong("the secret is empty");
  if (length !== undefined && length !== bytes.length * 8) throw unsupported(`a secret of ${length} bits out of ${bytes.length} bytes`, "leave `length` out");
  return new CryptoKey(bytes, { type: "secret", extractable, algorithm: { name: "HMAC", hash: { name }, length: bytes.length * 8 }, usages: [...usages] });
}

/** A point of a curve, uncompressed. */
function point(format, data, { namedCurve }) {
  if (!Object.hasOwn(CURVES, namedCurve)) throw unsupported(`ECDSA on the curve ${namedCurve}`, `it has ${Object.keys(CURVES).join(", ")}`);
  const { length, identifier } = CURVES[namedCurve];
  const fromJwk = () => {
    const { crv, x, y } = jwk(data, "EC");
    if (crv !== namedCurve) throw wrong(`the key is on the curve ${crv}, not ${namedCurve}`);
    return new Uint8Array([4, ...decoded(x, "x"), ...decoded(y, "y")]);
  };
  const bits = bitsOf(format, data, fromJwk, [IDENTIFIERS.EC, identifier]);
  if (bits.length !== 1 + 2 * length || bits[0] !== 4) throw wrong(`a point of ${namedCurve} has two coordinates of ${length} bytes, uncompressed`);
  return { bits, namedCurve };
}

/** A key of Ed25519. */
function octets(format, data) {
  const fromJwk = () => {
    const { crv, x } = jwk(data, "OKP");
    if (crv !== "Ed25519") throw wrong(`the key is for ${crv}, not Ed25519`);
    return decoded(x, "x");
  };
  const bits = bitsOf(format, data, fromJwk, [IDENTIFIERS.OKP]);
  if (bits.length !== 32) throw wrong(`a key of Ed25519 has 32 bytes, not ${bits.length}`);
  return { bits };
}

function rsa(format, data, { hash }) {
  if (format === "raw") throw unsupported("importKey of an RSA key as raw", "give it as jwk or spki");
  const fromJwk = () => {
    const { n, e } = jwk(data, "RSA");
    return rsaPublicKey(decoded(n, "n"), decoded(e, "e"));
  };
  const bits = bitsOf(format, data, fromJwk, [IDENTIFIERS.RSA]);
  const [modulus, publicExponent] = parsed(() => rsaNumbers(bits));
  const modulusLength = modulus.length * 8 - Math.clz32(modulus[0]) + 24;
  if (modulusLength < 2048 || modulusLength > 8192) throw unsupported(`an RSA key of ${modulusLength} bits`, "it has 2048 to 8192");
  return { bits, modulusLength, publicExponent: new Uint8Array(publicExponent), hash: { name: hashOf(hash) } };
}

function bitsOf(format, data, fromJwk, identifiers) {
  if (format === "raw") return bytesOf(data);
  if (format === "jwk") return fromJwk();
  if (format !== "spki") throw unsupported(`importKey of a public key as ${format}`, "give it as raw, jwk or spki");
  const info = parsed(() => publicKeyInfo(bytesOf(data)));
  if (identifiers.some((identifier, place) => info.identifiers[place] !== identifier)) throw wrong("the key is for another algorithm");
  return info.bits;
}

function jwk(data, kty) {
  if (typeof data !== "object" || data === null || data.kty !== kty) throw wrong(`a JWK for this algorithm has \`kty\` "${kty}"`);
  return data;
}

/** Base64url. */
function decoded(text, field) {
  if (typeof text !== "string" || !/^[\w-]+$/.test(text)) throw wrong(`\`${field}\` of the JWK is not base64url`);
  return parsed(() => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0)));
}

function parsed(read) {
  try {
    return read();
  } catch (error) {
    throw wrong(`the key cannot be read: ${error.message}`);
  }
}

/** A copy of the bytes that an author hands over. */
export function bytesOf(data) {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  throw new TypeError("crypto.subtle takes bytes: an ArrayBuffer or a Uint8Array; a text through new TextEncoder().encode(text)");
}
