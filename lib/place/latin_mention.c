/* latin_mention.c — look up every run of letters that can be a name, and mark whom it can mean.
 *
 * Neighbours: latin_text.c has the letters, latin_word.c the level words, latin_key.c the names;
 * latin_judge.c weighs what is found here.
 */
#include "latin_mention.h"

#include <assert.h>
#include <string.h>

#include "closedloop/mem.h"

#include "affix.h"
#include "latin_key.h"
#include "latin_level.h"
#include "latin_word.h"

#define NAME_MIN 2 /* Letters of the shortest name worth a look. */
#define WEAK_MIN 6 /* The same after a word that it may belong to. */

/* Letters START .. END - 1 of a name. */
struct span {
	size_t start, end;
	bool weak;
};

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

static uint32_t first_posting(const struct gazetteer *gazetteer, uint32_t low, uint32_t high,
			      uint32_t posting)
{
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (gazetteer->postings[middle] < posting)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void latin_postings(const struct gazetteer *gazetteer, uint32_t node, enum posting_role role,
		    uint32_t *first, uint32_t *end)
{
	uint32_t low = gazetteer->posts[node], high = gazetteer->posts[node + 1];

	/* Most nodes have one role: look there before searching. */
	*first = *end = high;
	if (low == high || POSTING_ROLE(gazetteer->postings[high - 1]) < role)
		return;
	*first = POSTING_ROLE(gazetteer->postings[low]) < role
			 ? first_posting(gazetteer, low, high, POSTING(role, 0))
			 : low;
	*end = POSTING_ROLE(gazetteer->postings[high - 1]) == role
		       ? high
		       : first_posting(gazetteer, *first, high, POSTING(role + 1, 0));
}

static const struct latin_token *token_at(const struct latin_text *text, size_t at)
{
	return &text->tokens[text->token_at[at]];
}

/* Is there a comma or the like between letters START and END? */
static bool is_cut(const struct latin_text *text, size_t start, size_t end)
{
	for (size_t at = start + 1; at < end; at++)
		if (latin_is_break(text, at))
			return true;
	return false;
}

/* Can the word before letter AT belong to a name that begins there? */
static bool is_weak(const struct latin_mentions *mentions, size_t at)
{
	const struct latin_text *text = mentions->text;
	size_t token = text->token_at[at];

	if (text->tokens[token].hard || mentions->reach[at])
		return false;
	/* Nei No. 6 is one name. */
	if (text->tokens[token].word == LATIN_NUMBER && text->tokens[token - 1].word == LATIN_NO &&
	    !text->tokens[token - 1].hard)
		token--;
	switch ((enum latin_class)text->tokens[token - 1].word) {
	case LATIN_NAME:
		return !latin_is_door_word(text, token - 1);
	case LATIN_WORD:
	case LATIN_PEOPLE:
	case LATIN_SERVICE:
		return true;
	case LATIN_NEAR:
	case LATIN_NUMBER:
	case LATIN_LEVEL:
	case LATIN_ROAD:
	case LATIN_LANE:
	case LATIN_NO:
	case LATIN_BUILDING:
	case LATIN_INSIDE:
	case LATIN_COUNTRY:
	case LATIN_ABROAD:
	case LATIN_PERSON:
	case LATIN_FILLER:
		break;
	}
	return false;
}

/* The mention of LEVEL at START .. END in FORM, made when it is new; its index, or SIZE_MAX when
 * there is no room. */
static size_t place(struct latin_mentions *mentions, const struct span *span, size_t end,
		    enum unit_level level, enum latin_form form)
{
	for (size_t i = mentions->places_len; i > 0; i--) {
		const struct latin_mention *known = &mentions->places[i - 1];
		if (known->start != span->start)
			break;
		if (known->end == end && known->level == level && known->form == form &&
		    known->core_end == span->end)
			return i - 1;
	}
	if (mentions->places_len == LATIN_PLACES_MAX) {
		mentions->cut = true;
		return SIZE_MAX;
	}
	mentions->places[mentions->places_len] = (struct latin_mention){
		.start = (uint16_t)span->start,
		.core_end = (uint16_t)span->end,
		.end = (uint16_t)end,
		.level = (uint8_t)level,
		.form = (uint8_t)form,
		.weak = span->weak,
		.inner = !latin_is_start(mentions->text, end),
	};
	return mentions->places_len++;
}

static void mark(struct latin_mentions *mentions, const struct span *span, size_t end,
		 enum unit_level level, enum latin_form form, uint32_t unit)
{
	size_t index = place(mentions, span, end, level, form);
	struct latin_mark *at = &mentions->marks[unit];

	if (index == SIZE_MAX)
		return;
	if (at->epoch != mentions->epoch) {
		if (mentions->units_len == LATIN_UNITS_MAX) {
			mentions->cut = true;
			return;
		}
		mentions->units[mentions->units_len++] = unit;
		at->epoch = mentions->epoch;
		at->mask = 0;
	}
	at->mask |= (uint64_t)1 << index;
	if (form >= LATIN_FORM_NEAR)
		mentions->reach[end] = true;
}

static const char *name_of(const struct latin_mentions *mentions, uint32_t unit)
{
	return mentions->gazetteer->names + mentions->gazetteer->admin_names[unit];
}

static bool ends(const char *name, const char *word)
{
	size_t len = strlen(name), size = strlen(word);

	return size <= len && strcmp(name + len - size, word) == 0;
}

/* Does a name that ends like NAME's get the level word LETTERS[0..LEN)? */
static bool level_fits(const char *name, const char *letters, size_t len)
{
	static const struct {
		const char *letters, *word;
	} rows[] = {
		{"sheng", "省"},  {"shi", "市"},  {"qu", "区"},	  {"xinqu", "新区"},
		{"diqu", "地区"}, {"xian", "县"}, {"xian", "旗"}, {"qi", "旗"},
		{"meng", "盟"},	  {"zhou", "州"}, {"zhou", "盟"}, {"zhou", "地区"},
		{"diqu", "盟"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].letters) == len && memcmp(rows[i].letters, letters, len) == 0 &&
		    ends(name, rows[i].word))
			return true;
	return false;
}

/* After a short name: where "Zhuang Autonomous Region" ends, or 0. */
static size_t autonomous_end(const struct latin_mentions *mentions, size_t at)
{
	const struct latin_text *text = mentions->text;
	size_t token = latin_next(text, at), skipped = 0;

	for (; token < text->tokens_len && !text->tokens[token].hard && skipped < 4; skipped++) {
		at = text->tokens[token].start;
		if (strncmp(text->letters + at, "zizhi", 5) == 0 && mentions->admin_len[at] > 5)
			return at + mentions->admin_len[at];
		const struct latin_token *people = &text->tokens[token++];
		bool zu = people->end >= people->start + 4 &&
			  memcmp(text->letters + people->end - 2, "zu", 2) == 0;
		if (people->word != LATIN_PEOPLE && people->word != LATIN_FILLER && !zu)
			return 0;
	}
	return 0;
}

/* Letters that END in a short name of UNIT: how it goes on decides what they are worth. */
static void mark_short(struct latin_mentions *mentions, const struct span *span,
		       enum unit_level level, uint32_t unit)
{
	const struct latin_text *text = mentions->text;
	size_t end = span->end, word = mentions->admin_len[end];
	size_t token = latin_next(text, end);

	if (!latin_is_start(text, end) && word == 0)
		return;
	if (word > 0 && !is_cut(text, span->start, end + word) &&
	    latin_is_start(text, end + word) && !latin_is_hard(text, end)) {
		bool fits = level_fits(name_of(mentions, unit), text->letters + end, word);
		mark(mentions, span, end + word, level, fits ? LATIN_FORM_NEAR : LATIN_FORM_OTHER,
		     unit);
		return;
	}
	if (!latin_is_start(text, end))
		return;
	size_t autonomous = autonomous_end(mentions, end);
	if (autonomous > 0 && strstr(name_of(mentions, unit), "自治")) {
		mark(mentions, span, autonomous, level, LATIN_FORM_NEAR, unit);
		return;
	}
	bool goes_on = token < text->tokens_len && !text->tokens[token].hard;
	if (goes_on && (text->tokens[token].word == LATIN_SERVICE ||
			text->tokens[token].word == LATIN_BUILDING ||
			text->tokens[token].word == LATIN_LEVEL || latin_road_follows(text, token)))
		return;
	mark(mentions, span, end, level, LATIN_FORM_SHORT, unit);
}

/* Postings rise by role: provinces, cities and counties come first. */
static void mark_uppers(struct latin_mentions *mentions, const struct span *span, uint32_t node)
{
	static const struct {
		enum unit_level level;
		bool full;
	} roles[] = {
		[ROLE_PROVINCE_FULL] = {LEVEL_PROVINCE, true},
		[ROLE_PROVINCE_SHORT] = {LEVEL_PROVINCE, false},
		[ROLE_CITY_FULL] = {LEVEL_CITY, true},
		[ROLE_CITY_SHORT] = {LEVEL_CITY, false},
		[ROLE_COUNTY_FULL] = {LEVEL_COUNTY, true},
		[ROLE_COUNTY_SHORT] = {LEVEL_COUNTY, false},
	};
	const struct gazetteer *gazetteer = mentions->gazetteer;

	for (uint32_t i = gazetteer->posts[node]; i < gazetteer->posts[node + 1]; i++) {
		uint32_t role = POSTING_ROLE(gazetteer->postings[i]);
		uint32_t unit = POSTING_UNIT(gazetteer->postings[i]);
		if (role >= ROLE_STREET)
			break;
		if (roles[role].full)
			mark(mentions, span, span->end, roles[role].level, LATIN_FORM_FULL, unit);
		else
			mark_short(mentions, span, roles[role].level, unit);
	}
}

/* English has one word for 镇 and 乡 in many mouths, and none for 地区 and the farms and parks that
 * are streets. */
static enum latin_form street_form(uint8_t written, uint8_t kind, bool english)
{
	if (written == kind)
		return LATIN_FORM_FULL;
	if (kind == STREET_WHOLE)
		return LATIN_FORM_NEAR;
	if (english && ((written == STREET_TOWN && kind == STREET_TOWNSHIP) ||
			(written == STREET_TOWNSHIP && kind == STREET_TOWN) ||
			(written == STREET_SUBDISTRICT && kind == STREET_AREA)))
		return LATIN_FORM_NEAR;
	return LATIN_FORM_OTHER;
}

/* "Hongqiao Street" is 虹桥街道 to some: its length when a road word of that kind stands at AT and
 * no house follows. */
static size_t bare_street_at(const struct latin_text *text, size_t at)
{
	const struct latin_token *token = token_at(text, at);

	return at == token->start && token->word == LATIN_ROAD && token->end == at + 3 &&
			       memcmp(text->letters + at, "jie", 3) == 0 &&
			       latin_is_hard(text, token->end)
		       ? 3
		       : 0;
}

static void mark_streets(struct latin_mentions *mentions, const struct span *span, uint32_t node)
{
	const struct latin_text *text = mentions->text;
	const struct gazetteer *gazetteer = mentions->gazetteer;
	size_t at = span->end, word = mentions->street_len[at];
	bool english = token_at(text, at)->word == LATIN_LEVEL;
	uint8_t written = STREET_WHOLE;
	uint32_t i, end;

	if (word > 0 && is_cut(text, span->start, at + word))
		word = 0;
	if (latin_is_break(text, at))
		word = 0;
	if (word > 0)
		latin_level_word(text, LATIN_OF_STREET, at, &written);
	size_t bare = word == 0 && latin_is_start(text, at) && !latin_is_break(text, at)
			      ? bare_street_at(text, at)
			      : 0;
	latin_postings(gazetteer, node, ROLE_STREET, &i, &end);
	for (; i < end; i++) {
		uint32_t unit = POSTING_UNIT(gazetteer->postings[i]);
		uint8_t kind = gazetteer->admin_kinds[unit];
		if (word > 0)
			mark(mentions, span, at + word, LEVEL_STREET,
			     street_form(written, kind, english), unit);
		else if (kind == STREET_WHOLE && latin_is_start(text, at))
			mark(mentions, span, at, LEVEL_STREET, LATIN_FORM_FULL, unit);
		else if (bare > 0 && kind == STREET_SUBDISTRICT)
			mark(mentions, span, at + bare, LEVEL_STREET, LATIN_FORM_OTHER, unit);
	}
}

static void keep_committee(struct latin_mentions *mentions, const struct span *span, size_t end,
			   uint8_t kind, uint32_t node)
{
	struct latin_mention *last = mentions->committees_len > 0
					     ? &mentions->committees[mentions->committees_len - 1]
					     : NULL;

	if (!last || last->start != span->start || last->core_end != span->end) {
		if (mentions->committees_len == LATIN_COMMITTEES_MAX) {
			mentions->cut = true;
			return;
		}
		last = &mentions->committees[mentions->committees_len++];
		*last = (struct latin_mention){
			.start = (uint16_t)span->start,
			.core_end = (uint16_t)span->end,
			.end = (uint16_t)end,
			.level = LEVEL_COMMITTEE,
			.form = LATIN_FORM_FULL,
			.kind = kind,
			.weak = span->weak,
			.inner = !latin_is_start(mentions->text, end),
			.first = (uint32_t)mentions->nodes_len,
		};
	}
	if (mentions->nodes_len == LATIN_NODES_MAX) {
		mentions->cut = true;
		return;
	}
	mentions->nodes[mentions->nodes_len++] = node;
	last->count++;
}

/* Does the word at letter START stand in a bracket? Vienna Hotel (Litun) tells which hotel. */
static bool is_bracketed(const struct latin_text *text, size_t start)
{
	const struct latin_token *token = token_at(text, start);
	size_t from = token > text->tokens ? token[-1].until : 0;

	for (size_t at = from; at < token->from; at++)
		if (text->source[at] == '(' || strncmp(text->source + at, "（", 3) == 0)
			return true;
	return false;
}

/* Can a committee's name stand here without its kind word? It has to be alone in its part of the
 * address, but for the number of a house: Zhidan Road is a road. A name that ends in cun itself
 * (莘松 三村) needs none. */
static bool can_be_bare(const struct latin_text *text, const struct span *span)
{
	bool village = span->end >= span->start + 6 &&
		       memcmp(text->letters + span->end - 3, "cun", 3) == 0;

	if (!latin_is_start(text, span->end))
		return false;
	if (village && !span->weak)
		return true;
	if (!token_at(text, span->start)->hard || is_bracketed(text, span->start))
		return false;
	const struct latin_token *next = &text->tokens[latin_next(text, span->end)];
	return next->hard || next->word == LATIN_NO;
}

static void find_committees(struct latin_mentions *mentions, const struct span *span, uint32_t node)
{
	const struct latin_text *text = mentions->text;
	size_t end = span->end;
	uint8_t kind = KIND_BARE, more;

	while (mentions->kind_len[end] > 0 && !latin_is_break(text, end) &&
	       !is_cut(text, span->start, end + mentions->kind_len[end])) {
		size_t len = latin_level_word(text, LATIN_OF_COMMITTEE, end, &more);
		if (kind != KIND_BARE && !latin_is_start(text, end + len))
			break;
		kind = more; /* 南口村居委会: the last word says it. */
		end += len;
	}
	if (kind == KIND_BARE && !can_be_bare(text, span))
		return;
	keep_committee(mentions, span, end, kind, node);
	if (kind != KIND_BARE && latin_is_start(text, end))
		mentions->reach[end] = true;
}

/* Bits of enum latin_has that letters which end where SPAN does can stand for. */
static uint32_t wanted(const struct latin_mentions *mentions, const struct span *span)
{
	const struct latin_text *text = mentions->text;
	size_t end = span->end;
	bool word = latin_is_start(text, end);
	uint32_t bits = LATIN_HAS_UPPER;

	if (mentions->street_len[end] > 0 || word)
		bits |= LATIN_HAS_STREET | LATIN_HAS_WHOLE;
	if (mentions->kind_len[end] > 0 || can_be_bare(text, span))
		bits |= LATIN_HAS_COMMITTEE;
	return bits;
}

static void look_up(struct latin_mentions *mentions, const struct span *span,
		    const struct latin_at *at)
{
	uint32_t bits = at->len > 0 ? wanted(mentions, span) : 0;

	for (size_t i = 0; i < at->len; i++) {
		uint32_t has = LATIN_HAS(at->entries[i]) & bits;
		uint32_t node = LATIN_NODE(at->entries[i]);
		if (has & LATIN_HAS_UPPER)
			mark_uppers(mentions, span, node);
		if (has & (LATIN_HAS_STREET | LATIN_HAS_WHOLE))
			mark_streets(mentions, span, node);
		if (has & LATIN_HAS_COMMITTEE)
			find_committees(mentions, span, node);
	}
}

/* Is END inside of a word that we have spelled ourselves: 57 is wushiqi, and no banner of Wushi? */
static bool is_inside_spelled(const struct latin_text *text, size_t start, size_t end)
{
	const struct latin_token *last = token_at(text, end - 1);

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
			__builtin_prefetch(
				&gazetteer->postings
					 [gazetteer->posts[LATIN_NODE(keys[i].entries[k])]]);
}

/* Find what begins at START: the keys FIRST .. END - 1. */
static void find_from(struct latin_mentions *mentions, size_t start, size_t first, size_t end)
{
	struct span span = {.start = start, .weak = is_weak(mentions, start)};
	size_t least = start + (span.weak ? WEAK_MIN : NAME_MIN);

	for (size_t i = first; i < end; i++) {
		span.end = mentions->keys[i].end;
		if (span.end >= least)
			look_up(mentions, &span, &mentions->keys[i]);
	}
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

/* May a name begin with token INDEX? */
static bool can_begin(const struct latin_text *text, size_t index)
{
	const struct latin_token *token = &text->tokens[index];

	return token->end > token->start &&
	       (token->word == LATIN_NAME || token->word == LATIN_WORD ||
		token->word == LATIN_NUMBER || token->word == LATIN_PEOPLE);
}

/* Is mention INDEX alone in its part of the address? */
static bool is_alone(const struct latin_text *text, const struct latin_mention *mention)
{
	return token_at(text, mention->start)->hard &&
	       text->tokens[latin_next(text, mention->end)].hard;
}

/* Does a mention with a level or kind word begin at letter END? */
static bool goes_on(const struct latin_mentions *mentions, size_t end)
{
	for (size_t i = 0; i < mentions->places_len; i++)
		if (mentions->places[i].start == end)
			return true;
	for (size_t i = 0; i < mentions->committees_len; i++)
		if (mentions->committees[i].start == end &&
		    mentions->committees[i].kind != KIND_BARE)
			return true;
	return false;
}

/* Does a place with its own level word begin at letter END? Nandajie is no road in Nandajie Jiedao,
 * nor Zhongxiang a lane in Zhongxiang Shi. */
static bool place_follows(const struct latin_mentions *mentions, size_t end)
{
	for (size_t i = 0; i < mentions->places_len; i++)
		if (mentions->places[i].start == end && mentions->places[i].form >= LATIN_FORM_NEAR)
			return true;
	return false;
}

/* 郏县 in Jiaxian Village: the letters are those of a committee, too. */
static bool is_in_committee(const struct latin_mentions *mentions,
			    const struct latin_mention *place)
{
	for (size_t i = 0; i < mentions->committees_len; i++) {
		const struct latin_mention *committee = &mentions->committees[i];
		if (committee->kind != KIND_BARE && committee->start <= place->start &&
		    committee->end >= place->end)
			return true;
	}
	return false;
}

/* A place with its level word contradicts places elsewhere, and so does one that stands alone; but
 * not one that may be a part of something else: of a word, a committee's name, a road's (Sixiang
 * Road). */
static bool is_solid(const struct latin_mentions *mentions, const struct latin_mention *place)
{
	const struct latin_text *text = mentions->text;

	if (is_in_committee(mentions, place))
		return false;
	if (place->form == LATIN_FORM_SHORT)
		return is_alone(text, place);
	if (place->weak)
		return false;
	if (place->inner)
		return goes_on(mentions, place->end);
	return latin_is_hard(text, place->end) || place_follows(mentions, place->end) ||
	       !latin_road_follows(text, latin_next(text, place->end));
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
		mentions->places[i].solid = is_solid(mentions, &mentions->places[i]);
}
