/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes here, sends the digest there. Everything before the last call is pure memory: libssl starts two signatures
 * per handshake and finishes one. */
#include "provider/signature_remote.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

static int start_hash(struct remote_signature *remote)
{
	if (remote->md == NULL && remote_signature_set_digest(remote, "SHA256") != 1)
		return 0;
	if (remote->hash == NULL)
		remote->hash = EVP_MD_CTX_new();
	if (remote->hash == NULL || EVP_DigestInit_ex2(remote->hash, remote->md, NULL) != 1)
		return RAISE_TEXT(&remote->provider->errors, MH_R_INTERNAL, "the digest %s cannot be started",
		                  remote->digest->group_name);
	return 1;
}

int remote_signature_init(struct remote_signature *remote, struct key *key, bool digesting, const char *digest_name,
                          const OSSL_PARAM params[])
{
	EVP_MD_CTX_free(remote->hash);
	remote->hash = NULL;
	if (key != NULL) {
		key_reference(key);
		key_free(remote->key);
		remote->key = key;
		remote->padding = SIGN_PKCS1;
		remote->salt_length = RSA_PSS_SALTLEN_DIGEST;
		remote->mgf1 = NULL;
		remote->digest = NULL;
		EVP_MD_free(remote->md);
		remote->md = NULL;
	}
	remote->digesting = false;
	if (digest_name != NULL && *digest_name != '\0' && remote_signature_set_digest(remote, digest_name) != 1)
		return 0;
	if (digesting && remote->md == NULL && remote_signature_set_digest(remote, "SHA256") != 1)
		return 0;
	remote->digesting = digesting;
	if (remote_signature_set_params(remote, params) != 1)
		return 0;
	return !digesting || start_hash(remote);
}

int remote_signature_update(struct remote_signature *remote, const unsigned char *data, size_t length)
{
	if (remote->hash == NULL)
		return RAISE_TEXT(&remote->provider->errors, MH_R_UNSUPPORTED_OPERATION,
		                  "data was given to a signature that is not running");
	if (length == 0)
		return 1;
	if (EVP_DigestUpdate(remote->hash, data, length) != 1)
		return RAISE_TEXT(&remote->provider->errors, MH_R_INTERNAL, "the digest %s failed",
		                  remote->digest->group_name);
	return 1;
}

int remote_signature_sign(struct remote_signature *remote, unsigned char *sig, size_t *length, size_t capacity,
                          struct mh_span value)
{
	struct key_signature_request request = { .padding = remote->padding, .digest = remote->digest, .value = value };
	size_t size = key_signature_size(remote->key);
	struct mh_error error = { 0 };

	if (sig == NULL) {
		*length = size;
		return 1;
	}
	if (capacity < size)
		return RAISE_TEXT(&remote->provider->errors, MH_R_BUFFER_TOO_SMALL,
		                  "the buffer for the signature has %zu bytes; %zu are needed", capacity, size);
	if (remote_signature_check_pss(remote) != 1)
		return 0;
	if (!key_sign(remote->key, &request, sig, capacity, length, &error).ok)
		return RAISE(&remote->provider->errors, &error);
	return 1;
}

int remote_signature_final(struct remote_signature *remote, unsigned char *sig, size_t *length, size_t capacity)
{
	uint8_t value[EVP_MAX_MD_SIZE];
	unsigned value_length = 0;
	size_t size = key_signature_size(remote->key);
	int done;

	/* A size query, or a buffer that cannot hold the signature, leaves the running digest as it is. */
	if (sig == NULL || capacity < size)
		return remote_signature_sign(remote, sig, length, capacity, (struct mh_span){ NULL, 0 });
	if (remote->hash == NULL)
		return RAISE_TEXT(&remote->provider->errors, MH_R_UNSUPPORTED_OPERATION,
		                  "the signature was finished already, or never started");
	done = EVP_DigestFinal_ex(remote->hash, value, &value_length);
	EVP_MD_CTX_free(remote->hash);
	remote->hash = NULL;
	if (done != 1)
		return RAISE_TEXT(&remote->provider->errors, MH_R_INTERNAL, "the digest %s failed",
		                  remote->digest->group_name);
	return remote_signature_sign(remote, sig, length, capacity, (struct mh_span){ value, value_length });
}

int remote_signature_copy(struct remote_signature *to, const struct remote_signature *from)
{
	*to = *from;
	to->key = key_reference(from->key);
	to->properties = NULL;
	to->hash = NULL;
	to->md = NULL;
	if (from->md != NULL && EVP_MD_up_ref(from->md) == 1)
		to->md = from->md;
	if (from->properties != NULL && (to->properties = OPENSSL_strdup(from->properties)) == NULL)
		goto fail;
	if (from->hash != NULL &&
	    ((to->hash = EVP_MD_CTX_new()) == NULL || EVP_MD_CTX_copy_ex(to->hash, from->hash) != 1))
		goto fail;
	return 1;
fail:
	remote_signature_clear(to);
	return 0;
}

void remote_signature_clear(struct remote_signature *remote)
{
	EVP_MD_CTX_free(remote->hash);
	EVP_MD_free(remote->md);
	OPENSSL_free(remote->properties);
	key_free(remote->key);
	memset(remote, 0, sizeof(*remote));
}
