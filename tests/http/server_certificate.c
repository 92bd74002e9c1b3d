/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/http/server_certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define REQUIRE(condition) ((condition) ? (void)0 : fail(__LINE__, #condition))

static void fail(int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", __FILE__, line, what);
	abort();
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	REQUIRE(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static void add_names(X509 *certificate, const char *dns_name)
{
	char names[200];

	if (dns_name == NULL)
		snprintf(names, sizeof(names), "IP:127.0.0.1");
	else if (strcmp(dns_name, "-") == 0)
		snprintf(names, sizeof(names), "DNS:elsewhere.test");
	else
		snprintf(names, sizeof(names), "IP:127.0.0.1,DNS:%s", dns_name);
	add_extension(certificate, NID_subject_alt_name, names);
}

static void write_pem(struct server_certificate *made)
{
	BIO *memory = BIO_new(BIO_s_mem());
	char *text;
	long length;

	REQUIRE(memory != NULL && PEM_write_bio_X509(memory, made->certificate) == 1);
	length = BIO_get_mem_data(memory, &text);
	made->pem = strndup(text, (size_t)length);
	REQUIRE(made->pem != NULL);
	BIO_free(memory);
}

static void write_pin(struct server_certificate *made)
{
	unsigned char *der = NULL, hash[32];
	int length = i2d_PUBKEY(made->key, &der);

	REQUIRE(length > 0);
	REQUIRE(EVP_Q_digest(made->libctx, "SHA256", NULL, der, (size_t)length, hash, NULL) == 1);
	memcpy(made->pin, "sha256//", 9);
	EVP_EncodeBlock((unsigned char *)made->pin + 8, hash, sizeof(hash));
	OPENSSL_free(der);
}

void server_certificate_make(struct server_certificate *made, const char *dns_name)
{
	X509_NAME *name;
	EVP_MD *digest;

	made->libctx = OSSL_LIB_CTX_new();
	REQUIRE(made->libctx != NULL);
	made->key = EVP_PKEY_Q_keygen(made->libctx, NULL, "EC", "P-256");
	made->certificate = X509_new_ex(made->libctx, NULL);
	REQUIRE(made->key != NULL && made->certificate != NULL);
	REQUIRE(X509_set_version(made->certificate, X509_VERSION_3) == 1);
	REQUIRE(ASN1_INTEGER_set(X509_get_serialNumber(made->certificate), 1) == 1);
	REQUIRE(X509_gmtime_adj(X509_getm_notBefore(made->certificate), -3600) != NULL);
	REQUIRE(X509_gmtime_adj(X509_getm_notAfter(made->certificate), 86400) != NULL);
	name = X509_get_subject_name(made->certificate);
	REQUIRE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test server", -1, -1, 0) ==
	        1);
	REQUIRE(X509_set_issuer_name(made->certificate, name) == 1);
	REQUIRE(X509_set_pubkey(made->certificate, made->key) == 1);
	add_names(made->certificate, dns_name);
	add_extension(made->certificate, NID_basic_constraints, "critical,CA:TRUE");
	digest = EVP_MD_fetch(made->libctx, "SHA256", NULL);
	REQUIRE(digest != NULL && X509_sign(made->certificate, made->key, digest) > 0);
	EVP_MD_free(digest);
	write_pem(made);
	write_pin(made);
}

void server_certificate_free(struct server_certificate *made)
{
	free(made->pem);
	X509_free(made->certificate);
	EVP_PKEY_free(made->key);
	OSSL_LIB_CTX_free(made->libctx);
}
