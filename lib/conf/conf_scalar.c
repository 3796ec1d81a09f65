/* conf_scalar.c — one text becomes one typed value; a refusal shows what would have been right.
 * Neighbours: conf_value.c walks the maps and calls here; conf_number.c does what is a number
 * underneath. */
#include "conf_private.h"

#include <assert.h>
#include <string.h>

#include "closedloop/text.h"

#define SHOWN_MAX 60 /* Of a wrong value; more helps nobody. */

struct reading {
	struct loader *loader;
	const struct node *node;
	const struct field *field;
	const char *label;
	const char *text;
};

bool conf_is_name(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len < POLICY_NAME_CAP && text[0] != '.' && text[0] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       len;
}

bool conf_is_code(const char *text)
{
	static const size_t lengths[] = {2, 4, 6, 9, 12};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		if (strlen(text) == lengths[i])
			return text_is_digits(text, lengths[i]);
	}
	return false;
}

const char *conf_choice_word(const struct choice *choices, int value)
{
	for (; choices->word; choices++) {
		if (choices->value == value)
			return choices->word;
	}
	return "?";
}

/* What the type accepts, said to the one who wrote something else. */
static const char *shape(enum field_type type)
{
	switch (type) {
	case FIELD_DURATION:
		return "a duration: write a whole number and its unit, as in 250ms, 90s, 10m, 36h, "
		       "14d";
	case FIELD_SIZE:
		return "a size: write a whole number and its unit, as in 512B, 64KiB, 1MiB";
	case FIELD_CLOCK:
		return "a time of day: write it as in 06:00";
	case FIELD_DAY:
		return "a date: write it as in 2020-03-01";
	case FIELD_TENTHS:
		return "a temperature: write degrees with at most one decimal, as in 37.3";
	case FIELD_RATIO:
		return "a share: write a number from 0 to 1 with at most four decimals, as in 0.9";
	case FIELD_INT:
	case FIELD_COUNT:
		return "a whole number";
	case FIELD_BOOL:
		return "true or false";
	case FIELD_CODE:
		return "a unit's code: it has 2, 4, 6, 9 or 12 digits";
	case FIELD_NAME:
	case FIELD_LABEL:
		return "a name: use up to 39 letters, digits and \"._-\"";
	case FIELD_TEXT:
	case FIELD_PATH:
	case FIELD_WORD:
	case FIELD_NODE:
	case FIELD_MAP:
	case FIELD_UNREAD:
		break;
	}
	return "what belongs here";
}

static void refuse(const struct reading *reading)
{
	conf_error(reading->loader, reading->node, "%s: \"%.*s\" is not %s", reading->label,
		   (int)text_cut_at(reading->text, strlen(reading->text), SHOWN_MAX), reading->text,
		   shape(reading->field->type));
}

static void read_number(const struct reading *reading, void *out)
{
	const struct field *field = reading->field;
	int64_t value;

	if (!conf_number_parse(field, reading->text, &value)) {
		refuse(reading);
		return;
	}
	if (field->most != 0 && (value < field->least || value > field->most)) {
		char least[64], most[64];

		conf_number_text(field, field->least, least, sizeof(least));
		conf_number_text(field, field->most, most, sizeof(most));
		conf_error(reading->loader, reading->node, "%s: %s is out of range %s to %s: %s",
			   reading->label, reading->text, least, most, field->says);
		return;
	}
	conf_number_set(field, value, out);
}

static void read_word(const struct reading *reading, void *out)
{
	struct nearest nearest = {.word = reading->text};
	char known[256];
	struct text list = TEXT_OVER(known);

	text_clear(&list);
	for (const struct choice *choice = reading->field->choices; choice->word; choice++) {
		if (strcmp(choice->word, reading->text) == 0) {
			conf_number_set(reading->field, choice->value, out);
			return;
		}
		nearest_offer(&nearest, choice->word);
		text_addf(&list, "%s%s", list.len ? ", " : "", choice->word);
	}
	conf_error(reading->loader, reading->node, "%s: \"%.*s\" is not one of %s%s",
		   reading->label,
		   (int)text_cut_at(reading->text, strlen(reading->text), SHOWN_MAX), reading->text,
		   known, nearest_hint(&nearest));
}

static void read_text(const struct reading *reading, void *out)
{
	const struct field *field = reading->field;
	const char *text = reading->text;

	if (((field->type == FIELD_NAME || field->type == FIELD_LABEL) && !conf_is_name(text)) ||
	    (field->type == FIELD_CODE && !conf_is_code(text))) {
		refuse(reading);
		return;
	}
	if (field->type == FIELD_LABEL) {
		(void)text_copy((char *)out + field->offset, POLICY_NAME_CAP, text);
		return;
	}
	if (field->type == FIELD_PATH)
		text = conf_path_join(reading->loader->arena, reading->node->source->dir, text);
	memcpy((char *)out + field->offset, &text, sizeof(text));
}

void conf_scalar(struct loader *loader, const struct node *node, const struct field *field,
		 const char *label, void *out)
{
	struct reading reading = {
		.loader = loader,
		.node = node,
		.field = field,
		.label = label,
		.text = conf_text(loader, node, label),
	};

	if (!reading.text)
		return;
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_LABEL:
	case FIELD_PATH:
	case FIELD_CODE:
		read_text(&reading, out);
		break;
	case FIELD_WORD:
		read_word(&reading, out);
		break;
	case FIELD_BOOL:
		if (field->choices)
			read_word(&reading, out);
		else
			read_number(&reading, out);
		break;
	case FIELD_INT:
	case FIELD_COUNT:
	case FIELD_SIZE:
	case FIELD_DURATION:
	case FIELD_CLOCK:
	case FIELD_DAY:
	case FIELD_TENTHS:
	case FIELD_RATIO:
		read_number(&reading, out);
		break;
	case FIELD_NODE:
	case FIELD_MAP:
	case FIELD_UNREAD:
		assert(false && "not a scalar");
		break;
	}
}
