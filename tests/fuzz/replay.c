/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where there is no libFuzzer: runs a fuzz target on each file of a directory and on pseudo-random changes of them.
 *
 *     replay DIRECTORY CHANGES
 *
 * Always the same changes, so that a failure can be had again. An input that fails is left in ./failed-input.
 */
#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/fuzz/must.h"

#define INPUT_MAX 4096
#define SEEDS_MAX 64

struct input {
	uint8_t data[INPUT_MAX];
	size_t size;
};

static struct input seeds[SEEDS_MAX];
static size_t seed_count;
static struct input running;
static uint64_t random_state = 0x9e3779b97f4a7c15;

/* xorshift64*; 0 <= result < limit */
static size_t random_below(size_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (size_t)((random_state * 0x2545f4914f6cdd1d) >> 33) % limit;
}

static void save_failed_input(int number)
{
	int file = open("failed-input", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)!write(file, running.data, running.size);
	signal(number, SIG_DFL);
	raise(number);
}

static void run(void)
{
	/* A block of just that size: reading past its end is then seen. */
	uint8_t *data = malloc(running.size > 0 ? running.size : 1);

	MUST(data != NULL);
	memcpy(data, running.data, running.size);
	LLVMFuzzerTestOneInput(data, running.size);
	free(data);
}

static void load_seed(const char *directory, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "rb");
	MUST(file != NULL && seed_count < SEEDS_MAX);
	seeds[seed_count].size = fread(seeds[seed_count].data, 1, INPUT_MAX, file);
	MUST(feof(file));
	seed_count++;
	fclose(file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* In the order of their names: a directory's own order differs between file systems. */
static void load_seeds(const char *directory)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, by_name);

	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.')
			load_seed(directory, entries[i]->d_name);
		free(entries[i]);
	}
	MUST(count >= 0 && seed_count > 0);
	free(entries);
}

/* Replaces `removed` bytes at a random place by the given ones. */
static void replace(struct input *input, size_t removed, const uint8_t *bytes, size_t count)
{
	size_t at = random_below(input->size + 1);

	if (removed > input->size - at)
		removed = input->size - at;
	if (input->size - removed + count > INPUT_MAX)
		return;
	memmove(input->data + at + count, input->data + at + removed, input->size - at - removed);
	memcpy(input->data + at, bytes, count);
	input->size = input->size - removed + count;
}

static void change(struct input *input)
{
	const struct input *other = &seeds[random_below(seed_count)];
	size_t from = random_below(other->size + 1);
	size_t count = random_below(other->size - from + 1);
	uint8_t byte = (uint8_t)random_below(256);

	switch (random_below(5)) {
	case 0: /* another byte */
		replace(input, 1, &byte, 1);
		break;
	case 1: /* one more */
		replace(input, 0, &byte, 1);
		break;
	case 2: /* some less */
		replace(input, 1 + random_below(8), &byte, 0);
		break;
	case 3: /* part of another seed, in between */
		replace(input, 0, other->data + from, count);
		break;
	default: /* part of another seed, instead */
		replace(input, count, other->data + from, count);
		break;
	}
}

int main(int argc, char **argv)
{
	long changes = argc == 3 ? strtol(argv[2], NULL, 10) : 0;

	if (argc != 3) {
		fprintf(stderr, "usage: %s DIRECTORY CHANGES\n", argv[0]);
		return 2;
	}
	signal(SIGABRT, save_failed_input);
	signal(SIGSEGV, save_failed_input);
	load_seeds(argv[1]);
	running.size = 0;
	run();
	for (size_t i = 0; i < seed_count; i++) {
		running = seeds[i];
		run();
	}
	for (long i = 0; i < changes; i++) {
		running = seeds[random_below(seed_count)];
		for (size_t times = 1 + random_below(4); times > 0; times--)
			change(&running);
		run();
	}
	printf("%zu seeds, %ld changes\n", seed_count, changes);
	return 0;
}
