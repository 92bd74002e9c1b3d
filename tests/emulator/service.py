# SPDX-License-Identifier: Apache-2.0
"""A plain HTTPS client for the tests of the emulator, which must see bytes and headers as they are."""
import http.client
import json
import os
import secrets
import ssl
import urllib.parse

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
DIGEST = "ux5V2DmnETLurv6Q-7VCU35Pd_wCVppK2V3D_WqE7l0"  # any 32 bytes
V = "api-version=2026-04-01"


class Service:
    def __init__(self, prefix):
        """Reads <prefix>_ENDPOINT, <prefix>_CA_FILE and <prefix>_TOKEN of the environment."""
        self.address = urllib.parse.urlsplit(os.environ[prefix + "_ENDPOINT"])
        self.tls = ssl.create_default_context(cafile=os.environ[prefix + "_CA_FILE"])
        self.token = os.environ[prefix + "_TOKEN"]
        self.host = f"{self.address.hostname}:{self.address.port}"

    def connect(self, timeout=30):
        return http.client.HTTPSConnection(self.address.hostname, self.address.port, context=self.tls, timeout=timeout)

    def ask(self, method, path, body=None, token=..., headers=None, connection=None):
        used = connection or self.connect()
        sent = dict(headers or {})
        if token is ...:
            token = self.token
        if token is not None:
            sent["Authorization"] = "Bearer " + token
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        used.request(method, path, body, sent)
        answer = used.getresponse()
        answer.text = answer.read().decode()
        if not connection:
            used.close()
        return answer

    def json(self, *arguments, **more):
        return json.loads(self.ask(*arguments, **more).text)

    def stats(self):
        return self.json("GET", "/emulator/stats", token=None)

    def reset_stats(self):
        return self.ask("DELETE", "/emulator/stats", token=None)

    def fault(self, **wishes):
        return self.ask("POST", "/emulator/faults", wishes, token=None)

    def clear_faults(self):
        return self.ask("DELETE", "/emulator/faults", token=None)


def unique(name):
    return f"{name}-{secrets.token_hex(4)}"


def error_of(answer):
    return json.loads(answer.text)["error"]
