// SPDX-License-Identifier: Apache-2.0
// How many requests a second the emulator answers over kept connections: it must not be what others measure.
// Usage: emulator_load get|sign|rng [connections [seconds]], with the environment that `scripts/emulator start` prints.
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_CONNECTIONS 1000
#define API "api-version=2025-07-01"
#define DIGEST "ux5V2DmnETLurv6Q-7VCU35Pd_wCVppK2V3D_WqE7l0"

struct work {
	const char *name, *path;
	const char *body; // NULL: GET
};

static const struct work works[] = {
	{ "get", "/keys/p256?" API, NULL },
	{ "sign", "/keys/p256/sign?" API, "{\"alg\":\"ES256\",\"value\":\"" DIGEST "\"}" },
	{ "rng", "/rng?" API, "{\"count\":32}" },
};

struct load {
	CURLM *multi;
	CURL *handles[MAX_CONNECTIONS];
	struct curl_slist *headers;
	char *url;
	unsigned connections;
	unsigned long good, bad, opened;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static size_t swallow(char *bytes, size_t size, size_t count, void *state)
{
	(void)bytes;
	(void)state;
	return size * count;
}

static bool prepare(struct load *load, const struct work *work)
{
	const char *endpoint = getenv("MANAGEDHSM_ENDPOINT");
	const char *token = getenv("AZURE_CLI_ACCESS_TOKEN");
	char header[8192];

	if (!endpoint || !token) {
		fputs("MANAGEDHSM_ENDPOINT and AZURE_CLI_ACCESS_TOKEN must be set: see scripts/emulator\n", stderr);
		return false;
	}
	snprintf(header, sizeof(header), "Authorization: Bearer %s", token);
	load->headers = curl_slist_append(NULL, header);
	load->headers = curl_slist_append(load->headers, "Content-Type: application/json");
	if (asprintf(&load->url, "%s%s", endpoint, work->path) < 0)
		load->url = NULL;
	load->multi = curl_multi_init();
	return load->headers && load->url && load->multi;
}

static bool add(struct load *load, const struct work *work, unsigned index)
{
	CURL *handle = load->handles[index] = curl_easy_init();

	if (!handle)
		return false;
	curl_easy_setopt(handle, CURLOPT_URL, load->url);
	curl_easy_setopt(handle, CURLOPT_HTTPHEADER, load->headers);
	curl_easy_setopt(handle, CURLOPT_CAINFO, getenv("MANAGEDHSM_CA_FILE"));
	curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, swallow);
	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	if (work->body)
		curl_easy_setopt(handle, CURLOPT_POSTFIELDS, work->body);
	return curl_multi_add_handle(load->multi, handle) == CURLM_OK;
}

// Counts what has finished, and asks again while there is time.
static void collect(struct load *load, bool again)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(load->multi, &left)) != NULL) {
		CURL *handle = message->easy_handle;
		long status = 0, opened = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &opened);
		load->opened += (unsigned long)opened;
		if (message->data.result == CURLE_OK && status == 200)
			load->good++;
		else
			load->bad++;
		curl_multi_remove_handle(load->multi, handle);
		if (again)
			curl_multi_add_handle(load->multi, handle);
	}
}

static void run(struct load *load, double seconds)
{
	double end = now() + seconds;
	int running = 1;

	while (running > 0) {
		curl_multi_perform(load->multi, &running);
		collect(load, now() < end);
		if (now() < end)
			running = 1;
		curl_multi_poll(load->multi, NULL, 0, 50, NULL);
	}
	collect(load, false);
}

static void clear(struct load *load)
{
	for (unsigned i = 0; i < load->connections; i++) {
		if (load->handles[i])
			curl_multi_remove_handle(load->multi, load->handles[i]);
		curl_easy_cleanup(load->handles[i]);
	}
	curl_multi_cleanup(load->multi);
	curl_slist_free_all(load->headers);
	free(load->url);
}

static const struct work *find(const char *name)
{
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		if (strcmp(works[i].name, name) == 0)
			return &works[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct work *work = argc > 1 ? find(argv[1]) : NULL;
	unsigned long connections = argc > 2 ? strtoul(argv[2], NULL, 10) : 16;
	double seconds = argc > 3 ? strtod(argv[3], NULL) : 5;
	struct load load = { 0 };
	bool good = false;
	double start;

	if (!work || connections < 1 || connections > MAX_CONNECTIONS || !(seconds > 0)) {
		fputs("usage: emulator_load get|sign|rng [connections [seconds]]\n", stderr);
		return 2;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (prepare(&load, work)) {
		load.connections = (unsigned)connections;
		good = true;
		for (unsigned i = 0; good && i < load.connections; i++)
			good = add(&load, work, i);
		start = now();
		if (good)
			run(&load, seconds);
		seconds = now() - start;
		printf("%s: %lu requests in %.2f s over %lu connections: %.0f requests/s, %lu failed\n", work->name,
		       load.good, seconds, load.opened, (double)load.good / seconds, load.bad);
	}
	clear(&load);
	curl_global_cleanup();
	return good && load.bad == 0 && load.good > 0 ? 0 : 1;
}
