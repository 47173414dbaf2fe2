/*
 * json_datetime.c
 *	  Dates and timestamps in ISO 8601, as to_json prints them whatever
 *	  DateStyle says.
 *
 * Not here: time, timetz and interval, which to_json prints by their output
 * functions.
 *
 * Values of the years 1 to 9999 are printed here; all others, the infinities
 * among them, by the server's JsonEncodeDateTime. What costs the server most
 * is to look up the offset of the time zone, so the span of time for which
 * the last one holds is remembered.
 */
#include "base/compat.h"

#include "base/json_writer.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/timestamp.h"

/* Julian days of 0001-01-01 and 10000-01-01, counted from 2000-01-01 */
#define FIRST_DAY (-730119)
#define END_DAY 2921940

/* a day off either end, for the time zone */
#define FIRST_SAFE ((FIRST_DAY + 1) * USECS_PER_DAY)
#define END_SAFE ((END_DAY - 1) * USECS_PER_DAY)

#define EPOCH_DIFFERENCE ((pg_time_t) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

/* how far before a time the search for the transition before it begins */
#define LOOK_BACK ((pg_time_t) 400 * SECS_PER_DAY)

/*
 * The offset from UTC that holds in "zone" from "start" to before "end", in
 * Unix seconds. Zones are never freed, so the pointer identifies one.
 */
static struct
{
	const pg_tz *zone;
	pg_time_t	start;
	pg_time_t	end;
	int			offset;
}			known_offset;

static const char two_digits[] =
"00010203040506070809"
"10111213141516171819"
"20212223242526272829"
"30313233343536373839"
"40414243444546474849"
"50515253545556575859"
"60616263646566676869"
"70717273747576777879"
"80818283848586878889"
"90919293949596979899";

static inline char *
put2(char *out, unsigned int number)
{
	memcpy(out, two_digits + 2 * number, 2);
	return out + 2;
}

static inline char *
put_date(char *out, int day)
{
	int			year;
	int			month;
	int			mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	out = put2(out, year / 100);
	out = put2(out, year % 100);
	*out++ = '-';
	out = put2(out, month);
	*out++ = '-';
	return put2(out, mday);
}

/* microseconds of a day; a fraction of a second without its trailing zeros */
static inline char *
put_time(char *out, int64 time)
{
	unsigned int seconds = time / USECS_PER_SEC;
	unsigned int fraction = time % USECS_PER_SEC;

	out = put2(out, seconds / SECS_PER_HOUR);
	*out++ = ':';
	out = put2(out, seconds / SECS_PER_MINUTE % MINS_PER_HOUR);
	*out++ = ':';
	out = put2(out, seconds % SECS_PER_MINUTE);
	if (fraction != 0)
	{
		*out++ = '.';
		out = put2(out, fraction / 10000);
		out = put2(out, fraction / 100 % 100);
		out = put2(out, fraction % 100);
		while (out[-1] == '0')
			out--;
	}
	return out;
}

static inline char *
put_timestamp(char *out, Timestamp timestamp)
{
	int64		day = timestamp / USECS_PER_DAY;
	int64		time = timestamp % USECS_PER_DAY;

	if (time < 0)
	{
		time += USECS_PER_DAY;
		day--;
	}
	out = put_date(out, (int) day);
	*out++ = 'T';
	return put_time(out, time);
}

static inline char *
put_offset(char *out, int offset)
{
	unsigned int seconds = abs(offset);

	*out++ = offset < 0 ? '-' : '+';
	out = put2(out, seconds / SECS_PER_HOUR);
	*out++ = ':';
	out = put2(out, seconds / SECS_PER_MINUTE % MINS_PER_HOUR);
	if (seconds % SECS_PER_MINUTE != 0)
	{
		*out++ = ':';
		out = put2(out, seconds % SECS_PER_MINUTE);
	}
	return out;
}

/*
 * Sets "end" to the first change of the zone's rules after "time", to the end
 * of all time when there is none. Whether there is one may be unknown at the
 * very second of a change; the second after it is asked then.
 */
static void
next_transition(pg_time_t time, pg_time_t *end)
{
	for (int i = 0; i < 2; i++)
	{
		long		before;
		long		after;
		int			before_dst;
		int			after_dst;
		pg_time_t	at = time + i;

		if (pg_next_dst_boundary(&at, &before, &before_dst, end, &after, &after_dst, session_timezone) > 0)
			return;
	}
	*end = PG_INT64_MAX;
}

/* The offset comes from the very function that the server uses; only the span from another. */
static void
learn_offset(pg_time_t time)
{
	pg_time_t	start = time - LOOK_BACK;
	pg_time_t	end;

	next_transition(start, &end);
	while (end <= time)
	{
		start = end;
		next_transition(start, &end);
	}
	known_offset.offset = pg_localtime(&time, session_timezone)->tm_gmtoff;
	known_offset.start = start;
	known_offset.end = end;
	known_offset.zone = session_timezone;
}

static inline int
session_offset(Timestamp timestamp)
{
	int64		seconds = timestamp / USECS_PER_SEC;
	pg_time_t	time;

	if (timestamp % USECS_PER_SEC < 0)
		seconds--;
	time = seconds + EPOCH_DIFFERENCE;
	if (unlikely(known_offset.zone != session_timezone || time < known_offset.start ||
				 time >= known_offset.end))
		learn_offset(time);
	return known_offset.offset;
}

static void
encode_unusual(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	char		text[MAXDATELEN + 1];

	JsonEncodeDateTime(text, value, encoder->type, NULL);
	orm_json_escape(buf, text, strlen(text));
}

void
orm_json_encode_date(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	DateADT		date = DatumGetDateADT(value);
	char	   *out;

	if (unlikely(date < FIRST_DAY || date >= END_DAY))
	{
		encode_unusual(buf, value, encoder);
		return;
	}
	orm_buffer_reserve(buf, MAXDATELEN);
	out = buf->data + buf->len;
	*out++ = '"';
	out = put_date(out, date);
	*out++ = '"';
	buf->len = out - buf->data;
}

void
orm_json_encode_timestamp(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	char	   *out;

	if (unlikely(timestamp < FIRST_SAFE || timestamp >= END_SAFE))
	{
		encode_unusual(buf, value, encoder);
		return;
	}
	orm_buffer_reserve(buf, MAXDATELEN);
	out = buf->data + buf->len;
	*out++ = '"';
	out = put_timestamp(out, timestamp);
	*out++ = '"';
	buf->len = out - buf->data;
}

void
orm_json_encode_timestamptz(OrmBuffer *buf, Datum value, OrmEncoder *encoder)
{
	TimestampTz timestamp = DatumGetTimestampTz(value);
	int			offset;
	char	   *out;

	if (unlikely(timestamp < FIRST_SAFE || timestamp >= END_SAFE))
	{
		encode_unusual(buf, value, encoder);
		return;
	}
	offset = session_offset(timestamp);
	orm_buffer_reserve(buf, MAXDATELEN);
	out = buf->data + buf->len;
	*out++ = '"';
	out = put_timestamp(out, timestamp + offset * USECS_PER_SEC);
	out = put_offset(out, offset);
	*out++ = '"';
	buf->len = out - buf->data;
}
