/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ENCODER for private keys, provider-encoder(7): a key in the HSM becomes a key file (PEM) or a description (text);
 * its private half has no DER form. OpenSSL brings our software keys here too: those go to the default provider's
 * encoders. Public keys need none of this, OpenSSL exports and encodes them itself.
 */
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include "provider/key_file.h"
#include "provider/provider.h"

#define CIPHER_NAME_MAX 64
#define PASSPHRASE_MAX 1024

enum form { FORM_PEM, FORM_DER, FORM_TEXT };

struct encoder {
	struct provider *provider;
	enum form form;
	const char *structure; /* for a software key; NULL with text */
	char cipher[CIPHER_NAME_MAX]; /* for encrypting a software key; "" for none */
};

static OSSL_FUNC_encoder_newctx_fn newctx_pem, newctx_pem_specific, newctx_der, newctx_der_specific, newctx_text;
static OSSL_FUNC_encoder_freectx_fn freectx;
static OSSL_FUNC_encoder_settable_ctx_params_fn settable_ctx_params;
static OSSL_FUNC_encoder_set_ctx_params_fn set_ctx_params;
static OSSL_FUNC_encoder_does_selection_fn does_selection;
static OSSL_FUNC_encoder_encode_fn encode;

static void *newctx(void *provctx, enum form form, const char *structure)
{
	struct encoder *encoder = OPENSSL_zalloc(sizeof(*encoder));

	if (encoder == NULL)
		return NULL;
	encoder->provider = provctx;
	encoder->form = form;
	encoder->structure = structure;
	return encoder;
}

static void *newctx_pem(void *provctx)
{
	return newctx(provctx, FORM_PEM, "PrivateKeyInfo");
}

static void *newctx_pem_specific(void *provctx)
{
	return newctx(provctx, FORM_PEM, "type-specific");
}

static void *newctx_der(void *provctx)
{
	return newctx(provctx, FORM_DER, "PrivateKeyInfo");
}

static void *newctx_der_specific(void *provctx)
{
	return newctx(provctx, FORM_DER, "type-specific");
}

static void *newctx_text(void *provctx)
{
	return newctx(provctx, FORM_TEXT, NULL);
}

static void freectx(void *ctx)
{
	OPENSSL_free(ctx);
}

static const OSSL_PARAM *settable_ctx_params(void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_utf8_string(OSSL_ENCODER_PARAM_CIPHER, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ENCODER_PARAM_PROPERTIES, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)provctx;
	return table;
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
	struct encoder *encoder = ctx;
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, OSSL_ENCODER_PARAM_CIPHER);
	char *cipher = encoder->cipher;

	if (p == NULL)
		return 1;
	cipher[0] = '\0'; /* no data: no encryption */
	return p->data == NULL || OSSL_PARAM_get_utf8_string(p, &cipher, sizeof(encoder->cipher)) == 1;
}

static int does_selection(void *provctx, int selection)
{
	(void)provctx;
	return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
}

/* The caller's passphrase, asked for only when the key is to be encrypted. */
static int set_passphrase(OSSL_ENCODER_CTX *inner, const struct encoder *encoder, OSSL_PASSPHRASE_CALLBACK *cb,
                          void *cbarg)
{
	char passphrase[PASSPHRASE_MAX];
	size_t length = 0;
	int done;

	if (encoder->cipher[0] == '\0')
		return 1;
	done = OSSL_ENCODER_CTX_set_cipher(inner, encoder->cipher, NULL) == 1 && cb != NULL &&
	       cb(passphrase, sizeof(passphrase), &length, NULL, cbarg) == 1 && length <= sizeof(passphrase) &&
	       OSSL_ENCODER_CTX_set_passphrase(inner, (const unsigned char *)passphrase, length) == 1;
	OPENSSL_cleanse(passphrase, sizeof(passphrase));
	return done;
}

static int encode_software(const struct encoder *encoder, const struct key *key, BIO *out, int selection,
                           OSSL_PASSPHRASE_CALLBACK *cb, void *cbarg)
{
	static const char *const outputs[] = { "PEM", "DER", "TEXT" };
	OSSL_ENCODER_CTX *inner;
	int done;

	if (key->pkey == NULL)
		return 0;
	inner = OSSL_ENCODER_CTX_new_for_pkey(key->pkey, selection, outputs[encoder->form], encoder->structure, NULL);
	done = inner != NULL && set_passphrase(inner, encoder, cb, cbarg) && OSSL_ENCODER_to_bio(inner, out) == 1;
	OSSL_ENCODER_CTX_free(inner);
	return done;
}

static int write_key_file(const struct encoder *encoder, const struct key *key, BIO *out)
{
	struct mh_error error = { 0 };
	uint8_t *der = NULL;
	size_t length = 0;
	int done;

	if (encoder->cipher[0] != '\0')
		return RAISE_TEXT(
			&encoder->provider->errors, MH_R_UNSUPPORTED_OPERATION,
			"a key file of a key in the HSM holds no secret and is not encrypted: leave the cipher out");
	if (!key_file_encode(key, &der, &length, &error).ok)
		return RAISE(&encoder->provider->errors, &error);
	done = PEM_write_bio(out, KEY_FILE_PEM_NAME, "", der, (long)length) > 0;
	OPENSSL_free(der);
	return done;
}

static int refuse_der(const struct encoder *encoder, const struct key *key)
{
	char uri[KEY_URI_TEXT_MAX];

	/* libcrypto tries the other structure too; one error is enough. */
	if (strcmp(encoder->structure, "PrivateKeyInfo") != 0)
		return 0;
	key_uri_format(&key->uri, uri);
	return RAISE_TEXT(
		&encoder->provider->errors, MH_R_UNSUPPORTED_OPERATION,
		"the private key of %s never leaves the HSM: it has no DER form; PEM gives a key file that names it",
		uri);
}

/* "2048 bit RSA", "256 bit AES" */
static int write_kind(const struct key *key, BIO *out)
{
	unsigned bits = atomic_load_explicit(&key->oct_bits, memory_order_relaxed);

	if (key->type != KEY_OCT)
		return BIO_printf(out, "Private-Key: (%d bit %s", EVP_PKEY_get_bits(key->pkey),
		                  key_type_name(key->type));
	if (bits != 0)
		return BIO_printf(out, "Secret-Key: (%u bit AES", bits);
	return BIO_puts(out, "Secret-Key: (AES, size not known");
}

static int write_text(const struct key *key, BIO *out)
{
	char uri[KEY_URI_TEXT_MAX];

	key_uri_format(&key->uri, uri);
	if (write_kind(key, out) <= 0 ||
	    BIO_printf(out, ", in %s)\nURI: %s\n",
	               key->uri.service == KEY_URI_KEY_VAULT ? "Azure Key Vault" : "Azure Managed HSM", uri) <= 0)
		return 0;
	if (key->operations != 0) {
		BIO_puts(out, "Operations:");
		for (unsigned bit = 1; bit <= JWK_OP_UNWRAP_KEY; bit <<= 1)
			if ((key->operations & bit) != 0)
				BIO_printf(out, " %s", jwk_operation_name((enum jwk_operation)bit));
		BIO_puts(out, "\n");
	}
	return key->pkey == NULL || EVP_PKEY_print_public(out, key->pkey, 0, NULL) > 0;
}

static int encode(void *ctx, OSSL_CORE_BIO *cout, const void *obj_raw, const OSSL_PARAM obj_abstract[], int selection,
                  OSSL_PASSPHRASE_CALLBACK *cb, void *cbarg)
{
	const struct encoder *encoder = ctx;
	const struct key *key = obj_raw;
	BIO *out;
	int done;

	if (key == NULL || obj_abstract != NULL)
		return 0;
	out = BIO_new_from_core_bio(encoder->provider->hsm.libctx, cout);
	if (out == NULL)
		return 0;
	if (!key->in_hsm)
		done = encode_software(encoder, key, out, selection, cb, cbarg);
	else if (encoder->form == FORM_PEM)
		done = write_key_file(encoder, key, out);
	else if (encoder->form == FORM_DER)
		done = refuse_der(encoder, key);
	else
		done = write_text(key, out);
	BIO_free(out);
	return done;
}

#define FUNCTIONS(newctx_function)                                                                                     \
	{ OSSL_FUNC_ENCODER_NEWCTX, (void (*)(void))(newctx_function) },                                               \
		{ OSSL_FUNC_ENCODER_FREECTX, (void (*)(void))freectx },                                                \
		{ OSSL_FUNC_ENCODER_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params },                        \
		{ OSSL_FUNC_ENCODER_SET_CTX_PARAMS, (void (*)(void))set_ctx_params },                                  \
		{ OSSL_FUNC_ENCODER_DOES_SELECTION, (void (*)(void))does_selection },                                  \
		{ OSSL_FUNC_ENCODER_ENCODE, (void (*)(void))encode },                                                  \
	{                                                                                                              \
		0, NULL                                                                                                \
	}

const OSSL_DISPATCH encoder_pem_functions[] = { FUNCTIONS(newctx_pem) };
const OSSL_DISPATCH encoder_pem_specific_functions[] = { FUNCTIONS(newctx_pem_specific) };
const OSSL_DISPATCH encoder_der_functions[] = { FUNCTIONS(newctx_der) };
const OSSL_DISPATCH encoder_der_specific_functions[] = { FUNCTIONS(newctx_der_specific) };
const OSSL_DISPATCH encoder_text_functions[] = { FUNCTIONS(newctx_text) };
