/* conf_endpoint_quiet.c — when an endpoint is left in peace, and whether it follows an alert to its
 * end. Neighbours: conf_endpoint.c reads everything else of an endpoint and calls; the engine's
 * words obey. */
#include "conf_private.h"

#include <stdio.h>
#include <string.h>

#include "closedloop/text.h"

static const bool keeps_incidents[] = {
	[CHANNEL_GENERIC] = false,     [CHANNEL_WECOM] = false, [CHANNEL_DINGTALK] = false,
	[CHANNEL_FEISHU] = false,      [CHANNEL_SLACK] = false, [CHANNEL_PAGERDUTY] = true,
	[CHANNEL_ALERTMANAGER] = true,
};
_Static_assert(ARRAY_LEN(keeps_incidents) == CHANNELS, "the last channel lacks its row");

/* "22:00-06:00" into FROM and TO. */
static bool parse_window(const char *text, int64_t *from, int64_t *to)
{
	static const struct field clock = {.type = FIELD_CLOCK};
	const char *dash = strchr(text, '-');
	char first[8] = "";

	if (!dash || (size_t)(dash - text) >= sizeof(first))
		return false;
	(void)text_copy(first, (size_t)(dash - text) + 1, text);
	return conf_number_parse(&clock, first, from) && conf_number_parse(&clock, dash + 1, to) &&
	       *from < WHEN_DAY && *to < WHEN_DAY && *from != *to;
}

bool conf_keeps_incidents(enum conf_channel channel)
{
	return channel < CHANNELS && keeps_incidents[channel];
}

void conf_read_quiet(struct loader *loader, const struct node *quiet, const char *who,
		     struct conf_endpoint *endpoint)
{
	if (!quiet || !conf_text(loader, quiet, who))
		return;
	if (parse_window(quiet->text, &endpoint->quiet_from, &endpoint->quiet_to))
		return;
	endpoint->quiet_from = endpoint->quiet_to = 0;
	conf_error(loader, quiet,
		   "%s: quiet: \"%.64s\" is not two different times of day, as in \"22:00-06:00\"",
		   who, quiet->text);
}

void conf_print_quiet(const struct conf_endpoint *endpoint, FILE *out)
{
	static const struct field clock = {.type = FIELD_CLOCK};
	char from[16], to[16];

	if (endpoint->quiet_from != endpoint->quiet_to) {
		conf_number_text(&clock, endpoint->quiet_from, from, sizeof(from));
		conf_number_text(&clock, endpoint->quiet_to, to, sizeof(to));
		/* Each comes in quotes of its own. */
		(void)fprintf(out, "    quiet: %.*s-%s\n", (int)strlen(from) - 1, from, to + 1);
	}
	(void)fprintf(out, "    resolved: %s\n", endpoint->resolved ? "true" : "false");
}
