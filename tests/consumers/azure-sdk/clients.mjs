// SPDX-License-Identifier: Apache-2.0
// Clients of Microsoft's packages, pointed at the emulator that the environment names.
import { CertificateClient } from "@azure/keyvault-certificates";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";

export const endpoint = process.env.MANAGEDHSM_ENDPOINT;
const token = process.env.AZURE_CLI_ACCESS_TOKEN;

// Loopback is none of Azure's domains, and a test must not wait through the client's retries.
const options = { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } };

export const credentialOf = (value) => ({
  getToken: async () => ({ token: value, expiresOnTimestamp: Date.now() + 3600_000 }),
});
export const credential = credentialOf(token);

export const keyClient = (extra = {}) => new KeyClient(endpoint, extra.credential ?? credential, { ...options, ...extra });
export const certificateClient = () => new CertificateClient(endpoint, credential, options);
export const cryptographyClient = (key) => new CryptographyClient(key, credential, options);

// A request that the client would never send.
export async function raw(method, path, body, headers = {}) {
  const response = await fetch(endpoint + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text ? JSON.parse(text) : undefined };
}

export async function collect(iterator) {
  const items = [];
  for await (const item of iterator) items.push(item);
  return items;
}
