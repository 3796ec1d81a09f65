/* latin_doubt.h — whether words that nothing explains cast doubt on an answer (latin_doubt.c).
 */
#ifndef CLOSEDLOOP_PLACE_LATIN_DOUBT_H
#define CLOSEDLOOP_PLACE_LATIN_DOUBT_H

#include "latin_judge.h"

/* Does the text say that it is about another country, or a place the gazetteer does not have? */
bool latin_is_abroad(const struct latin_text *text);
/* Does it say that the place is only near what it names? */
bool latin_is_near(const struct latin_text *text);

/* Is a place written that neither what JUDGE explained nor COMMITTEE accounts for: with a level
 * word; a province or city in short? */
bool latin_has_stray(const struct latin_judge *judge, const struct latin_mention *committee);
bool latin_has_stray_city(const struct latin_judge *judge, const struct latin_mention *committee);

/* Is the place named after COMMITTEE, or near it? Or does the name seem to go on? */
bool latin_is_blurred(const struct latin_judge *judge, const struct latin_mention *committee);

#endif
