// As much of DER (X.690) as public keys need.

const TAG = { integer: 0x02, bits: 0x03, oid: 0x06, sequence: 0x30 };

/** The contents of the elements that lie one after the other, each with its tag. Throws if it is not DER. */
function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++];
    let length = bytes[at++];
    if (length > 0x80) {
      const digits = bytes.subarray(at, (at += length & 0x7f));
      length = digits.reduce((sum, digit) => sum * 256 + digit, 0);
    }
    if (!(at + length <= bytes.length)) throw new RangeError("it ends early");
    found.push({ tag, content: bytes.subarray(at, (at += length)) });
  }
  return found;
}

function only(bytes, ...tags) {
  const found = elements(bytes);
  if (!tags.every((tag, place) => found[place]?.tag === tag)) throw new TypeError("it has other parts");
  return found.map(({ content }) => content);
}

/** Of a SubjectPublicKeyInfo (RFC 5280): the object identifiers of its algorithm in hex, and the bits of the key. */
export function publicKeyInfo(der) {
  const [info] = only(der, TAG.sequence);
  const [algorithm, bits] = only(info, TAG.sequence, TAG.bits);
  if (bits[0] !== 0) throw new TypeError("the key is not whole bytes");
  const identifiers = elements(algorithm).filter(({ tag }) => tag === TAG.oid);
  return { identifiers: identifiers.map(({ content }) => hex(content)), bits: bits.slice(1) };
}

/** Modulus and exponent of an RSAPublicKey (RFC 8017), big-endian without zeros in front. */
export function rsaNumbers(der) {
  const [numbers] = only(der, TAG.sequence);
  return only(numbers, TAG.integer, TAG.integer).map(unpadded);
}

/** An RSAPublicKey of these numbers. */
export function rsaPublicKey(modulus, exponent) {
  return element(TAG.sequence, [...[modulus, exponent].flatMap((number) => [...integer(unpadded(number))])]);
}

/** A leading 1 bit would be a sign. */
const integer = (bytes) => element(TAG.integer, bytes[0] & 0x80 ? [0, ...bytes] : [...bytes]);

function element(tag, content) {
  const length = content.length;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return new Uint8Array([tag, ...head, ...content]);
}

function unpadded(bytes) {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array(1) : bytes.subarray(first);
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
