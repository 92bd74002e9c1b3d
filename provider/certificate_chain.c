/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/certificate_chain.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "http/certificate_secret.h"
#include "provider/key.h"

static bool is_leaf(X509 *x509, struct mh_span leaf)
{
	uint8_t *der = NULL;
	int length = i2d_X509(x509, &der);
	bool same = length > 0 && (size_t)length == leaf.length && memcmp(der, leaf.data, leaf.length) == 0;

	OPENSSL_free(der);
	return same;
}

/* Takes x509, whatever happens. */
static bool add(STACK_OF(X509) * chain, X509 *x509, struct mh_span leaf)
{
	if (x509 == NULL)
		return false;
	if (is_leaf(x509, leaf)) {
		X509_free(x509);
		return true;
	}
	if (sk_X509_num(chain) >= CERTIFICATE_CHAIN_MAX || sk_X509_push(chain, x509) <= 0) {
		X509_free(x509);
		return false;
	}
	return true;
}

static X509 *decode(OSSL_LIB_CTX *libctx, const uint8_t *der, long length)
{
	X509 *x509 = X509_new_ex(libctx, NULL);

	if (x509 != NULL && d2i_X509(&x509, &der, length) == NULL)
		return NULL; /* freed by d2i_X509() */
	return x509;
}

static bool read_pem(OSSL_LIB_CTX *libctx, struct mh_span text, struct mh_span leaf, STACK_OF(X509) * chain)
{
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.length);
	char *name = NULL, *header = NULL;
	uint8_t *data = NULL;
	long length = 0;
	bool good = bio != NULL;

	while (good && PEM_read_bio(bio, &name, &header, &data, &length) == 1) {
		if (strcmp(name, PEM_STRING_X509) == 0)
			good = add(chain, decode(libctx, data, length), leaf);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(data, (size_t)length); /* the private key, perhaps */
	}
	BIO_free(bio);
	return good;
}

static PKCS12 *decode_pkcs12(OSSL_LIB_CTX *libctx, struct mh_span text)
{
	uint8_t *der = OPENSSL_malloc(text.length / 4 * 3 + 3);
	const uint8_t *at = der;
	PKCS12 *p12 = NULL;
	int length;

	if (der == NULL)
		return NULL;
	length = EVP_DecodeBlock(der, text.data, (int)text.length);
	if (length > 0)
		p12 = PKCS12_init_ex(NID_pkcs7_data, libctx, NULL);
	if (p12 != NULL && d2i_PKCS12(&p12, &at, length) == NULL)
		p12 = NULL; /* freed by d2i_PKCS12() */
	OPENSSL_clear_free(der, text.length / 4 * 3 + 3);
	return p12;
}

static bool read_pkcs12(OSSL_LIB_CTX *libctx, struct mh_span text, struct mh_span leaf, STACK_OF(X509) * chain)
{
	PKCS12 *p12 = decode_pkcs12(libctx, text);
	STACK_OF(X509) *found = NULL;
	X509 *certificate = NULL;
	bool good;

	/* Without a place for it the private key stays encrypted. */
	good = p12 != NULL && PKCS12_parse(p12, "", NULL, &certificate, &found) == 1;
	while (good && sk_X509_num(found) > 0)
		good = add(chain, sk_X509_shift(found), leaf);
	X509_free(certificate);
	sk_X509_pop_free(found, X509_free);
	PKCS12_free(p12);
	return good;
}

mh_result certificate_chain_parse(OSSL_LIB_CTX *libctx, bool pem, struct mh_span text, struct mh_span leaf,
                                  STACK_OF(X509) * *chain, struct mh_error *error)
{
	STACK_OF(X509) *made = sk_X509_new_null();
	bool good;

	ERR_set_mark();
	good = made != NULL && text.length < (1 << 20) &&
	       (pem ? read_pem(libctx, text, leaf, made) : read_pkcs12(libctx, text, leaf, made));
	ERR_pop_to_mark();
	if (good) {
		*chain = made;
		return MH_SUCCESS;
	}
	sk_X509_pop_free(made, X509_free);
	return mh_fail(error, MH_R_BAD_ANSWER,
	               "the certificate's secret is no %s file whose certificates can be read%s",
	               pem ? "PEM" : "PKCS#12", pem ? "" : " (those with RC2 need OpenSSL's legacy provider)");
}

mh_result certificate_chain_load(const struct hsm *hsm, const struct key_uri *uri, struct mh_span leaf,
                                 STACK_OF(X509) * *chain, struct mh_error *error)
{
	struct certificate_secret secret;
	char text[KEY_URI_TEXT_MAX];
	mh_result result;

	certificate_secret_init(&secret);
	result = client_get_certificate_secret(hsm->client, uri, &secret, error);
	if (result.ok) {
		result = certificate_chain_parse(hsm->libctx, secret.pem,
		                                 (struct mh_span){ secret.text.data, secret.text.length }, leaf, chain,
		                                 error);
		if (!result.ok) {
			key_uri_format(uri, text);
			mh_error_prefix(error, "get the chain of %s", text);
		}
	}
	certificate_secret_free(&secret);
	return result;
}
