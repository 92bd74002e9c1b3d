// SPDX-License-Identifier: Apache-2.0
// Subjects and alternative names: the policy's text and JSON to X.509 and back.
#include "x509_names.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

// Names of Windows first; OpenSSL's own where they differ.
static const struct {
	const char *key;
	int nid;
} keys[] = {
	{ "CN", NID_commonName },
	{ "O", NID_organizationName },
	{ "OU", NID_organizationalUnitName },
	{ "L", NID_localityName },
	{ "S", NID_stateOrProvinceName },
	{ "ST", NID_stateOrProvinceName },
	{ "C", NID_countryName },
	{ "E", NID_pkcs9_emailAddress },
	{ "emailAddress", NID_pkcs9_emailAddress },
	{ "DC", NID_domainComponent },
	{ "STREET", NID_streetAddress },
	{ "SERIALNUMBER", NID_serialNumber },
	{ "T", NID_title },
	{ "G", NID_givenName },
	{ "SN", NID_surname },
	{ "UID", NID_userId },
};

static int key_nid(const char *key)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (strcasecmp(keys[i].key, key) == 0)
			return keys[i].nid;
	return OBJ_txt2nid(strncasecmp(key, "OID.", 4) == 0 ? key + 4 : key);
}

static char *trimmed(char *text)
{
	size_t length;

	text += strspn(text, " ");
	length = strlen(text);
	while (length > 0 && text[length - 1] == ' ')
		text[--length] = '\0';
	return text;
}

// Ends the part at the separator and returns what follows it, NULL at the end. Commas in quotes separate nothing.
static char *cut_part(char *text)
{
	bool quoted = false;

	for (; *text; text++) {
		if (*text == '"')
			quoted = !quoted;
		if (quoted || !strchr(",;+", *text))
			continue;
		*text = '\0';
		return text + 1;
	}
	return NULL;
}

// Takes the quotes off; a doubled one inside stands for itself.
static void unquote(char *text)
{
	size_t length = strlen(text);
	char *to = text;

	if (length < 2 || text[0] != '"' || text[length - 1] != '"')
		return;
	for (size_t i = 1; i < length - 1; i++) {
		*to++ = text[i];
		if (text[i] == '"' && text[i + 1] == '"' && i + 1 < length - 1)
			i++;
	}
	*to = '\0';
}

static bool add_part(X509_NAME *name, char *part)
{
	char *value = strchr(part, '=');
	int nid;

	if (!value)
		return false;
	*value++ = '\0';
	value = trimmed(value);
	unquote(value);
	nid = key_nid(trimmed(part));
	return nid != NID_undef &&
	       X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (unsigned char *)value, -1, 0, 0) == 1;
}

X509_NAME *subject_parse(const char *text)
{
	X509_NAME *name = X509_NAME_new();
	char *copy = strdup(text);
	char *part = copy, *rest;
	bool good = name && copy;

	if (good && !*trimmed(copy))
		part = NULL;
	while (good && part) {
		rest = cut_part(part);
		good = add_part(name, part);
		part = rest;
	}
	free(copy);
	if (good)
		return name;
	X509_NAME_free(name);
	return NULL;
}

static void put_key(FILE *out, const X509_NAME_ENTRY *entry)
{
	int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
	char oid[80];

	for (size_t i = 0; i < COUNT(keys); i++) {
		if (keys[i].nid != nid)
			continue;
		fprintf(out, "%s=", keys[i].key);
		return;
	}
	OBJ_obj2txt(oid, sizeof(oid), X509_NAME_ENTRY_get_object(entry), 1);
	fprintf(out, "OID.%s=", oid);
}

static void put_value(FILE *out, const X509_NAME_ENTRY *entry)
{
	unsigned char *text;
	int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
	bool quoted;

	if (length < 0)
		return;
	quoted = strcspn((char *)text, ",;+\"=<>#") < (size_t)length;
	if (quoted)
		fputc('"', out);
	for (int i = 0; i < length; i++) {
		if (text[i] == '"')
			fputc('"', out);
		fputc(text[i], out);
	}
	if (quoted)
		fputc('"', out);
	OPENSSL_free(text);
}

char *subject_text(const X509_NAME *name)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	for (int i = X509_NAME_entry_count(name) - 1; i >= 0; i--) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);

		put_key(out, entry);
		put_value(out, entry);
		if (i > 0)
			fputs(", ", out);
	}
	fclose(out);
	return text;
}

static GENERAL_NAME *ia5_name(int type, const char *text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *string = ASN1_IA5STRING_new();

	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x21 || (unsigned char)*at > 0x7e)
			text = "";
	if (name && string && *text && ASN1_STRING_set(string, text, -1) == 1) {
		GENERAL_NAME_set0_value(name, type, string);
		return name;
	}
	GENERAL_NAME_free(name);
	ASN1_IA5STRING_free(string);
	return NULL;
}

static GENERAL_NAME *ip_name(const char *text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);

	if (name && address) {
		GENERAL_NAME_set0_value(name, GEN_IPADD, address);
		return name;
	}
	GENERAL_NAME_free(name);
	ASN1_OCTET_STRING_free(address);
	return NULL;
}

static GENERAL_NAME *upn_name(const char *text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_OBJECT *kind = OBJ_nid2obj(NID_ms_upn);
	ASN1_TYPE *value = ASN1_TYPE_new();
	ASN1_UTF8STRING *string = ASN1_UTF8STRING_new();

	if (value && string && *text && ASN1_STRING_set(string, text, -1) == 1) {
		ASN1_TYPE_set(value, V_ASN1_UTF8STRING, string);
		string = NULL;
		if (name && GENERAL_NAME_set0_othername(name, kind, value) == 1)
			return name;
	}
	ASN1_UTF8STRING_free(string);
	ASN1_TYPE_free(value);
	GENERAL_NAME_free(name);
	return NULL;
}

static const struct {
	const char *member;
	int type;
} kinds[] = {
	{ "emails", GEN_EMAIL }, { "dns_names", GEN_DNS },     { "upns", GEN_OTHERNAME },
	{ "uris", GEN_URI },     { "ipAddresses", GEN_IPADD },
};

static GENERAL_NAME *make_name(int type, const char *text)
{
	if (type == GEN_IPADD)
		return ip_name(text);
	return type == GEN_OTHERNAME ? upn_name(text) : ia5_name(type, text);
}

static bool add_names(GENERAL_NAMES *names, int type, const json_t *list)
{
	if (list && !json_is_null(list) && !json_is_array(list))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		GENERAL_NAME *name = text ? make_name(type, text) : NULL;

		if (!name)
			return false;
		if (sk_GENERAL_NAME_push(names, name) <= 0) {
			GENERAL_NAME_free(name);
			return false;
		}
	}
	return true;
}

GENERAL_NAMES *sans_parse(const json_t *sans)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	bool good = names != NULL;

	for (size_t i = 0; good && i < COUNT(kinds); i++)
		good = add_names(names, kinds[i].type, json_object_get(sans, kinds[i].member));
	if (good && sk_GENERAL_NAME_num(names) > 0)
		return names;
	sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
	return NULL;
}

// A new string, or NULL for a kind that the policy does not know.
static json_t *show_name(const GENERAL_NAME *name)
{
	const ASN1_STRING *string = name->type == GEN_IPADD ? NULL : name->d.ia5;
	char address[INET6_ADDRSTRLEN];

	if (name->type == GEN_IPADD) {
		int length = ASN1_STRING_length(name->d.ip);

		if ((length != 4 && length != 16) ||
		    !inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.ip), address,
		               sizeof(address)))
			return NULL;
		return json_string(address);
	}
	if (name->type == GEN_OTHERNAME) {
		const ASN1_TYPE *value = name->d.otherName->value;

		if (OBJ_obj2nid(name->d.otherName->type_id) != NID_ms_upn || value->type != V_ASN1_UTF8STRING)
			return NULL;
		string = value->value.utf8string;
	}
	return json_stringn((const char *)ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

json_t *sans_show(const X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	json_t *sans = json_object();

	for (size_t i = 0; i < COUNT(kinds); i++) {
		json_t *list = json_array();

		for (int j = 0; j < sk_GENERAL_NAME_num(names); j++)
			if (sk_GENERAL_NAME_value(names, j)->type == kinds[i].type)
				json_array_append_new(list, show_name(sk_GENERAL_NAME_value(names, j)));
		if (json_array_size(list) > 0)
			json_object_set(sans, kinds[i].member, list);
		json_decref(list);
	}
	GENERAL_NAMES_free(names);
	if (json_object_size(sans) > 0)
		return sans;
	json_decref(sans);
	return NULL;
}
