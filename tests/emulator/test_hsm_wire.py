# SPDX-License-Identifier: Apache-2.0
"""Managed HSM on the wire. Expected values are from exchanges recorded by the tests of Microsoft's client libraries
(azure-sdk-for-go, -js, -python, Azure/azure-sdk-assets)."""
import json
import unittest

from service import DIGEST, UUID, V, Service, error_of, unique

HSM = Service("HSM")


class Headers(unittest.TestCase):
    def test_challenge_is_401_with_an_empty_body(self):
        answer = HSM.ask("POST", f"/keys/p256/sign?{V}", token=None)
        self.assertEqual((answer.status, answer.text, answer.headers["Content-Length"]), (401, "", "0"))
        self.assertRegex(
            answer.headers["WWW-Authenticate"],
            r'^Bearer authorization="https://login\.microsoftonline\.com/[0-9a-f-]{36}", '
            r'resource="https://managedhsm\.azure\.net"$')

    def test_headers_of_an_answer(self):
        answer = HSM.ask("GET", f"/keys/p256?{V}")
        expected = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": "default-src 'self'",
            "Content-Type": "application/json; charset=utf-8",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
            "x-ms-keyvault-network-info": "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=Ipv4;",
        }
        for name, value in expected.items():
            self.assertEqual(answer.headers[name], value, name)
        self.assertRegex(answer.headers["x-ms-request-id"], f"^{UUID}$")
        self.assertRegex(answer.headers["x-ms-server-latency"], r"^\d+$")
        self.assertTrue(answer.headers["x-ms-keyvault-region"])
        self.assertTrue(answer.headers["x-ms-build-version"])
        for name in ("Date", "Pragma", "Expires"):
            self.assertIsNone(answer.headers[name], name)

    def test_kid_follows_the_host_header(self):
        shown = HSM.json("GET", f"/keys/p256?{V}", headers={"Host": "demo.managedhsm.azure.net"})
        self.assertTrue(shown["key"]["kid"].startswith("https://demo.managedhsm.azure.net/keys/p256/"))

    def test_a_host_header_that_is_none_is_refused(self):
        answer = HSM.ask("GET", f"/keys/p256?{V}", headers={"Host": 'evil"/><x'})
        self.assertEqual(answer.status, 400)
        self.assertNotIn("evil", answer.text)


class Bodies(unittest.TestCase):
    def test_members_are_sorted_and_compact(self):
        self.assertRegex(
            HSM.ask("GET", f"/keys/p256?{V}").text,
            r'^\{"attributes":\{"created":\d+,"enabled":true,"exportable":false,"recoverableDays":7,'
            r'"recoveryLevel":"CustomizedRecoverable\+Purgeable","updated":\d+\},'
            r'"key":\{"crv":"P-256","key_ops":\["verify","deriveKey","sign"\],'
            r'"kid":"https://[^"]*/keys/p256/[0-9a-f]{32}","kty":"EC-HSM","x":"[A-Za-z0-9_-]{43}",'
            r'"y":"[A-Za-z0-9_-]{43}"\}\}$')
        self.assertRegex(
            HSM.ask("POST", f"/keys/p256/sign?{V}", {"alg": "ES256", "value": DIGEST}).text,
            r'^\{"alg":"ES256","kid":"https://[^"]*","value":"[A-Za-z0-9_-]{86}"\}$')

    def test_key_ops_in_the_recorded_order(self):
        for body, version, expected in (
            ({"kty": "RSA"}, V, ["wrapKey", "decrypt", "encrypt", "unwrapKey", "sign", "verify"]),
            ({"kty": "EC"}, V, ["verify", "deriveKey", "sign"]),
            ({"kty": "EC"}, "api-version=7.4", ["verify", "sign"]),
            ({"kty": "oct"}, V, ["deriveKey", "wrapKey", "verify", "sign", "unwrapKey", "encrypt", "decrypt"]),
        ):
            shown = HSM.json("POST", f"/keys/{unique('ops')}/create?{version}", body)
            self.assertEqual(shown["key"]["key_ops"], expected)

    def test_key_size_is_shown_from_2026_on(self):
        for version, size in (("2026-01-01-preview", 256), ("2025-07-01", None)):
            shown = HSM.json("GET", f"/keys/aes256?api-version={version}")
            self.assertEqual(shown["attributes"].get("key_size"), size)

    def test_purge_is_204(self):
        name = unique("purge")
        HSM.ask("POST", f"/keys/{name}/create?{V}", {"kty": "EC"})
        self.assertEqual(HSM.ask("DELETE", f"/keys/{name}?{V}").status, 200)
        answer = HSM.ask("DELETE", f"/deletedkeys/{name}?{V}")
        self.assertEqual((answer.status, answer.text), (204, ""))


class Paths(unittest.TestCase):
    def test_paths_of_real_clients(self):
        version = HSM.json("GET", f"/keys/p256?{V}")["key"]["kid"].rsplit("/", 1)[1]
        for path in ("/keys/p256//sign", f"/keys/p256/{version}/sign", "/keys/p256/sign", "/keys/P256/SIGN",
                     f"/keys/p256/{version.upper()}/Sign/"):
            answer = HSM.ask("POST", f"{path}?api%2Dversion=2025-07-01", {"alg": "ES256", "value": DIGEST})
            self.assertEqual(answer.status, 200, path)
            self.assertTrue(json.loads(answer.text)["kid"].endswith(f"/keys/p256/{version}"), path)
        for path in ("/keys/p256/", f"/keys/p256/{version}/", "/keys/"):
            self.assertEqual(HSM.ask("GET", f"{path}?{V}").status, 200, path)

    def test_api_version_must_be_known_but_for_a_next_link(self):
        for query in ("", "?api-version=1999-01-01", "?api-version=7.0"):
            self.assertEqual(HSM.ask("GET", "/keys" + query).status, 400, query)
        link = HSM.json("GET", f"/keys?maxresults=2&{V}")["nextLink"]
        self.assertNotIn("api-version", link)
        self.assertEqual(HSM.ask("GET", link.split(HSM.host, 1)[1]).status, 200)

    def test_old_api_versions_lack_what_came_later(self):
        answer = HSM.ask("POST", "/keys/p256/rotate?api-version=7.2")
        self.assertEqual((answer.status, error_of(answer)["code"]), (400, "NotSupported"))
        self.assertTrue(error_of(answer)["message"].startswith("action 'rotate' not supported"))
        answer = HSM.ask("POST", "/keys/aes256/sign?api-version=7.4", {"alg": "HS256", "value": DIGEST})
        self.assertEqual(answer.status, 400)


class Errors(unittest.TestCase):
    def test_errors_as_recorded(self):
        for method, path, body, status, code, message in (
            ("GET", "/keys/none", None, 404, "KeyNotFound", f"Key not found: https://{HSM.host}/keys/none"),
            ("GET", "/deletedkeys/none", None, 404, "KeyNotFound",
             f"Key not found: https://{HSM.host}/deletedkeys/none"),
            ("POST", "/keys/key%21@%23$/create", {"kty": "EC"}, 400, "BadParameter", "Invalid key identifier or name"),
            ("PUT", "/keys/invalid", {"key": {}}, 400, "BadParameter", "JSON Web Key: kty is missing"),
            ("POST", "/rng", {"count": 129}, 400, "BadParameter",
             "GetRandomBytesRequest: count cannot be greater than 128 or less than 1"),
            ("POST", "/keys/x/create", {"kty": "RSA", "attributes": {"exportable": True}}, 400, "BadParameter",
             "Exportable keys must have release policy"),
            ("POST", "/keys/restore", {"value": "ZG9lc25vdGV4aXN0"}, 400, "MalformedBackupBlob",
             "Backup blob belongs to a different crypto domain and cannot be used with this instance."),
            # Padding is read as zero bits, so that the digest comes out too long
            ("POST", "/keys/p256/sign", {"alg": "ES256", "value": DIGEST + "="}, 400, "BadParameter",
             "Invalid length of 'value': 33 bytes. ES256 requires 32 bytes, encoded with base64url."),
        ):
            answer = HSM.ask(method, f"{path}?{V}", body)
            self.assertEqual(answer.status, status, path)
            self.assertEqual(error_of(answer)["code"], code)
            self.assertEqual(error_of(answer)["message"],
                             f"{message} (Activity ID: {answer.headers['x-ms-request-id']})")
            self.assertIsNone(answer.headers["x-ms-keyvault-region"])


class RecordedCryptography(unittest.TestCase):
    def test_hmac_treats_the_value_as_the_message(self):
        name = unique("hmac")
        key = {"kty": "oct", "key_ops": ["sign", "verify"], "k": "pBZVALPctDgu2eVdVrBgNQlZ2-cIIN8mT0JDMENMD28"}
        self.assertEqual(HSM.ask("PUT", f"/keys/{name}?{V}", {"key": key}).status, 200)
        body = {"alg": "HS256", "value": "fXYe7bL0QaXwk65meK-NlRE-ty0-bdHJBY4zMEc8eXc"}
        self.assertEqual(HSM.json("POST", f"/keys/{name}/sign?{V}", body)["value"],
                         "738mLG7DvsXC_8DYffVppi44X9I9E97Ep2m6b_r1F58")

    def test_aes_decryptions(self):
        for body, value in (
            ({"alg": "A128CBC", "value": "1xayjTsgoebXozcjHyB8m-ctvIPovYQx4HtP7yZIZkU", "iv": "KMbWHR976UR7KcxuLDuOOA"},
             "UWOw2NcRAunaD6RHA0pyeAXpi7zxieceyHANVcDDikQ"),
            ({"alg": "A128GCM", "value": "xud6Vg79VEXWIbggJ5x9TL8F8DFRl_YMRVzfFVPKmWc", "iv": "mwqLEUgl-NTKzgAM",
              "tag": "11_7dQwrLRzx1mqsUNyrUQ"}, "8Lmczq9FyFj-XQPe8GkrCKRtDaZVtvPa_ZJ1ccVLrcI"),
        ):
            name = unique("aes")
            HSM.ask("PUT", f"/keys/{name}?{V}", {"key": {"kty": "oct", "k": "pBZVALPctDgu2eVdVrBgNQ"}})
            self.assertEqual(HSM.json("POST", f"/keys/{name}/decrypt?{V}", body)["value"], value)


if __name__ == "__main__":
    unittest.main()
