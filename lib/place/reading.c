/* reading.c — look up how characters are read, in the tables of the image.
 *
 * Neighbours: image.h (the tables); typo.c, latin_repair.c and cover_latin.c ask.
 */
#include "reading.h"

#include <stddef.h>

const struct image_readings *reading_find(const struct gazetteer *gazetteer, uint32_t symbol)
{
	uint32_t low = 0, high = gazetteer->readings_len;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (gazetteer->reading_chars[middle] < symbol)
			low = middle + 1;
		else
			high = middle;
	}
	return low < gazetteer->readings_len && gazetteer->reading_chars[low] == symbol
		       ? &gazetteer->readings[low]
		       : NULL;
}

bool reading_alike(const struct gazetteer *gazetteer, uint32_t left, uint32_t right)
{
	const struct image_readings *a = reading_find(gazetteer, left);
	const struct image_readings *b = reading_find(gazetteer, right);

	for (size_t i = 0; a && b && i < READINGS_MAX && a->syllables[i] != READING_NONE; i++)
		for (size_t j = 0; j < READINGS_MAX && b->syllables[j] != READING_NONE; j++)
			if (a->syllables[i] == b->syllables[j])
				return true;
	return false;
}
