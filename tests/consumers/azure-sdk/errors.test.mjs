// SPDX-License-Identifier: Apache-2.0
// What goes wrong, and how Microsoft's own client sees it.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { credentialOf, cryptographyClient, keyClient, raw } from "./clients.mjs";

const client = keyClient();
const unique = (name) => `${name}-${randomBytes(4).toString("hex")}`;
const digest = createHash("sha256").update("x").digest();
const fails = (promise, statusCode, code, message) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, statusCode);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
const inner = (promise, code) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, 403);
    assert.equal(error.code, "Forbidden");
    assert.equal(error.details.error.innerError.code, code);
    return true;
  });

describe("keys", () => {
  test("an unknown key is 404 KeyNotFound", () => fails(client.getKey("no-such-key"), 404, "KeyNotFound", /Activity ID/));
  test("an unknown version is 404 KeyNotFound", () =>
    fails(client.getKey("p256", { version: "0".repeat(32) }), 404, "KeyNotFound", /Key not found/));
  test("an unknown key does not sign", () =>
    fails(client.getCryptographyClient("no-such-key").sign("ES256", digest), 404, "KeyNotFound", /Key not found/));
  test("an unknown deleted key is 404", () => fails(client.getDeletedKey("p256"), 404, "KeyNotFound", /deletedkeys/));
});

describe("tokens", () => {
  const get = (token) => keyClient({ credential: credentialOf(token) }).getKey("p256");
  const jwt = (claims) => ["e30", Buffer.from(JSON.stringify(claims)).toString("base64url"), "c2ln"].join(".");

  // The body is empty, as the service's is, and the client stumbles over that instead of telling the status.
  test("a wrong token is 401 without a body", async () => {
    await assert.rejects(get("wrong"));
    const answer = await raw("GET", "/keys/p256?api-version=2025-07-01", undefined, { Authorization: "Bearer wrong" });
    assert.equal(answer.status, 401);
    assert.equal(answer.text, "");
  });
  test("a token for Key Vault is 401 and says so", () =>
    fails(get(jwt({ aud: "https://vault.azure.net" })), 401, "Unauthorized",
      /Found token with aud=https:\/\/vault.azure.net, but expected aud=https:\/\/managedhsm.azure.net/));
});

describe("attributes", () => {
  test("a disabled key verifies, but does not sign", async () => {
    const key = await client.createEcKey(unique("disabled"), { enabled: false });
    const crypto = cryptographyClient(key);
    await inner(crypto.sign("ES256", digest), "KeyDisabled");
    assert.equal((await crypto.verify("ES256", digest, Buffer.alloc(64, 1))).result, false);
  });
  test("a disabled key wraps, but does not unwrap or decrypt", async () => {
    const crypto = cryptographyClient(await client.createOctKey(unique("disabled"), { enabled: false, hsm: true }));
    const wrapped = await crypto.wrapKey("A256KW", randomBytes(32));
    await inner(crypto.unwrapKey("A256KW", wrapped.result), "KeyDisabled");
  });

  // The client looks at the key and refuses these by itself: the service is asked directly.
  const refused = async (name, options, code) => {
    const key = await client.createEcKey(unique(name), options);
    const answer = await raw("POST", `/keys/${key.name}/sign?api-version=2025-07-01`,
      { alg: "ES256", value: digest.toString("base64url") });
    assert.equal(answer.status, 403);
    assert.equal(answer.json.error.code, "Forbidden");
    assert.equal(answer.json.error.innererror.code, code);
  };
  test("an expired key does not sign", () =>
    refused("expired", { expiresOn: new Date(Date.now() - 60_000) }, "KeyExpired"));
  test("a key that is not yet valid does not sign", () =>
    refused("early", { notBefore: new Date(Date.now() + 3600_000) }, "KeyNotYetValid"));
  test("an operation that is not among key_ops is refused", () =>
    refused("ops", { keyOps: ["verify"] }, "KeyOperationForbidden"));
});

describe("parameters", () => {
  test("a digest of the wrong length", () =>
    fails(client.getCryptographyClient("p256").sign("ES256", Buffer.alloc(33)), 400, "BadParameter",
      /Invalid length of 'value': 33 bytes. ES256 requires 32 bytes, encoded with base64url./));
  test("an algorithm of another curve", () =>
    fails(client.getCryptographyClient("p256").sign("ES256K", digest), 400, "BadParameter",
      /uses curve 'P-256', and algorithm 'ES256K' can only be used with curve 'P-256K'/));
  test("an algorithm of another type of key", () =>
    fails(client.getCryptographyClient("rsa2048").sign("ES256", digest), 400, "BadParameter", /incompatible/));
  test("an algorithm that is none", () =>
    fails(client.getCryptographyClient("rsa2048").sign("XX999", digest), 400, "BadParameter", /XX999/));
  test("RSNULL, which must be asked for at start", () =>
    fails(client.getCryptographyClient("rsa2048").sign("RSNULL", digest), 400, "BadParameter", /RSNULL/));
  test("a ciphertext that is none", () =>
    assert.rejects(client.getCryptographyClient("rsa2048").decrypt({ algorithm: "RSA-OAEP", ciphertext: Buffer.alloc(256, 7) }),
      { statusCode: 400 }));
});
