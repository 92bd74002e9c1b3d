// SPDX-License-Identifier: Apache-2.0
// The keys and certificates that a new HSM or vault begins with.
#ifndef EMULATOR_SEED_H
#define EMULATOR_SEED_H
#include "key_store.h"
#include "service.h"

struct seeding;

// Adds what is missing: EC and oct keys at once, RSA keys from threads of their own; quickly leaves out the large ones.
// A store whose directory was seeded before is left alone. NULL when nothing is left to do.
struct seeding *seed_start(struct key_store *store, const struct service *service, bool quickly);
// Gives up what is not yet made, waits for the threads and frees. Does nothing for NULL.
void seed_stop(struct seeding *seeding);
#endif
