/** Parses answers of the type `text/event-stream` in chunks. */
#ifndef ROOMCAST_EVENT_READER_H
#define ROOMCAST_EVENT_READER_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Parses events from chunks that may end anywhere. Use one per fetch, zero-initialized, and `rc_event_reader_free` it at the
 * end. To continue after a reload, save `rest` and feed it to a new reader.
 */
typedef struct rc_event_reader {
    /** The unfinished event. Owned by the reader. */
    rc_text rest;
    /** Private: the capacity of `rest`, the start of its last line, and how far it has been scanned. */
    size_t capacity;
    size_t line;
    size_t seen;
    /** Private: the start of the stream has been read; the last line ended with CR, to which an LF may belong. */
    bool begun;
    bool after_cr;
} rc_event_reader;

/** Several events. */
typedef struct rc_events {
    const rc_event *list;
    size_t count;
} rc_events;

/**
 * Parse the next chunk. Returns the events that it completes, valid until the hook returns. Each has the `event`, `data` and
 * `id` of its own lines; events without data are left out, as in a browser.
 */
rc_events rc_event_reader_feed(rc_event_reader *reader, rc_text piece);

/** Free the reader's memory. It can then be reused. */
void rc_event_reader_free(rc_event_reader *reader);

#ifdef __cplusplus
}
#else
#define rc_event_reader_feed(reader, piece) (rc_event_reader_feed)(reader, RC_TEXT(piece))
#endif
#endif
