// SPDX-License-Identifier: Apache-2.0
// Waiting that ends at once when the emulator stops.
#ifndef EMULATOR_PAUSE_H
#define EMULATOR_PAUSE_H

struct pauses;

// NULL without memory.
struct pauses *pauses_new(void);
void pauses_free(struct pauses *pauses);
void pause_ms(struct pauses *pauses, unsigned milliseconds);
// From now on no pause lasts; those under way end.
void pauses_end(struct pauses *pauses);
#endif
