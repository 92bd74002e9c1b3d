// SPDX-License-Identifier: Apache-2.0
// What the service shows of a certificate, worked out once; and the secret, worked out when it is asked for.
#include "certificate.h"

#include "base64url.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *base64_text(const uint8_t *bytes, int length)
{
	char *text = malloc(((size_t)length + 2) / 3 * 4 + 1);

	if (text)
		EVP_EncodeBlock((unsigned char *)text, bytes, length);
	return text;
}

int64_t certificate_time(const ASN1_TIME *time)
{
	struct tm parts;

	return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

// Takes the BIO's bytes as a string and frees it.
static char *take_text(BIO *bio)
{
	char *bytes, *text;
	long length = BIO_get_mem_data(bio, &bytes);

	text = strndup(bytes, (size_t)length);
	BIO_free(bio);
	return text;
}

static char *pem_of(X509 *leaf, const STACK_OF(X509) * chain)
{
	BIO *out = BIO_new(BIO_s_mem());
	bool good = out && PEM_write_bio_X509(out, leaf) == 1;

	for (int i = 0; good && i < sk_X509_num(chain); i++)
		good = PEM_write_bio_X509(out, sk_X509_value(chain, i)) == 1;
	if (good)
		return take_text(out);
	BIO_free(out);
	return NULL;
}

struct certificate *certificate_new(X509 *leaf, const STACK_OF(X509) * chain, bool exportable, bool pem_secret)
{
	struct certificate *certificate = calloc(1, sizeof(*certificate));
	uint8_t digest[SHA_DIGEST_LENGTH];
	unsigned char *der = NULL;
	int length = certificate ? i2d_X509(leaf, &der) : -1;

	if (length > 0) {
		certificate->pem = pem_of(leaf, chain);
		certificate->cer = base64_text(der, length);
		if (EVP_Digest(der, (size_t)length, digest, NULL, EVP_sha1(), NULL) == 1)
			certificate->x5t = base64url_text(digest, sizeof(digest));
		certificate->from = certificate_time(X509_get0_notBefore(leaf));
		certificate->until = certificate_time(X509_get0_notAfter(leaf));
		certificate->exportable = exportable;
		certificate->pem_secret = pem_secret;
	}
	OPENSSL_free(der);
	if (certificate && certificate->pem && certificate->cer && certificate->x5t)
		return certificate;
	certificate_free(certificate);
	return NULL;
}

STACK_OF(X509) * certificates_from_pem(const char *pem, size_t length)
{
	STACK_OF(X509) *found = sk_X509_new_null();
	BIO *in = BIO_new_mem_buf(pem, (int)length);
	X509 *next = NULL;

	while (found && in && (next = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL)
		if (sk_X509_push(found, next) <= 0)
			X509_free(next);
	ERR_clear_error(); // the end of the text is one
	BIO_free(in);
	if (sk_X509_num(found) > 0)
		return found;
	sk_X509_free(found);
	return NULL;
}

struct certificate *certificate_from_pem(const char *pem, bool exportable, bool pem_secret)
{
	STACK_OF(X509) *chain = certificates_from_pem(pem, strlen(pem));
	X509 *leaf = chain ? sk_X509_shift(chain) : NULL;
	struct certificate *certificate = leaf ? certificate_new(leaf, chain, exportable, pem_secret) : NULL;

	X509_free(leaf);
	sk_X509_pop_free(chain, X509_free);
	return certificate;
}

void certificate_free(struct certificate *certificate)
{
	if (!certificate)
		return;
	free(certificate->pem);
	free(certificate->cer);
	free(certificate->x5t);
	free(certificate);
}

static char *pem_secret(const struct certificate *certificate, EVP_PKEY *key)
{
	BIO *out = BIO_new(BIO_s_mem());

	if (out && (!key || PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1) &&
	    BIO_puts(out, certificate->pem) > 0)
		return take_text(out);
	BIO_free(out);
	return NULL;
}

static char *pkcs12_secret(const struct certificate *certificate, EVP_PKEY *key)
{
	STACK_OF(X509) *chain = certificates_from_pem(certificate->pem, strlen(certificate->pem));
	X509 *leaf = chain ? sk_X509_shift(chain) : NULL;
	PKCS12 *store = leaf ? PKCS12_create("", NULL, key, leaf, chain, 0, 0, 0, 0, 0) : NULL;
	unsigned char *der = NULL;
	int length = store ? i2d_PKCS12(store, &der) : -1;
	char *text = length > 0 ? base64_text(der, length) : NULL;

	OPENSSL_clear_free(der, length > 0 ? (size_t)length : 0);
	PKCS12_free(store);
	X509_free(leaf);
	sk_X509_pop_free(chain, X509_free);
	return text;
}

char *certificate_secret(const struct certificate *certificate, EVP_PKEY *key)
{
	if (!certificate->exportable)
		key = NULL;
	return certificate->pem_secret ? pem_secret(certificate, key) : pkcs12_secret(certificate, key);
}
