/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures that the real service made, checked the way the provider checks its own: JWK -> public key, r||s -> DER,
 * OpenSSL verifies. What is wrong in reading a key or in turning a signature round cannot pass here.
 */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "http/jwk.h"
#include "provider/ecdsa_der.h"
#include "provider/public_key.h"
#include "tests/unit/suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define BYTES_MAX 1024

/* One recorded signature, taken out of JSON. */
struct recorded {
	const char *alg;
	struct jwk jwk;
	uint8_t digest[64];
	size_t digest_length;
	uint8_t signature[BYTES_MAX];
	size_t signature_length;
};

static const struct {
	const char *name;
	const char *alg;
	const char *digest;
} ALGORITHMS[] = {
	{ "managedhsm RS256", "RS256", "SHA256" },   { "managedhsm ES256", "ES256", "SHA256" },
	{ "managedhsm ES256K", "ES256K", "SHA256" }, { "managedhsm ES512", "ES512", "SHA512" },
	{ "keyvault RS256", "RS256", "SHA256" },     { "keyvault RS512", "RS512", "SHA512" },
	{ "keyvault PS256", "PS256", "SHA256" },     { "keyvault PS384", "PS384", "SHA384" },
	{ "keyvault ES256", "ES256", "SHA256" },     { "keyvault ES256K", "ES256K", "SHA256" },
	{ "keyvault ES384", "ES384", "SHA384" },
};

static void decode_member(const json_t *object, const char *member, uint8_t *out, size_t capacity, size_t *length)
{
	const char *text = text_member(object, member);

	ck_assert(mh_base64url_decode(text, strlen(text), out, capacity, length).ok);
}

static void load_recorded(int row, struct recorded *recorded)
{
	json_t *vectors = load_vectors("recorded_signatures.json");
	size_t i;
	json_t *vector;
	bool found = false;

	json_array_foreach(vectors, i, vector)
	{
		char *answer;

		if (strcmp(text_member(vector, "name"), ALGORITHMS[row].name) != 0)
			continue;
		found = true;
		ck_assert_str_eq(text_member(vector, "alg"), ALGORITHMS[row].alg);
		recorded->alg = ALGORITHMS[row].alg;
		answer = json_dumps(json_object_get(vector, "answer"), JSON_COMPACT);
		ck_assert(jwk_parse((struct mh_span){ (uint8_t *)answer, strlen(answer) }, &recorded->jwk, NULL).ok);
		free(answer);
		decode_member(vector, "digest", recorded->digest, sizeof(recorded->digest), &recorded->digest_length);
		decode_member(vector, "signature", recorded->signature, sizeof(recorded->signature),
		              &recorded->signature_length);
	}
	ck_assert_msg(found, "no recorded signature \"%s\"", ALGORITHMS[row].name);
	json_decref(vectors);
}

static EVP_PKEY *public_key(const struct recorded *recorded)
{
	struct mh_error error = { 0 };
	EVP_PKEY *pkey = NULL;

	ck_assert_msg(public_key_from_jwk(NULL, &recorded->jwk, &pkey, &error).ok, "%s", error.text);
	return pkey;
}

/* OpenSSL's view of the signature: DER for ECDSA. */
static size_t openssl_signature(const struct recorded *recorded, uint8_t out[static BYTES_MAX])
{
	struct mh_span raw = { recorded->signature, recorded->signature_length };
	size_t length;

	if (recorded->jwk.kind == JWK_EC) {
		ck_assert(ecdsa_raw_to_der(raw, out, BYTES_MAX, &length).ok);
		return length;
	}
	memcpy(out, raw.data, raw.length);
	return raw.length;
}

static int verify(int row, const struct recorded *recorded)
{
	EVP_PKEY *pkey = public_key(recorded);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	EVP_MD *digest = EVP_MD_fetch(NULL, ALGORITHMS[row].digest, NULL);
	uint8_t signature[BYTES_MAX];
	size_t length = openssl_signature(recorded, signature);
	int verified;

	ck_assert_int_eq(EVP_PKEY_verify_init(context), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(context, digest), 1);
	if (recorded->alg[0] == 'P') {
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING), 1);
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST), 1);
	}
	verified = EVP_PKEY_verify(context, signature, length, recorded->digest, recorded->digest_length);
	EVP_MD_free(digest);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(pkey);
	return verified;
}

START_TEST(a_recorded_signature_verifies_under_its_recorded_key)
{
	struct recorded recorded;

	load_recorded(_i, &recorded);
	ck_assert_int_eq(verify(_i, &recorded), 1);
}
END_TEST

START_TEST(a_changed_digest_does_not_verify)
{
	struct recorded recorded;

	load_recorded(_i, &recorded);
	recorded.digest[0] ^= 1;
	ck_assert_int_ne(verify(_i, &recorded), 1);
}
END_TEST

START_TEST(a_changed_signature_does_not_verify)
{
	struct recorded recorded;

	load_recorded(_i, &recorded);
	recorded.signature[recorded.signature_length - 1] ^= 1;
	ck_assert_int_ne(verify(_i, &recorded), 1);
}
END_TEST

/* The service's signatures are big-endian: reversing them must be what breaks them. */
START_TEST(a_reversed_signature_does_not_verify)
{
	struct recorded recorded;

	load_recorded(_i, &recorded);
	for (size_t i = 0, j = recorded.signature_length - 1; i < j; i++, j--) {
		uint8_t byte = recorded.signature[i];

		recorded.signature[i] = recorded.signature[j];
		recorded.signature[j] = byte;
	}
	ck_assert_int_ne(verify(_i, &recorded), 1);
}
END_TEST

START_TEST(an_ecdsa_signature_is_two_numbers_of_the_fields_width)
{
	struct recorded recorded;

	load_recorded(_i, &recorded);
	if (recorded.jwk.kind == JWK_EC)
		ck_assert_uint_eq(recorded.signature_length, 2 * recorded.jwk.field_length);
}
END_TEST

START_TEST(an_rsa_signature_is_as_long_as_the_modulus)
{
	struct recorded recorded;

	load_recorded(_i, &recorded);
	if (recorded.jwk.kind == JWK_RSA)
		ck_assert_uint_eq(recorded.signature_length, recorded.jwk.n_length);
}
END_TEST

START_TEST(a_point_off_the_curve_is_no_key)
{
	struct mh_error error = { 0 };
	struct recorded recorded;
	EVP_PKEY *pkey = NULL;

	load_recorded(_i, &recorded);
	if (recorded.jwk.kind != JWK_EC)
		return;
	recorded.jwk.y[recorded.jwk.field_length - 1] ^= 1;
	ck_assert(!public_key_from_jwk(NULL, &recorded.jwk, &pkey, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
	ck_assert_ptr_null(pkey);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("recorded_signatures");

	tcase_add_loop_test(cases, a_recorded_signature_verifies_under_its_recorded_key, 0, COUNT(ALGORITHMS));
	tcase_add_loop_test(cases, a_changed_digest_does_not_verify, 0, COUNT(ALGORITHMS));
	tcase_add_loop_test(cases, a_changed_signature_does_not_verify, 0, COUNT(ALGORITHMS));
	tcase_add_loop_test(cases, a_reversed_signature_does_not_verify, 0, COUNT(ALGORITHMS));
	tcase_add_loop_test(cases, an_ecdsa_signature_is_two_numbers_of_the_fields_width, 0, COUNT(ALGORITHMS));
	tcase_add_loop_test(cases, an_rsa_signature_is_as_long_as_the_modulus, 0, COUNT(ALGORITHMS));
	tcase_add_loop_test(cases, a_point_off_the_curve_is_no_key, 0, COUNT(ALGORITHMS));
	return run_suite("recorded_signatures", cases);
}
