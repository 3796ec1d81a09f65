/* image.c — check a gazetteer image from its first byte to its last index, and point into it.
 *
 * Neighbours: image.h (the layout), gazetteer_build.c (who writes images), gazetteer.c (who looks
 * things up).
 */
#include "image.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "closedloop/text.h"

#include "edges.h"

static const struct {
	uint8_t width;
	const char *name;
} sections[] = {
	[IMAGE_LEVELS] = {4, "levels"},
	[IMAGE_ADMIN_CODES] = {4, "admin codes"},
	[IMAGE_ADMIN_PARENTS] = {4, "admin parents"},
	[IMAGE_ADMIN_NAMES] = {4, "admin names"},
	[IMAGE_ADMIN_FIRST] = {4, "admin ranges"},
	[IMAGE_ADMIN_KINDS] = {1, "admin kinds"},
	[IMAGE_COMMITTEE_STREETS] = {4, "committee streets"},
	[IMAGE_COMMITTEE_LOCALS] = {2, "committee codes"},
	[IMAGE_COMMITTEE_NAMES] = {4, "committee names"},
	[IMAGE_COMMITTEE_KINDS] = {1, "committee kinds"},
	[IMAGE_NAMES] = {1, "names"},
	[IMAGE_FOLD_FROM] = {4, "variant characters"},
	[IMAGE_FOLD_TO] = {4, "folded characters"},
	[IMAGE_LABELS] = {4, "trie labels"},
	[IMAGE_CHILDREN] = {4, "trie children"},
	[IMAGE_POSTS] = {4, "trie posts"},
	[IMAGE_POSTINGS] = {4, "postings"},
	[IMAGE_EDGES] = {8, "steps of the trie"},
	[IMAGE_READING_CHARS] = {4, "characters with readings"},
	[IMAGE_READINGS] = {sizeof(struct image_readings), "readings"},
	[IMAGE_SYLLABLES] = {1, "syllables"},
	[IMAGE_SYLLABLE_STARTS] = {4, "syllable starts"},
	[IMAGE_LATIN_STARTS] = {4, "buckets of Latin keys"},
	[IMAGE_LATIN_TAILS] = {4, "Latin keys"},
	[IMAGE_LATIN_NODES] = {4, "names of Latin keys"},
};
_Static_assert(ARRAY_LEN(sections) == IMAGE_SECTIONS, "the last section lacks its row");

uint64_t image_width(enum image_section_id id)
{
	return sections[id].width;
}

/* Four lanes, so that the multiplications overlap: 25 MB take about 5 ms. Each step is a bijection
 * of the lane for a given word, and of the word for a given lane: one damaged word cannot cancel
 * out. */
uint64_t image_checksum(const void *data, size_t len)
{
	static const uint64_t prime = 0x9E3779B97F4A7C15u;
	uint64_t lanes[4] = {1, 2, 3, 4};
	const unsigned char *bytes = data;
	size_t words = len / 8;

	assert(len % 8 == 0);
	for (size_t i = 0; i < words; i++) {
		uint64_t word, *lane = &lanes[i & 3];
		memcpy(&word, bytes + i * 8, 8);
		*lane = (*lane ^ word) * prime;
		*lane ^= *lane >> 29;
	}
	uint64_t sum = (uint64_t)len * prime;
	for (size_t i = 0; i < 4; i++) {
		sum = (sum ^ lanes[i]) * prime;
		sum ^= sum >> 32;
	}
	return sum;
}

static int check_header(const struct image_header *header, size_t len, struct err *err)
{
	if (len < sizeof(*header))
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: %zu bytes are fewer than its header has (%zu)",
			       len, sizeof(*header));
	if (len > IMAGE_MAX_SIZE)
		return err_set(err, CL_ECORRUPT, "gazetteer image: %zu bytes are more than %zu",
			       len, IMAGE_MAX_SIZE);
	if (memcmp(header->magic, IMAGE_MAGIC, sizeof(header->magic)) != 0)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: does not begin as one made by gazetteer_build");
	if (header->order != IMAGE_ORDER)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: built for a machine of another byte order");
	if (header->format != IMAGE_FORMAT)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: format %u, this program reads format %u: "
			       "build it again",
			       header->format, IMAGE_FORMAT);
	if (header->size != len || len % 8 != 0)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: %zu bytes long, its header says %llu", len,
			       (unsigned long long)header->size);
	uint64_t sum = image_checksum((const char *)header + IMAGE_SUMMED, len - IMAGE_SUMMED);
	if (sum != header->checksum)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: checksum %016llx, its header says %016llx",
			       (unsigned long long)sum, (unsigned long long)header->checksum);
	if (!memchr(header->edition, '\0', sizeof(header->edition)))
		return err_set(err, CL_ECORRUPT, "gazetteer image: edition text has no end");
	return 0;
}

static int check_sections(const struct image_header *header, size_t len, struct err *err)
{
	for (size_t i = 0; i < IMAGE_SECTIONS; i++) {
		const struct image_section *section = &header->sections[i];
		if (section->width != sections[i].width || section->offset % 8 != 0 ||
		    section->offset < sizeof(*header) || section->offset > len ||
		    section->count > (len - section->offset) / sections[i].width)
			return err_set(err, CL_ECORRUPT,
				       "gazetteer image: section '%s' does not lie inside it",
				       sections[i].name);
	}
	static const struct {
		enum image_section_id left, right;
		uint64_t more;
	} same[] = {
		{IMAGE_ADMIN_PARENTS, IMAGE_ADMIN_CODES, 0},
		{IMAGE_ADMIN_NAMES, IMAGE_ADMIN_CODES, 0},
		{IMAGE_ADMIN_FIRST, IMAGE_ADMIN_CODES, 0},
		{IMAGE_ADMIN_KINDS, IMAGE_ADMIN_CODES, 0},
		{IMAGE_COMMITTEE_LOCALS, IMAGE_COMMITTEE_STREETS, 0},
		{IMAGE_COMMITTEE_NAMES, IMAGE_COMMITTEE_STREETS, 0},
		{IMAGE_COMMITTEE_KINDS, IMAGE_COMMITTEE_STREETS, 0},
		{IMAGE_FOLD_TO, IMAGE_FOLD_FROM, 0},
		{IMAGE_CHILDREN, IMAGE_LABELS, 1},
		{IMAGE_POSTS, IMAGE_LABELS, 1},
		{IMAGE_READINGS, IMAGE_READING_CHARS, 0},
		{IMAGE_LATIN_NODES, IMAGE_LATIN_TAILS, 0},
	};
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		if (header->sections[same[i].left].count !=
		    header->sections[same[i].right].count + same[i].more)
			return err_set(err, CL_ECORRUPT,
				       "gazetteer image: sections '%s' and '%s' differ in length",
				       sections[same[i].left].name, sections[same[i].right].name);
	if (header->sections[IMAGE_LEVELS].count != UNIT_LEVELS)
		return err_set(err, CL_ECORRUPT, "gazetteer image: it does not have %d levels",
			       UNIT_LEVELS);
	if (header->sections[IMAGE_LATIN_STARTS].count != IMAGE_LATIN_BUCKETS + 1)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: it does not have %u buckets of Latin keys",
			       IMAGE_LATIN_BUCKETS);
	if (header->sections[IMAGE_LABELS].count == 0 || header->sections[IMAGE_NAMES].count == 0)
		return err_set(err, CL_ECORRUPT, "gazetteer image: it holds no names");
	return 0;
}

static void point(struct gazetteer *gazetteer, const struct image_header *header)
{
	const char *base = (const char *)header;
	const void *at[IMAGE_SECTIONS];
	uint32_t count[IMAGE_SECTIONS];

	for (size_t i = 0; i < IMAGE_SECTIONS; i++) {
		at[i] = base + header->sections[i].offset;
		count[i] = (uint32_t)header->sections[i].count;
	}
	*gazetteer = (struct gazetteer){
		.edition = header->edition,
		.levels = at[IMAGE_LEVELS],
		.admin_codes = at[IMAGE_ADMIN_CODES],
		.admin_parents = at[IMAGE_ADMIN_PARENTS],
		.admin_names = at[IMAGE_ADMIN_NAMES],
		.admin_first = at[IMAGE_ADMIN_FIRST],
		.admin_kinds = at[IMAGE_ADMIN_KINDS],
		.committee_streets = at[IMAGE_COMMITTEE_STREETS],
		.committee_locals = at[IMAGE_COMMITTEE_LOCALS],
		.committee_names = at[IMAGE_COMMITTEE_NAMES],
		.committee_kinds = at[IMAGE_COMMITTEE_KINDS],
		.names = at[IMAGE_NAMES],
		.fold_from = at[IMAGE_FOLD_FROM],
		.fold_to = at[IMAGE_FOLD_TO],
		.labels = at[IMAGE_LABELS],
		.children = at[IMAGE_CHILDREN],
		.posts = at[IMAGE_POSTS],
		.postings = at[IMAGE_POSTINGS],
		.edges = at[IMAGE_EDGES],
		.reading_chars = at[IMAGE_READING_CHARS],
		.readings = at[IMAGE_READINGS],
		.syllables = at[IMAGE_SYLLABLES],
		.syllable_starts = at[IMAGE_SYLLABLE_STARTS],
		.latin_starts = at[IMAGE_LATIN_STARTS],
		.latin_tails = at[IMAGE_LATIN_TAILS],
		.latin_nodes = at[IMAGE_LATIN_NODES],
		.admins = count[IMAGE_ADMIN_CODES],
		.committees = count[IMAGE_COMMITTEE_STREETS],
		.fold_len = count[IMAGE_FOLD_FROM],
		.nodes = count[IMAGE_LABELS],
		.names_len = count[IMAGE_NAMES],
		.postings_len = count[IMAGE_POSTINGS],
		.readings_len = count[IMAGE_READING_CHARS],
		.syllables_len = count[IMAGE_SYLLABLE_STARTS],
		.latin_len = count[IMAGE_LATIN_TAILS],
		.edges_len = count[IMAGE_EDGES],
	};
}

static int check_units(const struct gazetteer *gazetteer, struct err *err)
{
	const uint32_t *levels = gazetteer->levels;
	bool good = levels[0] == 0 && levels[LEVEL_COMMITTEE] == gazetteer->admins &&
		    gazetteer->names[gazetteer->names_len - 1] == '\0';

	for (size_t level = 0; good && level < LEVEL_COMMITTEE; level++) {
		good = levels[level] <= levels[level + 1] && levels[level + 1] <= gazetteer->admins;
		for (uint32_t i = levels[level]; good && i < levels[level + 1]; i++) {
			uint32_t parent = gazetteer->admin_parents[i];
			good = gazetteer->admin_names[i] < gazetteer->names_len &&
			       gazetteer->admin_first[i] <= gazetteer->committees &&
			       (level == 0 ? parent == IMAGE_NONE
					   : parent >= levels[level - 1] && parent < levels[level]);
		}
	}
	for (uint32_t i = 0; good && i < gazetteer->committees; i++)
		good = gazetteer->committee_names[i] < gazetteer->names_len &&
		       gazetteer->committee_streets[i] >= levels[LEVEL_STREET] &&
		       gazetteer->committee_streets[i] < gazetteer->admins &&
		       gazetteer->committee_locals[i] < 1000;
	if (!good)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: a unit points outside of the tables");
	return 0;
}

static int check_trie(const struct gazetteer *gazetteer, struct err *err)
{
	uint32_t nodes = gazetteer->nodes;
	bool good = gazetteer->children[nodes] <= nodes &&
		    gazetteer->posts[nodes] <= gazetteer->postings_len;

	for (uint32_t i = 0; good && i < nodes; i++)
		good = gazetteer->children[i] > i &&
		       gazetteer->children[i] <= gazetteer->children[i + 1] &&
		       gazetteer->posts[i] <= gazetteer->posts[i + 1];
	for (uint32_t i = 0; good && i < gazetteer->postings_len; i++) {
		uint32_t role = POSTING_ROLE(gazetteer->postings[i]);
		uint32_t unit = POSTING_UNIT(gazetteer->postings[i]);
		good = role < POSTING_ROLES &&
		       unit < (role == ROLE_COMMITTEE ? gazetteer->committees : gazetteer->admins);
	}
	if (!good)
		return err_set(err, CL_ECORRUPT, "gazetteer image: the trie points outside of it");
	return 0;
}

/* A search of the steps ends at an empty slot: there has to be one. */
static int check_edges(const struct gazetteer *gazetteer, struct err *err)
{
	uint32_t len = gazetteer->edges_len, steps = 0;
	bool good = len >= EDGES_GROUP && (len & (len - 1)) == 0 && len >= gazetteer->nodes;

	for (uint32_t i = 0; good && i < len; i++) {
		uint64_t edge = gazetteer->edges[i];
		if (edge == 0)
			continue;
		steps++;
		good = EDGE_NODE(edge) < gazetteer->nodes && EDGE_FROM(edge) < EDGE_NODE(edge);
	}
	if (!good || steps + 1 != gazetteer->nodes)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: a step of the trie points outside of it");
	return 0;
}

static int check_readings(const struct gazetteer *gazetteer, size_t bytes, struct err *err)
{
	bool good = bytes > 0 && gazetteer->syllables[bytes - 1] == '\0';

	for (uint32_t i = 0; good && i < gazetteer->syllables_len; i++)
		good = gazetteer->syllable_starts[i] < bytes;
	for (uint32_t i = 0; good && i < gazetteer->readings_len; i++)
		for (size_t k = 0; good && k < READINGS_MAX; k++)
			good = gazetteer->readings[i].syllables[k] == READING_NONE ||
			       gazetteer->readings[i].syllables[k] < gazetteer->syllables_len;
	if (!good)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: a reading points outside of the syllables");
	return 0;
}

static int check_latin(const struct gazetteer *gazetteer, struct err *err)
{
	const uint32_t *starts = gazetteer->latin_starts;
	bool good = starts[0] == 0 && starts[IMAGE_LATIN_BUCKETS] == gazetteer->latin_len;

	for (uint32_t i = 0; good && i < IMAGE_LATIN_BUCKETS; i++)
		good = starts[i] <= starts[i + 1];
	for (uint32_t i = 0; good && i < gazetteer->latin_len; i++)
		good = LATIN_NODE(gazetteer->latin_nodes[i]) < gazetteer->nodes;
	if (!good)
		return err_set(err, CL_ECORRUPT,
			       "gazetteer image: a Latin key points outside of the trie");
	return 0;
}

int image_read(struct gazetteer *out, const void *image, size_t len, struct err *err)
{
	int rc;

	if ((rc = check_header(image, len, err)) < 0)
		return rc;
	if ((rc = check_sections(image, len, err)) < 0)
		return rc;
	point(out, image);
	if ((rc = check_units(out, err)) < 0)
		return rc;
	if ((rc = check_trie(out, err)) < 0)
		return rc;
	if ((rc = check_edges(out, err)) < 0)
		return rc;
	if ((rc = check_latin(out, err)) < 0)
		return rc;
	const struct image_header *header = image;
	return check_readings(out, (size_t)header->sections[IMAGE_SYLLABLES].count, err);
}
