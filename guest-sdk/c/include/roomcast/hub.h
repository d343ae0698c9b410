/**
 * Connections and rooms. No call blocks, and none calls a hook; what one instance does is seen by every client in the
 * order of its calls. Where a result is written through a pointer, NULL leaves it out.
 */
#ifndef ROOMCAST_HUB_H
#define ROOMCAST_HUB_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Send an event to one connection. During `on_connect` it is kept, and goes out right after the stream's head. */
rc_error rc_send(rc_connection connection, rc_event event);

/** Send a comment, which scripts in a page cannot see. No CR, LF or NUL. */
rc_error rc_comment(rc_connection connection, rc_text text);

/** End a connection after what was sent to it before. `on_disconnect` follows, with `RC_PLUGIN_CLOSED`. */
rc_error rc_close(rc_connection connection);

/** Whether a connection is open. */
bool rc_is_open(rc_connection connection);

/**
 * Put a connection into a room, which comes into being with its first member. No effect if it is already a member. A room's
 * name is 1 to 256 bytes without control characters.
 */
rc_error rc_join(rc_connection connection, rc_text room);

/** Take a connection out of a room. No error when it is not in it. */
rc_error rc_leave(rc_connection connection, rc_text room);

/** The rooms that a connection is in, the auto-join room among them. */
rc_error rc_rooms(rc_connection connection, rc_texts *rooms);

/** The text that a plugin attached to a connection; none before the first `rc_set_tag`. Still there in `on_disconnect`. */
rc_error rc_tag(rc_connection connection, rc_text *tag);

/** Attach a text (at most 1 KiB) to a connection; none takes it off. All plugins, and the API, see the same tag. */
rc_error rc_set_tag(rc_connection connection, rc_text tag);

/** Send an event to every member of a room, in one order for all. Writes how many get it: 0 if there is no such room. */
rc_error rc_broadcast(rc_text room, rc_event event, uint32_t *receivers);

/** The same, to all members but one. */
rc_error rc_broadcast_except(rc_text room, rc_event event, rc_connection except, uint32_t *receivers);

/** What to do with a connection that is in several of the rooms. */
typedef enum rc_duplicates {
    /** It gets the event once. */
    RC_DROP_DUPLICATES,
    /** It gets the event once for each room that it is in. */
    RC_KEEP_DUPLICATES,
} rc_duplicates;

/** Send an event to every member of several rooms, at most 1,000; `except` may be NULL. Writes how many deliveries. */
rc_error rc_broadcast_many(
    rc_texts rooms, rc_event event, const rc_connection *except, rc_duplicates duplicates, uint32_t *deliveries);

/** One page of a room's members. */
typedef struct rc_members {
    /** The members. Their order changes when one leaves. Valid until the hook returns. */
    const rc_connection *list;
    size_t count;
    /** The number of members in the room. */
    uint32_t total;
} rc_members;

/** Some of a room's members: `limit` (at most 1,000) of them after the first `offset`. */
rc_error rc_members_of(rc_text room, uint32_t offset, uint32_t limit, rc_members *members);

/** The number of members in a room. */
rc_error rc_count(rc_text room, uint32_t *count);

#ifdef __cplusplus
}
#else
#define rc_comment(connection, text) (rc_comment)(connection, RC_TEXT(text))
#define rc_join(connection, room) (rc_join)(connection, RC_TEXT(room))
#define rc_leave(connection, room) (rc_leave)(connection, RC_TEXT(room))
#define rc_set_tag(connection, tag) (rc_set_tag)(connection, RC_TEXT(tag))
#define rc_broadcast(room, ...) (rc_broadcast)(RC_TEXT(room), __VA_ARGS__)
#define rc_broadcast_except(room, ...) (rc_broadcast_except)(RC_TEXT(room), __VA_ARGS__)
#define rc_members_of(room, ...) (rc_members_of)(RC_TEXT(room), __VA_ARGS__)
#define rc_count(room, count) (rc_count)(RC_TEXT(room), count)
#endif
#endif
