// SPDX-License-Identifier: Apache-2.0
// A key with its private parts as a JSON document and back: PKCS#8 PEM for RSA and EC, base64url for oct.
#include "key_persist.h"

#include "base64url.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

static json_t *private_to_json(const struct key_material *material)
{
	BIO *out;
	json_t *text = NULL;
	char *pem;
	long length;

	if (material->type == KEY_OCT) {
		char *secret = base64url_text(material->secret, material->secret_length);

		text = json_string(secret);
		free(secret);
		return text;
	}
	out = BIO_new(BIO_s_mem());
	if (out && PEM_write_bio_PKCS8PrivateKey(out, material->pkey, NULL, NULL, 0, NULL, NULL) == 1) {
		length = BIO_get_mem_data(out, &pem);
		text = json_stringn(pem, (size_t)length);
	}
	BIO_free(out);
	return text;
}

static json_t *version_to_json(const struct key_version *version)
{
	const struct key_material *material = version->material;
	json_t *document =
		json_pack("{s:s, s:s, s:b, s:b, s:b, s:i, s:I, s:I, s:I, s:I, s:o}", "id", version->id, "kty",
	                  key_type_name(material->type, false), "hsm", version->hsm, "enabled", version->enabled,
	                  "exportable", version->exportable, "ops", (int)version->ops, "nbf", (json_int_t)version->nbf,
	                  "exp", (json_int_t)version->exp, "created", (json_int_t)version->created, "updated",
	                  (json_int_t)version->updated, "private", private_to_json(material));

	if (material->curve)
		json_object_set_new(document, "crv", json_string(material->curve->name));
	if (material->n) {
		json_object_set_new(document, "n", json_string(material->n));
		json_object_set_new(document, "e", json_string(material->e));
	}
	if (version->tags)
		json_object_set(document, "tags", version->tags);
	if (version->release_policy)
		json_object_set(document, "release_policy", version->release_policy);
	if (version->certificate)
		json_object_set_new(document, "certificate",
		                    json_pack("{s:s, s:b, s:b}", "pem", version->certificate->pem, "exportable",
		                              version->certificate->exportable, "pem_secret",
		                              version->certificate->pem_secret));
	return document;
}

json_t *key_to_json(const struct key *key)
{
	json_t *versions = json_array();
	json_t *document;

	for (size_t i = 0; i < key->version_count; i++)
		json_array_append_new(versions, version_to_json(&key->versions[i]));
	document = json_pack("{s:s, s:I, s:o}", "name", key->name, "deleted_at", (json_int_t)key->deleted_at,
	                     "versions", versions);
	if (document && key->rotation_policy)
		json_object_set(document, "rotation_policy", key->rotation_policy);
	if (document && key->policy)
		json_object_set(document, "policy", key->policy);
	if (document && key->pending)
		json_object_set(document, "pending", key->pending);
	return document;
}

static struct key_material *secret_from_text(const char *text)
{
	struct key_material *material;
	uint8_t *secret;
	size_t length;

	if (!base64url_bytes(text, strlen(text), BASE64URL_REFUSE_PADDING, &secret, &length))
		return NULL;
	material = length == 16 || length == 24 || length == 32 ? key_material_from_secret(secret, length) : NULL;
	OPENSSL_cleanse(secret, length);
	free(secret);
	return material;
}

static void replace_text(char **text, const json_t *with)
{
	char *copy = json_is_string(with) ? strdup(json_string_value(with)) : NULL;

	if (!copy)
		return;
	free(*text);
	*text = copy;
}

static struct key_material *material_from_json(const json_t *document)
{
	const char *kty = json_string_value(json_object_get(document, "kty"));
	const char *crv = json_string_value(json_object_get(document, "crv"));
	const char *text = json_string_value(json_object_get(document, "private"));
	struct key_material *material;
	enum key_type type;
	EVP_PKEY *pkey;
	BIO *in;
	bool hsm;

	if (!kty || !text || !key_type_by_name(kty, &type, &hsm))
		return NULL;
	if (type == KEY_OCT)
		return secret_from_text(text);
	in = BIO_new_mem_buf(text, -1);
	pkey = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
	BIO_free(in);
	if (!pkey || !EVP_PKEY_is_a(pkey, type == KEY_EC ? "EC" : "RSA") ||
	    (type == KEY_EC && (!crv || !curve_by_name(crv)))) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	material = key_material_from_pkey(pkey, type == KEY_EC ? curve_by_name(crv) : NULL);
	if (material && type == KEY_RSA) {
		replace_text(&material->n, json_object_get(document, "n"));
		replace_text(&material->e, json_object_get(document, "e"));
	}
	return material;
}

static json_t *object_member(const json_t *document, const char *member)
{
	json_t *value = json_object_get(document, member);

	return json_is_object(value) ? json_incref(value) : NULL;
}

// True also when there is none.
static bool certificate_from_json(struct key_version *version, const json_t *document)
{
	const char *pem = json_string_value(json_object_get(document, "pem"));

	if (!document)
		return true;
	if (pem)
		version->certificate = certificate_from_pem(pem, json_is_true(json_object_get(document, "exportable")),
		                                            json_is_true(json_object_get(document, "pem_secret")));
	return version->certificate != NULL;
}

static bool version_from_json(struct key *key, const json_t *document)
{
	const char *id = json_string_value(json_object_get(document, "id"));
	struct key_material *material = material_from_json(document);
	struct key_version *version = material ? key_add_version(key, material) : NULL;

	key_material_free(material);
	if (!version || !id || strlen(id) != KEY_VERSION_LENGTH)
		return false;
	memcpy(version->id, id, KEY_VERSION_LENGTH);
	version->hsm = json_is_true(json_object_get(document, "hsm"));
	version->enabled = json_is_true(json_object_get(document, "enabled"));
	version->exportable = json_is_true(json_object_get(document, "exportable"));
	version->ops = (unsigned)json_integer_value(json_object_get(document, "ops"));
	version->nbf = json_integer_value(json_object_get(document, "nbf"));
	version->exp = json_integer_value(json_object_get(document, "exp"));
	version->created = json_integer_value(json_object_get(document, "created"));
	version->updated = json_integer_value(json_object_get(document, "updated"));
	version->tags = object_member(document, "tags");
	version->release_policy = object_member(document, "release_policy");
	return certificate_from_json(version, json_object_get(document, "certificate"));
}

bool key_from_json(struct key *key, const json_t *document)
{
	json_t *versions = json_object_get(document, "versions");

	for (size_t i = 0; i < json_array_size(versions); i++)
		if (!version_from_json(key, json_array_get(versions, i)))
			return false;
	key->deleted_at = json_integer_value(json_object_get(document, "deleted_at"));
	key->rotation_policy = object_member(document, "rotation_policy");
	key->policy = object_member(document, "policy");
	key->pending = object_member(document, "pending");
	// Whoever shows a certificate relies on every version having one.
	for (size_t i = 0; i < key->version_count; i++)
		if ((key->versions[i].certificate != NULL) != (key->policy != NULL))
			return false;
	return key->version_count > 0;
}
