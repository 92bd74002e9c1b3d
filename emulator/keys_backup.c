// SPDX-License-Identifier: Apache-2.0
// Backup and restore. A blob is what Managed HSM's is: base64url of a compact JWE (alg dir, enc A256CBC-HS512, RFC 7518
// section 5.2.5), encrypted under a key of this emulator.
#include "base64url.h"
#include "errors.h"
#include "handlers.h"
#include "jwk.h"
#include "key_persist.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HALF_KEY 32
#define TAG_LENGTH 32
#define IV_LENGTH 16

static const char jwe_header[] = "{\"alg\":\"dir\",\"enc\":\"A256CBC-HS512\",\"kid\":\"backup-protection-key\"}";

// HMAC-SHA512 over header || iv || ciphertext || bit length of the header, cut to its half.
static bool jwe_tag(const uint8_t *key, const char *header, const uint8_t *iv, const uint8_t *ciphertext, size_t length,
                    uint8_t tag[TAG_LENGTH])
{
	uint8_t full[EVP_MAX_MD_SIZE];
	uint8_t bits[8] = { 0 };
	size_t header_length = strlen(header);
	size_t at = 0, total = header_length + IV_LENGTH + length + sizeof(bits);
	uint8_t *text = malloc(total);
	bool good;

	if (!text)
		return false;
	for (size_t i = 0; i < sizeof(bits); i++)
		bits[7 - i] = (uint8_t)((uint64_t)header_length * 8 >> (8 * i));
	memcpy(text, header, header_length);
	at += header_length;
	memcpy(text + at, iv, IV_LENGTH);
	at += IV_LENGTH;
	memcpy(text + at, ciphertext, length);
	at += length;
	memcpy(text + at, bits, sizeof(bits));
	good = HMAC(EVP_sha512(), key, HALF_KEY, text, total, full, NULL) != NULL;
	free(text);
	if (good)
		memcpy(tag, full, TAG_LENGTH);
	return good;
}

static bool cbc(const uint8_t *key, bool encrypt, const uint8_t *iv, const uint8_t *in, size_t in_length, uint8_t *out,
                size_t *out_length)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int first = 0, last = 0;
	bool good = context && EVP_CipherInit_ex(context, EVP_aes_256_cbc(), NULL, key + HALF_KEY, iv, encrypt) == 1 &&
	            EVP_CipherUpdate(context, out, &first, in, (int)in_length) == 1 &&
	            EVP_CipherFinal_ex(context, out + first, &last) == 1;

	EVP_CIPHER_CTX_free(context);
	*out_length = (size_t)(first + last);
	return good;
}

// key is the MAC key, then the encryption key.
static char *seal(const uint8_t *key, const char *text)
{
	char *header = base64url_text((const uint8_t *)jwe_header, sizeof(jwe_header) - 1);
	size_t length = strlen(text), sealed_length = 0;
	uint8_t *sealed = malloc(length + IV_LENGTH);
	uint8_t iv[IV_LENGTH], tag[TAG_LENGTH];
	char *iv_text = NULL, *sealed_text = NULL, *tag_text = NULL, *compact = NULL, *blob = NULL;

	if (!header || !sealed || RAND_bytes(iv, sizeof(iv)) != 1 ||
	    !cbc(key, true, iv, (const uint8_t *)text, length, sealed, &sealed_length) ||
	    !jwe_tag(key, header, iv, sealed, sealed_length, tag))
		goto out;
	iv_text = base64url_text(iv, sizeof(iv));
	sealed_text = base64url_text(sealed, sealed_length);
	tag_text = base64url_text(tag, sizeof(tag));
	if (iv_text && sealed_text && tag_text &&
	    asprintf(&compact, "%s..%s.%s.%s", header, iv_text, sealed_text, tag_text) >= 0) {
		blob = base64url_text((const uint8_t *)compact, strlen(compact));
		free(compact);
	}
out:
	free(header);
	free(sealed);
	free(iv_text);
	free(sealed_text);
	free(tag_text);
	return blob;
}

struct jwe_parts {
	char *header;
	uint8_t *iv, *sealed, *tag;
	size_t iv_length, sealed_length, tag_length;
};

static bool split(char *compact, struct jwe_parts *parts)
{
	uint8_t **bytes[] = { &parts->iv, &parts->sealed, &parts->tag };
	size_t *lengths[] = { &parts->iv_length, &parts->sealed_length, &parts->tag_length };
	char *rest = compact;

	parts->header = strsep(&rest, ".");
	if (!rest || *strsep(&rest, ".") != '\0')
		return false;
	for (size_t i = 0; i < 3; i++) {
		char *part = strsep(&rest, ".");

		if (!part || !base64url_bytes(part, strlen(part), BASE64URL_REFUSE_PADDING, bytes[i], lengths[i]))
			return false;
	}
	return !rest && parts->iv_length == IV_LENGTH && parts->tag_length == TAG_LENGTH;
}

// The document inside a blob; NULL when it is not one that this emulator made.
static json_t *unseal(const uint8_t *key, const char *blob)
{
	struct jwe_parts parts = { 0 };
	uint8_t tag[TAG_LENGTH];
	uint8_t *bytes = NULL, *text = NULL;
	char *compact = NULL;
	json_t *document = NULL;
	size_t length;

	if (!base64url_bytes(blob, strlen(blob), BASE64URL_REFUSE_PADDING, &bytes, &length))
		return NULL;
	compact = strndup((char *)bytes, length);
	if (compact && split(compact, &parts) &&
	    jwe_tag(key, parts.header, parts.iv, parts.sealed, parts.sealed_length, tag) &&
	    CRYPTO_memcmp(tag, parts.tag, sizeof(tag)) == 0) {
		text = malloc(parts.sealed_length + IV_LENGTH);
		if (text && cbc(key, false, parts.iv, parts.sealed, parts.sealed_length, text, &length))
			document = json_loadb((char *)text, length, 0, NULL);
		if (text)
			OPENSSL_cleanse(text, parts.sealed_length + IV_LENGTH);
	}
	free(text);
	free(parts.iv);
	free(parts.sealed);
	free(parts.tag);
	free(compact);
	free(bytes);
	return document;
}

void handle_backup(struct request *request)
{
	struct key *key = key_store_acquire(request->store, KEY_LIVE, request->name, false);
	json_t *document = key && !key->policy ? key_to_json(key) : NULL;
	char *text, *blob = NULL;

	if (!key)
		fail(request, ERROR_KEY_NOT_FOUND, NULL, NULL, NULL);
	else if (key->policy)
		fail(request, ERROR_KEY_MANAGED, operation_names[request->operation], NULL, NULL);
	key_store_unlock(request->store);
	if (request->answer.status)
		return;
	text = document ? json_dumps(document, JSON_COMPACT) : NULL;
	json_decref(document);
	if (text)
		blob = seal(key_store_backup_key(request->store), text);
	if (text)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
	answer_json(request, 200, json_pack("{s:s}", "value", blob));
	free(blob);
}

void handle_restore(struct request *request)
{
	const char *blob = json_string_value(json_object_get(request->body, "value"));
	json_t *document = blob ? unseal(key_store_backup_key(request->store), blob) : NULL;
	const char *name = json_string_value(json_object_get(document, "name"));
	struct key *key = NULL;

	if (!name || strlen(name) > KEY_NAME_MAX) {
		fail(request, ERROR_BACKUP_CORRUPT, NULL, NULL, NULL);
		json_decref(document);
		return;
	}
	snprintf(request->name, sizeof(request->name), "%s", name);
	key_store_wait_seeded(request->store);
	key_store_lock_exclusive(request->store);
	if (key_store_find(request->store, KEY_LIVE, name) || key_store_find(request->store, KEY_DELETED, name)) {
		fail(request, ERROR_BACKUP_CONFLICT, NULL, NULL, NULL);
	} else {
		key = key_store_add(request->store, KEY_LIVE, name);
		if (key && key_from_json(key, document)) {
			key_persist_save(request->store, key);
			answer_json(request, 200, jwk_show(request, key, key_find_version(key, NULL), JWK_CREATED));
		} else {
			if (key)
				key_store_remove(request->store, key, KEY_LIVE);
			fail(request, ERROR_BACKUP_CORRUPT, NULL, NULL, NULL);
		}
	}
	key_store_unlock(request->store);
	json_decref(document);
}
