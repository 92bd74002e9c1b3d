/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as a Key Vault describes them. */
#include <stdio.h>
#include <string.h>

#include "http/certificate.h"
#include "tests/http/fixture.h"

#define OTHER_VERSION "ffffffffffffffffffffffffffffffff"
#define ID "\"id\":\"https://x.test/certificates/signer/" TEST_VERSION "\""
#define KID "\"kid\":\"https://x.test/keys/signer/" TEST_VERSION "\""
#define CER "\"cer\":\"MAA+/w==\""

static mh_result parse(const char *json, struct certificate *certificate, struct mh_error *error)
{
	memset(error, 0, sizeof(*error));
	certificate_init(certificate);
	return certificate_parse((struct mh_span){ (const uint8_t *)json, strlen(json) }, certificate, error);
}

START_TEST(name_versions_and_der_are_read)
{
	struct certificate certificate;
	struct mh_error error;

	ck_assert_msg(parse("{" ID ",\"kid\":\"https://x.test:443/keys/Signer/" OTHER_VERSION "\"," CER
	                    ",\"sid\":\"https://x.test/secrets/signer/" TEST_VERSION "\",\"x5t\":\"AQ\"}",
	                    &certificate, &error)
	                      .ok,
	              "%s", error.text);
	ck_assert_str_eq(certificate.name, "signer");
	ck_assert_str_eq(certificate.version, TEST_VERSION);
	ck_assert_str_eq(certificate.key_version, OTHER_VERSION);
	ck_assert_uint_eq(certificate.der.length, 4);
	ck_assert_mem_eq(certificate.der.data, "\x30\x00\x3e\xff", 4);
	certificate_free(&certificate);
	ck_assert(parse("{" ID "," CER "}", &certificate, &error).ok);
	ck_assert_str_eq(certificate.key_version, TEST_VERSION);
	certificate_free(&certificate);
}
END_TEST

START_TEST(base64_has_its_padding)
{
	static const struct {
		const char *cer;
		size_t length; /* 0: refused */
	} cases[] = {
		{ "MAA=", 2 },   { "MAAA", 3 },       { "MA==", 1 },        { "", 0 },
		{ "MAA", 0 },    { "MA=", 0 },        { "M===", 0 },        { "====", 0 },
		{ "MA=A", 0 },   { "MAB=", 0 },       { "MA-_", 0 },        { "MA A", 0 },
		{ "MAAAMA", 0 }, { "MAA\\nMAAA", 0 }, { "MAAA\\u0000", 0 }, { "MA==MA==", 0 },
	};
	struct certificate certificate;
	struct mh_error error;
	char json[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(json, sizeof(json), "{" ID ",\"cer\":\"%s\"}", cases[i].cer);
		ck_assert_msg(parse(json, &certificate, &error).ok == (cases[i].length > 0), "%s", cases[i].cer);
		if (cases[i].length > 0)
			ck_assert_uint_eq(certificate.der.length, cases[i].length);
		else
			ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
		certificate_free(&certificate);
	}
}
END_TEST

START_TEST(malformed_certificates_are_refused)
{
	static const char *const bodies[] = {
		"",
		"[]",
		"{}",
		"{" CER "}",
		"{\"id\":7," CER "}",
		"{\"id\":\"https://x.test/certificates/signer\"," CER "}",
		"{\"id\":\"https://x.test/keys/signer/" TEST_VERSION "\"," CER "}",
		"{" ID ",\"cer\":7}",
		"{" ID "," ID "," CER "}",
		"{" ID "," CER ",\"kid\":7}",
		"{" ID "," CER ",\"kid\":\"https://x.test/keys/other/" TEST_VERSION "\"}",
		"{" ID "," CER ",\"kid\":\"https://x.test/keys/signer\"}",
		"{" ID "," CER ",\"kid\":\"https://x.test/secrets/signer/" TEST_VERSION "\"}",
	};
	struct certificate certificate;
	struct mh_error error;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		ck_assert_msg(!parse(bodies[i], &certificate, &error).ok, "%s", bodies[i]);
		ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
		certificate_free(&certificate);
	}
}
END_TEST

START_TEST(a_certificate_that_is_not_issued_yet_is_not_found)
{
	struct certificate certificate;
	struct mh_error error;

	ck_assert(!parse("{" ID "," KID ",\"cer\":null}", &certificate, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_NOT_FOUND);
	certificate_free(&certificate);
	ck_assert(!parse("{" ID "}", &certificate, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_NOT_FOUND);
	certificate_free(&certificate);
}
END_TEST

START_TEST(a_certificate_has_a_limit)
{
	struct certificate certificate;
	struct mh_buffer json;
	struct mh_error error;

	for (size_t groups = CERTIFICATE_DER_MAX / 3; groups <= CERTIFICATE_DER_MAX / 3 + 1; groups++) {
		mh_buffer_init(&json, 65536);
		ck_assert(mh_buffer_append_text(&json, "{" ID ",\"cer\":\"").ok);
		for (size_t i = 0; i < groups; i++)
			ck_assert(mh_buffer_append_text(&json, "MAAA").ok);
		ck_assert(mh_buffer_append_text(&json, "\"}").ok);
		ck_assert(parse(mh_buffer_text(&json), &certificate, &error).ok == (groups * 3 <= CERTIFICATE_DER_MAX));
		certificate_free(&certificate);
		mh_buffer_free(&json);
	}
}
END_TEST

START_TEST(get_certificate_reads_the_one_that_was_asked_for)
{
	static const struct scripted_answer answers[] = {
		{ .status = 200, .body = "{" ID "," KID "," CER "}" },
		{ .status = 200, .body = "{" ID "," KID "," CER "}" },
		{ .status = 200, .body = "{" ID "," KID "," CER "}" },
		{ .status = 404, .body = "{\"error\":{\"code\":\"CertificateNotFound\",\"message\":\"no\"}}" },
		{ .status = 403, .body = "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\"}}" },
	};
	struct key_uri uri = { .service = KEY_URI_KEY_VAULT, .vault = "demo", .key = "signer" };
	struct certificate certificate;
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, answers);
	certificate_init(&certificate);
	ck_assert_msg(client_get_certificate(fixture.client, &uri, &certificate, &error).ok, "%s", error.text);
	ck_assert_ptr_nonnull(
		strstr(server_request(fixture.server, 0), "GET /certificates/signer?api-version=2025-07-01 "));
	ck_assert_str_eq(fixture.tokens.scope, "https://vault.azure.net/.default");
	memcpy(uri.version, OTHER_VERSION, sizeof(uri.version));
	ck_assert(!client_get_certificate(fixture.client, &uri, &certificate, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 1), "GET /certificates/signer/" OTHER_VERSION "?"));
	uri.version[0] = '\0';
	memcpy(uri.key, "other", 6);
	ck_assert(!client_get_certificate(fixture.client, &uri, &certificate, &error).ok);
	ck_assert_str_eq(
		error.text,
		"get certificate keyvault:demo:other: the service answered with another certificate or version");
	ck_assert(!client_get_certificate(fixture.client, &uri, &certificate, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(error.text, "`az keyvault certificate list --vault-name demo`"));
	ck_assert(!client_get_certificate(fixture.client, &uri, &certificate, &error).ok);
	ck_assert_ptr_nonnull(strstr(error.text, "\"Key Vault Reader\""));
	uri.all_versions = true;
	ck_assert(!client_get_certificate(fixture.client, &uri, &certificate, &error).ok);
	ck_assert_uint_eq(server_requests(fixture.server), 5);
	certificate_free(&certificate);
	fixture_stop(&fixture);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("certificate");

	tcase_add_test(cases, name_versions_and_der_are_read);
	tcase_add_test(cases, base64_has_its_padding);
	tcase_add_test(cases, malformed_certificates_are_refused);
	tcase_add_test(cases, a_certificate_that_is_not_issued_yet_is_not_found);
	tcase_add_test(cases, a_certificate_has_a_limit);
	tcase_add_test(cases, get_certificate_reads_the_one_that_was_asked_for);
	return run_cases("certificate", cases);
}
