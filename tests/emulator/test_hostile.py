# SPDX-License-Identifier: Apache-2.0
"""Input that no good client sends: an answer of the 400s every time, and the emulator lives on."""
import base64
import concurrent.futures
import os
import socket
import ssl
import struct
import unittest

from service import DIGEST, V, Service, unique

HSM = Service("HSM")
BIG = base64.urlsafe_b64encode(bytes(4000)).decode().rstrip("=")
WRONG = (None, True, 1, -1, 1.5, 2 ** 62, "", "?", [], [1], {}, {"a": "b"}, "A" * 10000)


class Bodies(unittest.TestCase):
    def test_bodies_that_are_no_json_object(self):
        for body in ("", "{", "[]", "null", '"x"', "{}x", '{"a":1,"a":2}', "\x00", "[" * 5000, '{"a":' * 5000,
                     '{"alg":"\\u0000"}', b"\xff\xfe{}"):
            for path in ("/keys/p256/sign", "/keys/x/create", "/keys/restore", "/rng"):
                self.assertEqual(HSM.ask("POST", f"{path}?{V}", body).status, 400, (path, body[:20]))

    def test_members_of_wrong_types_when_signing(self):
        for value in WRONG:
            for body in ({"alg": value}, {"alg": value, "value": DIGEST}, {"alg": "ES256", "value": value}):
                self.assertEqual(HSM.ask("POST", f"/keys/p256/sign?{V}", body).status, 400, str(body)[:60])

    def test_members_of_wrong_types_when_creating(self):
        for member in ("kty", "crv", "key_size", "attributes", "key_ops", "tags", "release_policy"):
            for value in WRONG:
                body = {"kty": "EC" if member == "crv" else "oct", member: value}
                answer = HSM.ask("POST", f"/keys/{unique('wrong')}/create?{V}", body)
                self.assertIn(answer.status, (200, 400), str(body)[:60])
        for member in ("enabled", "exp", "nbf", "exportable"):
            for value in ("x", -1, [], {}, 1.5):
                body = {"kty": "EC", "attributes": {member: value}}
                self.assertEqual(HSM.ask("POST", f"/keys/{unique('w')}/create?{V}", body).status, 400, str(body))
        for exponent in (0, 1, 2, 4, 65536, 2 ** 40, -3, "3"):
            body = {"kty": "RSA", "public_exponent": exponent}
            self.assertEqual(HSM.ask("POST", f"/keys/{unique('w')}/create?{V}", body).status, 400, exponent)

    def test_keys_that_are_none(self):
        for key in ({"kty": "RSA"}, {"kty": "RSA", "n": BIG, "e": "AQAB", "d": BIG},
                    {"kty": "RSA", "n": "", "e": "", "d": ""},
                    {"kty": "EC", "crv": "P-256", "x": "", "y": "", "d": ""},
                    {"kty": "EC", "crv": "P-256", "x": BIG, "y": BIG, "d": BIG},
                    {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43, "d": "A" * 43},
                    {"kty": "oct", "k": ""}, {"kty": "oct", "k": BIG}, {"kty": "oct", "k": 1}):
            self.assertEqual(HSM.ask("PUT", f"/keys/{unique('none')}?{V}", {"key": key}).status, 400, str(key)[:60])

    def test_certificate_policies_that_are_none(self):
        good = {"key_props": {"kty": "EC"}, "x509_props": {"subject": "CN=x"}, "issuer": {"name": "Self"}}
        members = {"key_props": ("kty", "crv", "key_size", "exportable", "reuse_key"),
                   "secret_props": ("contentType",), "issuer": ("name",),
                   "x509_props": ("subject", "sans", "ekus", "key_usage", "validity_months")}
        path = f"/certificates/{unique('wrong')}/create?{V}"
        for value in WRONG:
            self.assertEqual(HSM.ask("POST", path, {"policy": value}).status, 400, str(value)[:60])
            for part, names in members.items():
                answer = HSM.ask("POST", path, {"policy": {**good, part: value}})
                self.assertIn(answer.status, (202, 400), str(value)[:60])
                for name in names:
                    policy = {**good, part: {**good.get(part, {}), name: value}}
                    answer = HSM.ask("POST", path, {"policy": policy})
                    self.assertIn(answer.status, (202, 400), f"{name} {str(value)[:60]}")
            for name in ("dns_names", "emails", "upns", "uris", "ipAddresses"):
                policy = {**good, "x509_props": {"subject": "CN=x", "sans": {name: [value]}}}
                self.assertEqual(HSM.ask("POST", path, {"policy": policy}).status,
                                 202 if value in ("?", "A" * 10000) and name != "ipAddresses" else 400, name)
            policy = {**good, "lifetime_actions": [value]}
            self.assertEqual(HSM.ask("POST", path, {"policy": policy}).status, 400, str(value)[:60])
        for subject in ("=", "CN", "CN=", "CN=a,", ",", '"', 'CN="', 'CN="a', "X=1", "OID.1=", "CN=a\0b", "C=Germany"):
            policy = {**good, "x509_props": {"subject": subject}}
            self.assertIn(HSM.ask("POST", path, {"policy": policy}).status, (202, 400), subject)

    def test_imports_that_are_none(self):
        path = f"/certificates/{unique('none')}/import?{V}"
        pem = HSM.json("GET", f"/secrets/ec-cert?{V}")["value"]
        pfx = HSM.json("GET", f"/secrets/rsa-cert?{V}")["value"]
        for value in (*WRONG[1:], BIG, "====", "=", "-----BEGIN ", pem[:300], pem[:-60].split("-----BEGIN CERT")[0],
                      pfx[:400], pfx[:1000] + "AAAA" + pfx[1004:]):
            self.assertEqual(HSM.ask("POST", path, {"value": value}).status, 400, str(value)[:60])
        for value in WRONG[1:]:
            for body in ({"policy": value}, {"policy": {"key_props": value}}, {"policy": {"secret_props": value}},
                         {"policy": {"issuer": value}}, {"policy": {"lifetime_actions": value}}, {"pwd": value}):
                answer = HSM.ask("POST", path, {"value": pem, **body})
                self.assertIn(answer.status, (200, 400), str(body)[:60])

    def test_policies_that_are_none(self):
        for body in ({"attributes": {"expiryTime": 1}}, {"attributes": {"expiryTime": "P"}},
                     {"attributes": {"expiryTime": "P99999D"}}, {"lifetimeActions": [1]}, {"lifetimeActions": [{}]},
                     {"lifetimeActions": [{"trigger": {}, "action": {"type": "x" * 500}}]}):
            self.assertEqual(HSM.ask("PUT", f"/keys/p256/rotationpolicy?{V}", body).status, 400, body)

    def test_ciphertexts_that_are_none(self):
        iv, tag = "A" * 22, "A" * 22
        for body in ({"alg": "A128GCM", "value": "AAAA", "iv": "A" * 16, "tag": tag}, {"alg": "A128GCM", "value": "AAAA"},
                     {"alg": "A128CBC", "value": "AAAA", "iv": iv}, {"alg": "A128CBCPAD", "value": "AAAA", "iv": iv},
                     {"alg": "A128CBCPAD", "value": "", "iv": iv}, {"alg": "A128CBC", "value": "A" * 22, "iv": "AA"}):
            self.assertEqual(HSM.ask("POST", f"/keys/aes128/decrypt?{V}", body).status, 400, body)
        for value in ("", "AA", "A" * 22, "A" * 32, BIG):
            for algorithm in ("A128KW", "CKM_AES_KEY_WRAP", "CKM_AES_KEY_WRAP_PAD"):
                body = {"alg": algorithm, "value": value}
                self.assertEqual(HSM.ask("POST", f"/keys/aes128/unwrapkey?{V}", body).status, 400, body)

    def test_a_body_that_is_too_large_is_413(self):
        self.assertEqual(HSM.ask("POST", f"/keys/p256/sign?{V}", "x" * (64 * 1024 + 1)).status, 413)
        self.assertEqual(HSM.ask("POST", f"/keys/p256/sign?{V}", "x" * (64 * 1024)).status, 400)


class Requests(unittest.TestCase):
    def test_paths_that_lead_nowhere(self):
        for method, path, statuses in (
            ("GET", "/", (404,)), ("GET", "/settings", (404,)), ("GET", "/secrets", (404,)),
            ("PUT", "/certificates/ec-cert", (405,)), ("DELETE", "/secrets/ec-cert", (405,)),
            ("GET", "/certificates/ec-cert/nothing", (400,)), ("POST", "/certificates/ec-cert/merge", (400,)),
            ("GET", "/keys/p256/sign", (405,)),
            ("POST", "/keys/p256", (405,)), ("PUT", "/keys/p256/versions", (405,)),
            ("POST", "/keys/p256/nothing", (400,)), ("GET", "/keys/p256/nothing", (400,)),
            ("GET", "/keys/" + "a" * 128, (400,)), ("GET", "/keys/a/b/c/d/e/f/g/h", (400,)),
            ("GET", "/keys/..%2f..", (400,)), ("GET", "/keys/%ff%fe", (400,)), ("GET", "/keys/a%00b", (400, 404)),
            ("POST", "/keys//" + "0" * 32 + "/sign", (400,)), ("TRACE", "/keys", (405,)),
        ):
            self.assertIn(HSM.ask(method, f"{path}?{V}").status, statuses, path)

    def test_tokens_that_are_none(self):
        for token in ("", "a.b.c", "..", "a.!!.c", "e30.e30.e30", "x" * 8000, HSM.token[:-1], HSM.token + "x",
                      "a.W10.c"):
            answer = HSM.ask("GET", f"/keys/p256?{V}", token=token)
            self.assertEqual(answer.status, 401, token)
            self.assertIn("WWW-Authenticate", answer.headers)

    def test_lists_with_bad_parameters(self):
        for query in ("maxresults=0", "maxresults=26", "maxresults=x", "maxresults=-1", "$skiptoken=!!", "maxresults="):
            self.assertEqual(HSM.ask("GET", f"/keys?{query}&{V}").status, 400, query)

    def test_clients_that_break_off(self):
        for cut in (b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"):
            with socket.create_connection((HSM.address.hostname, HSM.address.port)) as plain:
                plain.sendall(cut)
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.assertEqual(HSM.ask("GET", f"/keys/p256?{V}").status, 200)


class Tls(unittest.TestCase):
    def handshake(self, tls, name):
        with socket.create_connection((HSM.address.hostname, HSM.address.port)) as plain:
            tls.wrap_socket(plain, server_hostname=name).close()

    def test_names_in_the_certificate(self):
        tls = ssl.create_default_context(cafile=os.environ["HSM_CA_FILE"])
        for name in ("localhost", "127.0.0.1", "::1", "demo.managedhsm.azure.net"):
            self.handshake(tls, name)
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.handshake(tls, "other.example")

    def test_old_versions_are_refused(self):
        tls = ssl.create_default_context(cafile=os.environ["HSM_CA_FILE"])
        tls.set_ciphers("ALL:@SECLEVEL=0")
        tls.minimum_version = ssl.TLSVersion.TLSv1
        tls.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.handshake(tls, "localhost")


class Concurrency(unittest.TestCase):
    def test_writers_and_readers_at_once(self):
        name = unique("busy")
        HSM.ask("POST", f"/keys/{name}/create?{V}", {"kty": "EC"})
        requests = (("POST", "create", {"kty": "EC"}), ("GET", "versions", None), ("POST", "rotate", None),
                    ("POST", "sign", {"alg": "ES256", "value": DIGEST}), ("POST", "backup", None))

        def work(index):
            connection = HSM.connect()
            statuses = set()
            for turn in range(10):
                method, action, body = requests[(index + turn) % len(requests)]
                answer = HSM.ask(method, f"/keys/{name}/{action}?{V}", body, connection=connection)
                statuses.add(answer.status)
            connection.close()
            return statuses

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for statuses in pool.map(work, range(16)):
                self.assertEqual(statuses, {200})


if __name__ == "__main__":
    unittest.main()
