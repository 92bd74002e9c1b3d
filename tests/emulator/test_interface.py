# SPDX-License-Identifier: Apache-2.0
"""The emulator's own interface: statistics and faults."""
import base64
import concurrent.futures
import http.client
import json
import ssl
import time
import unittest

from service import DIGEST, V, Service, error_of

HSM = Service("HSM")


def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


class Statistics(unittest.TestCase):
    def setUp(self):
        HSM.reset_stats()

    def test_requests_connections_and_operations(self):
        connection = HSM.connect()
        for _ in range(3):
            HSM.ask("GET", f"/keys/p256?{V}", connection=connection)
        HSM.ask("POST", f"/keys/p256/sign?{V}", {"alg": "ES256", "value": DIGEST}, connection=connection)
        HSM.ask("GET", f"/keys/p256?{V}")
        stats = HSM.stats()
        connection.close()
        self.assertEqual((stats["connections"], stats["requests"]), (2, 5))
        self.assertEqual((stats["operations"]["get"], stats["operations"]["sign"]), (4, 1))

    def test_asking_for_statistics_does_not_count(self):
        for _ in range(3):
            stats = HSM.stats()
        self.assertEqual((stats["connections"], stats["requests"]), (0, 0))

    def test_a_kept_connection_is_not_counted_again_after_a_reset(self):
        connection = HSM.connect()
        HSM.ask("GET", f"/keys/p256?{V}", connection=connection)
        HSM.reset_stats()
        HSM.ask("GET", f"/keys/p256?{V}", connection=connection)
        stats = HSM.stats()
        connection.close()
        self.assertEqual((stats["connections"], stats["requests"]), (0, 1))

    def test_refused_requests_count(self):
        HSM.ask("GET", f"/keys/p256?{V}", token="wrong")
        HSM.ask("GET", "/nothing")
        stats = HSM.stats()
        self.assertEqual((stats["requests"], stats["operations"]["get"], stats["operations"]["other"]), (2, 1, 1))


class Faults(unittest.TestCase):
    def tearDown(self):
        HSM.clear_faults()

    def get(self, **more):
        return HSM.ask("GET", f"/keys/p256?{V}", **more)

    def test_status_for_a_number_of_requests(self):
        self.assertEqual(HSM.fault(status=429, retry_after=7, count=2).status, 204)
        for _ in range(2):
            answer = self.get()
            self.assertEqual((answer.status, answer.headers["Retry-After"]), (429, "7"))
            self.assertEqual(error_of(answer)["code"], "Throttled")
        self.assertEqual(self.get().status, 200)

    def test_status_without_end_until_deleted(self):
        HSM.fault(status=503)
        for _ in range(3):
            answer = self.get()
            self.assertEqual((answer.status, answer.headers["Retry-After"]), (503, None))
        HSM.clear_faults()
        self.assertEqual(self.get().status, 200)

    def test_401_comes_with_the_challenge(self):
        HSM.fault(status=401, count=1)
        answer = self.get()
        self.assertEqual(answer.status, 401)
        self.assertIn("managedhsm.azure.net", answer.headers["WWW-Authenticate"])

    def test_only_one_operation(self):
        HSM.fault(status=500, operation="sign")
        self.assertEqual(self.get().status, 200)
        self.assertEqual(HSM.ask("POST", f"/keys/p256/sign?{V}", {"alg": "ES256", "value": DIGEST}).status, 500)

    def test_latency_holds_nobody_else(self):
        HSM.fault(latency_ms=1500, operation="get")
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(200) as pool:
            answers = [pool.submit(self.get) for _ in range(200)]
            quick = time.monotonic()
            self.assertEqual(HSM.ask("POST", f"/rng?{V}", {"count": 1}).status, 200)
            self.assertLess(time.monotonic() - quick, 1.4)
            self.assertEqual({answer.result().status for answer in answers}, {200})
        self.assertGreater(time.monotonic() - start, 1.5)
        self.assertLess(time.monotonic() - start, 15)

    def test_reset(self):
        HSM.fault(reset=True, count=1)
        with self.assertRaises(ConnectionResetError):
            self.get()
        self.assertEqual(self.get().status, 200)

    def test_truncated_body(self):
        HSM.fault(truncate=True, count=1)
        with self.assertRaises((http.client.IncompleteRead, ssl.SSLError, ConnectionError)):
            self.get()

    def test_garbage(self):
        HSM.fault(garbage=True, count=1)
        answer = self.get()
        self.assertEqual(answer.status, 200)
        with self.assertRaises(ValueError):
            json.loads(answer.text)

    def test_huge_body_is_json_of_50_mb(self):
        HSM.fault(huge=True, count=1)
        answer = self.get()
        self.assertEqual(answer.headers["Content-Length"], "50000000")
        self.assertEqual(len(json.loads(answer.text)["value"]), 50_000_000 - len('{"value":""}'))

    def test_slow_body(self):
        HSM.fault(slow_body=True, count=1)
        connection = HSM.connect(timeout=5)
        connection.request("GET", f"/keys/p256?{V}", headers={"Authorization": "Bearer " + HSM.token})
        answer = connection.getresponse()
        start = time.monotonic()
        self.assertEqual(len(answer.read(5)), 5)
        self.assertGreater(time.monotonic() - start, 0.3)
        connection.close()

    def test_a_flipped_signature_differs_in_one_bit_and_does_not_verify(self):
        # RSA PKCS#1 v1.5 is deterministic, so that both signatures can be compared
        body = {"alg": "RS256", "value": DIGEST}
        good = HSM.json("POST", f"/keys/rsa2048/sign?{V}", body)["value"]
        HSM.fault(flip_signature=True, count=1)
        bad = HSM.json("POST", f"/keys/rsa2048/sign?{V}", body)["value"]
        self.assertEqual(bin(number(good) ^ number(bad)).count("1"), 1)
        check = {"alg": "RS256", "digest": DIGEST, "value": bad}
        self.assertIs(HSM.json("POST", f"/keys/rsa2048/verify?{V}", check)["value"], False)

    def test_what_is_no_fault_is_refused(self):
        for wishes in ({"unknown": 1}, {"status": "x"}, {"count": 0}, {"reset": 1}, {"operation": "none"},
                       {"status": 99}):
            answer = HSM.fault(**wishes)
            self.assertEqual(answer.status, 400, wishes)
            self.assertIn(next(iter(wishes)), answer.text)
        self.assertEqual(self.get().status, 200)


if __name__ == "__main__":
    unittest.main()
