/* SPDX-License-Identifier: Apache-2.0 */
/* What of a cipher can be set and asked; what the service cannot do is refused when it is set. */
#include "provider/compat.h"

#if MH_SKEY

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "provider/cipher.h"

/* ---- set ---- */

static int set_tag(struct cipher *cipher, const OSSL_PARAM *p)
{
	const struct provider_errors *errors = &cipher->provider->errors;

	if (p->data_type != OSSL_PARAM_OCTET_STRING || p->data_size != sizeof(cipher->tag))
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER, "the tag must have %zu bytes: the service knows no other",
		                  sizeof(cipher->tag));
	/* Without data its length is set, and that is right. */
	if (p->data == NULL)
		return 1;
	if (cipher->encrypt)
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER, "when encrypting, the service makes the tag");
	memcpy(cipher->tag, p->data, sizeof(cipher->tag));
	cipher->has_tag = true;
	return 1;
}

static int must_be(const struct cipher *cipher, const OSSL_PARAM *p, size_t wanted, const char *what)
{
	size_t length;

	if (OSSL_PARAM_get_size_t(p, &length) == 1 && length == wanted)
		return 1;
	return RAISE_TEXT(&cipher->provider->errors, MH_R_BAD_PARAMETER, "%s of this cipher has %zu bytes, no other",
	                  what, wanted);
}

static int refuse_tls(const struct cipher *cipher, const OSSL_PARAM params[])
{
	static const char *const names[] = { OSSL_CIPHER_PARAM_AEAD_TLS1_AAD, OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED,
		                             OSSL_CIPHER_PARAM_AEAD_TLS1_SET_IV_INV, OSSL_CIPHER_PARAM_TLS_VERSION,
		                             OSSL_CIPHER_PARAM_TLS_MAC_SIZE };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (OSSL_PARAM_locate_const(params, names[i]) != NULL)
			return RAISE_TEXT(&cipher->provider->errors, MH_R_UNSUPPORTED_OPERATION,
			                  "the HSM encrypts no TLS records (%s)", names[i]);
	return 1;
}

int cipher_set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
	struct cipher *cipher = ctx;
	const OSSL_PARAM *p;
	unsigned padding;

	if (params == NULL)
		return 1;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_CIPHER_PARAM_KEYLEN)) != NULL &&
	    !must_be(cipher, p, cipher->bits / 8, "the key"))
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_CIPHER_PARAM_IVLEN)) != NULL &&
	    !must_be(cipher, p, cipher_mode_iv_length(cipher->gcm ? CIPHER_GCM : CIPHER_CBC), "the iv"))
		return 0;
	if (!cipher->gcm && (p = OSSL_PARAM_locate_const(params, OSSL_CIPHER_PARAM_PADDING)) != NULL) {
		if (OSSL_PARAM_get_uint(p, &padding) != 1)
			return RAISE_TEXT(&cipher->provider->errors, MH_R_BAD_PARAMETER, "padding is 0 or 1");
		cipher->no_padding = padding == 0;
	}
	if (cipher->gcm && (p = OSSL_PARAM_locate_const(params, OSSL_CIPHER_PARAM_AEAD_TAG)) != NULL &&
	    !set_tag(cipher, p))
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, CIPHER_PARAM_OUTPUT_SIZE)) != NULL &&
	    OSSL_PARAM_get_size_t(p, &cipher->output_size) != 1)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_BAD_PARAMETER,
		                  CIPHER_PARAM_OUTPUT_SIZE " is a number of bytes");
	return refuse_tls(cipher, params);
}

const OSSL_PARAM *cipher_settable_ctx_params(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_KEYLEN, NULL),
		OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_IVLEN, NULL),
		OSSL_PARAM_uint(OSSL_CIPHER_PARAM_PADDING, NULL),
		OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, NULL, 0),
		OSSL_PARAM_size_t(CIPHER_PARAM_OUTPUT_SIZE, NULL),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return table;
}

/* ---- get ---- */

static int set_octets(OSSL_PARAM *p, const uint8_t *bytes, size_t length)
{
	return p->data_type == OSSL_PARAM_OCTET_PTR ? OSSL_PARAM_set_octet_ptr(p, bytes, length)
	                                            : OSSL_PARAM_set_octet_string(p, bytes, length);
}

static int get_iv(const struct cipher *cipher, OSSL_PARAM *p, const uint8_t *iv)
{
	if (!cipher->has_iv)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_BAD_PARAMETER,
		                  cipher->gcm && cipher->encrypt
		                          ? "the service makes the iv while it encrypts: ask for it after the end"
		                          : "there is no iv yet");
	return set_octets(p, iv, cipher_mode_iv_length(cipher->gcm ? CIPHER_GCM : CIPHER_CBC));
}

static int get_tag(const struct cipher *cipher, OSSL_PARAM *p)
{
	const struct provider_errors *errors = &cipher->provider->errors;

	if (!cipher->encrypt || !cipher->has_tag || cipher->state != CIPHER_DONE)
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER,
		                  "the tag is there after the end of an encryption, and only then");
	if (p->data_type == OSSL_PARAM_OCTET_STRING && p->data != NULL && p->data_size < sizeof(cipher->tag))
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER,
		                  "the tag has %zu bytes, and decrypting takes no part of it", sizeof(cipher->tag));
	return set_octets(p, cipher->tag, sizeof(cipher->tag));
}

/* What does not depend on a context too. */
static int get_lengths(OSSL_PARAM params[], bool gcm, unsigned bits)
{
	size_t iv = cipher_mode_iv_length(gcm ? CIPHER_GCM : CIPHER_CBC);
	OSSL_PARAM *p;

	return ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_KEYLEN)) == NULL ||
	        OSSL_PARAM_set_size_t(p, bits / 8) == 1) &&
	       ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_IVLEN)) == NULL || OSSL_PARAM_set_size_t(p, iv) == 1);
}

int cipher_get_ctx_params(void *ctx, OSSL_PARAM params[])
{
	const struct cipher *cipher = ctx;
	OSSL_PARAM *p;

	if (params == NULL)
		return 1;
	if (!get_lengths(params, cipher->gcm, cipher->bits))
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_AEAD_TLS1_GET_IV_GEN)) != NULL)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_UNSUPPORTED_OPERATION,
		                  "the HSM encrypts no TLS records (%s)", p->key);
	if ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_PADDING)) != NULL &&
	    OSSL_PARAM_set_uint(p, !cipher->gcm && !cipher->no_padding) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, CIPHER_PARAM_OUTPUT_SIZE)) != NULL &&
	    OSSL_PARAM_set_size_t(p, cipher->output_size) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_IV)) != NULL && !get_iv(cipher, p, cipher->iv))
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_UPDATED_IV)) != NULL &&
	    !get_iv(cipher, p, cipher->next_iv))
		return 0;
	if (!cipher->gcm)
		return 1;
	if ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_AEAD_IV_GENERATED)) != NULL &&
	    OSSL_PARAM_set_uint(p, cipher->encrypt) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_AEAD_TAGLEN)) != NULL &&
	    OSSL_PARAM_set_size_t(p, sizeof(cipher->tag)) != 1)
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_AEAD_TAG);
	return p == NULL || get_tag(cipher, p);
}

const OSSL_PARAM *cipher_gettable_ctx_params(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_KEYLEN, NULL),
		OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_IVLEN, NULL),
		OSSL_PARAM_uint(OSSL_CIPHER_PARAM_PADDING, NULL),
		OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_IV, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_UPDATED_IV, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, NULL, 0),
		OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_AEAD_TAGLEN, NULL),
		OSSL_PARAM_uint(OSSL_CIPHER_PARAM_AEAD_IV_GENERATED, NULL),
		OSSL_PARAM_size_t(CIPHER_PARAM_OUTPUT_SIZE, NULL),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return table;
}

int cipher_get_params(OSSL_PARAM params[], bool gcm, unsigned bits)
{
	OSSL_PARAM *p;

	if (!get_lengths(params, gcm, bits))
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_MODE)) != NULL &&
	    OSSL_PARAM_set_uint(p, gcm ? EVP_CIPH_GCM_MODE : EVP_CIPH_CBC_MODE) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_BLOCK_SIZE)) != NULL &&
	    OSSL_PARAM_set_size_t(p, gcm ? 1 : KEY_CIPHER_BLOCK) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_AEAD)) != NULL && OSSL_PARAM_set_int(p, gcm) != 1)
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_CUSTOM_IV);
	return p == NULL || OSSL_PARAM_set_int(p, gcm) == 1;
}

const OSSL_PARAM *cipher_gettable_params(void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_uint(OSSL_CIPHER_PARAM_MODE, NULL),
		OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_KEYLEN, NULL),
		OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_IVLEN, NULL),
		OSSL_PARAM_size_t(OSSL_CIPHER_PARAM_BLOCK_SIZE, NULL),
		OSSL_PARAM_int(OSSL_CIPHER_PARAM_AEAD, NULL),
		OSSL_PARAM_int(OSSL_CIPHER_PARAM_CUSTOM_IV, NULL),
		OSSL_PARAM_END,
	};

	(void)provctx;
	return table;
}

#endif
