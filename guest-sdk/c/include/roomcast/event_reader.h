/** Events out of an answer of the type `text/event-stream` that comes in pieces. */
#ifndef ROOMCAST_EVENT_READER_H
#define ROOMCAST_EVENT_READER_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes events of pieces, cut wherever they may be. Start with zeroes, one for each fetch; `rc_event_reader_free` in the
 * end. To go on after a reload, save `rest`, and feed it to a new one.
 */
typedef struct rc_event_reader {
    /** What has come of the next event so far. Owned by the reader. */
    rc_text rest;
    /** The reader's own: how much memory `rest` has, where its last line begins, and how much of it has been looked at. */
    size_t capacity;
    size_t line;
    size_t seen;
    /** The reader's own: the start of the stream has come; the last line has ended with CR, to which an LF may belong. */
    bool begun;
    bool after_cr;
} rc_event_reader;

/** Several events. */
typedef struct rc_events {
    const rc_event *list;
    size_t count;
} rc_events;

/**
 * Take the next piece. The answer is the events that are complete with it, valid until the hook returns; each has the
 * `event`, `data` and `id` that its own lines say, and one without data is left out, as in a browser.
 */
rc_events rc_event_reader_feed(rc_event_reader *reader, rc_text piece);

/** Give the reader's memory back. It is then as new. */
void rc_event_reader_free(rc_event_reader *reader);

#ifdef __cplusplus
}
#else
#define rc_event_reader_feed(reader, piece) (rc_event_reader_feed)(reader, RC_TEXT(piece))
#endif
#endif
