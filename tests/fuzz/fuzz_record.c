/* fuzz_record.c — any bytes as what the store kept of a journey, a vehicle or a flight: refused, or
 * read, written and read again the same. The first byte chooses; a journey's two records are parted
 * by the length in the two bytes behind it. */
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

#include "closedloop/journey.h"
#include "closedloop/mem.h"
#include "closedloop/transfer.h"

static void read_journey(const uint8_t *data, size_t size, struct arena *arena)
{
	static struct journey journey, again;
	const uint8_t *record, *person;
	size_t record_len, person_len, cut;
	struct err err = ERR_INIT;

	if (size < 2)
		return;
	cut = ((size_t)data[0] | (size_t)data[1] << 8) % (size - 1);
	data += 2;
	if (journey_unpack(&journey, "jny_1", data, cut, data + cut, size - 2 - cut, arena, &err) <
	    0)
		return;
	journey_pack(&journey, arena, &record, &record_len, &person, &person_len);
	int rc = journey_unpack(&again, "jny_1", record, record_len, person, person_len, arena,
				&err);
	assert(rc == 0);
}

static void read_transfer(const uint8_t *data, size_t size, struct arena *arena)
{
	static struct transfer transfer, again;
	const uint8_t *packed;
	size_t len;
	struct err err = ERR_INIT;

	if (transfer_unpack(&transfer, "T", data, size, arena, &err) < 0)
		return;
	transfer_pack(&transfer, arena, &packed, &len);
	int rc = transfer_unpack(&again, "T", packed, len, arena, &err);
	assert(rc == 0 && again.stops_len == transfer.stops_len);
}

static void read_flight(const uint8_t *data, size_t size, struct arena *arena)
{
	static struct flight flight, again;
	const uint8_t *packed;
	size_t len;
	struct err err = ERR_INIT;

	if (flight_unpack(&flight, "F", data, size, arena, &err) < 0)
		return;
	flight_pack(&flight, arena, &packed, &len);
	int rc = flight_unpack(&again, "F", packed, len, arena, &err);
	assert(rc == 0);
}

int fuzz_record(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;

	if (size == 0)
		return 0;
	if (data[0] % 3 == 0)
		read_journey(data + 1, size - 1, &arena);
	else if (data[0] % 3 == 1)
		read_transfer(data + 1, size - 1, &arena);
	else
		read_flight(data + 1, size - 1, &arena);
	arena_release(&arena);
	return 0;
}
