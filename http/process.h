/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What exists once per process: the number of forks it descends from, the lock of the connection pools, and libcurl's
 * start. The only file under http/ with mutable static data.
 */
#ifndef MH_HTTP_PROCESS_H
#define MH_HTTP_PROCESS_H

#include <pthread.h>
#include <stdint.h>

#include "base/error.h"

/* Guards the state of every pool. One lock for all, because it is held for a few instructions only and a single one
 * is easy to carry across fork: fork waits for it, so that a child never finds it locked by a thread that does not
 * exist there. Nothing that may block, call libcurl or call OpenSSL happens under it. */
void process_lock(void);
void process_unlock(void);

/* Waits for condition, whose clock is CLOCK_MONOTONIC, with the lock given up meanwhile. False when deadline_ms has
 * passed. */
bool process_wait(pthread_cond_t *condition, int64_t deadline_ms);

/* Another number in each child of a fork. */
unsigned process_generation(void);

/* Starts libcurl for one owner, once; *started says whether that has been done and belongs to this file from then on.
 * Called inside an openssl_guard, without the lock. */
mh_result process_start_curl(bool *started, struct mh_error *error) MH_MUST_CHECK;

/* Undoes process_start_curl() if it was done. Same rules. */
void process_stop_curl(bool *started);

/* Keeps memory, which is left to the end of the process, within reach of leak checkers. */
struct process_remains {
	struct process_remains *next;
};
void process_keep(struct process_remains *remains);

#endif
