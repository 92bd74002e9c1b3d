// SPDX-License-Identifier: Apache-2.0
// Certificates of the vault that lives beside the HSM, through Microsoft's own client. Needs the openssl command.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, randomBytes, verify, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { certificateClient, collect, cryptographyClient, endpoint, keyClient, raw } from "./clients.mjs";

const client = certificateClient();
const V = "api-version=2025-07-01";
const self = { issuerName: "Self", subject: "CN=localhost" };
const unique = (name) => `${name}-${randomBytes(4).toString("hex")}`;
const rejects = (promise, statusCode, code, message = /./) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, statusCode);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

async function create(policy = {}, options = {}, name = unique("cert")) {
  const poller = await client.beginCreateCertificate(name, { ...self, ...policy }, { intervalInMs: 10, ...options });
  return await poller.pollUntilDone();
}

async function remove(name) {
  const poller = await client.beginDeleteCertificate(name, { intervalInMs: 10 });
  return await poller.pollUntilDone();
}

const openssl = (input, ...argv) => execFileSync("openssl", argv, { input, stdio: ["pipe", "pipe", "pipe"] });
const pemOf = (pfx) => openssl(Buffer.from(pfx, "base64"), "pkcs12", "-nodes", "-passin", "pass:").toString();
const secretOf = async (name, version = "") => (await raw("GET", `/secrets/${name}/${version}?${V}`)).json;
const certificatesIn = (pem) =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g).map((text) => new X509Certificate(text));

// What the client says of a certificate must be what the certificate says.
function check(certificate) {
  const x509 = new X509Certificate(certificate.cer);
  assert.deepEqual(Buffer.from(certificate.properties.x509Thumbprint), createHash("sha1").update(x509.raw).digest());
  assert.equal(certificate.properties.notBefore.getTime(), Date.parse(x509.validFrom));
  assert.equal(certificate.properties.expiresOn.getTime(), Date.parse(x509.validTo));
  assert.equal(certificate.properties.id, `${endpoint}/certificates/${certificate.name}/${certificate.properties.version}`);
  assert.equal(certificate.keyId, certificate.properties.id.replace("/certificates/", "/keys/"));
  assert.equal(certificate.secretId, certificate.properties.id.replace("/certificates/", "/secrets/"));
  return x509;
}

async function signsWith(certificate, algorithm, hash) {
  const message = randomBytes(50);
  const digest = createHash(hash).update(message).digest();
  const { result } = await cryptographyClient(certificate.keyId).sign(algorithm, digest);
  const key = { key: new X509Certificate(certificate.cer).publicKey, dsaEncoding: "ieee-p1363" };
  assert.ok(verify(hash, message, key, result));
}

describe("certificates that are there from the start", () => {
  test("rsa-cert is self-signed", async () => {
    const certificate = await client.getCertificate("rsa-cert");
    const x509 = check(certificate);
    assert.equal(x509.publicKey.asymmetricKeyDetails.modulusLength, 2048);
    assert.ok(x509.verify(x509.publicKey));
    assert.equal(x509.subjectAltName, "DNS:localhost, IP Address:127.0.0.1");
    assert.equal(certificate.policy.issuerName, "Self");
    await signsWith(certificate, "RS256", "sha256");
  });

  test("ec-cert comes with its chain", async () => {
    const certificate = await client.getCertificate("ec-cert");
    const x509 = check(certificate);
    assert.equal(x509.publicKey.asymmetricKeyDetails.namedCurve, "prime256v1");
    const secret = await secretOf("ec-cert");
    assert.equal(secret.contentType, "application/x-pem-file");
    const [leaf, intermediate, root, ...more] = certificatesIn(secret.value);
    assert.equal(more.length, 0);
    assert.ok(leaf.raw.equals(x509.raw));
    assert.ok(leaf.checkIssued(intermediate) && leaf.verify(intermediate.publicKey));
    assert.ok(intermediate.checkIssued(root) && intermediate.verify(root.publicKey) && intermediate.ca);
    assert.ok(root.verify(root.publicKey) && root.ca);
    assert.ok(x509.checkPrivateKey(createPrivateKey(secret.value)));
    await signsWith(certificate, "ES256", "sha256");
  });

  test("their keys are under /keys and managed", async () => {
    for (const [name, keyType] of [["rsa-cert", "RSA"], ["ec-cert", "EC"]]) {
      const key = await keyClient().getKey(name);
      assert.equal(key.properties.managed, true);
      assert.equal(key.keyType, keyType);
      assert.equal(key.id, (await client.getCertificate(name)).keyId);
    }
  });

  test("keys of the HSM are still there", async () => {
    assert.equal((await keyClient().getKey("p256")).keyType, "EC-HSM");
  });
});

describe("create", () => {
  test("with the defaults", async () => {
    const certificate = await create();
    const x509 = check(certificate);
    const { policy } = certificate;
    assert.equal(x509.subject, "CN=localhost");
    assert.equal(policy.keyType, "RSA");
    assert.equal(policy.keySize, 2048);
    assert.equal(policy.exportable, true);
    assert.equal(policy.reuseKey, false);
    assert.equal(policy.contentType, "application/x-pkcs12");
    assert.equal(policy.validityInMonths, 12);
    assert.deepEqual(policy.enhancedKeyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    assert.deepEqual(policy.keyUsage, ["digitalSignature", "keyEncipherment"]);
    assert.deepEqual(x509.keyUsage, policy.enhancedKeyUsage);
    assert.ok(x509.verify(x509.publicKey) && !x509.ca);
    await signsWith(certificate, "RS256", "sha256");
  });

  for (const [keyCurveName, curve, algorithm, hash] of [
    ["P-256", "prime256v1", "ES256", "sha256"], ["P-384", "secp384r1", "ES384", "sha384"],
    ["P-521", "secp521r1", "ES512", "sha512"], ["P-256K", "secp256k1", "ES256K", "sha256"],
  ])
    test(`EC ${keyCurveName}`, async () => {
      const certificate = await create({ keyType: "EC", keyCurveName });
      const x509 = check(certificate);
      assert.equal(x509.publicKey.asymmetricKeyDetails.namedCurve, curve);
      assert.ok(x509.verify(x509.publicKey));
      await signsWith(certificate, algorithm, hash);
    });

  test("RSA 3072, for HSMs, for three years", async () => {
    const certificate = await create({ keyType: "RSA-HSM", keySize: 3072, exportable: false, validityInMonths: 36 });
    const x509 = check(certificate);
    assert.equal(x509.publicKey.asymmetricKeyDetails.modulusLength, 3072);
    assert.equal(new Date(x509.validTo).getUTCFullYear() - new Date(x509.validFrom).getUTCFullYear(), 3);
    assert.equal((await keyClient().getKey(certificate.name)).keyType, "RSA-HSM");
  });

  test("with a subject in parts, and every kind of alternative name", async () => {
    const x509 = check(await create({
      keyType: "EC", subject: 'CN=a.example, OU=One, O="Contoso, Inc.", S=Bavaria, C=DE',
      subjectAlternativeNames: {
        dnsNames: ["a.example", "*.b.example"], emails: ["c@d.example"], userPrincipalNames: ["u@e.example"],
        uniformResourceIdentifiers: ["https://f.example/g"], ipAddresses: ["192.0.2.7", "2001:db8::1"],
      },
      keyUsage: ["digitalSignature"], enhancedKeyUsage: ["1.3.6.1.5.5.7.3.3"],
    }));
    assert.equal(x509.subject, "C=DE\nST=Bavaria\nO=Contoso\\, Inc.\nOU=One\nCN=a.example");
    assert.deepEqual(x509.keyUsage, ["1.3.6.1.5.5.7.3.3"]);
    for (const name of ["DNS:a.example", "DNS:*.b.example", "email:c@d.example", "URI:https://f.example/g",
      "IP Address:192.0.2.7", "IP Address:2001:DB8:0:0:0:0:0:1"])
      assert.ok(x509.subjectAltName.includes(name), `${name} in ${x509.subjectAltName}`);
  });

  test("disabled and with tags", async () => {
    const { properties, name } = await create({ keyType: "EC" }, { enabled: false, tags: { a: "b" } });
    assert.equal(properties.enabled, false);
    assert.deepEqual(properties.tags, { a: "b" });
    assert.equal((await raw("GET", `/secrets/${name}?${V}`)).json.error.innererror.code, "SecretDisabled");
  });

  test("again is a new version with a new key, or with the same one", async () => {
    const first = await create({ keyType: "EC" });
    const second = await create({ keyType: "EC", reuseKey: true }, {}, first.name);
    const third = await create({ keyType: "EC" }, {}, first.name);
    const keyOf = (certificate) => check(certificate).publicKey.export({ type: "spki", format: "pem" });
    assert.equal(new Set([first, second, third].map((one) => one.properties.version)).size, 3);
    assert.equal(keyOf(second), keyOf(first));
    assert.notEqual(keyOf(third), keyOf(first));
    assert.equal((await client.getCertificate(first.name)).keyId, third.keyId);
    assert.equal((await client.getCertificateVersion(first.name, first.properties.version)).keyId, first.keyId);
    const versions = await collect(client.listPropertiesOfCertificateVersions(first.name));
    assert.deepEqual(new Set(versions.map((one) => one.id)), new Set([first, second, third].map((one) => one.properties.id)));
    await signsWith(first, "ES256", "sha256");
    await signsWith(third, "ES256", "sha256");
  });

  test("the operation is completed and keeps its request", async () => {
    const { name } = await create({ keyType: "EC" });
    const poller = await client.getCertificateOperation(name);
    const operation = poller.getOperationState().certificateOperation;
    assert.equal(operation.status, "completed");
    assert.equal(operation.cancellationRequested, false);
    const text = openssl(Buffer.from(operation.csr), "req", "-inform", "der", "-verify", "-noout", "-subject");
    assert.match(text.toString(), /localhost/);
  });

  for (const [what, policy, property] of [
    ["an issuer that is none", { issuerName: "Contoso" }, "policy.issuer.name"],
    ["a subject that is none", { subject: "localhost" }, "policy.x509_props.subject"],
    ["a size that is not served", { keySize: 1024 }, "policy.key_props.key_size"],
    ["a kind that is not served", { keyType: "oct" }, "policy.key_props.kty"],
    ["a curve that is not served", { keyType: "EC", keyCurveName: "P-192" }, "policy.key_props.crv"],
    ["an HSM key that may leave", { keyType: "EC-HSM", exportable: true }, "policy.key_props.exportable"],
    ["a usage that is none", { keyUsage: ["everything"] }, "policy.x509_props.key_usage"],
    ["no time", { validityInMonths: 0 }, "policy.x509_props.validity_months"],
    ["a bad address", { subjectAlternativeNames: { ipAddresses: ["1.2.3"] } }, "policy.x509_props.sans"],
  ])
    test(`refuses ${what}`, () => rejects(create(policy), 400, "BadParameter", new RegExp(`'${property}'`)));
});

describe("import", () => {
  let directory, pem, chain;

  const pfx = (password, ...more) => {
    writeFileSync(join(directory, "in.pem"), pem);
    return openssl("", "pkcs12", "-export", "-in", join(directory, "in.pem"), "-passout", `pass:${password}`, ...more);
  };

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "certificates-"));
    pem = (await secretOf("ec-cert")).value;
    chain = certificatesIn(pem);
  });
  after(() => rmSync(directory, { recursive: true }));

  async function imported(bytes, options) {
    const certificate = await client.importCertificate(unique("imported"), bytes, options);
    assert.ok(check(certificate).raw.equals(chain[0].raw));
    assert.equal(certificate.policy.issuerName, "Unknown");
    assert.equal(certificate.policy.keyCurveName, "P-256");
    assert.equal(certificate.policy.subject, "CN=localhost");
    assert.deepEqual(certificate.policy.keyUsage, ["digitalSignature"]);
    await signsWith(certificate, "ES256", "sha256");
    return await secretOf(certificate.name, certificate.properties.version);
  }

  test("PEM with its chain", async () => {
    const secret = await imported(Buffer.from(pem), { policy: { contentType: "application/x-pem-file" } });
    assert.equal(secret.value, pem);
  });

  test("PEM in another order comes out in order", async () => {
    const blocks = pem.match(/-----BEGIN [^-]*-----[^-]*-----END [^-]*-----\n/g).reverse().join("");
    const secret = await imported(Buffer.from(blocks), { policy: { contentType: "application/x-pem-file" } });
    assert.equal(secret.value, pem);
  });

  for (const [what, password, ...more] of [
    ["PFX", ""], ["PFX with a password", "correct horse"], ["PFX of the old kind", "correct horse", "-legacy"],
  ])
    test(what, async () => {
      const secret = await imported(pfx(password, ...more), { password });
      assert.equal(secret.contentType, "application/x-pkcs12");
      assert.equal(secret.kid, secret.id.replace("/secrets/", "/keys/"));
      assert.equal(secret.managed, true);
      const out = pemOf(secret.value);
      assert.deepEqual(certificatesIn(out).map(String), chain.map(String));
      assert.ok(chain[0].checkPrivateKey(createPrivateKey(out)));
    });

  test("a key that may not leave stays", async () => {
    // The client leaves out the policy of an import.
    const policy = { key_props: { exportable: false } };
    for (const value of [pem, pfx("").toString("base64")]) {
      const name = unique("kept");
      assert.equal((await raw("POST", `/certificates/${name}/import?${V}`, { value, policy })).status, 200);
      const secret = (await secretOf(name)).value;
      const text = value === pem ? secret : pemOf(secret);
      assert.ok(!text.includes("PRIVATE"));
      assert.equal(certificatesIn(text).length, 3);
      assert.equal((await client.getCertificate(name)).policy.exportable, false);
    }
  });

  test("refuses what is no certificate", async () => {
    const name = unique("bad");
    const asPem = { policy: { contentType: "application/x-pem-file" } };
    const refused = (bytes, options, message) =>
      rejects(client.importCertificate(name, bytes, options), 400, "BadParameter", message);
    await refused(Buffer.from("nothing"), {}, /PKCS#12 X.509 certificate content can not be read/);
    await refused(pfx("right"), { password: "wrong" }, /PKCS#12 X.509 certificate content can not be read/);
    await refused(Buffer.from("-----BEGIN CERTIFICATE-----\n"), asPem, /PEM X.509 certificate content/);
    await refused(Buffer.from(chain[0].toString()), asPem, /Private key is not specified/);
    const stranger = pem.replace(chain[0].toString(), "");
    await refused(Buffer.from(stranger), asPem, /PEM X.509 certificate content/);
    await rejects(client.getCertificate(name), 404, "CertificateNotFound");
  });
});

describe("read and change", () => {
  test("list comes in pages, without what is only a key", async () => {
    for (let i = 0; i < 25; i++) await create({ keyType: "EC" });
    const all = (await collect(client.listPropertiesOfCertificates({ includePending: true }))).map((one) => one.name);
    const paged = [];
    // The client asks for no page size, but follows the links.
    for (let next = `/certificates?maxresults=2&${V}`; next; ) {
      const { json } = await raw("GET", next);
      assert.ok(json.value.length <= 2);
      paged.push(...json.value.map((one) => one.id.split("/").pop()));
      next = json.nextLink?.replace(endpoint, "");
    }
    assert.deepEqual(paged, all);
    assert.ok(all.includes("rsa-cert") && all.includes("ec-cert") && !all.includes("p256"));
  });

  test("properties", async () => {
    const { name, properties } = await create({ keyType: "EC" });
    const wishes = { enabled: false, tags: { x: "y" } };
    const updated = await client.updateCertificateProperties(name, properties.version, wishes);
    assert.equal(updated.properties.enabled, false);
    assert.deepEqual(updated.properties.tags, { x: "y" });
    await rejects(cryptographyClient(updated.keyId).sign("ES256", randomBytes(32)), 403, "Forbidden");
    const back = await client.updateCertificateProperties(name, "", { enabled: true });
    assert.deepEqual(back.properties.tags, { x: "y" });
    await signsWith(back, "ES256", "sha256");
  });

  test("policy", async () => {
    const { name } = await create({ keyType: "EC" });
    const policy = await client.getCertificatePolicy(name);
    assert.equal(policy.keyCurveName, "P-256");
    const rsa = { keyType: "RSA", keyCurveName: undefined, keySize: 2048 };
    await client.updateCertificatePolicy(name, { ...policy, ...rsa, subject: "CN=other" });
    const changed = await client.getCertificatePolicy(name);
    assert.equal(changed.keyType, "RSA");
    assert.equal(changed.subject, "CN=other");
    await rejects(client.updateCertificatePolicy(name, { ...policy, subject: "?" }), 400, "BadParameter");
  });

  test("what is not there", async () => {
    const name = unique("none");
    await rejects(client.getCertificate(name), 404, "CertificateNotFound",
      new RegExp(`^A certificate with \\(name/id\\) ${name} was not found in this key vault. If you recently deleted`));
    await rejects(client.getCertificate("p256"), 404, "CertificateNotFound");
    await rejects(client.getCertificatePolicy(name), 404, "CertificateNotFound");
    await rejects(client.getDeletedCertificate(name), 404, "CertificateNotFound", /^Deleted Certificate not found: /);
    await rejects(client.getContacts(), 404, "ContactsNotFound");
    await rejects(client.getIssuer("x"), 404, "CertificateIssuerNotFound");
    assert.deepEqual(await collect(client.listPropertiesOfCertificateVersions(name)), []);
    assert.deepEqual(await collect(client.listPropertiesOfIssuers()), []);
  });
});

describe("delete", () => {
  test("takes the key and the secret with it, and recover brings them back", async () => {
    const certificate = await create({ keyType: "EC" });
    const { name } = certificate;
    const deleted = await remove(name);
    assert.equal(deleted.recoveryId, `${endpoint}/deletedcertificates/${name}`);
    assert.ok(deleted.scheduledPurgeDate > deleted.deletedOn);
    await rejects(client.getCertificate(name), 404, "CertificateNotFound");
    await rejects(keyClient().getKey(name), 404, "KeyNotFound");
    assert.equal((await secretOf(name)).error.code, "SecretNotFound");
    await rejects(create({}, {}, name), 409, "Conflict", /currently in a deleted but recoverable state/);
    assert.ok((await collect(client.listDeletedCertificates())).some((one) => one.name === name));
    const poller = await client.beginRecoverDeletedCertificate(name, { intervalInMs: 10 });
    assert.equal((await poller.pollUntilDone()).keyId, certificate.keyId);
    await signsWith(certificate, "ES256", "sha256");
  });

  test("and purge", async () => {
    const { name } = await create({ keyType: "EC" });
    await remove(name);
    await client.purgeDeletedCertificate(name);
    await rejects(client.getDeletedCertificate(name), 404, "CertificateNotFound");
    await create({ keyType: "EC" }, {}, name);
  });

  test("of the key alone is refused", async () => {
    const { name } = await create({ keyType: "EC" });
    const message = /lifetime is managed by Key Vault/;
    await rejects(keyClient().beginDeleteKey(name), 403, "Forbidden", message);
    await rejects(keyClient().rotateKey(name), 403, "Forbidden", message);
    await rejects(keyClient().backupKey(name), 403, "Forbidden", message);
    await rejects(keyClient().updateKeyProperties(name, { enabled: false }), 403, "Forbidden", message);
  });
});

test("many at once", async () => {
  const names = await Promise.all(Array.from({ length: 8 }, async (_, i) => {
    const certificate = await create({ keyType: "EC" }, {}, i % 2 ? undefined : "shared");
    await Promise.all([
      signsWith(certificate, "ES256", "sha256"), secretOf(certificate.name), client.getCertificate(certificate.name),
    ]);
    return certificate.name;
  }));
  assert.equal(new Set(names).size, 5);
});
