// SPDX-License-Identifier: Apache-2.0
// Makes the certificates at start, so that no key has to lie in the source tree and none is trusted elsewhere.
#include "tls_identity.h"

#include "key_persist.h"
#include "x509_issue.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CA_DAYS 3650
#define SERVER_DAYS 397
#define DAY 86400L

// A certificate by the emulator's authority, or the authority's own.
static X509 *issue(EVP_PKEY *key, const char *name, long days, X509 *issuer, EVP_PKEY *issuer_key,
                   const struct x509_extension *extensions)
{
	X509_NAME *subject = x509_common_name(name);
	const struct x509_wish wish = {
		.key = key,
		.subject = subject,
		.from = time(NULL) - DAY,
		.until = time(NULL) + days * DAY,
		.issuer = issuer,
		.issuer_key = issuer_key,
		.extensions = extensions,
	};
	X509 *certificate = subject ? x509_issue(&wish) : NULL;

	X509_NAME_free(subject);
	return certificate;
}

static X509 *make_ca(EVP_PKEY *key)
{
	static const struct x509_extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
		{ NID_key_usage, "critical,keyCertSign,cRLSign" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_undef, NULL },
	};

	return issue(key, "managedhsm-emulator CA (not an HSM)", CA_DAYS, NULL, NULL, extensions);
}

static X509 *make_server(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key, const char *names)
{
	const struct x509_extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" },
		{ NID_key_usage, "critical,digitalSignature" },
		{ NID_ext_key_usage, "serverAuth" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid" },
		{ NID_subject_alt_name, names },
		{ NID_undef, NULL },
	};

	return issue(key, "managedhsm-emulator", SERVER_DAYS, ca, ca_key, extensions);
}

static char *take_text(BIO *bio)
{
	char *bytes, *text;
	long length = BIO_get_mem_data(bio, &bytes);

	text = strndup(bytes, (size_t)length);
	BIO_free(bio);
	return text;
}

static char *certificate_text(X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio)
		PEM_write_bio_X509(bio, certificate);
	return bio ? take_text(bio) : NULL;
}

static char *key_text(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio)
		PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	return bio ? take_text(bio) : NULL;
}

static bool load_ca(const char *directory, X509 **ca, EVP_PKEY **key)
{
	char *path;
	BIO *file;

	if (asprintf(&path, "%s/tls-ca.pem", directory) < 0)
		return false;
	file = BIO_new_file(path, "r");
	free(path);
	if (!file)
		return false;
	*key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
	*ca = PEM_read_bio_X509(file, NULL, NULL, NULL);
	BIO_free(file);
	return *key && *ca && X509_cmp_current_time(X509_get0_notAfter(*ca)) > 0;
}

static void save_ca(const char *directory, X509 *ca, EVP_PKEY *key)
{
	char *certificate = certificate_text(ca);
	char *private_key = key_text(key);
	char *path = NULL, *both = NULL;

	if (certificate && private_key && asprintf(&both, "%s%s", private_key, certificate) >= 0 &&
	    asprintf(&path, "%s/tls-ca.pem", directory) >= 0)
		write_file_atomically(path, both, strlen(both));
	free(certificate);
	free(private_key);
	free(both);
	free(path);
}

static bool fill(struct tls_identity *identity, X509 *ca, EVP_PKEY *ca_key, const char *names)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *server = key ? make_server(key, ca, ca_key, names) : NULL;

	if (server) {
		identity->ca_certificate = certificate_text(ca);
		identity->certificate = certificate_text(server);
		identity->private_key = key_text(key);
	}
	EVP_PKEY_free(key);
	X509_free(server);
	return identity->ca_certificate && identity->certificate && identity->private_key;
}

bool tls_identity_make(struct tls_identity *identity, const char *directory, const char *hsm, const char *vault)
{
	X509 *ca = NULL;
	EVP_PKEY *key = NULL;
	char *names = NULL;
	bool good = false;

	memset(identity, 0, sizeof(*identity));
	if (asprintf(&names, "DNS:localhost,IP:127.0.0.1,IP:::1%s%s%s%s%s%s", hsm ? ",DNS:" : "", hsm ? hsm : "",
	             hsm ? ".managedhsm.azure.net" : "", vault ? ",DNS:" : "", vault ? vault : "",
	             vault ? ".vault.azure.net" : "") < 0)
		return false;
	if (!directory || !load_ca(directory, &ca, &key)) {
		X509_free(ca);
		EVP_PKEY_free(key);
		key = EVP_EC_gen("P-256");
		ca = key ? make_ca(key) : NULL;
		if (ca && directory)
			save_ca(directory, ca, key);
	}
	if (ca)
		good = fill(identity, ca, key, names);
	X509_free(ca);
	EVP_PKEY_free(key);
	free(names);
	return good;
}

void tls_identity_clear(struct tls_identity *identity)
{
	free(identity->ca_certificate);
	free(identity->certificate);
	if (identity->private_key)
		OPENSSL_cleanse(identity->private_key, strlen(identity->private_key));
	free(identity->private_key);
}
