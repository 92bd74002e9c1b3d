// SPDX-License-Identifier: Apache-2.0
// The state directory: one JSON file per key, replaced by rename: a killed emulator leaves old or new, never half.
#include "key_persist.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool write_file_atomically(const char *path, const void *bytes, size_t length)
{
	const char *from = bytes;
	char *temporary;
	int fd;

	if (asprintf(&temporary, "%s.new", path) < 0)
		return false;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	while (fd >= 0 && length > 0) {
		ssize_t written = write(fd, from, length);

		if (written < 0 && errno != EINTR) {
			close(fd);
			fd = -1;
		} else if (written > 0) {
			from += written;
			length -= (size_t)written;
		}
	}
	if (fd < 0 || close(fd) != 0 || rename(temporary, path) != 0) {
		fprintf(stderr, "managedhsm-emulator: %s: %s\n", path, strerror(errno));
		unlink(temporary);
		free(temporary);
		return false;
	}
	free(temporary);
	return true;
}

static char *key_path(const struct key_store *store, const struct key *key)
{
	char *path;

	if (asprintf(&path, "%s/%s.json", key_store_directory(store), key->name) < 0)
		return NULL;
	for (char *at = path + strlen(key_store_directory(store)); *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return path;
}

void key_persist_save(const struct key_store *store, const struct key *key)
{
	json_t *document;
	char *path, *text;

	if (!key_store_directory(store))
		return;
	document = key_to_json(key);
	text = document ? json_dumps(document, JSON_INDENT(2)) : NULL;
	path = key_path(store, key);
	if (text && path)
		write_file_atomically(path, text, strlen(text));
	json_decref(document);
	free(text);
	free(path);
}

void key_persist_remove(const struct key_store *store, const struct key *key)
{
	char *path = key_store_directory(store) ? key_path(store, key) : NULL;

	if (path && unlink(path) != 0 && errno != ENOENT)
		fprintf(stderr, "managedhsm-emulator: %s: %s\n", path, strerror(errno));
	free(path);
}

static bool load_key(struct key_store *store, const char *path)
{
	json_error_t error;
	json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	const char *name = json_string_value(json_object_get(document, "name"));
	bool deleted = json_integer_value(json_object_get(document, "deleted_at")) != 0;
	enum key_place place = deleted ? KEY_DELETED : KEY_LIVE;
	struct key *key = NULL;

	if (name && strlen(name) <= KEY_NAME_MAX && !key_store_find(store, KEY_LIVE, name) &&
	    !key_store_find(store, KEY_DELETED, name))
		key = key_store_add(store, place, name);
	if (key && !key_from_json(key, document)) {
		key_store_remove(store, key, place);
		key = NULL;
	}
	json_decref(document);
	if (!key)
		fprintf(stderr, "managedhsm-emulator: %s is not a key of this emulator\n", path);
	return key != NULL;
}

static bool load_backup_key(struct key_store *store)
{
	uint8_t key[BACKUP_KEY_LENGTH];
	bool good;
	char *path;
	FILE *file;

	if (asprintf(&path, "%s/.backup.key", key_store_directory(store)) < 0)
		return false;
	file = fopen(path, "rbe");
	if (file) {
		good = fread(key, 1, sizeof(key), file) == sizeof(key);
		fclose(file);
		if (good)
			key_store_set_backup_key(store, key);
		OPENSSL_cleanse(key, sizeof(key));
	} else {
		good = write_file_atomically(path, key_store_backup_key(store), BACKUP_KEY_LENGTH);
	}
	free(path);
	return good;
}

bool key_persist_load(struct key_store *store)
{
	const char *directory = key_store_directory(store);
	DIR *opened = directory ? opendir(directory) : NULL;
	const struct dirent *entry;
	bool good = true;

	if (!opened)
		return !directory;
	while (good && (entry = readdir(opened)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		char *path;

		if (entry->d_name[0] == '.' || !dot || strcmp(dot, ".json") != 0)
			continue;
		if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0) {
			good = false;
			break;
		}
		good = load_key(store, path);
		free(path);
	}
	closedir(opened);
	return good && load_backup_key(store);
}
