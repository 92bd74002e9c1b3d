# SPDX-License-Identifier: Apache-2.0
"""Certificates on the wire. Expected values are from recorded exchanges, where there is one."""
import base64
import hashlib
import json
import re
import ssl
import unittest

from service import DIGEST, V, Service, error_of, unique

VAULT = Service("VAULT")  # a vault alone
HSM = Service("HSM")  # an HSM and a vault on one endpoint
HINT = (" was not found in this key vault. If you recently deleted this {} you may be able to recover it using the "
        "correct recovery command. For help resolving this issue, please see "
        "https://go.microsoft.com/fwlink/?linkid=2125182")
ATTRIBUTES = r'"attributes":\{"enabled":true,"nbf":\d+,"exp":\d+,"created":\d+,"updated":\d+'
RECOVERY = r',"recoveryLevel":"CustomizedRecoverable\+Purgeable","recoverableDays":7'
POLICY = (r'"key_props":\{"exportable":true,"kty":"EC","key_size":256,"reuse_key":false,"crv":"P-256"\},'
          r'"secret_props":\{"contentType":"application/x-pkcs12"\},"x509_props":\{"subject":"CN=DefaultPolicy",'
          r'"ekus":\["1.3.6.1.5.5.7.3.1","1.3.6.1.5.5.7.3.2"\],"key_usage":\["digitalSignature","keyEncipherment"\],'
          r'"validity_months":12,"basic_constraints":\{"ca":false\}\},"lifetime_actions":\[\{"trigger":'
          r'\{"lifetime_percentage":80\},"action":\{"action_type":"AutoRenew"\}\}\],"issuer":\{"name":"self"\},'
          r'"attributes":\{"enabled":true,"created":\d+,"updated":\d+\}')


def wanted(**more):
    return {"policy": {"key_props": {"kty": "EC"}, "x509_props": {"subject": "CN=DefaultPolicy"},
                       "issuer": {"name": "self"}}, **more}


def create(service=VAULT, name=None, **more):
    name = name or unique("cert")
    answer = service.ask("POST", f"/certificates/{name}/create?{V}", wanted(**more))
    assert answer.status == 202, answer.text
    return name


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def certificates_in(pem):
    return re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", pem, re.S)


class Recorded(unittest.TestCase):
    def test_create_is_202_and_says_where_to_ask(self):
        name = unique("cert")
        answer = VAULT.ask("POST", f"/certificates/{name}/create?{V}", wanted())
        pending = f"https://{VAULT.host}/certificates/{name}/pending"
        self.assertEqual(answer.status, 202)
        self.assertEqual(answer.headers["Retry-After"], "10")
        self.assertRegex(answer.headers["Location"], rf"^{re.escape(pending)}\?{V}&request_id=[0-9a-f]{{32}}$")
        self.assertRegex(answer.text, rf'^{{"id":"{re.escape(pending)}","issuer":{{"name":"self"}},"csr":"[^"]*",'
                         r'"cancellation_requested":false,"status":"inProgress","status_details":"Pending certificate '
                         r'created. Certificate request is in progress. This may take some time based on the issuer '
                         r'provider. Please check again later.","request_id":"[0-9a-f]{32}"\}$')
        done = VAULT.ask("GET", f"/certificates/{name}/pending?{V}")
        self.assertIsNone(done.headers["Retry-After"])
        self.assertEqual(done.status, 200)
        self.assertRegex(done.text, r'"status":"completed","target":"https://[^"]*","request_id":"[0-9a-f]{32}"\}$')
        self.assertEqual(json.loads(done.text)["csr"], json.loads(answer.text)["csr"])
        self.assertEqual(json.loads(done.text)["target"], f"https://{VAULT.host}/certificates/{name}")

    def test_members_in_the_recorded_order(self):
        name = create(tags={"key": "value"})
        at = rf"https://{re.escape(VAULT.host)}"
        version = r"[0-9a-f]{32}"
        bundle = (rf'"id":"{at}/certificates/{name}/{version}","kid":"{at}/keys/{name}/{version}",'
                  rf'"sid":"{at}/secrets/{name}/{version}","x5t":"[A-Za-z0-9_-]{{27}}","cer":"[A-Za-z0-9+/]+=*",'
                  rf'{ATTRIBUTES}{RECOVERY}\}},"tags":\{{"key":"value"\}},'
                  rf'"policy":\{{"id":"{at}/certificates/{name}/policy",{POLICY}\}},'
                  rf'"pending":\{{"id":"{at}/certificates/{name}/pending"\}}\}}$')
        item = rf'"x5t":"[^"]*",{ATTRIBUTES}\}},"tags":\{{"key":"value"\}},"subject":""\}}'
        self.assertRegex(VAULT.ask("GET", f"/certificates/{name}?{V}").text, r"^\{" + bundle)
        self.assertRegex(VAULT.ask("GET", f"/certificates/{name}/?{V}").text, r"^\{" + bundle)
        self.assertRegex(VAULT.ask("GET", f"/certificates/{name}/policy?{V}").text,
                         rf'^\{{"id":"{at}/certificates/{name}/policy",{POLICY}\}}$')
        self.assertRegex(VAULT.ask("GET", f"/certificates/{name}/versions?{V}").text,
                         rf'^\{{"value":\[\{{"id":"{at}/certificates/{name}/{version}",{item}\],"nextLink":null\}}$')
        self.assertRegex(VAULT.ask("GET", f"/certificates?{V}").text, rf'\{{"id":"{at}/certificates/{name}",{item}')
        self.assertRegex(VAULT.ask("GET", f"/secrets/{name}?{V}").text,
                         r'^\{"value":"[A-Za-z0-9+/]+=*","contentType":"application/x-pkcs12",'
                         rf'"id":"{at}/secrets/{name}/{version}","managed":true,{ATTRIBUTES}{RECOVERY}\}},'
                         rf'"tags":\{{"key":"value"\}},"kid":"{at}/keys/{name}/{version}"\}}$')
        self.assertRegex(VAULT.ask("GET", f"/keys/{name}?{V}").text, r'\},"tags":\{[^}]*\},"managed":true\}$')
        self.assertRegex(VAULT.ask("DELETE", f"/certificates/{name}?{V}").text,
                         rf'^\{{"recoveryId":"{at}/deletedcertificates/{name}","deletedDate":\d+,'
                         rf'"scheduledPurgeDate":\d+,' + bundle)
        self.assertRegex(VAULT.ask("GET", f"/deletedcertificates?{V}").text,
                         rf'\{{"recoveryId":"{at}/deletedcertificates/{name}","deletedDate":\d+,'
                         rf'"scheduledPurgeDate":\d+,"id":"{at}/certificates/{name}",{item}')

    def test_x5t_is_the_sha1_of_cer_and_the_versions_agree(self):
        shown = VAULT.json("GET", f"/certificates/{create()}?{V}")
        der = base64.b64decode(shown["cer"], validate=True)
        digest = base64.urlsafe_b64encode(hashlib.sha1(der).digest()).decode().rstrip("=")
        self.assertEqual(shown["x5t"], digest)
        self.assertEqual(len({shown[member].rsplit("/", 1)[1] for member in ("id", "kid", "sid")}), 1)

    def test_errors_as_recorded(self):
        name = create()
        for method, path, body, status, code, message in (
            ("GET", "/certificates/none", None, 404, "CertificateNotFound",
             "A certificate with (name/id) none" + HINT.format("certificate")),
            ("GET", f"/certificates/{name}/{'0' * 32}", None, 404, "CertificateNotFound",
             f"A certificate with (name/id) {name}/{'0' * 32}" + HINT.format("certificate")),
            ("GET", "/certificates/p256", None, 404, "CertificateNotFound",
             "A certificate with (name/id) p256" + HINT.format("certificate")),
            ("GET", "/secrets/p256", None, 404, "SecretNotFound",
             "A secret with (name/id) p256" + HINT.format("secret")),
            ("GET", "/deletedcertificates/none", None, 404, "CertificateNotFound",
             "Deleted Certificate not found: none"),
            ("GET", "/certificates/none/pending", None, 404, "PendingCertificateNotFound",
             "Pending certificate not found: none"),
            ("GET", "/certificates/contacts", None, 404, "ContactsNotFound", "Contacts not found"),
            ("GET", "/certificates/issuers/x", None, 404, "CertificateIssuerNotFound", "Issuer not found"),
            ("GET", "/certificates/a!b", None, 400, "BadParameter", "The request URI contains an invalid name: a!b"),
            ("POST", "/certificates/p256/create", wanted(), 409, "Conflict",
             "A key named p256 exists and belongs to no certificate"),
            ("POST", "/certificates/x/create", {}, 400, "BadParameter", "Property 'policy' is required.\r\n"),
            ("POST", "/certificates/x/import", {}, 400, "BadParameter", "Property 'value' is required.\r\n"),
        ):
            answer = VAULT.ask(method, f"{path}?{V}", body)
            self.assertEqual(answer.status, status, path)
            self.assertEqual(answer.text, compact({"error": {"code": code, "message": message}}))

    def test_the_key_lives_and_dies_with_the_certificate(self):
        name = create()
        for method, path, body, operation in (
            ("DELETE", f"/keys/{name}", None, "delete"), ("PATCH", f"/keys/{name}", {}, "update"),
            ("POST", f"/keys/{name}/create", {"kty": "EC"}, "create"), ("POST", f"/keys/{name}/rotate", {}, "rotate"),
            ("POST", f"/keys/{name}/backup", None, "backup"),
        ):
            answer = VAULT.ask(method, f"{path}?{V}", body)
            self.assertEqual(answer.status, 403, path)
            self.assertEqual(answer.text, compact({"error": {
                "code": "Forbidden",
                "message": f'Operation "{operation}" is not allowed as this object\'s lifetime is managed by Key Vault.',
                "innererror": {"code": "KeyManagedByKeyVault"}}}))
        VAULT.ask("DELETE", f"/certificates/{name}?{V}")
        self.assertEqual(VAULT.ask("GET", f"/keys/{name}?{V}").status, 404)
        self.assertEqual(VAULT.ask("DELETE", f"/deletedkeys/{name}?{V}").status, 403)
        self.assertEqual(VAULT.ask("POST", f"/deletedkeys/{name}/recover?{V}").status, 403)
        self.assertEqual(VAULT.ask("POST", f"/deletedcertificates/{name}/recover?{V}").status, 200)
        self.assertEqual(VAULT.ask("GET", f"/keys/{name}?{V}").status, 200)

    def test_a_deleted_name_is_409(self):
        name = create()
        VAULT.ask("DELETE", f"/certificates/{name}?{V}")
        answer = VAULT.ask("POST", f"/certificates/{name}/create?{V}", wanted())
        self.assertEqual((answer.status, error_of(answer)["innererror"]["code"]),
                         (409, "ObjectIsDeletedButRecoverable"))
        self.assertEqual(VAULT.ask("DELETE", f"/deletedcertificates/{name}?{V}").status, 204)
        create(name=name)

    def test_validity_is_not_for_the_client_to_change(self):
        name = create()
        before = VAULT.json("GET", f"/certificates/{name}?{V}")["attributes"]
        after = VAULT.json("PATCH", f"/certificates/{name}?{V}", {"attributes": {"exp": 1893459661}})["attributes"]
        self.assertEqual((after["nbf"], after["exp"]), (before["nbf"], before["exp"]))

    def test_lists_come_in_pages(self):
        for _ in range(3):
            create()
        names, path = [], f"/certificates?maxresults=2&{V}"
        while path:
            page = VAULT.json("GET", path)
            self.assertLessEqual(len(page["value"]), 2)
            names += [item["id"].rsplit("/", 1)[1] for item in page["value"]]
            path = page["nextLink"] and page["nextLink"].split(VAULT.host)[1]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreaterEqual(len(names), 5)
        self.assertNotIn("p256", names)

    def test_a_patched_policy_keeps_what_was_not_said(self):
        name = create()
        body = {"key_props": {"exportable": True, "kty": "EC", "key_size": 256, "crv": "P-256K", "reuse_key": False},
                "x509_props": {"validity_months": 3}}
        shown = VAULT.json("PATCH", f"/certificates/{name}/policy?{V}", body)
        self.assertEqual(shown["key_props"]["crv"], "P-256K")
        self.assertEqual(shown["x509_props"]["subject"], "CN=DefaultPolicy")
        self.assertEqual(shown["x509_props"]["validity_months"], 3)
        self.assertEqual(shown, VAULT.json("GET", f"/certificates/{name}/policy?{V}"))
        # and serves to make the next version
        self.assertEqual(VAULT.ask("POST", f"/certificates/{name}/create?{V}", {}).status, 202)
        self.assertEqual(VAULT.json("GET", f"/keys/{name}?{V}")["key"]["crv"], "P-256K")


class Chain(unittest.TestCase):
    def test_a_tls_client_accepts_the_seeded_chain(self):
        """Serves TLS with the secret of ec-cert, to a client that knows the root only."""
        pem = VAULT.json("GET", f"/secrets/ec-cert?{V}")["value"]
        with self.subTest("three certificates"):
            self.assertEqual(len(certificates_in(pem)), 3)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with open_private(pem) as path:
            server.load_cert_chain(path)
        client = ssl.create_default_context(cadata=certificates_in(pem)[2])
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = [client.wrap_bio(to_client, to_server, server_hostname="localhost"),
                server.wrap_bio(to_server, to_client, server_side=True)]
        for _ in range(10):
            for end in ends:
                try:
                    end.do_handshake()
                except ssl.SSLWantReadError:
                    pass
        self.assertEqual(ends[0].getpeercert()["subject"], ((("commonName", "localhost"),),))
        self.assertEqual(base64.b64encode(ends[0].getpeercert(True)).decode(),
                         VAULT.json("GET", f"/certificates/ec-cert?{V}")["cer"])


def open_private(pem):
    import tempfile
    file = tempfile.NamedTemporaryFile("w", suffix=".pem")
    file.write(pem)
    file.flush()

    class Named:
        def __enter__(self):
            return file.name

        def __exit__(self, *_):
            file.close()
    return Named()


class OneEndpoint(unittest.TestCase):
    """The HSM and the vault of one emulator, by a client that knows one URL."""

    def test_certificates_are_the_vaults(self):
        shown = HSM.json("GET", f"/certificates/rsa-cert?{V}")
        self.assertIn(f"https://{HSM.host}/keys/rsa-cert/", shown["kid"])

    def test_a_certificates_key_is_found_beside_the_keys_of_the_hsm(self):
        shown = HSM.json("GET", f"/certificates/ec-cert?{V}")
        path = shown["kid"].split(HSM.host)[1]
        key = HSM.json("GET", f"{path}?{V}")
        self.assertEqual((key["key"]["kid"], key["key"]["kty"], key["managed"]), (shown["kid"], "EC", True))
        for at in (path, "/keys/ec-cert", "/keys/EC-Cert"):
            signed = HSM.ask("POST", f"{at}/sign?{V}", {"alg": "ES256", "value": DIGEST})
            self.assertEqual(json.loads(signed.text)["kid"], shown["kid"])
        self.assertEqual(HSM.json("GET", f"/keys/p256?{V}")["key"]["kty"], "EC-HSM")
        self.assertEqual(HSM.ask("DELETE", f"/keys/ec-cert?{V}").status, 403)
        self.assertEqual(HSM.ask("GET", f"{path[:-1]}{'0' if path[-1] != '0' else '1'}?{V}").status, 404)

    def test_challenges_are_for_whom_they_must_be(self):
        for path, resource in (("/certificates", "vault"), ("/secrets/ec-cert", "vault"), ("/keys/ec-cert", "vault"),
                               ("/keys/p256", "managedhsm"), ("/keys", "managedhsm")):
            answer = HSM.ask("GET", f"{path}?{V}", token=None)
            self.assertTrue(answer.headers["WWW-Authenticate"].endswith(f'resource="https://{resource}.azure.net"'))

    def test_new_keys_are_the_hsms_and_go_before_a_certificates(self):
        name = create(HSM)
        vault_kid = HSM.json("GET", f"/certificates/{name}?{V}")["kid"]
        made = HSM.json("POST", f"/keys/{name}/create?{V}", {"kty": "EC"})
        self.assertEqual(made["key"]["kty"], "EC-HSM")
        self.assertEqual(HSM.json("GET", f"/keys/{name}?{V}")["key"]["kid"], made["key"]["kid"])
        # A version tells them apart.
        self.assertEqual(HSM.json("GET", f"{vault_kid.split(HSM.host)[1]}?{V}")["key"]["kty"], "EC")
        HSM.ask("DELETE", f"/keys/{name}?{V}")
        self.assertEqual(HSM.json("GET", f"/keys/{name}?{V}")["key"]["kid"], vault_kid)

    def test_a_host_that_names_one_gets_that_one(self):
        def ask(host, path):
            return HSM.ask("GET", f"{path}?{V}", headers={"Host": host})
        for path in ("/certificates/ec-cert", "/secrets/ec-cert", "/keys/ec-cert"):
            self.assertEqual(ask("demo.managedhsm.azure.net", path).status, 404)
            self.assertEqual(ask("demo-vault.vault.azure.net", path).status, 200)
        self.assertEqual(error_of(ask("demo.managedhsm.azure.net", "/certificates"))["code"], "NotFound")
        self.assertEqual(json.loads(ask("demo-vault.vault.azure.net", "/keys/p256").text)["key"]["kty"], "EC")


if __name__ == "__main__":
    unittest.main()
