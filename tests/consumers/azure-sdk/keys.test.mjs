// SPDX-License-Identifier: Apache-2.0
// The life of keys, through Microsoft's own client.
import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { before, describe, test } from "node:test";
import { collect, endpoint, keyClient } from "./clients.mjs";

const client = keyClient();
const unique = (name) => `${name}-${randomBytes(4).toString("hex")}`;
const rejects = (promise, statusCode, code) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, statusCode);
    assert.equal(error.code, code);
    return true;
  });
const bytes = (text) => Buffer.from(text, "base64url");

describe("keys that are there from the start", () => {
  const expected = {
    rsa2048: "RSA-HSM", rsa3072: "RSA-HSM", rsa4096: "RSA-HSM",
    p256: "EC-HSM", p384: "EC-HSM", p521: "EC-HSM", p256k: "EC-HSM",
    aes128: "oct-HSM", aes192: "oct-HSM", aes256: "oct-HSM",
  };

  for (const [name, kty] of Object.entries(expected))
    test(`get ${name}`, async () => {
      const key = await client.getKey(name);
      assert.equal(key.name, name);
      assert.equal(key.keyType, kty);
      assert.equal(key.properties.enabled, true);
      assert.match(key.id, new RegExp(`^${endpoint}/keys/${name}/[0-9a-f]{32}$`));
      if (kty === "RSA-HSM") assert.equal(key.key.n.length * 8, Number(name.slice(3)));
      assert.equal(key.key.k, undefined);
      assert.equal(key.key.d, undefined);
    });

  test("get names compare without case", async () => {
    const key = await client.getKey("RSA2048");
    assert.equal(key.name.toLowerCase(), "rsa2048");
  });

  test("list holds all of them", async () => {
    const names = (await collect(client.listPropertiesOfKeys())).map((key) => key.name);
    for (const name of Object.keys(expected)) assert.ok(names.includes(name), name);
  });

  test("list comes in pages", async () => {
    const all = (await collect(client.listPropertiesOfKeys())).map((key) => key.name);
    const paged = [];
    let pages = 0;
    for await (const page of client.listPropertiesOfKeys().byPage({ maxPageSize: 3 })) {
      assert.ok(page.length <= 3);
      paged.push(...page.map((key) => key.name));
      pages++;
    }
    assert.deepEqual(paged, all);
    assert.ok(pages >= 4);
  });
});

describe("create", () => {
  for (const keySize of [2048, 3072, 4096])
    test(`RSA ${keySize}`, async () => {
      const key = await client.createRsaKey(unique("rsa"), { keySize });
      assert.equal(key.key.n.length * 8, keySize);
      assert.deepEqual([...key.key.e], [1, 0, 1]);
      assert.deepEqual([...key.keyOperations].sort(), ["decrypt", "encrypt", "sign", "unwrapKey", "verify", "wrapKey"]);
    });

  for (const [curve, width] of [["P-256", 32], ["P-384", 48], ["P-521", 66], ["P-256K", 32]])
    test(`EC ${curve}`, async () => {
      const key = await client.createEcKey(unique("ec"), { curve });
      assert.equal(key.keyType, "EC-HSM");
      assert.equal(key.key.crv, curve);
      assert.equal(key.key.x.length, width);
      assert.equal(key.key.y.length, width);
    });

  for (const keySize of [128, 192, 256])
    test(`oct ${keySize}`, async () => {
      const key = await client.createOctKey(unique("oct"), { keySize, hsm: true });
      assert.equal(key.keyType, "oct-HSM");
    });

  test("with attributes, tags and operations", async () => {
    const notBefore = new Date(1_700_000_000_000);
    const expiresOn = new Date(2_100_000_000_000); // the client cannot say times after 2038
    const made = await client.createEcKey(unique("full"), {
      curve: "P-256", enabled: false, notBefore, expiresOn, keyOps: ["verify"], tags: { purpose: "test" },
    });
    const key = await client.getKey(made.name);
    assert.equal(key.properties.enabled, false);
    assert.deepEqual(key.properties.notBefore, notBefore);
    assert.deepEqual(key.properties.expiresOn, expiresOn);
    assert.deepEqual(key.keyOperations, ["verify"]);
    assert.deepEqual(key.properties.tags, { purpose: "test" });
    assert.equal(key.properties.recoverableDays, 7);
    assert.equal(key.properties.exportable, false);
  });

  test("again makes a new version", async () => {
    const name = unique("again");
    const first = await client.createEcKey(name);
    const second = await client.createEcKey(name);
    assert.notEqual(first.properties.version, second.properties.version);
    assert.equal((await client.getKey(name)).properties.version, second.properties.version);
    const old = await client.getKey(name, { version: first.properties.version });
    assert.deepEqual(old.key.x, first.key.x);
  });

  test("refuses a size, a curve, a type and a name that the service has not", async () => {
    await rejects(client.createRsaKey(unique("bad"), { keySize: 1024 }), 400, "BadParameter");
    await rejects(client.createEcKey(unique("bad"), { curve: "P-999" }), 400, "BadParameter");
    await rejects(client.createKey(unique("bad"), "DSA"), 400, "BadParameter");
    await rejects(client.createKey("no_underscore", "RSA"), 400, "BadParameter");
  });
});

describe("import", () => {
  const jwk = (key) => key.export({ format: "jwk" });
  const toBytes = (key, members) =>
    Object.fromEntries(Object.entries(key).map(([name, value]) => [name, members.includes(name) ? bytes(value) : value]));

  test("RSA", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const source = jwk(privateKey);
    const key = await client.importKey(unique("import"), {
      ...toBytes(source, ["n", "e", "d", "p", "q", "dp", "dq", "qi"]), keyOps: ["sign", "verify"],
    });
    assert.equal(Buffer.from(key.key.n).toString("base64url"), source.n);
    assert.equal(key.keyType, "RSA-HSM");
    assert.deepEqual([...key.keyOperations].sort(), ["sign", "verify"]);
  });

  test("RSA whose modulus has a leading zero is shown as it was sent", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const source = toBytes(jwk(privateKey), ["n", "e", "d", "p", "q", "dp", "dq", "qi"]);
    const key = await client.importKey(unique("import"), { ...source, n: Buffer.concat([Buffer.alloc(1), source.n]) });
    assert.equal(key.key.n.length, 257);
  });

  for (const [namedCurve, crv] of [["P-256", "P-256"], ["P-384", "P-384"], ["P-521", "P-521"], ["secp256k1", "P-256K"]])
    test(`EC ${crv}`, async () => {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve });
      const source = { ...toBytes(jwk(privateKey), ["x", "y", "d"]), crv };
      const key = await client.importKey(unique("import"), source);
      assert.deepEqual(Buffer.from(key.key.x), source.x);
      assert.deepEqual(Buffer.from(key.key.y), source.y);
    });

  test("oct", async () => {
    const key = await client.importKey(unique("import"), { kty: "oct", k: randomBytes(32), keyOps: ["encrypt"] });
    assert.equal(key.keyType, "oct-HSM");
    assert.equal(key.key.k, undefined);
  });

  test("refuses halves that do not fit together", async () => {
    const one = jwk(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    const other = jwk(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    const mixed = toBytes({ ...one, d: other.d }, ["x", "y", "d"]);
    await rejects(client.importKey(unique("import"), mixed), 400, "BadParameter");
    await rejects(client.importKey(unique("import"), {}), 400, "BadParameter");
    assert.ok(createPrivateKey({ key: one, format: "jwk" }));
  });
});

describe("versions, update, rotate", () => {
  let name;
  const made = [];

  before(async () => {
    name = unique("versions");
    for (let i = 0; i < 5; i++) made.push((await client.createEcKey(name)).properties.version);
  });

  test("list versions in pages", async () => {
    const found = [];
    for await (const page of client.listPropertiesOfKeyVersions(name).byPage({ maxPageSize: 2 }))
      found.push(...page.map((version) => version.version));
    assert.deepEqual(found.sort(), [...made].sort());
  });

  test("update of a version leaves the others alone", async () => {
    const key = await client.updateKeyProperties(name, made[0], { enabled: false, tags: { a: "b" } });
    assert.equal(key.properties.enabled, false);
    assert.deepEqual(key.properties.tags, { a: "b" });
    assert.equal((await client.getKey(name)).properties.enabled, true);
  });

  test("update without a version changes the newest", async () => {
    const key = await client.updateKeyProperties(name, { keyOps: ["sign"] });
    assert.equal(key.properties.version, made[4]);
    assert.deepEqual(key.keyOperations, ["sign"]);
  });

  test("rotate makes a version by the policy", async () => {
    const policy = await client.updateKeyRotationPolicy(name, {
      expiresIn: "P90D", lifetimeActions: [{ action: "Rotate", timeAfterCreate: "P30D" }],
    });
    assert.equal(policy.expiresIn, "P90D");
    assert.equal((await client.getKeyRotationPolicy(name)).lifetimeActions[0].timeAfterCreate, "P30D");
    const key = await client.rotateKey(name);
    assert.ok(!made.includes(key.properties.version));
    assert.equal(key.properties.expiresOn - key.properties.createdOn, 90 * 86400_000);
    assert.deepEqual(key.keyOperations, ["sign"]);
  });
});

describe("delete, recover, purge, backup", () => {
  test("a deleted key is gone, can be recovered, and keeps its versions", async () => {
    const name = unique("deleted");
    const key = await client.createEcKey(name);
    const deleted = await (await client.beginDeleteKey(name)).pollUntilDone();
    assert.equal(deleted.properties.recoveryId, `${endpoint}/deletedkeys/${name}`);
    assert.equal(deleted.properties.scheduledPurgeDate - deleted.properties.deletedOn, 7 * 86400_000);
    await rejects(client.getKey(name), 404, "KeyNotFound");
    await rejects(client.createEcKey(name), 409, "Conflict");
    const names = (await collect(client.listDeletedKeys())).map((item) => item.name);
    assert.ok(names.includes(name));
    assert.equal((await client.getDeletedKey(name)).name, name);
    await (await client.beginRecoverDeletedKey(name)).pollUntilDone();
    assert.equal((await client.getKey(name)).properties.version, key.properties.version);
  });

  test("a purged key is gone for good", async () => {
    const name = unique("purged");
    await client.createEcKey(name);
    await (await client.beginDeleteKey(name)).pollUntilDone();
    await client.purgeDeletedKey(name);
    await rejects(client.getDeletedKey(name), 404, "KeyNotFound");
    await client.createEcKey(name);
  });

  test("a backup brings a purged key back", async () => {
    const name = unique("backup");
    const key = await client.createRsaKey(name, { tags: { kept: "yes" } });
    const blob = await client.backupKey(name);
    await rejects(client.restoreKeyBackup(blob), 409, "Conflict");
    await (await client.beginDeleteKey(name)).pollUntilDone();
    await client.purgeDeletedKey(name);
    const restored = await client.restoreKeyBackup(blob);
    assert.equal(restored.id, key.id);
    assert.deepEqual(restored.key.n, key.key.n);
    assert.deepEqual(restored.properties.tags, { kept: "yes" });
  });

  test("a backup that was changed is refused", async () => {
    const blob = Buffer.from(await client.backupKey("p256"));
    blob[blob.length - 5] ^= 1;
    await rejects(client.restoreKeyBackup(blob), 400, "MalformedBackupBlob");
    await rejects(client.restoreKeyBackup(Buffer.from("doesnotexist")), 400, "MalformedBackupBlob");
  });
});

describe("random bytes", () => {
  for (const count of [1, 32, 128])
    test(`${count}`, async () => assert.equal((await client.getRandomBytes(count)).length, count));
  test("not more than 128, not less than 1", async () => {
    await rejects(client.getRandomBytes(129), 400, "BadParameter");
    await rejects(client.getRandomBytes(0), 400, "BadParameter");
  });
});
