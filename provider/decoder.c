/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DECODER for key files, provider-decoder(7), in OpenSSL's two steps: PEM -> DER of our structure, and DER -> a key
 * object. OpenSSL shows both of them foreign input too; 0 would end the whole search, so a decoder that meets what
 * is not its own returns 1 without calling back. Only the PEM step can tell: its name is ours. So that is where a
 * damaged key file becomes an error.
 */
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include "provider/key_file.h"
#include "provider/provider.h"
#include "provider/store_object.h"

static OSSL_FUNC_decoder_newctx_fn newctx;
static OSSL_FUNC_decoder_freectx_fn freectx;
static OSSL_FUNC_decoder_does_selection_fn does_selection;
static OSSL_FUNC_decoder_decode_fn decode_pem, decode_der_rsa, decode_der_ec, decode_der_oct;

/* The provider itself is context enough. */
static void *newctx(void *provctx)
{
	return provctx;
}

static void freectx(void *ctx)
{
	(void)ctx;
}

static int does_selection(void *provctx, int selection)
{
	(void)provctx;
	return selection == 0 || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
}

static int pass_on(struct mh_span der, OSSL_CALLBACK *data_cb, void *data_cbarg)
{
	int object_type = OSSL_OBJECT_PKEY;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &object_type),
		OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, (void *)(uintptr_t)der.data, der.length),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_STRUCTURE,
		                                 (char *)(uintptr_t)KEY_FILE_STRUCTURE, 0),
		OSSL_PARAM_construct_end(),
	};

	return data_cb(params, data_cbarg);
}

static int check_and_pass_on(struct provider *provider, const char *header, struct mh_span der, OSSL_CALLBACK *data_cb,
                             void *data_cbarg)
{
	struct mh_error error = { 0 };
	struct key *key = NULL;

	if (*header != '\0')
		return RAISE_TEXT(&provider->errors, MH_R_BAD_KEY_FILE,
		                  "a key file (-----BEGIN %s-----) has no headers and is not encrypted",
		                  KEY_FILE_PEM_NAME);
	if (!key_file_decode(&provider->hsm, der, &key, &error).ok)
		return RAISE(&provider->errors, &error);
	key_free(key);
	return pass_on(der, data_cb, data_cbarg);
}

static int decode_pem(void *ctx, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *data_cb, void *data_cbarg,
                      OSSL_PASSPHRASE_CALLBACK *pw_cb, void *pw_cbarg)
{
	struct provider *provider = ctx;
	BIO *bio = BIO_new_from_core_bio(provider->hsm.libctx, in);
	char *name = NULL, *header = NULL;
	uint8_t *data = NULL;
	long length = 0;
	int done = 1, found;

	(void)selection;
	(void)pw_cb;
	(void)pw_cbarg;
	if (bio == NULL)
		return 0;
	ERR_set_mark();
	found = PEM_read_bio(bio, &name, &header, &data, &length);
	ERR_pop_to_mark();
	BIO_free(bio);
	if (found == 1 && strcmp(name, KEY_FILE_PEM_NAME) == 0)
		done = check_and_pass_on(provider, header, (struct mh_span){ data, (size_t)length }, data_cb,
		                         data_cbarg);
	OPENSSL_free(name);
	OPENSSL_free(header);
	/* Anybody's private key goes through here on its way to its own decoder. */
	OPENSSL_clear_free(data, found == 1 ? (size_t)length : 0);
	return done;
}

/* The whole input, which is one DER object: the step before passed it on so. */
static mh_result read_all(struct provider *provider, OSSL_CORE_BIO *in, struct mh_buffer *der)
{
	uint8_t chunk[4096];
	mh_result result = MH_SUCCESS;
	size_t n = 0;

	while (result.ok && provider->bio_read != NULL && provider->bio_read(in, chunk, sizeof(chunk), &n) == 1 &&
	       n > 0)
		result = mh_buffer_append(der, chunk, n);
	OPENSSL_cleanse(chunk, sizeof(chunk)); /* anybody's private key comes by */
	return result.ok && der->length > 0 ? MH_SUCCESS : MH_FAILURE;
}

static int decode_der(struct provider *provider, OSSL_CORE_BIO *in, enum key_type type, OSSL_CALLBACK *data_cb,
                      void *data_cbarg)
{
	struct mh_buffer der;
	struct key *key = NULL;
	mh_result decoded = MH_FAILURE;

	mh_buffer_init_secret(&der, KEY_FILE_DER_MAX);
	if (read_all(provider, in, &der).ok)
		decoded = key_file_decode(&provider->hsm, (struct mh_span){ der.data, der.length }, &key, NULL);
	mh_buffer_free(&der);
	if (!decoded.ok)
		return 1;
	if (key->type != type) {
		key_free(key);
		return 1;
	}
	return store_give_key(key, data_cb, data_cbarg);
}

static int decode_der_rsa(void *ctx, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *data_cb, void *data_cbarg,
                          OSSL_PASSPHRASE_CALLBACK *pw_cb, void *pw_cbarg)
{
	(void)selection;
	(void)pw_cb;
	(void)pw_cbarg;
	return decode_der(ctx, in, KEY_RSA, data_cb, data_cbarg);
}

static int decode_der_ec(void *ctx, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *data_cb, void *data_cbarg,
                         OSSL_PASSPHRASE_CALLBACK *pw_cb, void *pw_cbarg)
{
	(void)selection;
	(void)pw_cb;
	(void)pw_cbarg;
	return decode_der(ctx, in, KEY_EC, data_cb, data_cbarg);
}

static int decode_der_oct(void *ctx, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *data_cb, void *data_cbarg,
                          OSSL_PASSPHRASE_CALLBACK *pw_cb, void *pw_cbarg)
{
	(void)selection;
	(void)pw_cb;
	(void)pw_cbarg;
	return decode_der(ctx, in, KEY_OCT, data_cb, data_cbarg);
}

const OSSL_DISPATCH decoder_pem_functions[] = {
	{ OSSL_FUNC_DECODER_NEWCTX, (void (*)(void))newctx },
	{ OSSL_FUNC_DECODER_FREECTX, (void (*)(void))freectx },
	{ OSSL_FUNC_DECODER_DOES_SELECTION, (void (*)(void))does_selection },
	{ OSSL_FUNC_DECODER_DECODE, (void (*)(void))decode_pem },
	{ 0, NULL },
};

const OSSL_DISPATCH decoder_der_rsa_functions[] = {
	{ OSSL_FUNC_DECODER_NEWCTX, (void (*)(void))newctx },
	{ OSSL_FUNC_DECODER_FREECTX, (void (*)(void))freectx },
	{ OSSL_FUNC_DECODER_DOES_SELECTION, (void (*)(void))does_selection },
	{ OSSL_FUNC_DECODER_DECODE, (void (*)(void))decode_der_rsa },
	{ 0, NULL },
};

const OSSL_DISPATCH decoder_der_ec_functions[] = {
	{ OSSL_FUNC_DECODER_NEWCTX, (void (*)(void))newctx },
	{ OSSL_FUNC_DECODER_FREECTX, (void (*)(void))freectx },
	{ OSSL_FUNC_DECODER_DOES_SELECTION, (void (*)(void))does_selection },
	{ OSSL_FUNC_DECODER_DECODE, (void (*)(void))decode_der_ec },
	{ 0, NULL },
};

const OSSL_DISPATCH decoder_der_oct_functions[] = {
	{ OSSL_FUNC_DECODER_NEWCTX, (void (*)(void))newctx },
	{ OSSL_FUNC_DECODER_FREECTX, (void (*)(void))freectx },
	{ OSSL_FUNC_DECODER_DOES_SELECTION, (void (*)(void))does_selection },
	{ OSSL_FUNC_DECODER_DECODE, (void (*)(void))decode_der_oct },
	{ 0, NULL },
};
