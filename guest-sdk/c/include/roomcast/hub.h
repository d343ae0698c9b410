/**
 * Connections and rooms. No call blocks, and none triggers a hook. Every client sees the effects of one instance in the order
 * of its calls. Pointers for results may be NULL.
 */
#ifndef ROOMCAST_HUB_H
#define ROOMCAST_HUB_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Send an event to one connection. During `on_connect` it is queued, and sent right after the stream's head. */
rc_error rc_send(rc_connection connection, rc_event event);

/** Send a comment, which scripts in a page cannot see. No CR, LF or NUL. */
rc_error rc_comment(rc_connection connection, rc_text text);

/** Close a connection after everything sent to it before. `on_disconnect` follows, with `RC_PLUGIN_CLOSED`. */
rc_error rc_close(rc_connection connection);

/** Whether a connection is open. */
bool rc_is_open(rc_connection connection);

/**
 * Add a connection to a room, creating the room if needed. No effect if it is already a member. A room's name is 1 to 256
 * bytes without control characters.
 */
rc_error rc_join(rc_connection connection, rc_text room);

/** Remove a connection from a room. No error if it is not a member. */
rc_error rc_leave(rc_connection connection, rc_text room);

/** A connection's rooms, including the auto-join room. */
rc_error rc_rooms(rc_connection connection, rc_texts *rooms);

/** A connection's tag; none before the first `rc_set_tag`. `on_disconnect` can still read it. */
rc_error rc_tag(rc_connection connection, rc_text *tag);

/** Set a connection's tag, a text of at most 1 KiB, or remove it with none. The API and all plugins share this one tag. */
rc_error rc_set_tag(rc_connection connection, rc_text tag);

/** Send an event to all members of a room, in the same order for all. Writes the number of receivers; 0 if the room does not exist. */
rc_error rc_broadcast(rc_text room, rc_event event, uint32_t *receivers);

/** The same, to all members except one. */
rc_error rc_broadcast_except(rc_text room, rc_event event, rc_connection except, uint32_t *receivers);

/** What a connection gets that is a member of several of the rooms. */
typedef enum rc_duplicates {
    /** The event once. */
    RC_DROP_DUPLICATES,
    /** The event once for each of the rooms. */
    RC_KEEP_DUPLICATES,
} rc_duplicates;

/** Send an event to all members of several rooms, at most 1,000; `except` may be NULL. Writes the number of deliveries. */
rc_error rc_broadcast_many(
    rc_texts rooms, rc_event event, const rc_connection *except, rc_duplicates duplicates, uint32_t *deliveries);

/** Several connections. */
typedef struct rc_connections {
    const rc_connection *list;
    size_t count;
} rc_connections;

/** All members of a room, each once, in the order of their ids. None if the room does not exist. */
rc_error rc_all_members(rc_text room, rc_connections *members);

/** A place in a list of members. */
typedef struct rc_cursor {
    /** Private. */
    uint64_t place;
} rc_cursor;

/** One page of a room's members. */
typedef struct rc_members {
    /** The members, in no particular order. Valid until the hook returns. */
    const rc_connection *list;
    size_t count;
    /** The number of members in the room. */
    uint32_t total;
    /** Whether there is another page, and where it begins. */
    bool has_next;
    rc_cursor next;
} rc_members;

/**
 * A page of a room's members, at most `limit` (1 to 1,000) of them: the first with NULL, then those at `next`. A member that
 * stays in the room from the first page to the last is never left out; it may appear twice if others leave between two pages.
 */
rc_error rc_members_of(rc_text room, const rc_cursor *at, uint32_t limit, rc_members *members);

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
#define rc_all_members(room, members) (rc_all_members)(RC_TEXT(room), members)
#define rc_members_of(room, ...) (rc_members_of)(RC_TEXT(room), __VA_ARGS__)
#define rc_count(room, count) (rc_count)(RC_TEXT(room), count)
#endif
#endif
