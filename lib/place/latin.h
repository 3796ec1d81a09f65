/* latin.h — an address in pinyin or English becomes a committee, or a question.
 *
 * "Room 602, No. 5, Lane 1800, Huangxing Road, Shiguang Community, Changhai Road Subdistrict,
 * Yangpu District, Shanghai" and "Shanghaishi Yangpuqu Changhailujiedao Shiguangjuweihui" say the
 * same. Romanised names have lost their tones: an answer is exact only when one committee fits
 * under every reading. Where Chinese characters stand beside the letters, their reading goes first;
 * letters only settle what it left open, or contradict it.
 *
 * Rooms in order: latin_text (words and letters; latin_word knows English), latin_mention (names
 * among the letters; latin_key looks them up, latin_mark and latin_solid say what they are where
 * they stand), latin_judge (place and candidates), latin_repair (one wrong letter), latin_way and
 * latin_doubt (what the only candidate is worth), latin and latin_answer (the verdict); latin_road
 * reads roads and numbers for coverage (latin_door.h).
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_H
#define CLOSEDLOOP_PLACE_LATIN_H

#include <stdbool.h>

#include "closedloop/match.h"

#include "image.h"

#define LATIN_LETTERS_MIN 4 /* Fewer letters name no place: Lu Xian has six. */

struct latin; /* Scratch space; one per matcher. */

struct latin *latin_new(const struct gazetteer *gazetteer);
void latin_free(struct latin *latin);

/* Read ADDRESS when Latin letters can tell more than OUT, the result of the Chinese reading, says;
 * OUT keeps its normalized text and what is not decided here. */
void latin_match(struct latin *latin, const char *address, struct match *out);
/* Read an address that has fewer than LATIN_LETTERS_MIN Latin letters: there is nothing in it. */
void latin_skip(struct latin *latin);

/* After latin_match: the admin unit that letters alone have settled, when characters beside them
 * may name the committee (市光社区, Yangpu District); IMAGE_NONE when there is none, or OUT needs
 * no help. */
uint32_t latin_place(const struct latin *latin, const struct match *out);
/* Put the letters that name the place into the words of OUT. */
void latin_add_words(const struct latin *latin, struct match *out);

#endif
