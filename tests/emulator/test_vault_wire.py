# SPDX-License-Identifier: Apache-2.0
"""Key Vault on the wire, where it differs from Managed HSM. Expected values are from recorded exchanges, as there."""
import json
import unittest

from service import DIGEST, V, Service, unique

VAULT = Service("VAULT")


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class KeyVault(unittest.TestCase):
    def test_challenge_has_a_body(self):
        answer = VAULT.ask("GET", f"/keys?{V}", token=None)
        self.assertEqual(answer.status, 401)
        self.assertEqual(answer.text, compact({"error": {
            "code": "Unauthorized", "message": "AKV10000: Request is missing a Bearer or PoP token."}}))
        self.assertTrue(answer.headers["WWW-Authenticate"].endswith('resource="https://vault.azure.net"'))

    def test_headers_of_an_answer(self):
        answer = VAULT.ask("GET", f"/keys/p256?{V}", headers={"x-ms-client-request-id": "one-two"})
        for name, value in {
            "Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1",
            "Strict-Transport-Security": "max-age=31536000;includeSubDomains", "X-Content-Type-Options": "nosniff",
            "x-ms-client-request-id": "one-two",
            "x-ms-keyvault-network-info": "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;",
        }.items():
            self.assertEqual(answer.headers[name], value, name)
        self.assertRegex(answer.headers["x-ms-keyvault-service-version"], r"^1\.9\.")
        self.assertIsNotNone(answer.headers["Date"])
        self.assertIsNone(answer.headers["X-Frame-Options"])

    def test_members_in_the_recorded_order(self):
        self.assertRegex(
            VAULT.ask("POST", f"/keys/{unique('ec')}/create?{V}", {"kty": "EC", "tags": {"key": "value"}}).text,
            r'^\{"key":\{"kid":"https://[^"]*","kty":"EC","key_ops":\["sign","verify"\],"crv":"P-256","x":"[^"]*",'
            r'"y":"[^"]*"\},"attributes":\{"enabled":true,"created":\d+,"updated":\d+,'
            r'"recoveryLevel":"CustomizedRecoverable\+Purgeable","recoverableDays":7,"exportable":false\},'
            r'"tags":\{"key":"value"\}\}$')

    def test_kty_is_the_one_that_was_asked_for(self):
        for kty in ("RSA", "RSA-HSM", "EC", "EC-HSM"):
            shown = VAULT.json("POST", f"/keys/{unique('kty')}/create?{V}", {"kty": kty})
            self.assertEqual(shown["key"]["kty"], kty)

    def test_sign_and_verify_answer_without_alg(self):
        text = VAULT.ask("POST", f"/keys/p256/sign?{V}", {"alg": "ES256", "value": DIGEST}).text
        self.assertRegex(text, r'^\{"kid":"https://[^"]*","value":"[A-Za-z0-9_-]{86}"\}$')
        body = {"alg": "ES256", "digest": DIGEST, "value": json.loads(text)["value"]}
        self.assertEqual(VAULT.ask("POST", f"/keys/p256/verify?{V}", body).text, '{"value":true}')

    def test_errors_as_recorded(self):
        hint = ("If you recently deleted this key you may be able to recover it using the correct recovery command. "
                "For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182")
        for method, path, body, status, code, message in (
            ("GET", "/keys/none", None, 404, "KeyNotFound",
             f"A key with (name/id) none was not found in this key vault. {hint}"),
            ("POST", "/keys/key%21@%23$/create", {"kty": "EC"}, 400, "BadParameter",
             "The request URI contains an invalid name: key!@#$"),
            ("POST", "/keys//create", {"kty": "RSA"}, 400, "BadParameter", "Operation not specified"),
            ("PUT", "/keys/invalid", {"key": {}}, 400, "BadParameter",
             'The property "key" must be a valid JsonWebKey object.'),
            ("POST", "/keys/x/create", {"kty": "oct-HSM", "key_size": 256}, 400, "BadParameter",
             "Property  has invalid value\r\n"),
            ("POST", "/keys/restore", {"value": "ZG9lc25vdGV4aXN0"}, 400, "Malformed backup blob",
             "Backup blob is corrupt."),
            ("POST", "/keys/p256/sign", {"alg": "ES256", "value": "!"}, 400, "BadParameter",
             "Content of 'value' is not base64url.\r\nProperty 'value' is required.\r\n"),
        ):
            answer = VAULT.ask(method, f"{path}?{V}", body)
            self.assertEqual(answer.status, status, path)
            self.assertEqual(answer.text, compact({"error": {"code": code, "message": message}}))

    def test_a_deleted_name_is_409_with_an_inner_code(self):
        name = unique("gone")
        VAULT.ask("POST", f"/keys/{name}/create?{V}", {"kty": "EC"})
        VAULT.ask("DELETE", f"/keys/{name}?{V}")
        answer = VAULT.ask("POST", f"/keys/{name}/create?{V}", {"kty": "EC"})
        self.assertEqual(answer.text, compact({"error": {
            "code": "Conflict",
            "message": f"Key {name} is currently in a deleted but recoverable state, and its name cannot be reused; "
                       "in this state, the key can only be recovered or purged.",
            "innererror": {"code": "ObjectIsDeletedButRecoverable"}}}))

    def test_next_link_carries_the_api_version(self):
        self.assertIn("?" + V + "&", VAULT.json("GET", f"/keys?maxresults=1&{V}")["nextLink"])

    def test_there_are_no_random_bytes(self):
        self.assertEqual(VAULT.ask("POST", f"/rng?{V}", {"count": 1}).status, 404)


if __name__ == "__main__":
    unittest.main()
