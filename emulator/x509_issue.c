// SPDX-License-Identifier: Apache-2.0
// Certificates for the emulator's own TLS, for its seeds and for the certificates API, all made in one way.
#include "x509_issue.h"

#include <openssl/rand.h>
#include <string.h>
#include <time.h>

#define SERIAL_BYTES 16

static const EVP_MD *digest_for(const EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	if (!EVP_PKEY_is_a(key, "EC"))
		return EVP_sha256();
	return bits > 384 ? EVP_sha512() : bits > 256 ? EVP_sha384() : EVP_sha256();
}

static bool set_serial(X509 *certificate)
{
	uint8_t bytes[SERIAL_BYTES];
	BIGNUM *number;
	bool good;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 1); // positive, and of full length
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	BN_free(number);
	return good;
}

static bool add_text(X509 *certificate, X509 *issuer, const struct x509_extension *wanted)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool good;

	if (!wanted->value)
		return true;
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, wanted->nid, wanted->value);
	good = extension && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return good;
}

static bool fill(X509 *certificate, const struct x509_wish *wish)
{
	X509 *issuer = wish->issuer ? wish->issuer : certificate;

	if (X509_set_version(certificate, X509_VERSION_3) != 1 || !set_serial(certificate) ||
	    !ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)wish->from) ||
	    !ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)wish->until) ||
	    X509_set_subject_name(certificate, wish->subject) != 1 ||
	    X509_set_issuer_name(certificate, wish->issuer ? X509_get_subject_name(issuer) : wish->subject) != 1 ||
	    X509_set_pubkey(certificate, wish->key) != 1)
		return false;
	for (const struct x509_extension *wanted = wish->extensions; wanted->nid != NID_undef; wanted++)
		if (!add_text(certificate, issuer, wanted))
			return false;
	return !wish->names ||
	       X509_add1_ext_i2d(certificate, NID_subject_alt_name, (void *)wish->names, 0, X509V3_ADD_DEFAULT) == 1;
}

X509 *x509_issue(const struct x509_wish *wish)
{
	EVP_PKEY *signer = wish->issuer ? wish->issuer_key : wish->key;
	X509 *certificate = X509_new();

	if (certificate && fill(certificate, wish) && X509_sign(certificate, signer, digest_for(signer)) > 0)
		return certificate;
	X509_free(certificate);
	return NULL;
}

static bool add_requested(STACK_OF(X509_EXTENSION) * requested, X509_EXTENSION *extension)
{
	if (extension && sk_X509_EXTENSION_push(requested, extension) > 0)
		return true;
	X509_EXTENSION_free(extension);
	return false;
}

static bool fill_request(X509_REQ *request, const struct x509_wish *wish)
{
	STACK_OF(X509_EXTENSION) *requested = sk_X509_EXTENSION_new_null();
	bool good = requested && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
	            X509_REQ_set_subject_name(request, wish->subject) == 1 &&
	            X509_REQ_set_pubkey(request, wish->key) == 1;

	for (const struct x509_extension *wanted = wish->extensions; good && wanted->nid != NID_undef; wanted++)
		if (wanted->value && wanted->nid != NID_subject_key_identifier &&
		    wanted->nid != NID_authority_key_identifier)
			good = add_requested(requested, X509V3_EXT_conf_nid(NULL, NULL, wanted->nid, wanted->value));
	if (good && wish->names)
		good = add_requested(requested, X509V3_EXT_i2d(NID_subject_alt_name, 0, (void *)wish->names));
	good = good && X509_REQ_add_extensions(request, requested) == 1;
	sk_X509_EXTENSION_pop_free(requested, X509_EXTENSION_free);
	return good;
}

X509_REQ *x509_request(const struct x509_wish *wish)
{
	X509_REQ *request = X509_REQ_new();

	if (request && fill_request(request, wish) && X509_REQ_sign(request, wish->key, digest_for(wish->key)) > 0)
		return request;
	X509_REQ_free(request);
	return NULL;
}

X509_NAME *x509_common_name(const char *text)
{
	X509_NAME *name = X509_NAME_new();

	if (name && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) == 1)
		return name;
	X509_NAME_free(name);
	return NULL;
}
