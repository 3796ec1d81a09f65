/* latin_mention.c — look up every run of letters that can be a name.
 *
 * Neighbours: latin_text.c has the letters, latin_level.c the level words, latin_key.c the names;
 * latin_mark.c keeps whom a name can mean, latin_solid.c says what it is worth among its words, and
 * latin_judge.c weighs what is found here.
 */
#include "latin_mention.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"

#include "latin_key.h"
#include "latin_level.h"
#include "latin_mark.h"
#include "latin_solid.h"

#define NAME_MIN 2 /* Letters of the shortest name worth a look. */
#define WEAK_MIN 6 /* The same after a word that it may belong to. */

void latin_mentions_init(struct latin_mentions *mentions, const struct gazetteer *gazetteer)
{
	memset(mentions, 0, sizeof(*mentions));
	mentions->gazetteer = gazetteer;
	mentions->marks = mem_alloc((gazetteer->admins + 1) * sizeof(*mentions->marks));
}

void latin_mentions_release(struct latin_mentions *mentions)
{
	mem_free(mentions->marks);
	mentions->marks = NULL;
}

static void find_level_words(struct latin_mentions *mentions)
{
	const struct latin_text *text = mentions->text;
	uint8_t kind;

	memset(mentions->reach, 0, text->letters_len + 1);
	memset(mentions->stop, 0, text->letters_len + 1);
	for (size_t at = 0; at <= text->letters_len; at++) {
		size_t street = latin_level_word(text, LATIN_OF_STREET, at, &kind);
		size_t committee = latin_level_word(text, LATIN_OF_COMMITTEE, at, &kind);
		size_t admin = latin_level_word(text, LATIN_OF_ADMIN, at, &kind);
		mentions->street_len[at] = (uint8_t)street;
		mentions->kind_len[at] = (uint8_t)committee;
		mentions->admin_len[at] = (uint8_t)admin;
		mentions->hard[at] = latin_is_break(text, at);
		if (street > 0 || committee > 0 || admin > 0 || latin_is_start(text, at))
			mentions->stop[at] = true;
		if (admin > 0)
			mentions->stop[at + admin] = true;
	}
}

/* Bits of enum latin_has that letters which end where SPAN does can stand for. */
static uint32_t wanted(const struct latin_mentions *mentions, const struct latin_span *span)
{
	const struct latin_text *text = mentions->text;
	size_t end = span->end;
	bool word = latin_is_start(text, end);
	uint32_t bits = LATIN_HAS_UPPER;

	if (mentions->street_len[end] > 0 || word)
		bits |= LATIN_HAS_STREET | LATIN_HAS_WHOLE;
	if (mentions->kind_len[end] > 0 || latin_can_be_bare(text, span))
		bits |= LATIN_HAS_COMMITTEE;
	return bits;
}

static void look_up(struct latin_mentions *mentions, const struct latin_span *span,
		    const struct latin_at *at)
{
	uint32_t bits = at->len > 0 ? wanted(mentions, span) : 0;

	for (size_t i = 0; i < at->len; i++) {
		uint32_t has = LATIN_HAS(at->entries[i]) & bits;
		uint32_t node = LATIN_NODE(at->entries[i]);
		if (has & LATIN_HAS_UPPER)
			latin_mark_uppers(mentions, span, node);
		if (has & (LATIN_HAS_STREET | LATIN_HAS_WHOLE))
			latin_mark_streets(mentions, span, node);
		if (has & LATIN_HAS_COMMITTEE)
			latin_mark_committees(mentions, span, node);
	}
}

/* Is END inside of a word that we have spelled ourselves: 57 is wushiqi, and no banner of Wushi? */
static bool is_inside_spelled(const struct latin_text *text, size_t start, size_t end)
{
	const struct latin_token *last = latin_token_at(text, end - 1);

	if (last->word == LATIN_NAME || last->word == LATIN_PEOPLE)
		return false;
	return end < last->end || (last->word == LATIN_NUMBER && start == last->start);
}

/* Add to the keys what can begin at START, up to the end of its part of the address. */
static void add_keys(struct latin_mentions *mentions, size_t start)
{
	const struct latin_text *text = mentions->text;
	uint64_t hash = LATIN_HASH_BEGIN;

	for (size_t at = start; at < text->letters_len && at < start + LATIN_KEY_MAX; at++) {
		size_t end = at + 1;
		if (at > start && mentions->hard[at])
			break;
		hash = latin_hash(hash, text->letters[at]);
		if (end < start + NAME_MIN || !mentions->stop[end] ||
		    is_inside_spelled(text, start, end))
			continue;
		if (mentions->keys_len == LATIN_KEYS_MAX) {
			mentions->cut = true;
			return;
		}
		mentions->keys[mentions->keys_len++] = (struct latin_at){
			.key = latin_key(hash),
			.start = (uint16_t)start,
			.end = (uint16_t)end,
		};
	}
}

/* Fetch all that keys FIRST and following will read, step by step, so that their waits for memory
 * overlap: they are most of the time of a look-up. */
static void fetch(struct latin_mentions *mentions, size_t first)
{
	const struct gazetteer *gazetteer = mentions->gazetteer;
	struct latin_at *keys = mentions->keys;

	for (size_t i = first; i < mentions->keys_len; i++)
		latin_fetch_bucket(gazetteer, keys[i].key);
	for (size_t i = first; i < mentions->keys_len; i++)
		latin_fetch_keys(gazetteer, keys[i].key);
	for (size_t i = first; i < mentions->keys_len; i++) {
		keys[i].len = latin_entries(gazetteer, keys[i].key, &keys[i].entries);
		if (keys[i].len > 0)
			__builtin_prefetch(keys[i].entries);
	}
	for (size_t i = first; i < mentions->keys_len; i++)
		for (size_t k = 0; k < keys[i].len; k++)
			__builtin_prefetch(&gazetteer->posts[LATIN_NODE(keys[i].entries[k])]);
	for (size_t i = first; i < mentions->keys_len; i++)
		for (size_t k = 0; k < keys[i].len; k++)
			__builtin_prefetch(&gazetteer->postings[gazetteer->posts[LATIN_NODE(
				keys[i].entries[k])]]);
}

/* Find what begins at START: the keys FIRST .. END - 1. */
static void find_from(struct latin_mentions *mentions, size_t start, size_t first, size_t end)
{
	struct latin_span span = {.start = start, .weak = latin_is_weak(mentions, start)};
	size_t least = start + (span.weak ? WEAK_MIN : NAME_MIN);

	for (size_t i = first; i < end; i++) {
		span.end = mentions->keys[i].end;
		if (span.end >= least)
			look_up(mentions, &span, &mentions->keys[i]);
	}
}

/* May a name begin with token INDEX? */
static bool can_begin(const struct latin_text *text, size_t index)
{
	const struct latin_token *token = &text->tokens[index];

	return token->end > token->start &&
	       (token->word == LATIN_NAME || token->word == LATIN_WORD ||
		token->word == LATIN_NUMBER || token->word == LATIN_PEOPLE);
}

void latin_mentions_find(struct latin_mentions *mentions, const struct latin_text *text)
{
	assert(text);
	mentions->text = text;
	mentions->places_len = mentions->committees_len = 0;
	mentions->nodes_len = mentions->units_len = 0;
	mentions->cut = text->cut;
	if (++mentions->epoch == 0) {
		memset(mentions->marks, 0, mentions->gazetteer->admins * sizeof(*mentions->marks));
		mentions->epoch = 1;
	}
	find_level_words(mentions);
	mentions->keys_len = 0;
	for (size_t at = 0; at < text->letters_len; at++)
		if (latin_is_start(text, at) && can_begin(text, text->token_at[at]))
			add_keys(mentions, at);
	fetch(mentions, 0);
	size_t words = mentions->keys_len, next = 0;
	for (size_t at = 0; at < text->letters_len; at++) {
		size_t first = next;
		while (next < words && mentions->keys[next].start == at)
			next++;
		if (next > first) {
			find_from(mentions, at, first, next);
		} else if (!latin_is_start(text, at) && mentions->reach[at]) {
			mentions->keys_len = words;
			add_keys(mentions, at);
			fetch(mentions, words);
			find_from(mentions, at, words, mentions->keys_len);
		}
	}
	for (size_t i = 0; i < mentions->places_len; i++)
		mentions->places[i].solid = latin_is_solid(mentions, &mentions->places[i]);
}
