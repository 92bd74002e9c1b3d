/* SPDX-License-Identifier: Apache-2.0 */
#include "uri/key_uri.h"

#include <string.h>

#include "tests/unit/suite.h"

#define V "0123456789abcdef0123456789abcdef"
#define V_UPPER "0123456789ABCDEF0123456789ABCDEF"
#define A_32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_127 A_32 A_32 A_32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TEXT_64 "0123456789012345678901234567890123456789012345678901234567890123"
#define TEXT_512 TEXT_64 TEXT_64 TEXT_64 TEXT_64 TEXT_64 TEXT_64 TEXT_64 TEXT_64

_Static_assert(sizeof(KEY_127) == KEY_URI_KEY_MAX + 1, "the longest key name");

/* The enumerators, short enough for a table. */
#define HSM KEY_URI_MANAGED_HSM
#define VAULT KEY_URI_KEY_VAULT
#define UNSAID KEY_URI_CLOUD_UNSAID
#define PUBLIC_CLOUD KEY_URI_CLOUD_PUBLIC
#define USGOV KEY_URI_CLOUD_USGOV
#define CHINA KEY_URI_CLOUD_CHINA
#define ANY KEY_URI_TYPE_ANY
#define PRIVATE KEY_URI_TYPE_PRIVATE
#define PUBLIC KEY_URI_TYPE_PUBLIC
#define CERT KEY_URI_TYPE_CERT

static const struct {
	const char *text;
	struct key_uri expected;
	const char *formatted;
} ACCEPTED[] = {
	/* the documented form */
	{ "managedhsm:h-1:k-1", { HSM, UNSAID, ANY, "h-1", "k-1", "", 0, false }, "managedhsm:h-1:k-1" },
	{ "managedhsm:hsm:k:" V, { HSM, UNSAID, ANY, "hsm", "k", V, 0, false }, "managedhsm:hsm:k:" V },
	{ "managedhsm:hsm:k:" V_UPPER, { HSM, UNSAID, ANY, "hsm", "k", V, 0, false }, "managedhsm:hsm:k:" V },
	{ "keyvault:Vault:Key", { VAULT, UNSAID, ANY, "Vault", "Key", "", 0, false }, "keyvault:Vault:Key" },
	{ "MANAGEDHSM:hsm:k", { HSM, UNSAID, ANY, "hsm", "k", "", 0, false }, "managedhsm:hsm:k" },
	{ "KeyVault:hsm:k", { VAULT, UNSAID, ANY, "hsm", "k", "", 0, false }, "keyvault:hsm:k" },
	{ "managedhsm:abcdefghijklmnopqrstuvwx:k",
	  { HSM, UNSAID, ANY, "abcdefghijklmnopqrstuvwx", "k", "", 0, false },
	  "managedhsm:abcdefghijklmnopqrstuvwx:k" },
	{ "managedhsm:hsm:" KEY_127, { HSM, UNSAID, ANY, "hsm", KEY_127, "", 0, false }, "managedhsm:hsm:" KEY_127 },
	/* names that look like something else */
	{ "managedhsm:https:k", { HSM, UNSAID, ANY, "https", "k", "", 0, false }, "managedhsm:https:k" },
	{ "managedhsm:keyvault:managedhsm",
	  { HSM, UNSAID, ANY, "keyvault", "managedhsm", "", 0, false },
	  "managedhsm:keyvault:managedhsm" },
	/* the store itself */
	{ "managedhsm:hsm", { HSM, UNSAID, ANY, "hsm", "", "", 0, false }, "managedhsm:hsm" },
	{ "managedhsm://hsm", { HSM, UNSAID, ANY, "hsm", "", "", 0, false }, "managedhsm:hsm" },
	{ "keyvault:hsm?type=cert", { VAULT, UNSAID, CERT, "hsm", "", "", 0, false }, "keyvault:hsm" },
	/* the form with slashes */
	{ "managedhsm://hsm/k", { HSM, UNSAID, ANY, "hsm", "k", "", 0, false }, "managedhsm:hsm:k" },
	{ "managedhsm://hsm/k/" V, { HSM, UNSAID, ANY, "hsm", "k", V, 0, false }, "managedhsm:hsm:k:" V },
	{ "keyvault://hsm/k?type=public", { VAULT, UNSAID, PUBLIC, "hsm", "k", "", 0, false }, "keyvault:hsm:k" },
	/* a kid */
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys/k",
	  { HSM, PUBLIC_CLOUD, ANY, "hsm", "k", "", 0, false },
	  "managedhsm:hsm:k" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys/k/" V,
	  { HSM, PUBLIC_CLOUD, ANY, "hsm", "k", V, 0, false },
	  "managedhsm:hsm:k:" V },
	{ "managedhsm:HTTPS://Hsm.ManagedHSM.Azure.NET/keys/k",
	  { HSM, PUBLIC_CLOUD, ANY, "Hsm", "k", "", 0, false },
	  "managedhsm:Hsm:k" },
	{ "managedhsm:https://hsm.managedhsm.usgovcloudapi.net/keys/k",
	  { HSM, USGOV, ANY, "hsm", "k", "", 0, false },
	  "managedhsm:hsm:k" },
	{ "managedhsm:https://hsm.managedhsm.azure.cn/keys/k",
	  { HSM, CHINA, ANY, "hsm", "k", "", 0, false },
	  "managedhsm:hsm:k" },
	{ "keyvault:https://v-1.vault.azure.net/keys/k/" V,
	  { VAULT, PUBLIC_CLOUD, ANY, "v-1", "k", V, 0, false },
	  "keyvault:v-1:k:" V },
	{ "keyvault:https://v-1.vault.usgovcloudapi.net/keys/k",
	  { VAULT, USGOV, ANY, "v-1", "k", "", 0, false },
	  "keyvault:v-1:k" },
	{ "keyvault:https://v-1.vault.azure.cn/keys/k",
	  { VAULT, CHINA, ANY, "v-1", "k", "", 0, false },
	  "keyvault:v-1:k" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys/k?version=" V,
	  { HSM, PUBLIC_CLOUD, ANY, "hsm", "k", V, 0, false },
	  "managedhsm:hsm:k:" V },
	/* all versions of a key */
	{ "managedhsm:hsm:k:versions", { HSM, UNSAID, ANY, "hsm", "k", "", 0, true }, "managedhsm:hsm:k:versions" },
	{ "managedhsm://hsm/k/versions", { HSM, UNSAID, ANY, "hsm", "k", "", 0, true }, "managedhsm:hsm:k:versions" },
	{ "managedhsm:hsm:k?version=versions",
	  { HSM, UNSAID, ANY, "hsm", "k", "", 0, true },
	  "managedhsm:hsm:k:versions" },
	{ "keyvault:https://v-1.vault.azure.net/keys/k/versions",
	  { VAULT, PUBLIC_CLOUD, ANY, "v-1", "k", "", 0, true },
	  "keyvault:v-1:k:versions" },
	{ "keyvault:hsm:k:versions?type=cert",
	  { VAULT, UNSAID, CERT, "hsm", "k", "", 0, true },
	  "keyvault:hsm:k:versions" },
	{ "managedhsm:hsm:versions", { HSM, UNSAID, ANY, "hsm", "versions", "", 0, false }, "managedhsm:hsm:versions" },
	{ "managedhsm:hsm:versions:versions",
	  { HSM, UNSAID, ANY, "hsm", "versions", "", 0, true },
	  "managedhsm:hsm:versions:versions" },
	/* parameters */
	{ "managedhsm:hsm:k?version=" V_UPPER, { HSM, UNSAID, ANY, "hsm", "k", V, 0, false }, "managedhsm:hsm:k:" V },
	{ "managedhsm:hsm:k?type=private", { HSM, UNSAID, PRIVATE, "hsm", "k", "", 0, false }, "managedhsm:hsm:k" },
	{ "managedhsm:hsm:k?type=public", { HSM, UNSAID, PUBLIC, "hsm", "k", "", 0, false }, "managedhsm:hsm:k" },
	{ "keyvault:hsm:k?type=cert", { VAULT, UNSAID, CERT, "hsm", "k", "", 0, false }, "keyvault:hsm:k" },
	{ "keyvault:hsm:k?type=chain",
	  { VAULT, UNSAID, KEY_URI_TYPE_CHAIN, "hsm", "k", "", 0, false },
	  "keyvault:hsm:k" },
	{ "managedhsm:hsm:k?type=private&version=" V,
	  { HSM, UNSAID, PRIVATE, "hsm", "k", V, 0, false },
	  "managedhsm:hsm:k:" V },
	{ "managedhsm:hsm:k?version=" V "&type=private",
	  { HSM, UNSAID, PRIVATE, "hsm", "k", V, 0, false },
	  "managedhsm:hsm:k:" V },
	{ "managedhsm:hsm:k:" V "?type=public",
	  { HSM, UNSAID, PUBLIC, "hsm", "k", V, 0, false },
	  "managedhsm:hsm:k:" V },
	{ "managedhsm:hsm:k?algorithm=A128KW", { HSM, UNSAID, ANY, "hsm", "k", "", 128, false }, "managedhsm:hsm:k" },
	{ "managedhsm://hsm/k?algorithm=A192KW", { HSM, UNSAID, ANY, "hsm", "k", "", 192, false }, "managedhsm:hsm:k" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys/k?algorithm=A256KW&version=" V "&type=private",
	  { HSM, PUBLIC_CLOUD, PRIVATE, "hsm", "k", V, 256, false },
	  "managedhsm:hsm:k:" V },
};

static const struct {
	const char *text;
	const char *part; /* what the message must name, with the text that it quotes */
} REFUSED[] = {
	/* scheme */
	{ "", "text \"\" has no scheme" },
	{ "hsm", "text \"hsm\" has no scheme" },
	{ ":hsm:k", "scheme \"\"" },
	{ "managedhsm", "text \"managedhsm\" has no scheme" },
	{ "managedhsms:hsm:k", "scheme \"managedhsms\"" },
	{ "managed:hsm:k", "scheme \"managed\"" },
	{ " managedhsm:hsm:k", "scheme \" managedhsm\"" },
	{ "pkcs11:token=x", "scheme \"pkcs11\"" },
	{ "file:/etc/passwd", "scheme \"file\"" },
	{ "https://hsm.managedhsm.azure.net/keys/k", "scheme \"https\"" },
	{ TEXT_512, "is longer than 511 characters" },
	{ "managedhsm:hsm:k?x=" TEXT_512, "is longer than 511 characters" },
	/* HSM name */
	{ "managedhsm:", "HSM name \"\"" },
	{ "managedhsm::k", "HSM name \"\"" },
	{ "managedhsm:hs:k", "HSM name \"hs\" must be 3 to 24" },
	{ "managedhsm:abcdefghijklmnopqrstuvwxy:k", "HSM name \"abcdefghijklmnopqrstuvwxy\"" },
	{ "managedhsm:localhost/x?:k", "HSM name \"localhost/x\"" },
	{ "managedhsm:evil.example:k", "HSM name \"evil.example\"" },
	{ "managedhsm:hsm.:k", "HSM name \"hsm.\"" },
	{ "managedhsm:user@hsm:k", "HSM name \"user@hsm\"" },
	{ "managedhsm:h%73m:k", "HSM name \"h%73m\"" },
	{ "managedhsm:hsm#:k", "HSM name \"hsm#\"" },
	{ "managedhsm:h_m:k", "HSM name \"h_m\"" },
	{ "managedhsm: hsm:k", "HSM name \" hsm\"" },
	{ "managedhsm:hsm\\x:k", "HSM name \"hsm\\x\"" },
	{ "managedhsm:h\xc3\xa9m:k", "HSM name \"h??m\"" },
	{ "managedhsm:hsm\n:k", "HSM name \"hsm?\"" },
	{ "managedhsm:h\x1bm:k", "HSM name \"h?m\"" },
	{ "managedhsm:hsm\x7f:k", "HSM name \"hsm?\"" },
	{ "keyvault:v:k", "vault name \"v\"" },
	{ "keyvault:localhost/x?:k", "vault name \"localhost/x\"" },
	{ "managedhsm:/hsm/k", "HSM name \"/hsm/k\"" },
	{ "managedhsm://", "HSM name \"\"" },
	{ "managedhsm:///k", "HSM name \"\"" },
	{ "managedhsm://hsm:8443/k", "HSM name \"hsm:8443\"" },
	{ "managedhsm://user@hsm/k", "HSM name \"user@hsm\"" },
	{ "managedhsm://hsm:k", "HSM name \"hsm:k\"" },
	{ "managedhsm://hsm.managedhsm.azure.net/k", "HSM name \"hsm.managedhsm.azure.net\"" },
	{ "managedhsm:http://hsm.managedhsm.azure.net/keys/k", "key name \"//hsm.managedhsm.azure.net/keys/k\"" },
	/* key name */
	{ "managedhsm:hsm:", "key name \"\"" },
	{ "managedhsm://hsm/", "key name \"\"" },
	{ "managedhsm:hsm::" V, "key name \"\"" },
	{ "managedhsm:hsm:" KEY_127 "a", "key name \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\"" },
	{ "managedhsm:hsm:k/sign", "key name \"k/sign\"" },
	{ "managedhsm:hsm:../k", "key name \"../k\"" },
	{ "managedhsm:hsm:k%2fx", "key name \"k%2fx\"" },
	{ "managedhsm:hsm:k#x", "key name \"k#x\"" },
	{ "managedhsm:hsm:k_1", "key name \"k_1\"" },
	{ "managedhsm:hsm:k 1", "key name \"k 1\"" },
	{ "managedhsm:hsm:k@", "key name \"k@\"" },
	{ "managedhsm:hsm:k&type=public", "key name \"k&type=public\"" },
	{ "managedhsm:hsm:k\r\nX-Header", "key name \"k??X-Header\"" },
	{ "managedhsm://hsm/k:" V, "key name \"k:" },
	/* version */
	{ "managedhsm:hsm:k:", "version \"\"" },
	{ "managedhsm://hsm/k/", "version \"\"" },
	{ "managedhsm:hsm:k:1", "version \"1\" must be 32 hexadecimal digits" },
	{ "managedhsm:hsm:k:" V "0", "version \"" V "0\"" },
	{ "managedhsm:hsm:k:0123456789abcdef0123456789abcdeg", "version \"0123456789abcdef0123456789abcdeg\"" },
	{ "managedhsm:hsm:k:0123456789abcdef0123456789abcd%0", "version \"0123456789abcdef0123456789abcd%0\"" },
	{ "managedhsm:hsm:k:" V ":x", "version \"" V ":x\"" },
	{ "managedhsm://hsm/k/" V "/", "version \"" V "/\"" },
	{ "managedhsm:hsm:k:Versions", "version \"Versions\"" },
	{ "managedhsm:hsm:k:versions:" V, "version \"versions:" },
	{ "managedhsm:hsm:k:versions?version=" V, "parameter version \"" V "\" is the second version" },
	{ "managedhsm:hsm:k:" V "?version=versions", "parameter version \"versions\" is the second version" },
	{ "managedhsm:hsm?version=versions", "parameter version \"versions\" needs a key name" },
	{ "managedhsm:hsm:k:" V "#f", "version \"" V "#f\"" },
	/* host of a kid */
	{ "managedhsm:https://", "host \"\"" },
	{ "managedhsm:https:///keys/k", "host \"\"" },
	{ "managedhsm:https://evil.example/keys/k", "host \"evil.example\" must be <hsm>.managedhsm.azure.net" },
	{ "managedhsm:https://hsm.managedhsm.azure.net:443/keys/k", "host \"hsm.managedhsm.azure.net:443\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net:8443/keys/k", "host \"hsm.managedhsm.azure.net:8443\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net./keys/k", "host \"hsm.managedhsm.azure.net.\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net.evil.example/keys/k",
	  "host \"hsm.managedhsm.azure.net.evil.example\"" },
	{ "managedhsm:https://.managedhsm.azure.net/keys/k", "host \".managedhsm.azure.net\"" },
	{ "managedhsm:https://hsmmanagedhsm.azure.net/keys/k", "host \"hsmmanagedhsm.azure.net\"" },
	{ "managedhsm:https://hsm.vault.azure.net/keys/k", "host \"hsm.vault.azure.net\"" },
	{ "keyvault:https://hsm.managedhsm.azure.net/keys/k", "host \"hsm.managedhsm.azure.net\"" },
	{ "managedhsm:https://user@hsm.managedhsm.azure.net/keys/k", "HSM name \"user@hsm\"" },
	{ "managedhsm:https://evil.example#.managedhsm.azure.net/keys/k", "HSM name \"evil.example#\"" },
	{ "managedhsm:https://evil.example\\.managedhsm.azure.net/keys/k", "HSM name \"evil.example\\\"" },
	{ "managedhsm:https://a.b.managedhsm.azure.net/keys/k", "HSM name \"a.b\"" },
	{ "managedhsm:https://hs.managedhsm.azure.net/keys/k", "HSM name \"hs\"" },
	{ "managedhsm:https://evil.example?.managedhsm.azure.net/keys/k", "host \"evil.example\"" },
	/* path of a kid */
	{ "managedhsm:https://hsm.managedhsm.azure.net", "path \"\" must begin with keys/" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/", "path \"\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys", "path \"keys\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/Keys/k", "path \"Keys/k\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net//keys/k", "path \"/keys/k\"" },
	{ "keyvault:https://v-1.vault.azure.net/secrets/k", "path \"secrets/k\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys/", "key name \"\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys/..", "key name \"..\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys/k/", "version \"\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys/k/sign", "version \"sign\"" },
	{ "managedhsm:https://hsm.managedhsm.azure.net/keys/k/" V "/sign", "version \"" V "/sign\"" },
	/* parameters */
	{ "managedhsm:hsm:k?", "parameter \"\" has no \"=\"" },
	{ "managedhsm:hsm:k?type", "parameter \"type\" has no \"=\"" },
	{ "managedhsm:hsm:k?type=public&", "parameter \"\" has no \"=\"" },
	{ "managedhsm:hsm:k?&type=public", "parameter \"\" has no \"=\"" },
	{ "managedhsm:hsm:k?=x", "parameter \"\" is unknown" },
	{ "managedhsm:hsm:k?pin-value=1234", "parameter \"pin-value\" is unknown" },
	{ "managedhsm:hsm:k?Type=public", "parameter \"Type\" is unknown" },
	{ "managedhsm:hsm:k?type=", "parameter type \"\" must be private, public, cert or chain" },
	{ "managedhsm:hsm:k?type=secret", "parameter type \"secret\"" },
	{ "managedhsm:hsm:k?type=Public", "parameter type \"Public\"" },
	{ "managedhsm:hsm:k?type=public=x", "parameter type \"public=x\"" },
	{ "managedhsm:hsm:k?type=public#x", "parameter type \"public#x\"" },
	{ "managedhsm:hsm:k?type=public?type=cert", "parameter type \"public?type=cert\"" },
	{ "managedhsm:hsm:k?type=public&type=public", "parameter type \"public\" is the second type" },
	{ "managedhsm:hsm?algorithm=A128KW", "parameter algorithm \"A128KW\" needs a key name" },
	{ "managedhsm:hsm:k?algorithm=", "parameter algorithm \"\" must be A128KW, A192KW or A256KW" },
	{ "managedhsm:hsm:k?algorithm=a128kw", "parameter algorithm \"a128kw\"" },
	{ "managedhsm:hsm:k?algorithm=A512KW", "parameter algorithm \"A512KW\"" },
	{ "managedhsm:hsm:k?algorithm=CKM_AES_KEY_WRAP_PAD", "parameter algorithm \"CKM_AES_KEY_WRAP_PAD\"" },
	{ "managedhsm:hsm:k?algorithm=A128KW&algorithm=A128KW", "parameter algorithm \"A128KW\" is the second" },
	{ "managedhsm:hsm:k?type=cert", "parameter type \"cert\" is for keyvault: URIs" },
	{ "managedhsm:hsm?type=cert", "a Managed HSM has no certificates" },
	{ "managedhsm:hsm:k?type=chain", "a Managed HSM has no certificates" },
	{ "managedhsm:hsm:k?version=", "version \"\"" },
	{ "managedhsm:hsm:k?version=1", "version \"1\"" },
	{ "managedhsm:hsm:k?version=" V "&version=" V, "parameter version \"" V "\" is the second version" },
	{ "managedhsm:hsm:k:" V "?version=" V, "parameter version \"" V "\" is the second version" },
	{ "managedhsm:hsm?version=" V, "parameter version \"" V "\" needs a key name" },
};

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static void assert_same(const struct key_uri *a, const struct key_uri *b)
{
	ck_assert_int_eq(a->service, b->service);
	ck_assert_int_eq(a->cloud, b->cloud);
	ck_assert_int_eq(a->type, b->type);
	ck_assert_str_eq(a->vault, b->vault);
	ck_assert_str_eq(a->key, b->key);
	ck_assert_str_eq(a->version, b->version);
	ck_assert_uint_eq(a->wrap_bits, b->wrap_bits);
	ck_assert_int_eq(a->all_versions, b->all_versions);
}

START_TEST(an_accepted_form_gives_its_parts)
{
	struct mh_error error = { 0 };
	struct key_uri uri;

	ck_assert_msg(key_uri_parse(ACCEPTED[_i].text, &uri, &error).ok, "%s: %s", ACCEPTED[_i].text, error.text);
	assert_same(&uri, &ACCEPTED[_i].expected);
}
END_TEST

START_TEST(an_accepted_form_is_formatted_as_documented)
{
	char text[KEY_URI_TEXT_MAX];

	key_uri_format(&ACCEPTED[_i].expected, text);
	ck_assert_str_eq(text, ACCEPTED[_i].formatted);
}
END_TEST

START_TEST(formatted_text_parses_to_the_same_parts)
{
	struct mh_error error = { 0 };
	struct key_uri expected = ACCEPTED[_i].expected;
	struct key_uri uri;

	/* What the documented form does not say. */
	expected.cloud = KEY_URI_CLOUD_UNSAID;
	expected.type = KEY_URI_TYPE_ANY;
	expected.wrap_bits = 0;
	ck_assert_msg(key_uri_parse(ACCEPTED[_i].formatted, &uri, &error).ok, "%s", error.text);
	assert_same(&uri, &expected);
}
END_TEST

START_TEST(a_refusal_names_the_part_and_quotes_it)
{
	struct mh_error error = { 0 };
	struct key_uri uri;

	ck_assert_msg(!key_uri_parse(REFUSED[_i].text, &uri, &error).ok, "accepted: %s", REFUSED[_i].text);
	ck_assert_int_eq(error.reason, MH_R_BAD_URI);
	ck_assert_msg(strstr(error.text, REFUSED[_i].part) != NULL, "\"%s\" does not say \"%s\"", error.text,
	              REFUSED[_i].part);
}
END_TEST

START_TEST(a_refusal_shows_the_expected_form)
{
	struct mh_error error = { 0 };
	struct key_uri uri;

	ck_assert(!key_uri_parse(REFUSED[_i].text, &uri, &error).ok);
	ck_assert_msg(strstr(error.text, "expected managedhsm:") != NULL ||
	                      strstr(error.text, "expected keyvault:") != NULL,
	              "%s", error.text);
}
END_TEST

START_TEST(a_refusal_leaves_the_result_all_zero)
{
	static const struct key_uri ZERO;
	struct key_uri uri;

	memset(&uri, 0xff, sizeof(uri));
	ck_assert(!key_uri_parse(REFUSED[_i].text, &uri, NULL).ok);
	assert_same(&uri, &ZERO);
}
END_TEST

START_TEST(no_byte_but_letters_digits_and_hyphen_is_in_a_name)
{
	struct key_uri uri;
	char text[] = "managedhsm:hs?m:k";
	bool allowed = (_i >= '0' && _i <= '9') || (_i >= 'A' && _i <= 'Z') || (_i >= 'a' && _i <= 'z') || _i == '-';

	*strchr(text, '?') = (char)_i;
	if (_i != ':' && _i != '?')
		ck_assert_int_eq(key_uri_parse(text, &uri, NULL).ok, allowed);
}
END_TEST

START_TEST(a_kid_gives_key_and_version)
{
	static const char *const KIDS[] = {
		"https://hsm.managedhsm.azure.net/keys/k-1/" V,
		"https://hsm.managedhsm.azure.net:443/keys/k-1/" V_UPPER,
		"https://127.0.0.1:8443/keys/k-1/" V,
		"https://[::1]:8443/keys/k-1/" V,
		"https://name_with.underscore/keys/k-1/" V,
	};
	char key[KEY_URI_KEY_MAX + 1];
	char version[KEY_URI_VERSION_LENGTH + 1];
	struct mh_error error = { 0 };

	ck_assert_msg(key_uri_parse_kid(KIDS[_i], key, version, &error).ok, "%s", error.text);
	ck_assert_str_eq(key, "k-1");
	ck_assert_str_eq(version, V);
}
END_TEST

static const struct {
	const char *kid;
	const char *part;
} REFUSED_KIDS[] = {
	{ "", "text \"\"" },
	{ "http://h/keys/k/" V, "text \"http://" },
	{ "https://", "host \"\"" },
	{ "https:///keys/k/" V, "host \"\"" },
	{ "https://h", "path \"\"" },
	{ "https://h/secrets/k/" V, "path \"secrets/k/" },
	{ "https://h/keys/k", "version" },
	{ "https://h/keys/k/", "version \"\"" },
	{ "https://h/keys//" V, "key name \"\"" },
	{ "https://h/keys/k.x/" V, "key name \"k.x\"" },
	{ "https://h/keys/k/" V "/sign", "version \"" V "/sign\"" },
	{ "https://h/keys/k/" V "?x=y", "version \"" V "?x=y\"" },
	{ "https://" TEXT_512 "/keys/k/" V, "is longer than 511 characters" },
};

START_TEST(another_kid_is_refused_by_its_part)
{
	char key[KEY_URI_KEY_MAX + 1] = "x";
	char version[KEY_URI_VERSION_LENGTH + 1] = "x";
	struct mh_error error = { 0 };

	ck_assert(!key_uri_parse_kid(REFUSED_KIDS[_i].kid, key, version, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
	ck_assert_msg(strstr(error.text, REFUSED_KIDS[_i].part) != NULL, "%s", error.text);
	ck_assert_str_eq(key, "");
	ck_assert_str_eq(version, "");
}
END_TEST

START_TEST(an_id_has_a_version_or_none)
{
	char name[KEY_URI_KEY_MAX + 1];
	char version[KEY_URI_VERSION_LENGTH + 1];

	ck_assert(key_uri_parse_id("https://h/keys/k-1", KEY_URI_KEYS, name, version, NULL).ok);
	ck_assert_str_eq(name, "k-1");
	ck_assert_str_eq(version, "");
	ck_assert(key_uri_parse_id("https://h:443/certificates/c/" V_UPPER, KEY_URI_CERTIFICATES, name, version, NULL)
	                  .ok);
	ck_assert_str_eq(name, "c");
	ck_assert_str_eq(version, V);
}
END_TEST

START_TEST(an_id_of_another_form_is_refused_by_its_part)
{
	static const struct {
		const char *id;
		enum key_uri_collection collection;
		const char *part;
	} REFUSED_IDS[] = {
		{ "https://h/certificates/c", KEY_URI_KEYS, "path \"certificates/c\" must begin with keys/" },
		{ "https://h/keys/c", KEY_URI_CERTIFICATES, "path \"keys/c\" must begin with certificates/" },
		{ "https://h/keys/", KEY_URI_KEYS, "key name \"\"" },
		{ "https://h/keys/k/", KEY_URI_KEYS, "version \"\"" },
		{ "https://h/keys/k/versions", KEY_URI_KEYS, "version \"versions\"" },
		{ "https://h/keys/k?x=y", KEY_URI_KEYS, "key name \"k?x=y\"" },
		{ "/keys/k", KEY_URI_KEYS, "text \"/keys/k\"" },
	};
	char name[KEY_URI_KEY_MAX + 1] = "x";
	char version[KEY_URI_VERSION_LENGTH + 1] = "x";
	struct mh_error error = { 0 };

	for (int i = 0; i < COUNT(REFUSED_IDS); i++) {
		ck_assert(!key_uri_parse_id(REFUSED_IDS[i].id, REFUSED_IDS[i].collection, name, version, &error).ok);
		ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
		ck_assert_msg(strstr(error.text, REFUSED_IDS[i].part) != NULL, "%s", error.text);
		ck_assert_str_eq(name, "");
		ck_assert_str_eq(version, "");
	}
}
END_TEST

START_TEST(clouds_have_names)
{
	static const char *const NAMES[] = { [PUBLIC_CLOUD] = "public", [USGOV] = "usgov", [CHINA] = "china" };
	enum key_uri_cloud cloud;

	ck_assert(key_uri_cloud_parse(NAMES[_i], &cloud, NULL).ok);
	ck_assert_int_eq(cloud, _i);
}
END_TEST

START_TEST(an_unknown_cloud_is_refused_with_the_three_names)
{
	enum key_uri_cloud cloud;
	struct mh_error error = { 0 };

	ck_assert(!key_uri_cloud_parse("mars", &cloud, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_CONFIGURATION);
	ck_assert_ptr_nonnull(strstr(error.text, "\"mars\""));
	ck_assert_ptr_nonnull(strstr(error.text, "public, usgov or china"));
}
END_TEST

START_TEST(host_suffixes_are_those_of_the_clouds)
{
	ck_assert_str_eq(key_uri_host_suffix(HSM, UNSAID), ".managedhsm.azure.net");
	ck_assert_str_eq(key_uri_host_suffix(HSM, PUBLIC_CLOUD), ".managedhsm.azure.net");
	ck_assert_str_eq(key_uri_host_suffix(HSM, USGOV), ".managedhsm.usgovcloudapi.net");
	ck_assert_str_eq(key_uri_host_suffix(HSM, CHINA), ".managedhsm.azure.cn");
	ck_assert_str_eq(key_uri_host_suffix(VAULT, UNSAID), ".vault.azure.net");
	ck_assert_str_eq(key_uri_host_suffix(VAULT, USGOV), ".vault.usgovcloudapi.net");
	ck_assert_str_eq(key_uri_host_suffix(VAULT, CHINA), ".vault.azure.cn");
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("key_uri");

	tcase_add_loop_test(cases, an_accepted_form_gives_its_parts, 0, COUNT(ACCEPTED));
	tcase_add_loop_test(cases, an_accepted_form_is_formatted_as_documented, 0, COUNT(ACCEPTED));
	tcase_add_loop_test(cases, formatted_text_parses_to_the_same_parts, 0, COUNT(ACCEPTED));
	tcase_add_loop_test(cases, a_refusal_names_the_part_and_quotes_it, 0, COUNT(REFUSED));
	tcase_add_loop_test(cases, a_refusal_shows_the_expected_form, 0, COUNT(REFUSED));
	tcase_add_loop_test(cases, a_refusal_leaves_the_result_all_zero, 0, COUNT(REFUSED));
	tcase_add_loop_test(cases, no_byte_but_letters_digits_and_hyphen_is_in_a_name, 1, 256);
	tcase_add_loop_test(cases, a_kid_gives_key_and_version, 0, 5);
	tcase_add_loop_test(cases, another_kid_is_refused_by_its_part, 0, COUNT(REFUSED_KIDS));
	tcase_add_test(cases, an_id_has_a_version_or_none);
	tcase_add_test(cases, an_id_of_another_form_is_refused_by_its_part);
	tcase_add_loop_test(cases, clouds_have_names, PUBLIC_CLOUD, CHINA + 1);
	tcase_add_test(cases, an_unknown_cloud_is_refused_with_the_three_names);
	tcase_add_test(cases, host_suffixes_are_those_of_the_clouds);
	return run_suite("key_uri", cases);
}
