// SPDX-License-Identifier: Apache-2.0
// Operations that use a key: reads the request, decides whether the key may do this, runs it, shows the result.
#include "base64url.h"
#include "crypto.h"
#include "errors.h"
#include "handlers.h"
#include "jwk.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RNG_MAX 128

// One operation on its way: the key as it was when it began, and everything the client sent.
struct use {
	struct key_material *material;
	const struct algorithm *algorithm;
	unsigned op;
	struct output value; // of the member `value`
	struct output digest; // of the member `digest`, for verify
	struct output aad;
	struct aes_extras extras;
	struct output result;
	bool valid; // the outcome of verify
};

static unsigned key_op_of(enum operation operation)
{
	switch (operation) {
	case OPERATION_SIGN:
		return KEY_OP_SIGN;
	case OPERATION_VERIFY:
		return KEY_OP_VERIFY;
	case OPERATION_ENCRYPT:
		return KEY_OP_ENCRYPT;
	case OPERATION_DECRYPT:
		return KEY_OP_DECRYPT;
	case OPERATION_WRAP:
		return KEY_OP_WRAP;
	default:
		return KEY_OP_UNWRAP;
	}
}

// A disabled key still does what its public half could do; outside its time what undoes or checks earlier work.
#define OPS_OF_DISABLED (KEY_OP_ENCRYPT | KEY_OP_VERIFY | KEY_OP_WRAP)
#define OPS_OUT_OF_TIME (KEY_OP_DECRYPT | KEY_OP_VERIFY | KEY_OP_UNWRAP)

static bool permitted(struct request *request, const struct key_version *version, unsigned op)
{
	const char *name = key_op_name(op);
	int64_t now = time(NULL);

	if (!version->enabled && !(op & OPS_OF_DISABLED))
		fail(request, ERROR_KEY_DISABLED, name, NULL, NULL);
	else if (version->nbf && now < version->nbf && !(op & OPS_OUT_OF_TIME))
		fail(request, ERROR_KEY_NOT_YET_VALID, name, NULL, NULL);
	else if (version->exp && now >= version->exp && !(op & OPS_OUT_OF_TIME))
		fail(request, ERROR_KEY_EXPIRED, name, NULL, NULL);
	else if (!(version->ops & op))
		fail(request, ERROR_KEY_OPERATION, name, NULL, NULL);
	else
		return true;
	return false;
}

static bool take_key(struct request *request, struct use *use)
{
	struct key *key = key_store_acquire(request->store, KEY_LIVE, request->name, false);
	struct key_version *version = key ? key_find_version(key, request->version) : NULL;
	bool good = false;

	if (!version) {
		fail(request, ERROR_KEY_NOT_FOUND, NULL, NULL, NULL);
	} else {
		// From here on the answer speaks of the key in its own spelling and of this version.
		snprintf(request->name, sizeof(request->name), "%s", key->name);
		snprintf(request->version, sizeof(request->version), "%s", version->id);
		good = permitted(request, version, use->op);
		if (good)
			use->material = key_material_ref(version->material);
	}
	key_store_unlock(request->store);
	return good;
}

// Decodes a member; an absent one is a failure only when it is required.
static bool read_bytes(struct request *request, const char *member, bool required, struct output *out)
{
	const json_t *value = json_object_get(request->body, member);
	bool vault = request->service->kind == SERVICE_KEY_VAULT;

	if (!value || json_is_null(value)) {
		if (required)
			fail(request, ERROR_MISSING_PROPERTY, member, NULL, NULL);
		return !required;
	}
	if (json_is_string(value) &&
	    base64url_bytes(json_string_value(value), json_string_length(value),
	                    vault ? BASE64URL_REFUSE_PADDING : BASE64URL_PADDING_IS_ZERO, &out->bytes, &out->length))
		return true;
	fail(request, ERROR_NOT_BASE64URL, member, NULL, NULL);
	return false;
}

static bool bad_length(struct request *request, const char *member, size_t length, const char *fits)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", length);
	fail(request, ERROR_BAD_VALUE_LENGTH, member, text, fits);
	return false;
}

// Copies a member of fixed length.
static bool read_fixed(struct request *request, const char *member, uint8_t *to, size_t length, const char *fits)
{
	struct output bytes = { 0 };
	bool good = read_bytes(request, member, true, &bytes);

	if (good && bytes.length != length)
		good = bad_length(request, member, bytes.length, fits);
	else if (good)
		memcpy(to, bytes.bytes, length);
	free(bytes.bytes);
	return good;
}

static bool read_extras(struct request *request, struct use *use)
{
	enum scheme scheme = use->algorithm->scheme;
	bool encrypt = use->op == KEY_OP_ENCRYPT;

	if (scheme == SCHEME_AES_CBC || scheme == SCHEME_AES_CBC_PAD) {
		use->extras.iv_length = 16;
		return read_fixed(request, "iv", use->extras.iv, 16, "An iv of 16 bytes is required");
	}
	if (scheme != SCHEME_AES_GCM)
		return true;
	if (!read_bytes(request, "aad", false, &use->aad))
		return false;
	use->extras.aad = (struct span){ use->aad.bytes, use->aad.length };
	if (encrypt)
		return true;
	use->extras.iv_length = 12;
	return read_fixed(request, "iv", use->extras.iv, 12, "An iv of 12 bytes is required") &&
	       read_fixed(request, "tag", use->extras.tag, CRYPTO_TAG_LENGTH, "A tag of 16 bytes is required");
}

static bool curve_fits(struct request *request, const struct use *use)
{
	static const char *const names[] = { "P-256", "P-384", "P-521", "P-256K" };
	const char *fitting = "";

	if (strcmp(use->material->curve->algorithm, use->algorithm->name) == 0)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(curve_by_name(names[i])->algorithm, use->algorithm->name) == 0)
			fitting = names[i];
	fail(request, ERROR_ALGORITHM_CURVE, use->algorithm->name, use->material->curve->name, fitting);
	return false;
}

static bool algorithm_fits(struct request *request, const struct use *use)
{
	static const char *const fitting[] = {
		[KEY_RSA] = "'RSA' or 'RSA-HSM'", [KEY_EC] = "'EC' or 'EC-HSM'", [KEY_OCT] = "'oct' or 'oct-HSM'"
	};
	const struct algorithm *algorithm = use->algorithm;
	const struct key_material *material = use->material;

	if (algorithm->key_type != material->type) {
		fail(request, ERROR_ALGORITHM_KEY_TYPE, algorithm->name,
		     key_type_name(material->type, request->service->always_hsm), fitting[algorithm->key_type]);
		return false;
	}
	if (algorithm->key_bits && algorithm->key_bits != material->bits) {
		fail(request, ERROR_ALGORITHM_KEY_SIZE, algorithm->name, NULL, NULL);
		return false;
	}
	return material->type != KEY_EC || curve_fits(request, use);
}

static bool algorithm_served(const struct request *request, const struct use *use)
{
	const struct algorithm *algorithm = use->algorithm;

	return algorithm && (algorithm->ops & use->op) &&
	       (algorithm->scheme != SCHEME_RSA_RAW_PKCS1 || request->rsnull) &&
	       (algorithm->scheme != SCHEME_HMAC || api_version_has(request->api_index, API_HMAC));
}

static bool digest_length_fits(struct request *request, const struct use *use)
{
	const struct algorithm *algorithm = use->algorithm;
	size_t length = use->op == KEY_OP_VERIFY ? use->digest.length : use->value.length;
	char found[24], wanted[24];

	if (!algorithm->digest_length || algorithm->digest_length == length)
		return true;
	snprintf(found, sizeof(found), "%zu", length);
	snprintf(wanted, sizeof(wanted), "%zu", algorithm->digest_length);
	fail(request, ERROR_DIGEST_LENGTH, found, algorithm->name, wanted);
	return false;
}

static bool value_length_fits(struct request *request, const struct use *use)
{
	size_t length = use->value.length;

	switch (use->algorithm->scheme) {
	case SCHEME_AES_CBC:
		return length % 16 == 0 || bad_length(request, "value", length, "A multiple of 16 bytes is required");
	case SCHEME_AES_WRAP:
		return (length % 8 == 0 && length >= 16) ||
		       bad_length(request, "value", length, "A multiple of 8 bytes, at least 16, is required");
	case SCHEME_AES_WRAP_PAD:
		return length > 0 || bad_length(request, "value", length, "At least 1 byte is required");
	default:
		return true;
	}
}

static bool read_use(struct request *request, struct use *use)
{
	const json_t *name = json_object_get(request->body, "alg");

	if (!json_is_string(name)) {
		fail(request, ERROR_MISSING_PROPERTY, "alg", NULL, NULL);
		return false;
	}
	use->algorithm = algorithm_by_name(json_string_value(name));
	if (!algorithm_served(request, use)) {
		fail(request, ERROR_BAD_ALGORITHM, json_string_value(name), NULL, NULL);
		return false;
	}
	return algorithm_fits(request, use) && read_bytes(request, "value", true, &use->value) &&
	       (use->op != KEY_OP_VERIFY || read_bytes(request, "digest", true, &use->digest)) &&
	       digest_length_fits(request, use) && value_length_fits(request, use) && read_extras(request, use);
}

static bool sign(struct use *use)
{
	struct span value = { use->value.bytes, use->value.length };

	switch (use->material->type) {
	case KEY_RSA:
		return rsa_sign(use->material, use->algorithm, value, &use->result);
	case KEY_EC:
		return ec_sign(use->material, value, &use->result);
	case KEY_OCT:
		return hmac_sign(use->material, use->algorithm, value, &use->result);
	}
	return false;
}

// A signature that does not fit is an outcome, not a failure.
static bool verify(struct use *use)
{
	struct span digest = { use->digest.bytes, use->digest.length };
	struct span signature = { use->value.bytes, use->value.length };

	switch (use->material->type) {
	case KEY_RSA:
		use->valid = rsa_verify(use->material, use->algorithm, digest, signature);
		return true;
	case KEY_EC:
		use->valid = ec_verify(use->material, digest, signature);
		return true;
	case KEY_OCT:
		if (!hmac_sign(use->material, use->algorithm, digest, &use->result))
			return false;
		use->valid = use->result.length == signature.length &&
		             CRYPTO_memcmp(use->result.bytes, signature.bytes, signature.length) == 0;
		return true;
	}
	return false;
}

static bool run(struct use *use)
{
	bool forward = use->op == KEY_OP_ENCRYPT || use->op == KEY_OP_WRAP;
	bool rsa = use->material->type == KEY_RSA;
	struct span value = { use->value.bytes, use->value.length };

	if (use->op == KEY_OP_SIGN)
		return sign(use);
	if (use->op == KEY_OP_VERIFY)
		return verify(use);
	if (rsa && forward)
		return rsa_encrypt(use->material, use->algorithm, value, &use->result);
	if (rsa)
		return rsa_decrypt(use->material, use->algorithm, value, &use->result);
	if (forward)
		return aes_encrypt(use->material, use->algorithm, value, &use->extras, &use->result);
	return aes_decrypt(use->material, use->algorithm, value, &use->extras, &use->result);
}

static void set_bytes(json_t *shown, const char *member, const uint8_t *bytes, size_t length)
{
	char *text = base64url_text(bytes, length);

	json_object_set_new(shown, member, text ? json_string_nocheck(text) : NULL);
	free(text);
}

static void show(struct request *request, const struct use *use)
{
	json_t *shown = json_object();
	char *kid;

	if (request->service->answers_alg)
		json_object_set_new(shown, "alg", json_string(use->algorithm->name));
	if (request->service->answers_alg || use->op != KEY_OP_VERIFY) {
		kid = jwk_kid(request, request->name, request->version);
		json_object_set_new(shown, "kid", kid ? json_string(kid) : NULL);
		free(kid);
	}
	if (use->op == KEY_OP_ENCRYPT && use->extras.iv_length)
		set_bytes(shown, "iv", use->extras.iv, use->extras.iv_length);
	if (use->op == KEY_OP_ENCRYPT && use->algorithm->scheme == SCHEME_AES_GCM)
		set_bytes(shown, "tag", use->extras.tag, sizeof(use->extras.tag));
	if (use->op == KEY_OP_VERIFY)
		json_object_set_new(shown, "value", json_boolean(use->valid));
	else
		set_bytes(shown, "value", use->result.bytes, use->result.length);
	answer_json(request, 200, shown);
}

static void output_clear(struct output *output)
{
	if (output->bytes)
		OPENSSL_cleanse(output->bytes, output->length);
	free(output->bytes);
}

void handle_crypto(struct request *request)
{
	struct use use = { .op = key_op_of(request->operation) };

	if (take_key(request, &use) && read_use(request, &use)) {
		if (run(&use))
			show(request, &use);
		else
			fail(request, ERROR_CRYPTO_FAILED, key_op_name(use.op), NULL, NULL);
	}
	ERR_clear_error();
	key_material_free(use.material);
	output_clear(&use.value);
	output_clear(&use.digest);
	output_clear(&use.aad);
	output_clear(&use.result);
}

void handle_rng(struct request *request)
{
	const json_t *count = json_object_get(request->body, "count");
	uint8_t bytes[RNG_MAX];
	json_t *shown;

	if (!json_is_integer(count) || json_integer_value(count) < 1 || json_integer_value(count) > RNG_MAX) {
		fail(request, ERROR_BAD_COUNT, NULL, NULL, NULL);
		return;
	}
	if (RAND_bytes(bytes, (int)json_integer_value(count)) != 1) {
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
		return;
	}
	shown = json_object();
	set_bytes(shown, "value", bytes, (size_t)json_integer_value(count));
	answer_json(request, 200, shown);
}
