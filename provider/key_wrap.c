/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/key_wrap.h"

#include <string.h>

#include <openssl/crypto.h>

#define SEMIBLOCK 8 /* RFC 3394: what is wrapped comes in these, and one is added */
#define SIZE_COUNT 3

/* The first SIZE_COUNT are in the order in which they are tried. */
static const struct wrap_algorithm algorithms[] = {
	{ "A256KW", 256, false },
	{ "A192KW", 192, false },
	{ "A128KW", 128, false },
	{ "CKM_AES_KEY_WRAP", 0, false },
	{ "CKM_AES_KEY_WRAP_PAD", 0, true },
};

const struct wrap_algorithm *wrap_algorithm_find(const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}

const struct wrap_algorithm *wrap_algorithm_of_size(unsigned bits)
{
	for (size_t i = 0; i < SIZE_COUNT; i++)
		if (algorithms[i].bits == bits)
			return &algorithms[i];
	return NULL;
}

static bool is_padded(const struct wrap_algorithm *algorithm)
{
	return algorithm != NULL && algorithm->padded;
}

/* ---- lengths ---- */

mh_result key_wrap_size(const struct wrap_algorithm *algorithm, size_t length, size_t *size, struct mh_error *error)
{
	if (length == 0)
		return mh_fail(error, MH_R_BAD_PARAMETER, "there is nothing to wrap");
	if (length > KEY_WRAP_PLAINTEXT_MAX)
		return mh_fail(error, MH_R_BAD_PARAMETER,
		               "%zu bytes are too many to wrap: at most %d; wrap the key that encrypts them", length,
		               KEY_WRAP_PLAINTEXT_MAX);
	if (!is_padded(algorithm) && (length % SEMIBLOCK != 0 || length < 2 * SEMIBLOCK))
		return mh_fail(error, MH_R_BAD_PARAMETER,
		               "AES key wrap (RFC 3394) takes a multiple of 8 bytes, 16 at least, and these are %zu; "
		               "for other lengths ask for key wrap with padding (RFC 5649), when wrapping and when "
		               "unwrapping: openssl pkeyutl -pkeyopt algorithm:CKM_AES_KEY_WRAP_PAD",
		               length);
	*size = (length + SEMIBLOCK - 1) / SEMIBLOCK * SEMIBLOCK + SEMIBLOCK;
	return MH_SUCCESS;
}

static mh_result refused(const struct key *key, const struct wrap_algorithm *algorithm, struct mh_error *error)
{
	char uri[KEY_URI_TEXT_MAX];

	key_uri_format(&key->uri, uri);
	if (error != NULL)
		*error = (struct mh_error){ 0 };
	if (algorithm == NULL)
		return mh_fail(error, MH_R_DECRYPT,
		               "unwrap with %s: this is no block that unwraps with AES key wrap (RFC 3394) under this "
		               "key; one that was wrapped with padding needs -pkeyopt algorithm:CKM_AES_KEY_WRAP_PAD",
		               uri);
	return mh_fail(error, MH_R_DECRYPT, "unwrap with %s: this is no block that unwraps with %s under this key", uri,
	               algorithm->name);
}

mh_result key_unwrap_size(const struct key *key, const struct wrap_algorithm *algorithm, size_t length, size_t *size,
                          struct mh_error *error)
{
	size_t minimum = is_padded(algorithm) ? 2 * SEMIBLOCK : 3 * SEMIBLOCK;

	if (length % SEMIBLOCK != 0 || length < minimum || length > KEY_WRAP_BLOCK_MAX)
		return refused(key, algorithm, error);
	*size = length - SEMIBLOCK;
	return MH_SUCCESS;
}

/* ---- requests ---- */

struct operation {
	enum client_operation name;
	struct mh_span in;
	uint8_t *out;
	size_t minimum, maximum; /* of what may come out */
};

static mh_result attempt(struct key *key, const struct operation *operation, const struct wrap_algorithm *algorithm,
                         size_t *length, struct mh_error *error)
{
	*error = (struct mh_error){ 0 };
	if (!client_key_operation(key->hsm->client, &key->uri, operation->name, algorithm->name, operation->in,
	                          operation->out, operation->maximum, length, error)
	             .ok)
		return MH_FAILURE;
	if (*length < operation->minimum)
		return mh_fail(error, MH_R_BAD_ANSWER, "the service answered %zu bytes to %s of %zu bytes", *length,
		               algorithm->name, operation->in.length);
	/* Now, and not before, this is the key's size. */
	if (algorithm->bits != 0)
		atomic_store_explicit(&key->oct_bits, algorithm->bits, memory_order_relaxed);
	return MH_SUCCESS;
}

static mh_result attempt_sizes(struct key *key, const struct operation *operation, size_t *length,
                               struct mh_error *error)
{
	for (size_t i = 0; i < SIZE_COUNT; i++) {
		if (attempt(key, operation, &algorithms[i], length, error).ok)
			return MH_SUCCESS;
		if (error->http_status != 400)
			return MH_FAILURE;
	}
	mh_error_append(error, " (A256KW, A192KW and A128KW were tried, because the key's size is not known)");
	return MH_FAILURE;
}

static mh_result operate(struct key *key, const struct operation *operation, const struct wrap_algorithm *algorithm,
                         size_t *length, struct mh_error *error)
{
	struct mh_error ignored;
	mh_result result;

	if (error == NULL)
		error = &ignored;
	if (algorithm == NULL)
		algorithm = wrap_algorithm_of_size(atomic_load_explicit(&key->oct_bits, memory_order_relaxed));
	result = algorithm != NULL ? attempt(key, operation, algorithm, length, error)
	                           : attempt_sizes(key, operation, length, error);
	if (!result.ok) {
		OPENSSL_cleanse(operation->out, operation->maximum);
		*length = 0;
	}
	return result;
}

static mh_result no_oct(const struct key *key, struct mh_error *error)
{
	return mh_fail(error, MH_R_UNSUPPORTED_KEY, "the key '%s' is no AES key", key->uri.key);
}

mh_result key_wrap(struct key *key, const struct wrap_algorithm *algorithm, struct mh_span plaintext, uint8_t *block,
                   size_t *length, struct mh_error *error)
{
	struct operation operation = { .name = CLIENT_WRAP_KEY, .in = plaintext, .out = block };

	*length = 0;
	if (key->type != KEY_OCT)
		return no_oct(key, error);
	if (!key_wrap_size(algorithm, plaintext.length, &operation.maximum, error).ok)
		return MH_FAILURE;
	operation.minimum = operation.maximum;
	return operate(key, &operation, algorithm, length, error);
}

mh_result key_unwrap(struct key *key, const struct wrap_algorithm *algorithm, struct mh_span block, uint8_t *plaintext,
                     size_t *length, struct mh_error *error)
{
	struct operation operation = { .name = CLIENT_UNWRAP_KEY, .in = block, .out = plaintext };
	struct mh_error own;

	if (error == NULL)
		error = &own;
	*length = 0;
	if (key->type != KEY_OCT)
		return no_oct(key, error);
	if (!key_unwrap_size(key, algorithm, block.length, &operation.maximum, error).ok)
		return MH_FAILURE;
	/* RFC 5649 pads with less than one semiblock. */
	operation.minimum = is_padded(algorithm) ? operation.maximum - SEMIBLOCK + 1 : operation.maximum;
	if (operate(key, &operation, algorithm, length, error).ok)
		return MH_SUCCESS;
	return error->http_status == 400 ? refused(key, algorithm, error) : MH_FAILURE;
}
