/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/evp/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#define SCRIPT_MAX 512

struct vault vault_start(void)
{
	struct vault vault = { .server = server_start(NULL), .ca_file = "/tmp/managedhsm-vault.XXXXXX" };
	const char *ca = server_ca_pem(vault.server), *endpoint = getenv("MANAGEDHSM_ENDPOINT"),
		   *ca_file = getenv("MANAGEDHSM_CA_FILE");
	int file = mkstemp(vault.ca_file);
	char own[64];

	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(write(file, ca, strlen(ca)), (ssize_t)strlen(ca));
	close(file);
	ck_assert_ptr_nonnull(endpoint);
	ck_assert_ptr_nonnull(ca_file);
	vault.endpoint = strdup(endpoint);
	vault.environment_ca_file = strdup(ca_file);
	snprintf(own, sizeof(own), "https://127.0.0.1:%u", server_port(vault.server));
	setenv("MANAGEDHSM_ENDPOINT", own, 1);
	setenv("MANAGEDHSM_CA_FILE", vault.ca_file, 1);
	vault.fixture = fixture_open(DEFAULT_FIRST);
	return vault;
}

void vault_stop(struct vault *vault)
{
	fixture_close(&vault->fixture);
	server_stop(vault->server);
	unlink(vault->ca_file);
	setenv("MANAGEDHSM_ENDPOINT", vault->endpoint, 1);
	setenv("MANAGEDHSM_CA_FILE", vault->environment_ca_file, 1);
	free(vault->endpoint);
	free(vault->environment_ca_file);
}

void vault_script(struct vault *vault, const struct vault_answer *answers, size_t count)
{
	static struct scripted_answer script[SCRIPT_MAX];

	ck_assert_uint_le(count, SCRIPT_MAX);
	memset(script, 0, sizeof(script));
	for (size_t i = 0; i < count; i++) {
		script[i].status = answers[i].status;
		script[i].body = answers[i].body;
	}
	server_script(vault->server, script, count);
}

int vault_asked(struct vault *vault, unsigned number, const char *begin)
{
	return number < server_requests(vault->server) &&
	       strncmp(server_request(vault->server, number), begin, strlen(begin)) == 0;
}

EVP_PKEY *vault_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	ck_assert_ptr_nonnull(key);
	return key;
}

/* Standard base64 with padding. */
static void base64(const unsigned char *data, size_t length, char *text, size_t size)
{
	ck_assert_uint_le((length + 2) / 3 * 4 + 1, size);
	EVP_EncodeBlock((unsigned char *)text, data, (int)length);
}

static void base64url(const unsigned char *data, size_t length, char *text, size_t size)
{
	base64(data, length, text, size);
	for (char *c = text; *c != '\0'; c++) {
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
		else if (*c == '=')
			*c = '\0';
	}
}

char *vault_key_answer(EVP_PKEY *key, const char *name, const char *version)
{
	unsigned char point[65];
	char x[64], y[64], *answer = malloc(1024);
	size_t length = 0;

	ck_assert_ptr_nonnull(answer);
	ck_assert_int_eq(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &length),
	                 1);
	ck_assert_uint_eq(length, sizeof(point));
	base64url(point + 1, 32, x, sizeof(x));
	base64url(point + 33, 32, y, sizeof(y));
	snprintf(answer, 1024,
	         "{\"attributes\":{\"enabled\":true},\"key\":{\"crv\":\"P-256\",\"key_ops\":[\"sign\"],\"kid\":"
	         "\"https://x.test/keys/%s/%s\",\"kty\":\"EC-HSM\",\"x\":\"%s\",\"y\":\"%s\"}}",
	         name, version, x, y);
	return answer;
}

char *vault_certificate_answer(EVP_PKEY *key, const char *name, const char *version, const char *key_version)
{
	X509 *certificate = X509_new();
	unsigned char *der = NULL;
	char text[2048], *answer = malloc(4096);
	int length;

	ck_assert_ptr_nonnull(answer);
	ck_assert_int_eq(X509_set_version(certificate, X509_VERSION_3), 1);
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notBefore(certificate), -60));
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
	ck_assert_int_eq(X509_set_pubkey(certificate, key), 1);
	ck_assert_int_eq(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
	                                            (const unsigned char *)name, -1, -1, 0),
	                 1);
	ck_assert_int_gt(X509_sign(certificate, key, EVP_sha256()), 0);
	length = i2d_X509(certificate, &der);
	ck_assert_int_gt(length, 0);
	base64(der, (size_t)length, text, sizeof(text));
	snprintf(answer, 4096,
	         "{\"id\":\"https://x.test/certificates/%s/%s\",\"kid\":\"https://x.test:443/keys/%s/%s\","
	         "\"sid\":\"https://x.test/secrets/%s/%s\",\"cer\":\"%s\",\"attributes\":{\"enabled\":true}}",
	         name, version, name, key_version, name, version, text);
	OPENSSL_free(der);
	X509_free(certificate);
	return answer;
}
