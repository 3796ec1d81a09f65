/* list_name.h — whether words of a committee's list can name a road or an estate. Private to
 * lib/place; coverage_list.c asks. */
#ifndef CLOSEDLOOP_PLACE_LIST_NAME_H
#define CLOSEDLOOP_PLACE_LIST_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Why TEXT[0..LEN) is no name of a road (ROAD) or an estate; NULL when it may be one. */
const char *list_name_fault(const char *text, size_t len, bool road);
/* It heads a list or a part of it: 居委, 道路. */
bool list_is_label(const char *text, size_t len);
/* What follows it is somebody else's: 不属于本居委. */
bool list_is_denial(const char *text, size_t len);
/* It ends as committees are called. */
bool list_is_committee(const char *text, size_t len);

#endif
