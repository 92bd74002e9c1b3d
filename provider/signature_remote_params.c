/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters of a signature made in the HSM: EVP_SIGNATURE-RSA(7), EVP_SIGNATURE-ECDSA(7). The service can do
 * PKCS#1 v1.5, and PSS with a salt as long as the digest and MGF1 of the same digest. Any other wish is refused
 * when it is said, not when the signature is due.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "provider/param_word.h"
#include "provider/signature_remote.h"

#ifndef RSA_PSS_SALTLEN_AUTO_DIGEST_MAX
#define RSA_PSS_SALTLEN_AUTO_DIGEST_MAX (-4)
#endif

/* Every setter leaves the settings as they were when it refuses. */

static const struct param_word paddings[] = { { RSA_PKCS1_PADDING, OSSL_PKEY_RSA_PAD_MODE_PKCSV15 },
	                                      { RSA_PKCS1_PSS_PADDING, OSSL_PKEY_RSA_PAD_MODE_PSS },
	                                      { 0, NULL } };

/* What means "as long as the digest" when signing; `max` does not. */
static const struct param_word salts[] = { { RSA_PSS_SALTLEN_DIGEST, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST },
	                                   { RSA_PSS_SALTLEN_AUTO, OSSL_PKEY_RSA_PSS_SALT_LEN_AUTO },
	                                   { RSA_PSS_SALTLEN_AUTO_DIGEST_MAX, "auto-digestmax" },
	                                   { RSA_PSS_SALTLEN_MAX, OSSL_PKEY_RSA_PSS_SALT_LEN_MAX },
	                                   { 0, NULL } };

/* Properties mean that the application cares whose digest it is: then its context is asked. FIPS is meant strictly; a
 * query such as "provider=managedhsm" is meant for the signature, and we have no digests. */
static EVP_MD *fetch_digest(const struct remote_signature *remote, const char *name)
{
	const char *properties = remote->properties != NULL ? remote->properties : "";
	bool fips = strstr(properties, "fips") != NULL ||
	            EVP_default_properties_is_fips_enabled(remote->provider->application) == 1;
	EVP_MD *md = NULL;

	ERR_set_mark();
	if (fips || *properties != '\0')
		md = EVP_MD_fetch(remote->provider->application, name, properties);
	if (md == NULL && !fips)
		md = EVP_MD_fetch(remote->provider->hsm.libctx, name, NULL);
	ERR_pop_to_mark();
	return md;
}

static int check_salt(const struct remote_signature *remote)
{
	const struct provider_errors *errors = &remote->provider->errors;

	if (remote->salt_length == RSA_PSS_SALTLEN_MAX)
		return RAISE_TEXT(
			errors, MH_R_UNSUPPORTED_PADDING,
			"the service makes RSA-PSS signatures with a salt as long as the digest, not with the "
			"longest possible one: set rsa_pss_saltlen:digest");
	if (remote->digest != NULL && remote->salt_length >= 0 && (size_t)remote->salt_length != remote->digest->size)
		return RAISE_TEXT(errors, MH_R_UNSUPPORTED_PADDING,
		                  "the service makes RSA-PSS signatures with a salt as long as the digest: %zu bytes "
		                  "for %s, not %d",
		                  remote->digest->size, remote->digest->group_name, remote->salt_length);
	return 1;
}

static int check_mgf1(const struct remote_signature *remote)
{
	if (remote->digest != NULL && remote->mgf1 != NULL && remote->mgf1 != remote->digest)
		return RAISE_TEXT(&remote->provider->errors, MH_R_UNSUPPORTED_PADDING,
		                  "the service makes RSA-PSS signatures with MGF1 of the same digest: %s, not %s",
		                  remote->digest->group_name, remote->mgf1->group_name);
	return 1;
}

int remote_signature_check_pss(const struct remote_signature *remote)
{
	if (remote->key == NULL || remote->key->type != KEY_RSA || remote->padding != SIGN_PSS)
		return 1;
	if (remote->digest != NULL && remote->digest->rsa_pss == NULL)
		return RAISE_TEXT(&remote->provider->errors, MH_R_UNSUPPORTED_DIGEST,
		                  "the service has no RSA-PSS signature with %s, only with SHA-256, 384 and 512",
		                  remote->digest->group_name);
	return check_salt(remote) && check_mgf1(remote);
}

/* A digest that only RSNULL can sign is taken until the service has refused that once. */
static bool can_sign(const struct remote_signature *remote, const struct sign_digest *digest, bool rsa)
{
	if (!rsa)
		return digest->ecdsa;
	return digest->rsa_pkcs1 != NULL ||
	       (remote->padding == SIGN_PKCS1 && atomic_load(&remote->provider->findings.rsnull) >= 0);
}

int remote_signature_set_digest(struct remote_signature *remote, const char *name)
{
	EVP_MD *md = fetch_digest(remote, name);
	const struct sign_digest *digest = sign_digest_find(md), *before;
	bool rsa = remote->key != NULL && remote->key->type == KEY_RSA;

	if (digest == NULL || !can_sign(remote, digest, rsa)) {
		EVP_MD_free(md);
		return RAISE_TEXT(&remote->provider->errors, MH_R_UNSUPPORTED_DIGEST,
		                  "the service signs no %.32s digest with %s keys, only %s", name, rsa ? "RSA" : "EC",
		                  rsa ? "SHA-256, SHA-384 and SHA-512" : "SHA-224, SHA-256, SHA-384 and SHA-512");
	}
	if (remote->digesting && digest != remote->digest) {
		EVP_MD_free(md);
		return RAISE_TEXT(&remote->provider->errors, MH_R_BAD_PARAMETER,
		                  "the digest of a signature that hashes its message cannot be changed");
	}
	before = remote->digest;
	remote->digest = digest;
	/* Who changes the digest will say the salt and MGF1 again; what does not fit is found then, or at the end. */
	if (before == NULL && remote_signature_check_pss(remote) != 1) {
		remote->digest = before;
		EVP_MD_free(md);
		return 0;
	}
	EVP_MD_free(remote->md);
	remote->md = md;
	return 1;
}

static int set_properties(struct remote_signature *remote, const OSSL_PARAM *p)
{
	char *properties = NULL;

	if (OSSL_PARAM_get_utf8_string(p, &properties, 0) != 1)
		return RAISE_TEXT(&remote->provider->errors, MH_R_BAD_PARAMETER, "the parameter '%s' is no string",
		                  p->key);
	OPENSSL_free(remote->properties);
	remote->properties = properties;
	return 1;
}

static int set_padding(struct remote_signature *remote, const OSSL_PARAM *p)
{
	enum sign_padding before;
	int number;

	if (!param_word_read(p, paddings, &number) || (number != RSA_PKCS1_PADDING && number != RSA_PKCS1_PSS_PADDING))
		return RAISE_TEXT(&remote->provider->errors, MH_R_UNSUPPORTED_PADDING,
		                  "the service signs with the RSA paddings pkcs1 (PKCS#1 v1.5) and pss; the one asked "
		                  "for is neither");
	before = remote->padding;
	remote->padding = number == RSA_PKCS1_PSS_PADDING ? SIGN_PSS : SIGN_PKCS1;
	if (remote_signature_check_pss(remote) == 1)
		return 1;
	remote->padding = before;
	return 0;
}

static int set_salt_length(struct remote_signature *remote, const OSSL_PARAM *p)
{
	int number, before;

	if (remote->padding != SIGN_PSS)
		return RAISE_TEXT(&remote->provider->errors, MH_R_BAD_PARAMETER,
		                  "a salt length is for RSA-PSS: set rsa_padding_mode:pss first");
	if (!param_word_read(p, salts, &number) || number < RSA_PSS_SALTLEN_AUTO_DIGEST_MAX)
		return RAISE_TEXT(&remote->provider->errors, MH_R_BAD_PARAMETER,
		                  "the RSA-PSS salt length is not understood");
	before = remote->salt_length;
	remote->salt_length = number;
	if (check_salt(remote) == 1)
		return 1;
	remote->salt_length = before;
	return 0;
}

static int set_mgf1(struct remote_signature *remote, const OSSL_PARAM *p)
{
	const struct sign_digest *mgf1, *before = remote->mgf1;
	char name[PARAM_TEXT_MAX];
	EVP_MD *md;

	if (remote->padding != SIGN_PSS)
		return RAISE_TEXT(&remote->provider->errors, MH_R_BAD_PARAMETER,
		                  "an MGF1 digest is for RSA-PSS: set rsa_padding_mode:pss first");
	if (!param_text_read(p, name))
		return RAISE_TEXT(&remote->provider->errors, MH_R_BAD_PARAMETER,
		                  "the MGF1 digest's name is not understood");
	md = fetch_digest(remote, name);
	mgf1 = sign_digest_find(md);
	EVP_MD_free(md);
	if (mgf1 == NULL || mgf1->rsa_pss == NULL)
		return RAISE_TEXT(&remote->provider->errors, MH_R_UNSUPPORTED_DIGEST,
		                  "the service has no MGF1 with %.32s, only with SHA-256, SHA-384 and SHA-512", name);
	remote->mgf1 = mgf1;
	if (check_mgf1(remote) == 1)
		return 1;
	remote->mgf1 = before;
	return 0;
}

/* OpenSSL >= 3.2: 0 is a random nonce, 1 a deterministic one (RFC 6979). The HSM makes its own. */
static int check_nonce_type(const struct remote_signature *remote, const OSSL_PARAM *p)
{
	unsigned type = 1;

	if (p == NULL || (p->data != NULL && OSSL_PARAM_get_uint(p, &type) == 1 && type == 0))
		return 1;
	return RAISE_TEXT(&remote->provider->errors, MH_R_UNSUPPORTED_OPERATION,
	                  "the HSM chooses the nonce of an ECDSA signature itself; a deterministic one cannot be had");
}

int remote_signature_set_params(struct remote_signature *remote, const OSSL_PARAM params[])
{
	char name[PARAM_TEXT_MAX];
	const OSSL_PARAM *p;

	if (params == NULL)
		return 1;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PROPERTIES)) != NULL &&
	    set_properties(remote, p) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_DIGEST)) != NULL) {
		if (!param_text_read(p, name))
			return RAISE_TEXT(&remote->provider->errors, MH_R_BAD_PARAMETER,
			                  "the digest's name is not understood");
		if (remote_signature_set_digest(remote, name) != 1)
			return 0;
	}
	if (remote->key == NULL || remote->key->type != KEY_RSA)
		return check_nonce_type(remote, OSSL_PARAM_locate_const(params, "nonce-type"));
	if ((p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE)) != NULL && set_padding(remote, p) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN)) != NULL &&
	    set_salt_length(remote, p) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_MGF1_DIGEST)) != NULL && set_mgf1(remote, p) != 1)
		return 0;
	return 1;
}

static int get_identifier(const struct remote_signature *remote, OSSL_PARAM *p)
{
	uint8_t *der = NULL;
	size_t length = 0;
	mh_result made;
	int done;

	if (remote->digest == NULL)
		return RAISE_TEXT(&remote->provider->errors, MH_R_UNSUPPORTED_DIGEST,
		                  "a signature without a digest has no AlgorithmIdentifier");
	made = remote->key->type == KEY_RSA ? sign_rsa_identifier(remote->padding, remote->digest, &der, &length)
	                                    : sign_ecdsa_identifier(remote->digest, &der, &length);
	if (!made.ok)
		return RAISE_TEXT(&remote->provider->errors, MH_R_MEMORY,
		                  "out of memory while making an AlgorithmIdentifier");
	done = OSSL_PARAM_set_octet_string(p, der, length);
	OPENSSL_free(der);
	return done;
}

static int get_rsa_params(const struct remote_signature *remote, OSSL_PARAM params[])
{
	const struct sign_digest *mgf1 = remote->mgf1 != NULL ? remote->mgf1 : remote->digest;
	bool pss = remote->padding == SIGN_PSS;
	OSSL_PARAM *p;

	if ((p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_PAD_MODE)) != NULL &&
	    param_word_write(p, paddings[pss].number, paddings[pss].text) != 1)
		return 0;
	/* Whatever was asked for and let through, the service's salt is as long as the digest. */
	if ((p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN)) != NULL &&
	    param_word_write(p, salts[0].number, salts[0].text) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_MGF1_DIGEST)) != NULL &&
	    OSSL_PARAM_set_utf8_string(p, mgf1 != NULL ? mgf1->group_name : "") != 1)
		return 0;
	return 1;
}

int remote_signature_get_params(struct remote_signature *remote, OSSL_PARAM params[])
{
	OSSL_PARAM *p;

	if (params == NULL)
		return 1;
	if (remote->key == NULL)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID)) != NULL &&
	    get_identifier(remote, p) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_DIGEST)) != NULL &&
	    OSSL_PARAM_set_utf8_string(p, remote->digest != NULL ? remote->digest->group_name : "") != 1)
		return 0;
	if (remote->key->type == KEY_RSA)
		return get_rsa_params(remote, params);
	if ((p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_DIGEST_SIZE)) != NULL &&
	    OSSL_PARAM_set_size_t(p, remote->digest != NULL ? remote->digest->size : 0) != 1)
		return 0;
	return 1;
}
