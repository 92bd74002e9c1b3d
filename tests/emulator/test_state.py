# SPDX-License-Identifier: Apache-2.0
"""An emulator with a state directory, in its second life. The first one is first_life() below; `run` restarts it in
between. It was started with --rsnull and --limit p256=20."""
import base64
import hashlib
import json
import os
import sys
import unittest

from service import DIGEST, V, Service, error_of

STATE = Service("STATE")
CERTIFICATES = ("rsa-cert", "ec-cert", "kept")
EC_POLICY = {"policy": {"key_props": {"kty": "EC"}, "x509_props": {"subject": "CN=kept"}, "issuer": {"name": "Self"}},
             "tags": {"a": "b"}}


def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


def without_port(value):
    return json.loads(json.dumps(value).replace(STATE.host, "host"))


def first_life():
    """Prints what the second life must still know."""
    listed = STATE.json("GET", f"/keys?{V}")["value"]
    names = [item["kid"].rsplit("/", 1)[1] for item in listed if not item["kid"].endswith("/p521")]
    STATE.ask("DELETE", f"/keys/p521?{V}")
    kids = {name: STATE.json("GET", f"/keys/{name}?{V}")["key"]["kid"].split("/keys/")[1] for name in names}
    signature = STATE.json("POST", f"/keys/rsa2048/sign?{V}", {"alg": "PS256", "value": DIGEST})["value"]
    backup = STATE.json("POST", f"/keys/p384/backup?{V}")["value"]
    STATE.ask("POST", f"/certificates/kept/create?{V}", EC_POLICY)
    STATE.ask("POST", f"/certificates/kept/create?{V}", EC_POLICY)
    STATE.ask("POST", f"/certificates/gone/create?{V}", EC_POLICY)
    STATE.ask("DELETE", f"/certificates/gone?{V}")
    certificates = {name: without_port(STATE.json("GET", f"/certificates/{name}?{V}")) for name in CERTIFICATES}
    secret = STATE.json("GET", f"/secrets/ec-cert?{V}")["value"]
    print(json.dumps({"kids": kids, "signature": signature, "backup": backup, "certificates": certificates,
                      "secret": secret}))


class SecondLife(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.first = json.loads(os.environ["STATE_FIRST_LIFE"])

    def test_keys_are_the_same(self):
        self.assertEqual(len(self.first["kids"]), 9)
        for name, kid in self.first["kids"].items():
            if name != "p384":  # restored by another test
                self.assertEqual(STATE.json("GET", f"/keys/{name}?{V}")["key"]["kid"].split("/keys/")[1], kid)

    def test_a_deleted_key_is_still_deleted_and_not_made_anew(self):
        self.assertEqual(STATE.ask("GET", f"/deletedkeys/p521?{V}").status, 200)
        self.assertEqual(STATE.ask("GET", f"/keys/p521?{V}").status, 404)

    def test_an_old_signature_verifies(self):
        body = {"alg": "PS256", "digest": DIGEST, "value": self.first["signature"]}
        self.assertIs(STATE.json("POST", f"/keys/rsa2048/verify?{V}", body)["value"], True)

    def test_an_old_backup_restores(self):
        STATE.ask("DELETE", f"/keys/p384?{V}")
        STATE.ask("DELETE", f"/deletedkeys/p384?{V}")
        restored = STATE.json("POST", f"/keys/restore?{V}", {"value": self.first["backup"]})
        self.assertEqual(restored["key"]["kid"].split("/keys/")[1], self.first["kids"]["p384"])

    def test_certificates_are_the_same(self):
        for name in CERTIFICATES:
            shown = without_port(STATE.json("GET", f"/certificates/{name}?{V}"))
            self.assertEqual(shown, self.first["certificates"][name])
        self.assertEqual(len(STATE.json("GET", f"/certificates/kept/versions?{V}")["value"]), 2)
        self.assertEqual(STATE.json("GET", f"/secrets/ec-cert?{V}")["value"], self.first["secret"])
        self.assertEqual(STATE.json("GET", f"/certificates/kept/pending?{V}")["status"], "completed")

    def test_a_deleted_certificate_is_still_deleted(self):
        self.assertEqual(STATE.ask("GET", f"/certificates/gone?{V}").status, 404)
        self.assertEqual(STATE.ask("GET", f"/deletedcertificates/gone?{V}").status, 200)

    def test_files_are_closed_to_others(self):
        seen = 0
        for directory, _, files in os.walk(os.environ["STATE_DIRECTORY"]):
            for name in files:
                self.assertEqual(os.stat(os.path.join(directory, name)).st_mode & 0o777, 0o600, name)
                seen += 1
        self.assertGreater(seen, 10)


class Switches(unittest.TestCase):
    def test_rsnull_pads_what_it_is_given(self):
        info = bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(b"old").digest()
        body = {"alg": "RSNULL", "value": base64.urlsafe_b64encode(info).decode().rstrip("=")}
        signature = STATE.json("POST", f"/keys/rsa2048/sign?{V}", body)["value"]
        key = STATE.json("GET", f"/keys/rsa2048?{V}")["key"]
        block = pow(number(signature), number(key["e"]), number(key["n"])).to_bytes(256, "big")
        self.assertEqual(block, b"\0\1" + b"\xff" * (256 - 3 - len(info)) + b"\0" + info)

    def test_a_limit_is_429_without_retry_after(self):
        statuses = []
        for _ in range(60):
            answer = STATE.ask("POST", f"/keys/p256/sign?{V}", {"alg": "ES256", "value": DIGEST})
            statuses.append(answer.status)
            if answer.status == 429:
                self.assertIsNone(answer.headers["Retry-After"])
                self.assertEqual(error_of(answer)["code"], "Throttled")
        self.assertEqual(set(statuses), {200, 429})
        self.assertEqual(STATE.ask("GET", f"/keys/p256?{V}").status, 200)


if __name__ == "__main__":
    first_life() if sys.argv[1:] == ["first-life"] else unittest.main()
