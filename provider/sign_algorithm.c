/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of signature algorithms, and the encodings that follow from them. */
#include "provider/sign_algorithm.h"

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define DIGEST_INFO_LENGTH 19

#define DIGEST_INFO(total, oid_end, size)                                                                              \
	{                                                                                                              \
		(const uint8_t[DIGEST_INFO_LENGTH]){ 0x30, total, 0x30, 0x0d, 0x06,    0x09, 0x60, 0x86, 0x48, 0x01,   \
			                             0x65, 0x03,  0x04, 0x02, oid_end, 0x05, 0x00, 0x04, size },       \
			DIGEST_INFO_LENGTH                                                                             \
	}

static const uint8_t sha1_digest_info[] = { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
	                                    0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14 };

static const struct sign_digest digests[] = {
	{ "SHA2-256", "SHA256", 32, NID_sha256, "RS256", "PS256", DIGEST_INFO(0x31, 0x01, 0x20), true },
	{ "SHA2-384", "SHA384", 48, NID_sha384, "RS384", "PS384", DIGEST_INFO(0x41, 0x02, 0x30), true },
	{ "SHA2-512", "SHA512", 64, NID_sha512, "RS512", "PS512", DIGEST_INFO(0x51, 0x03, 0x40), true },
	{ "SHA2-224", "SHA224", 28, NID_sha224, NULL, NULL, DIGEST_INFO(0x2d, 0x04, 0x1c), true },
	{ "SHA1", "SHA1", 20, NID_sha1, NULL, NULL, { sha1_digest_info, sizeof(sha1_digest_info) }, false },
	{ "MD5-SHA1", "MD5-SHA1", 36, NID_md5_sha1, NULL, NULL, { NULL, 0 }, false },
};

static const struct sign_curve curves[] = {
	{ JWK_P256, "prime256v1", "ES256", 32 },
	{ JWK_P384, "secp384r1", "ES384", 48 },
	{ JWK_P521, "secp521r1", "ES512", 64 },
	{ JWK_P256K, "secp256k1", "ES256K", 32 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct sign_digest *sign_digest_find(const EVP_MD *md)
{
	for (size_t i = 0; md != NULL && i < COUNT(digests); i++)
		if (EVP_MD_is_a(md, digests[i].name))
			return &digests[i];
	return NULL;
}

const struct sign_curve *sign_curve_find(enum jwk_curve curve)
{
	for (size_t i = 0; i < COUNT(curves); i++)
		if (curves[i].curve == curve)
			return &curves[i];
	return NULL;
}

mh_result sign_digest_info_parse(struct mh_span data, const struct sign_digest **digest, struct mh_span *value)
{
	for (size_t i = 0; i < COUNT(digests); i++) {
		struct mh_span head = digests[i].digest_info;

		if (head.length == 0 || data.length != head.length + digests[i].size ||
		    memcmp(data.data, head.data, head.length) != 0)
			continue;
		*digest = &digests[i];
		*value = (struct mh_span){ data.data + head.length, digests[i].size };
		return MH_SUCCESS;
	}
	return MH_FAILURE;
}

static mh_result algor_to_der(X509_ALGOR *algor, uint8_t **der, size_t *length)
{
	int n;

	*der = NULL;
	n = i2d_X509_ALGOR(algor, der);
	if (n <= 0)
		return MH_FAILURE;
	*length = (size_t)n;
	return MH_SUCCESS;
}

static X509_ALGOR *digest_algor(const struct sign_digest *digest)
{
	X509_ALGOR *algor = X509_ALGOR_new();

	if (algor != NULL && X509_ALGOR_set0(algor, OBJ_nid2obj(digest->nid), V_ASN1_NULL, NULL) != 1) {
		X509_ALGOR_free(algor);
		algor = NULL;
	}
	return algor;
}

/* MGF1 with the digest's AlgorithmIdentifier as its parameter. */
static X509_ALGOR *mgf1_algor(const struct sign_digest *digest)
{
	X509_ALGOR *inner = digest_algor(digest), *algor = X509_ALGOR_new();
	ASN1_STRING *packed = NULL;

	if (inner == NULL || algor == NULL)
		goto fail;
	packed = ASN1_item_pack(inner, ASN1_ITEM_rptr(X509_ALGOR), NULL);
	if (packed == NULL || X509_ALGOR_set0(algor, OBJ_nid2obj(NID_mgf1), V_ASN1_SEQUENCE, packed) != 1)
		goto fail;
	X509_ALGOR_free(inner);
	return algor;
fail:
	ASN1_STRING_free(packed);
	X509_ALGOR_free(inner);
	X509_ALGOR_free(algor);
	return NULL;
}

/* RSASSA-PSS-params, RFC 4055 section 3.1: the salt is as long as the digest, MGF1 uses the same digest. */
static ASN1_STRING *pss_parameters(const struct sign_digest *digest)
{
	RSA_PSS_PARAMS *pss = RSA_PSS_PARAMS_new();
	ASN1_STRING *packed = NULL;

	if (pss == NULL)
		return NULL;
	pss->hashAlgorithm = digest_algor(digest);
	pss->maskGenAlgorithm = mgf1_algor(digest);
	pss->saltLength = ASN1_INTEGER_new();
	if (pss->hashAlgorithm != NULL && pss->maskGenAlgorithm != NULL && pss->saltLength != NULL &&
	    ASN1_INTEGER_set(pss->saltLength, (long)digest->size) == 1)
		packed = ASN1_item_pack(pss, ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
	RSA_PSS_PARAMS_free(pss);
	return packed;
}

mh_result sign_rsa_identifier(enum sign_padding padding, const struct sign_digest *digest, uint8_t **der,
                              size_t *length)
{
	X509_ALGOR *algor = X509_ALGOR_new();
	ASN1_STRING *parameters = NULL;
	mh_result result = MH_FAILURE;
	int nid;

	if (algor == NULL)
		return MH_FAILURE;
	if (padding == SIGN_PSS) {
		parameters = pss_parameters(digest);
		if (parameters == NULL ||
		    X509_ALGOR_set0(algor, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, parameters) != 1) {
			ASN1_STRING_free(parameters);
			goto out;
		}
	} else if (OBJ_find_sigid_by_algs(&nid, digest->nid, NID_rsaEncryption) != 1 ||
	           X509_ALGOR_set0(algor, OBJ_nid2obj(nid), V_ASN1_NULL, NULL) != 1) {
		goto out;
	}
	result = algor_to_der(algor, der, length);
out:
	X509_ALGOR_free(algor);
	return result;
}

mh_result sign_ecdsa_identifier(const struct sign_digest *digest, uint8_t **der, size_t *length)
{
	X509_ALGOR *algor = X509_ALGOR_new();
	mh_result result = MH_FAILURE;
	int nid;

	if (algor != NULL && OBJ_find_sigid_by_algs(&nid, digest->nid, NID_X9_62_id_ecPublicKey) == 1 &&
	    X509_ALGOR_set0(algor, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL) == 1)
		result = algor_to_der(algor, der, length);
	X509_ALGOR_free(algor);
	return result;
}

mh_result sign_ecdsa_fit(const struct sign_curve *curve, struct mh_span value, uint8_t *out)
{
	size_t size = curve->digest_size;

	if (value.length > size) {
		/* P-521's order has more bits than 64 bytes hold, so cutting there would change the integer. */
		if (curve->curve == JWK_P521)
			return MH_FAILURE;
		memcpy(out, value.data, size);
		return MH_SUCCESS;
	}
	memset(out, 0, size - value.length);
	if (value.length > 0)
		memcpy(out + (size - value.length), value.data, value.length);
	return MH_SUCCESS;
}
