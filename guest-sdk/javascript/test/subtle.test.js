// crypto.subtle, compared with that of Node.js. The host's part is that of Node.js here.
import assert from "node:assert/strict";
import { createHash, createHmac, createPublicKey, constants, timingSafeEqual, verify, webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { subtleCrypto } from "../src/platform/subtle.js";

const vectors = JSON.parse(await readFile(new URL("../../../tests/vectors/crypto.json", import.meta.url), "utf8"));
const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));

/** What the contract's interface `crypto` does. `verify` looks up the key in the vectors, which have it in both forms. */
const host = {
  digest: ({ tag }, data) => new Uint8Array(createHash(tag).update(data).digest()),
  hmac: ({ tag }, key, data) => new Uint8Array(createHmac(tag, key).update(data).digest()),
  verifyHmac(hash, key, data, hmac) {
    const expected = host.hmac(hash, key, data);
    return expected.length === hmac.length && timingSafeEqual(expected, hmac);
  },
  verify({ tag }, bits, data, signature) {
    const known = vectors.signatures.find(({ algorithm, key }) => algorithm === tag && key === Buffer.from(bits).toString("base64"));
    const key = createPublicKey({ key: Buffer.from(known.spki, "base64"), format: "der", type: "spki" });
    const padding = tag.startsWith("rsa-pss") ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
    const digest = tag === "ed25519" ? undefined : /sha\d+$/.exec(tag)[0];
    return verify(digest, data, { key, dsaEncoding: "ieee-p1363", ...padding }, signature);
  },
};
const subtle = subtleCrypto(host);

/** Of an algorithm of the contract: what importKey and verify take. */
function algorithmsOf(name) {
  const hash = `SHA-${/\d+$/.exec(name)[0]}`;
  if (name === "ed25519") return [{ name: "Ed25519" }, "Ed25519"];
  if (name.startsWith("ecdsa")) return [{ name: "ECDSA", namedCurve: `P-${/p(\d+)/.exec(name)[1]}` }, { name: "ecdsa", hash }];
  if (name.startsWith("rsa-pss")) return [{ name: "RSA-PSS", hash }, { name: "RSA-PSS", saltLength: Number(hash.slice(4)) / 8 }];
  return [{ name: "RSASSA-PKCS1-v1_5", hash }, "RSASSA-PKCS1-v1_5"];
}

test("hashes and HMACs", async () => {
  const [data, secret] = [bytes(vectors.data), bytes(vectors.mac_key)];
  for (const { hash: tag, digest, hmac } of vectors.hashes) {
    const hash = tag.replace("sha", "SHA-");
    const hashed = await subtle.digest({ name: hash.toLowerCase() }, data);
    assert.ok(hashed instanceof ArrayBuffer);
    assert.deepEqual(new Uint8Array(hashed), bytes(digest));
    const k = Buffer.from(secret).toString("base64url");
    for (const [format, given] of [["raw", secret], ["raw", secret.buffer], ["jwk", { kty: "oct", k }]]) {
      const key = await subtle.importKey(format, given, { name: "hmac", hash }, false, ["sign", "verify"]);
      assert.deepEqual([key.type, key.algorithm], ["secret", { name: "HMAC", hash: { name: hash }, length: secret.length * 8 }]);
      assert.deepEqual(new Uint8Array(await subtle.sign("HMAC", key, data)), bytes(hmac));
      assert.equal(await subtle.verify("HMAC", key, bytes(hmac), data), true);
      assert.equal(await subtle.verify("HMAC", key, bytes(hmac), secret), false);
    }
  }
});

test("signatures, with keys in every form", async () => {
  const data = bytes(vectors.data);
  for (const { algorithm, key: bits, spki, signature } of vectors.signatures) {
    const [imported, verified] = algorithmsOf(algorithm);
    const native = await webcrypto.subtle.importKey("spki", bytes(spki), imported, true, ["verify"]);
    const forms = [["spki", bytes(spki)], ["jwk", await webcrypto.subtle.exportKey("jwk", native)]];
    if (!algorithm.startsWith("rsa")) forms.push(["raw", bytes(bits)]);
    for (const [format, given] of forms) {
      const key = await subtle.importKey(format, given, imported, false, ["verify"]);
      assert.deepEqual(key.algorithm, native.algorithm, `${algorithm} ${format}`);
      assert.equal(Object.prototype.toString.call(key), "[object CryptoKey]");
      assert.equal(await subtle.verify(verified, key, bytes(signature), data), true, `${algorithm} ${format}`);
      assert.equal(await subtle.verify(verified, key, bytes(signature), data.slice(1)), false, `${algorithm} ${format}`);
    }
  }
});

test("what is not there says so, and what to do", async () => {
  const known = (name) => vectors.signatures.find(({ algorithm }) => algorithm === name);
  const ec = await subtle.importKey("raw", bytes(known("ecdsa-p256-sha256").key), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const rsa = bytes(known("rsa-pss-sha256").spki);
  const [pss, sha1] = [await subtle.importKey("spki", rsa, { name: "RSA-PSS", hash: "SHA-256" }, false, ["verify"]), { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" }];
  const old = await subtle.importKey("spki", rsa, sha1, false, ["verify"]);
  const secret = await subtle.importKey("raw", new Uint8Array(3), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const none = new Uint8Array();
  const missing = [
    ["NotSupportedError", /there is no generateKey: draw a secret/, () => subtle.generateKey("HMAC", true, [])],
    ["NotSupportedError", /there is no encrypt: use a library/, () => subtle.encrypt("AES-GCM", ec, none)],
    ["NotSupportedError", /there is no AES-GCM: it has HMAC, ECDSA/, () => subtle.importKey("raw", none, "AES-GCM", false, [])],
    ["NotSupportedError", /there is no hash function MD5: it has SHA-1/, () => subtle.digest("MD5", none)],
    ["NotSupportedError", /private key/, () => subtle.importKey("jwk", { kty: "EC", d: "x" }, { name: "ECDSA", namedCurve: "P-256" }, false, [])],
    ["NotSupportedError", /private key/, () => subtle.importKey("pkcs8", none, { name: "Ed25519" }, false, ["sign"])],
    ["NotSupportedError", /curve P-521: it has P-256, P-384/, () => subtle.importKey("raw", none, { name: "ECDSA", namedCurve: "P-521" }, false, ["verify"])],
    ["NotSupportedError", /P-256 with SHA-384: it goes with SHA-256/, () => subtle.verify({ name: "ECDSA", hash: "SHA-384" }, ec, none, none)],
    ["NotSupportedError", /salt of 20 bytes: with SHA-256 it is 32/, () => subtle.verify({ name: "RSA-PSS", saltLength: 20 }, pss, none, none)],
    ["NotSupportedError", /signatures with SHA-1/, () => subtle.verify(sha1, old, none, none)],
    ["NotSupportedError", /there are no private keys here/, () => subtle.sign({ name: "ECDSA", hash: "SHA-256" }, { ...ec, usages: ["sign"], __proto__: Object.getPrototypeOf(ec) }, none)],
    ["InvalidAccessError", /the key is for HMAC, not Ed25519/, () => subtle.verify("Ed25519", secret, none, none)],
    ["InvalidAccessError", /was not imported for it: its usages are \[sign\]/, () => subtle.verify("HMAC", secret, none, none)],
    ["SyntaxError", /a public key is for \["verify"\], not \["sign"\]/, () => subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["sign"])],
    ["DataError", /uncompressed/, () => subtle.importKey("raw", new Uint8Array(33), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"])],
    ["DataError", /for another algorithm/, () => subtle.importKey("spki", rsa, "Ed25519", false, ["verify"])],
    ["DataError", /`kty` "RSA"/, () => subtle.importKey("jwk", { kty: "oct" }, { name: "RSA-PSS", hash: "SHA-256" }, false, ["verify"])],
    ["DataError", /the secret is empty/, () => subtle.importKey("raw", none, { name: "HMAC", hash: "SHA-256" }, false, ["sign"])],
    ["DataError", /`x` of the JWK is not base64url/, () => subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x: "=" }, "Ed25519", false, ["verify"])],
    ["TypeError", /takes bytes/, () => subtle.digest("SHA-256", "text")],
    ["TypeError", /importKey has made/, () => subtle.verify("HMAC", {}, none, none)],
  ];
  for (const [name, message, work] of missing) await assert.rejects(work, { name, message });
});

test("a key that is cut or changed anywhere is an error of its data, or another key", async () => {
  for (const { algorithm, spki } of vectors.signatures.filter(({ algorithm }) => /rsa-pss-sha256|p256|ed/.test(algorithm))) {
    const [imported] = algorithmsOf(algorithm);
    const whole = bytes(spki);
    const broken = [...whole.keys()].flatMap((at) => [whole.slice(0, at), whole.with(at, whole[at] ^ 0xff), whole.with(at, 0x84)]);
    for (const key of broken) {
      await subtle.importKey("spki", key, imported, false, ["verify"]).catch(({ name, message }) => {
        assert.match(name, /^(DataError|NotSupportedError)$/, message);
      });
    }
  }
});
