/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decryption in the HSM. The service can do PKCS#1 v1.5, and OAEP with SHA-1 or SHA-256, MGF1 of the same digest
 * and no label. Any other wish is refused when it is said.
 */
#include "provider/remote_decrypt.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "provider/param_word.h"

#define TLS_PREMASTER_LENGTH 48 /* RFC 5246 section 7.4.7.1 */

static const struct param_word paddings[] = { { RSA_PKCS1_PADDING, OSSL_PKEY_RSA_PAD_MODE_PKCSV15 },
	                                      { RSA_PKCS1_OAEP_PADDING, OSSL_PKEY_RSA_PAD_MODE_OAEP },
	                                      { RSA_PKCS1_OAEP_PADDING,
	                                        "oeap" }, /* OpenSSL takes its old misprint too */
	                                      { 0, NULL } };

static const char *const digest_names[] = { [OAEP_UNSAID] = "SHA1", [OAEP_SHA1] = "SHA1", [OAEP_SHA256] = "SHA256" };

static enum oaep_digest effective_digest(const struct remote_decrypt *remote)
{
	return remote->digest == OAEP_SHA256 ? OAEP_SHA256 : OAEP_SHA1;
}

void remote_decrypt_init(struct remote_decrypt *remote, const struct provider *provider)
{
	*remote = (struct remote_decrypt){ .padding = RSA_PKCS1_PADDING };
	if (provider->decrypt_padding == DECRYPT_PADDING_PKCS1)
		return;
	remote->padding = RSA_PKCS1_OAEP_PADDING;
	if (provider->decrypt_padding == DECRYPT_PADDING_OAEP_256)
		remote->digest = OAEP_SHA256;
}

static int set_padding(struct remote_decrypt *remote, const struct provider *provider, const OSSL_PARAM *p)
{
	int number;

	if (!param_word_read(p, paddings, &number) ||
	    (number != RSA_PKCS1_PADDING && number != RSA_PKCS1_OAEP_PADDING && number != RSA_PKCS1_WITH_TLS_PADDING))
		return RAISE_TEXT(&provider->errors, MH_R_UNSUPPORTED_PADDING,
		                  "the service decrypts with the RSA paddings pkcs1 (PKCS#1 v1.5) and oaep; the one "
		                  "asked for is neither");
	remote->padding = number;
	return 1;
}

static enum oaep_digest find_digest(const struct provider *provider, const char *name)
{
	enum oaep_digest found = OAEP_UNSAID;
	EVP_MD *md;

	ERR_set_mark();
	md = EVP_MD_fetch(provider->hsm.libctx, name, NULL);
	ERR_pop_to_mark();
	if (md != NULL && EVP_MD_is_a(md, "SHA1"))
		found = OAEP_SHA1;
	else if (md != NULL && EVP_MD_is_a(md, "SHA256"))
		found = OAEP_SHA256;
	EVP_MD_free(md);
	return found;
}

static int set_digest(enum oaep_digest *digest, enum oaep_digest other, const struct provider *provider,
                      const OSSL_PARAM *p)
{
	char name[PARAM_TEXT_MAX];
	enum oaep_digest found;

	if (!param_text_read(p, name))
		return RAISE_TEXT(&provider->errors, MH_R_BAD_PARAMETER, "the digest's name is not understood");
	found = find_digest(provider, name);
	if (found == OAEP_UNSAID)
		return RAISE_TEXT(&provider->errors, MH_R_UNSUPPORTED_DIGEST,
		                  "the service has OAEP with SHA-1 and with SHA-256, not with %.32s", name);
	if (other != OAEP_UNSAID && other != found)
		return RAISE_TEXT(&provider->errors, MH_R_UNSUPPORTED_PADDING,
		                  "the service has OAEP with one digest for the label and for MGF1: not with %s and %s",
		                  digest_names[other], digest_names[found]);
	*digest = found;
	return 1;
}

/* OAEP's label is a part of its padding check; the service has none but the empty one. */
static int check_label(const struct provider *provider, const OSSL_PARAM *p)
{
	if (p->data_type == OSSL_PARAM_OCTET_STRING && p->data_size == 0)
		return 1;
	return RAISE_TEXT(&provider->errors, MH_R_UNSUPPORTED_PADDING, "the service has OAEP without a label only");
}

static int set_version(unsigned *version, const struct provider *provider, const OSSL_PARAM *p)
{
	if (p->data != NULL && OSSL_PARAM_get_uint(p, version) == 1)
		return 1;
	return RAISE_TEXT(&provider->errors, MH_R_BAD_PARAMETER, "the TLS version is not understood");
}

int remote_decrypt_set_params(struct remote_decrypt *remote, const struct provider *provider, const OSSL_PARAM params[])
{
	const OSSL_PARAM *p;

	if (params == NULL)
		return 1;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_ASYM_CIPHER_PARAM_PAD_MODE)) != NULL &&
	    set_padding(remote, provider, p) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST)) != NULL &&
	    set_digest(&remote->digest, OAEP_UNSAID, provider, p) != 1) /* MGF1 may follow; remote_decrypt() looks */
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST)) != NULL &&
	    set_digest(&remote->mgf1, remote->digest, provider, p) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL)) != NULL &&
	    check_label(provider, p) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION)) != NULL &&
	    set_version(&remote->client_version, provider, p) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate_const(params, OSSL_ASYM_CIPHER_PARAM_TLS_NEGOTIATED_VERSION)) != NULL &&
	    set_version(&remote->negotiated_version, provider, p) != 1)
		return 0;
	return 1;
}

static int set_text(OSSL_PARAM *p, const char *text)
{
	return p == NULL || OSSL_PARAM_set_utf8_string(p, text) == 1;
}

int remote_decrypt_get_params(const struct remote_decrypt *remote, OSSL_PARAM params[])
{
	const char *digest = digest_names[effective_digest(remote)];
	OSSL_PARAM *p = OSSL_PARAM_locate(params, OSSL_ASYM_CIPHER_PARAM_PAD_MODE);

	if (p != NULL &&
	    param_word_write(p, remote->padding,
	                     remote->padding == RSA_PKCS1_OAEP_PADDING ? paddings[1].text : paddings[0].text) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL)) != NULL &&
	    OSSL_PARAM_set_octet_ptr(p, NULL, 0) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION)) != NULL &&
	    OSSL_PARAM_set_uint(p, remote->client_version) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_ASYM_CIPHER_PARAM_TLS_NEGOTIATED_VERSION)) != NULL &&
	    OSSL_PARAM_set_uint(p, remote->negotiated_version) != 1)
		return 0;
	return set_text(OSSL_PARAM_locate(params, OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST), digest) &&
	       set_text(OSSL_PARAM_locate(params, OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST), digest);
}

static enum key_decryption scheme_of(const struct remote_decrypt *remote)
{
	if (remote->padding != RSA_PKCS1_OAEP_PADDING)
		return KEY_DECRYPT_PKCS1;
	return effective_digest(remote) == OAEP_SHA256 ? KEY_DECRYPT_OAEP_SHA256 : KEY_DECRYPT_OAEP_SHA1;
}

/* 0xff when a == b, else 0, without a branch. */
static uint8_t equal_mask(unsigned a, unsigned b)
{
	uint32_t difference = a ^ b;

	return (uint8_t)(((difference | (0U - difference)) >> 31) - 1U);
}

/* 0xff when the first two bytes are a version that the client may have put there. A client that is as old as SSL
 * 3.0's first ones puts the negotiated version; libssl says one only when it allows for that. */
static uint8_t version_mask(const struct remote_decrypt *remote, const uint8_t *premaster)
{
	unsigned said = (unsigned)premaster[0] << 8 | premaster[1];
	uint8_t mask = equal_mask(said, remote->client_version);

	if (remote->negotiated_version > 0)
		mask |= equal_mask(said, remote->negotiated_version);
	return mask;
}

/*
 * TLS with RSA key exchange (RFC 5246 section 7.4.7.1): whatever is wrong with the block, the answer is 48 bytes,
 * and those of a random premaster take the same way as those of the right one. Only a failure that has nothing to
 * do with the block is a failure.
 */
static int decrypt_premaster(const struct remote_decrypt *remote, const struct key *key, unsigned char *out,
                             size_t *length, size_t capacity, struct mh_span ciphertext)
{
	const struct provider *provider = provider_of(key);
	uint8_t plaintext[JWK_RSA_MODULUS_MAX] = { 0 }, random[TLS_PREMASTER_LENGTH], good;
	struct mh_error error = { 0 };
	size_t plaintext_length = 0;
	mh_result result;

	if (capacity < TLS_PREMASTER_LENGTH || remote->client_version == 0)
		return RAISE_TEXT(&provider->errors, MH_R_BAD_PARAMETER,
		                  "TLS padding needs the client's TLS version and a buffer of %d bytes",
		                  TLS_PREMASTER_LENGTH);
	if (RAND_priv_bytes_ex(provider->hsm.libctx, random, sizeof(random), 0) != 1)
		return RAISE_TEXT(&provider->errors, MH_R_INTERNAL, "no random bytes for a premaster secret");
	result = key_decrypt(key, KEY_DECRYPT_PKCS1, ciphertext, plaintext, sizeof(plaintext), &plaintext_length,
	                     &error);
	if (!result.ok && error.reason != MH_R_DECRYPT) {
		OPENSSL_cleanse(random, sizeof(random));
		return RAISE(&provider->errors, &error);
	}
	/* After a refusal plaintext is all zeros and its length 0. */
	good = equal_mask((unsigned)plaintext_length, TLS_PREMASTER_LENGTH) & version_mask(remote, plaintext);
	for (size_t i = 0; i < TLS_PREMASTER_LENGTH; i++)
		out[i] = (uint8_t)((plaintext[i] & good) | (random[i] & (uint8_t)~good));
	*length = TLS_PREMASTER_LENGTH;
	OPENSSL_cleanse(plaintext, sizeof(plaintext));
	OPENSSL_cleanse(random, sizeof(random));
	return 1;
}

int remote_decrypt(const struct remote_decrypt *remote, const struct key *key, unsigned char *out, size_t *length,
                   size_t capacity, struct mh_span ciphertext)
{
	const struct provider *provider = provider_of(key);
	bool tls = remote->padding == RSA_PKCS1_WITH_TLS_PADDING;
	uint8_t plaintext[JWK_RSA_MODULUS_MAX];
	struct mh_error error = { 0 };
	size_t plaintext_length = 0;
	int done = 1;

	if (out == NULL) {
		*length = tls ? TLS_PREMASTER_LENGTH : key_signature_size(key);
		return 1;
	}
	if (tls)
		return decrypt_premaster(remote, key, out, length, capacity, ciphertext);
	if (remote->padding == RSA_PKCS1_OAEP_PADDING && remote->mgf1 != OAEP_UNSAID &&
	    remote->mgf1 != effective_digest(remote))
		return RAISE_TEXT(
			&provider->errors, MH_R_UNSUPPORTED_PADDING,
			"the service has OAEP with one digest for the label and for MGF1: set rsa_oaep_md:sha256 too");
	if (!key_decrypt(key, scheme_of(remote), ciphertext, plaintext, sizeof(plaintext), &plaintext_length, &error)
	             .ok)
		return RAISE(&provider->errors, &error);
	if (plaintext_length > capacity) {
		done = RAISE_TEXT(&provider->errors, MH_R_BUFFER_TOO_SMALL,
		                  "the buffer for the plaintext is too small");
	} else {
		memcpy(out, plaintext, plaintext_length);
		*length = plaintext_length;
	}
	OPENSSL_cleanse(plaintext, sizeof(plaintext));
	return done;
}
