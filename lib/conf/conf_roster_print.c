/* conf_roster_print.c — the rosters in force as YAML again.
 * Neighbours: conf_roster.c read them; conf_print.c prints everything else. */
#include "conf_roster.h"

static void print_set(const struct roster *roster, uint64_t set, FILE *out)
{
	const char *between = "";

	(void)fputc('[', out);
	for (size_t i = 0; i < roster->members_len; i++) {
		if (!(set >> i & 1))
			continue;
		(void)fprintf(out, "%s%s", between, roster->members[i].name);
		between = ", ";
	}
	(void)fputc(']', out);
}

static void print_restriction(const struct roster_restriction *restriction, FILE *out)
{
	const char *between = "";

	(void)fputs("          - {days: [", out);
	for (const struct choice *day = roster_weekday_words; day->word; day++) {
		if (!(restriction->weekdays >> day->value & 1))
			continue;
		(void)fprintf(out, "%s%s", between, day->word);
		between = ", ";
	}
	(void)fprintf(out, "], from: \"%02d:%02d\", to: \"%02d:%02d\", holidays: %s}\n",
		      (int)(restriction->from / WHEN_HOUR),
		      (int)(restriction->from % WHEN_HOUR / WHEN_MINUTE),
		      (int)(restriction->to / WHEN_HOUR),
		      (int)(restriction->to % WHEN_HOUR / WHEN_MINUTE),
		      conf_choice_word(roster_holiday_words, (int)restriction->holidays));
}

static void print_layer(const struct roster *roster, const struct roster_layer *layer, FILE *out)
{
	char period[32], wall[WHEN_CAP];

	roster_period_text(&layer->rotation, period, sizeof(period));
	roster_wall_text(layer->rotation.day, layer->rotation.time, wall);
	(void)fprintf(out,
		      "      - name: %s\n        rotation: {every: %s, begins: \"%s\", members: [",
		      layer->name, period, wall);
	for (size_t i = 0; i < layer->rotation.turns_len; i++) {
		(void)fputs(i ? ", " : "", out);
		print_set(roster, layer->rotation.turns[i], out);
	}
	(void)fputs("]}\n", out);
	if (layer->restrictions_len)
		(void)fputs("        restrictions:\n", out);
	for (size_t i = 0; i < layer->restrictions_len; i++)
		print_restriction(&layer->restrictions[i], out);
}

static void print_override(const struct roster *roster, const struct roster_override *override,
			   FILE *out)
{
	static const char *const words[] = {"add", "remove", "replace"};
	char from[WHEN_CAP], to[WHEN_CAP];

	(void)fprintf(out, "      - {from: \"%s\", to: \"%s\", %s: ",
		      roster_at_text(roster, override->from, from),
		      roster_at_text(roster, override->to, to), words[override->change]);
	print_set(roster, override->members, out);
	(void)fputs("}\n", out);
}

void conf_print_rosters(const struct conf *conf, FILE *out)
{
	char room[WHEN_CAP];

	(void)fputs(conf->rosters_len ? "rosters:\n" : "rosters: []\n", out);
	for (size_t i = 0; i < conf->rosters_len; i++) {
		const struct roster *roster = &conf->rosters[i];

		(void)fprintf(out,
			      "  - name: %s\n    time_zone: \"%s\"\n    handover_before: %s\n"
			      "    allow_gap: %s\n    members:\n",
			      roster->name, zone_name(roster->zone),
			      when_duration_text(roster->handover_before, room),
			      roster->allow_gap ? "true" : "false");
		for (size_t k = 0; k < roster->members_len; k++)
			(void)fprintf(out, "      - {name: %s, endpoint: %s}\n",
				      roster->members[k].name, roster->members[k].endpoint);
		(void)fputs("    holidays: [", out);
		for (size_t k = 0; k < roster->holidays_len; k++)
			(void)fprintf(out, "%s\"%s\"", k ? ", " : "",
				      when_day_text(roster->holidays[k], room));
		(void)fputs("]\n    layers:\n", out);
		for (size_t k = 0; k < roster->layers_len; k++)
			print_layer(roster, &roster->layers[k], out);
		(void)fputs(roster->overrides_len ? "    overrides:\n" : "    overrides: []\n",
			    out);
		for (size_t k = 0; k < roster->overrides_len; k++)
			print_override(roster, &roster->overrides[k], out);
	}
}
