// SPDX-License-Identifier: Apache-2.0
// PKCS#12 and PEM to a key, its certificate and the chain.
#include "certificate_import.h"

#include "certificate.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>

static const char *const served_curves[] = { "P-256", "P-384", "P-521", "P-256K" };

static int group_nid(const char *group)
{
	int nid = EC_curve_nist2nid(group);

	return nid != NID_undef ? nid : OBJ_txt2nid(group);
}

static const struct curve *curve_of(EVP_PKEY *key)
{
	char group[64];
	size_t length;

	if (EVP_PKEY_get_group_name(key, group, sizeof(group), &length) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof(served_curves) / sizeof(served_curves[0]); i++) {
		const struct curve *curve = curve_by_name(served_curves[i]);

		if (group_nid(curve->group) == group_nid(group))
			return curve;
	}
	return NULL;
}

// Takes the key, also on failure. NULL for a kind or size that is not served.
static struct key_material *material_of(EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);
	const struct curve *curve;

	if (EVP_PKEY_is_a(key, "RSA") && (bits == 2048 || bits == 3072 || bits == 4096))
		return key_material_from_pkey(key, NULL);
	curve = EVP_PKEY_is_a(key, "EC") ? curve_of(key) : NULL;
	if (curve)
		return key_material_from_pkey(key, curve);
	EVP_PKEY_free(key);
	return NULL;
}

// Moves the certificate of the key from all to the leaf.
static bool take_leaf(struct imported *imported, STACK_OF(X509) * all)
{
	for (int i = 0; i < sk_X509_num(all); i++) {
		if (X509_check_private_key(sk_X509_value(all, i), imported->material->pkey) != 1)
			continue;
		imported->leaf = sk_X509_delete(all, i);
		break;
	}
	ERR_clear_error(); // every one that did not fit left a note
	return imported->leaf != NULL;
}

// Moves all that is left to the chain: issuer after issuer, then what fits nowhere.
static void take_chain(struct imported *imported, STACK_OF(X509) * all)
{
	X509 *last = imported->leaf;

	imported->chain = sk_X509_new_null();
	while (imported->chain && sk_X509_num(all) > 0) {
		int next = 0;

		for (int i = sk_X509_num(all) - 1; i >= 0; i--)
			if (X509_NAME_cmp(X509_get_subject_name(sk_X509_value(all, i)), X509_get_issuer_name(last)) ==
			    0)
				next = i;
		last = sk_X509_delete(all, next);
		if (sk_X509_push(imported->chain, last) <= 0) {
			X509_free(last);
			break;
		}
	}
}

// Takes the key and the certificates.
static enum import_result put_together(struct imported *imported, EVP_PKEY *key, STACK_OF(X509) * all,
                                       enum import_result unfit)
{
	enum import_result result = unfit;

	imported->material = material_of(key);
	if (!imported->material) {
		result = IMPORT_BAD_KEY;
	} else if (take_leaf(imported, all)) {
		take_chain(imported, all);
		result = IMPORT_GOOD;
	}
	sk_X509_pop_free(all, X509_free);
	return result;
}

// Gives the password to OpenSSL, which would otherwise ask for one on the terminal.
static int give_password(char *to, int room, int writing, void *password)
{
	size_t length = strlen(password);

	(void)writing;
	if (length > (size_t)room)
		return -1;
	memcpy(to, password, length);
	return (int)length;
}

enum import_result certificate_read_pem(const char *text, const char *password, struct imported *imported)
{
	STACK_OF(X509) *all = certificates_from_pem(text, strlen(text));
	BIO *in = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = NULL;
	bool any = all != NULL;

	imported->pem = true;
	if (all && in)
		key = PEM_read_bio_PrivateKey(in, NULL, give_password, (void *)(password ? password : ""));
	BIO_free(in);
	ERR_clear_error();
	if (key)
		return put_together(imported, key, all, IMPORT_BAD_PEM);
	sk_X509_pop_free(all, X509_free);
	return any ? IMPORT_PEM_WITHOUT_KEY : IMPORT_BAD_PEM;
}

// Base64 of either alphabet, with or without padding and line ends. The caller cleanses and frees; NULL when it is
// none.
static uint8_t *base64_bytes(const char *text, size_t *length)
{
	size_t filled = 0, padding = 0, room = strlen(text) + 4;
	char *plain = malloc(room);
	uint8_t *bytes = malloc(room);
	int decoded = -1;

	if (plain && bytes) {
		for (; *text; text++)
			if (!strchr("\r\n\t =", *text))
				plain[filled++] = (char)(*text == '-' ? '+' : *text == '_' ? '/' : *text);
		while ((filled + padding) % 4 != 0)
			plain[filled + padding++] = '=';
		if (padding < 3)
			decoded = EVP_DecodeBlock(bytes, (unsigned char *)plain, (int)(filled + padding));
	}
	if (plain)
		OPENSSL_cleanse(plain, room);
	free(plain);
	if (decoded > 0) {
		*length = (size_t)decoded - padding;
		return bytes;
	}
	free(bytes);
	return NULL;
}

static enum import_result read_pkcs12(const char *value, const char *password, struct imported *imported)
{
	size_t length = 0;
	uint8_t *bytes = base64_bytes(value, &length);
	const unsigned char *at = bytes;
	PKCS12 *store = bytes ? d2i_PKCS12(NULL, &at, (long)length) : NULL;
	STACK_OF(X509) *all = NULL;
	EVP_PKEY *key = NULL;
	X509 *leaf = NULL;
	bool good = store && PKCS12_parse(store, password ? password : "", &key, &leaf, &all) == 1 && key && leaf;

	if (bytes)
		OPENSSL_cleanse(bytes, length);
	free(bytes);
	PKCS12_free(store);
	ERR_clear_error();
	if (good && !all)
		all = sk_X509_new_null();
	if (good && all && sk_X509_unshift(all, leaf) > 0)
		return put_together(imported, key, all, IMPORT_BAD_PKCS12);
	EVP_PKEY_free(key);
	X509_free(leaf);
	sk_X509_pop_free(all, X509_free);
	return IMPORT_BAD_PKCS12;
}

enum import_result certificate_read(const char *value, const char *password, struct imported *imported)
{
	memset(imported, 0, sizeof(*imported));
	if (strstr(value, "-----BEGIN "))
		return certificate_read_pem(value, password, imported);
	return read_pkcs12(value, password, imported);
}

void imported_clear(struct imported *imported)
{
	key_material_free(imported->material);
	X509_free(imported->leaf);
	sk_X509_pop_free(imported->chain, X509_free);
	memset(imported, 0, sizeof(*imported));
}
