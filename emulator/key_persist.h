// SPDX-License-Identifier: Apache-2.0
// Keys as JSON documents with their private parts: for files of the state directory and for backups.
#ifndef EMULATOR_KEY_PERSIST_H
#define EMULATOR_KEY_PERSIST_H
#include "key_store.h"

// The whole key with all versions. NULL without memory.
json_t *key_to_json(const struct key *key);
// Fills a key that was just added to a store (no versions yet). False when the document is not one of ours.
bool key_from_json(struct key *key, const json_t *document);

// Reads every key of the store's directory, and the key of its backups, which is written when there is none.
// False, with a message on stderr, when a file cannot be read.
bool key_persist_load(struct key_store *store);
// Writes or removes the file of a key; nothing happens in a store without directory. Needs the store's lock.
// A failure is told on stderr and otherwise borne: the emulator goes on from memory.
void key_persist_save(const struct key_store *store, const struct key *key);
void key_persist_remove(const struct key_store *store, const struct key *key);

// Writes a file with mode 0600 under a temporary name and renames it over path.
bool write_file_atomically(const char *path, const void *bytes, size_t length);
#endif
