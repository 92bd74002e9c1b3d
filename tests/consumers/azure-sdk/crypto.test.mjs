// SPDX-License-Identifier: Apache-2.0
// Operations with keys, through Microsoft's own client; every result is checked with node's own cryptography.
import assert from "node:assert/strict";
import {
  constants, createCipheriv, createDecipheriv, createHash, createHmac, createPublicKey, privateDecrypt, publicEncrypt,
  generateKeyPairSync, randomBytes, verify as verifySignature,
} from "node:crypto";
import { describe, test } from "node:test";
import { cryptographyClient, keyClient, raw } from "./clients.mjs";

const client = keyClient();
const unique = (name) => `${name}-${randomBytes(4).toString("hex")}`;
const text = (bytes) => Buffer.from(bytes).toString("base64url");
const message = Buffer.from("a message to be signed");

function publicKeyOf(key) {
  const jwk = key.keyType.startsWith("RSA")
    ? { kty: "RSA", n: text(key.key.n), e: text(key.key.e) }
    : { kty: "EC", crv: key.key.crv.replace("P-256K", "secp256k1"), x: text(key.key.x), y: text(key.key.y) };
  return createPublicKey({ key: jwk, format: "jwk" });
}

describe("sign and verify", () => {
  const pkcs1 = { padding: constants.RSA_PKCS1_PADDING };
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const raw64 = { dsaEncoding: "ieee-p1363" };
  const cases = [
    ...["rsa2048", "rsa3072", "rsa4096"].flatMap((key) => [
      [key, "RS256", "sha256", pkcs1], [key, "RS384", "sha384", pkcs1], [key, "RS512", "sha512", pkcs1],
      [key, "PS256", "sha256", pss], [key, "PS384", "sha384", pss], [key, "PS512", "sha512", pss],
    ]),
    ["p256", "ES256", "sha256", raw64, 64], ["p384", "ES384", "sha384", raw64, 96],
    ["p521", "ES512", "sha512", raw64, 132], ["p256k", "ES256K", "sha256", raw64, 64],
  ];

  for (const [name, algorithm, hash, options, length] of cases)
    test(`${algorithm} with ${name}`, async () => {
      const key = await client.getKey(name);
      const crypto = cryptographyClient(key);
      const digest = createHash(hash).update(message).digest();
      const signature = await crypto.sign(algorithm, digest);
      assert.equal(signature.keyID, key.id);
      assert.equal(signature.result.length, length ?? key.key.n.length);
      assert.ok(verifySignature(hash, message, { key: publicKeyOf(key), ...options }, signature.result));
      assert.equal((await crypto.verify(algorithm, digest, signature.result)).result, true);
      const wrong = Buffer.from(signature.result);
      wrong[wrong.length >> 1] ^= 1;
      assert.equal((await crypto.verify(algorithm, digest, wrong)).result, false);
    });

  test("signData hashes here and signs there", async () => {
    const key = await client.getKey("p384");
    const signature = await cryptographyClient(key).signData("ES384", message);
    assert.ok(verifySignature("sha384", message, { key: publicKeyOf(key), ...raw64 }, signature.result));
  });

  for (const [algorithm, hash, length] of [["HS256", "sha256", 32], ["HS384", "sha384", 48], ["HS512", "sha512", 64]])
    test(`${algorithm} with an imported key`, async () => {
      const secret = randomBytes(32);
      const key = await client.importKey(unique("hmac"), { kty: "oct", k: secret, keyOps: ["sign", "verify"] });
      const crypto = cryptographyClient(key);
      const value = randomBytes(length);
      const mac = await crypto.sign(algorithm, value);
      assert.deepEqual(Buffer.from(mac.result), createHmac(hash, secret).update(value).digest());
      assert.equal((await crypto.verify(algorithm, value, mac.result)).result, true);
      assert.equal((await crypto.verify(algorithm, randomBytes(length), mac.result)).result, false);
    });

  test("an older version signs on after a new one was made", async () => {
    const name = unique("pinned");
    const first = await client.createEcKey(name);
    const second = await client.createEcKey(name);
    const digest = createHash("sha256").update(message).digest();
    const old = await cryptographyClient(first).sign("ES256", digest);
    assert.ok(verifySignature("sha256", message, { key: publicKeyOf(first), ...raw64 }, old.result));
    const newest = await client.getCryptographyClient(name).sign("ES256", digest);
    assert.equal(newest.keyID, second.id);
  });
});

describe("RSA encryption and wrapping", () => {
  const plaintext = Buffer.from("a small secret");
  const paddings = {
    RSA1_5: { padding: constants.RSA_PKCS1_PADDING },
    "RSA-OAEP": { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
    "RSA-OAEP-256": { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
  };

  for (const [algorithm, options] of Object.entries(paddings)) {
    test(`${algorithm}: what was encrypted here is decrypted there`, async () => {
      const key = await client.getKey("rsa2048");
      const ciphertext = publicEncrypt({ key: publicKeyOf(key), ...options }, plaintext);
      const crypto = cryptographyClient(key);
      assert.deepEqual(Buffer.from((await crypto.decrypt({ algorithm, ciphertext })).result), plaintext);
      assert.deepEqual(Buffer.from((await crypto.unwrapKey(algorithm, ciphertext)).result), plaintext);
    });

    test(`${algorithm}: the client's encrypt and wrapKey fit`, async () => {
      const crypto = cryptographyClient(await client.getKey("rsa3072"));
      const encrypted = await crypto.encrypt({ algorithm, plaintext });
      assert.deepEqual(Buffer.from((await crypto.decrypt({ algorithm, ciphertext: encrypted.result })).result), plaintext);
      const wrapped = await crypto.wrapKey(algorithm, plaintext);
      assert.deepEqual(Buffer.from((await crypto.unwrapKey(algorithm, wrapped.result)).result), plaintext);
    });

    // The client does these locally, so the service is asked directly.
    test(`${algorithm}: what is encrypted there is decrypted here`, async () => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const name = unique("decrypt");
      const body = { key: privateKey.export({ format: "jwk" }) };
      assert.equal((await raw("PUT", `/keys/${name}?api-version=2025-07-01`, body)).status, 200);
      for (const operation of ["encrypt", "wrapKey"]) {
        const answer = await raw("POST", `/keys/${name}/${operation}?api-version=2025-07-01`,
          { alg: algorithm, value: text(plaintext) });
        assert.equal(answer.status, 200);
        assert.deepEqual(decryptHere(privateKey, options, Buffer.from(answer.json.value, "base64url")), plaintext);
      }
    });
  }

  // node refuses PKCS#1 v1.5 decryption, so its padding is taken off here.
  function decryptHere(key, options, ciphertext) {
    if (options.padding !== constants.RSA_PKCS1_PADDING) return privateDecrypt({ key, ...options }, ciphertext);
    const block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext);
    assert.deepEqual([...block.subarray(0, 2)], [0, 2]);
    return block.subarray(block.indexOf(0, 2) + 1);
  }
});

describe("AES", () => {
  for (const bits of [128, 192, 256]) {
    const secret = randomBytes(bits / 8);
    const imported = async () => cryptographyClient(await client.importKey(unique("aes"), {
      kty: "oct", k: secret, keyOps: ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
    }));

    test(`A${bits}GCM`, async () => {
      const crypto = await imported();
      const algorithm = `A${bits}GCM`;
      const plaintext = randomBytes(77);
      const additionalAuthenticatedData = Buffer.from("header");
      const sealed = await crypto.encrypt({ algorithm, plaintext, additionalAuthenticatedData });
      assert.equal(sealed.iv.length, 12);
      assert.equal(sealed.authenticationTag.length, 16);
      const local = createDecipheriv(`aes-${bits}-gcm`, secret, sealed.iv).setAAD(additionalAuthenticatedData)
        .setAuthTag(sealed.authenticationTag);
      assert.deepEqual(Buffer.concat([local.update(sealed.result), local.final()]), plaintext);
      const opened = await crypto.decrypt({
        algorithm, ciphertext: sealed.result, iv: sealed.iv, authenticationTag: sealed.authenticationTag,
        additionalAuthenticatedData,
      });
      assert.deepEqual(Buffer.from(opened.result), plaintext);
      const tag = Buffer.from(sealed.authenticationTag);
      tag[0] ^= 1;
      await assert.rejects(crypto.decrypt({
        algorithm, ciphertext: sealed.result, iv: sealed.iv, authenticationTag: tag, additionalAuthenticatedData,
      }), { statusCode: 400, code: "BadParameter" });
    });

    for (const suffix of ["CBC", "CBCPAD"])
      test(`A${bits}${suffix}`, async () => {
        const crypto = await imported();
        const algorithm = `A${bits}${suffix}`;
        const plaintext = randomBytes(suffix === "CBC" ? 48 : 45);
        const iv = randomBytes(16);
        const local = createCipheriv(`aes-${bits}-cbc`, secret, iv).setAutoPadding(suffix === "CBCPAD");
        const sealed = await crypto.encrypt({ algorithm, plaintext, iv });
        assert.deepEqual(Buffer.from(sealed.result), Buffer.concat([local.update(plaintext), local.final()]));
        assert.deepEqual(Buffer.from(sealed.iv), iv);
        const opened = await crypto.decrypt({ algorithm, ciphertext: sealed.result, iv });
        assert.deepEqual(Buffer.from(opened.result), plaintext);
      });

    test(`A${bits}KW`, async () => {
      const crypto = await imported();
      const key = randomBytes(32);
      const wrapped = await crypto.wrapKey(`A${bits}KW`, key);
      const local = createCipheriv(`id-aes${bits}-wrap`, secret, Buffer.alloc(8, 0xa6));
      assert.deepEqual(Buffer.from(wrapped.result), Buffer.concat([local.update(key), local.final()]));
      assert.deepEqual(Buffer.from((await crypto.unwrapKey(`A${bits}KW`, wrapped.result)).result), key);
    });

    for (const [algorithm, length] of [["CKM_AES_KEY_WRAP", 24], ["CKM_AES_KEY_WRAP_PAD", 21]])
      test(`${algorithm} with ${bits} bits`, async () => {
        const crypto = await imported();
        const key = randomBytes(length);
        const wrapped = await crypto.wrapKey(algorithm, key);
        assert.deepEqual(Buffer.from((await crypto.unwrapKey(algorithm, wrapped.result)).result), key);
        const broken = Buffer.from(wrapped.result);
        broken[3] ^= 1;
        await assert.rejects(crypto.unwrapKey(algorithm, broken), { statusCode: 400 });
      });
  }

  test("an algorithm for another key size is refused", async () => {
    const crypto = cryptographyClient(await client.getKey("aes128"));
    await assert.rejects(crypto.wrapKey("A256KW", randomBytes(32)), { statusCode: 400, code: "BadParameter" });
  });
});
