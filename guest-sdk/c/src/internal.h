/** What the parts of the SDK share, and plugins do not see. */
#ifndef ROOMCAST_INTERNAL_H
#define ROOMCAST_INTERNAL_H

#include <stdlib.h>
#include <string.h>

#include "../include/roomcast.h"

/** Memory that goes back as a whole after the hook. Never NULL; not zeroed. */
void *rc_arena_allocate(size_t size, size_t align);

/** The same, larger; in place where it can. `memory` may be NULL. */
void *rc_arena_grow(void *memory, size_t old_size, size_t new_size);

/** The hook has returned: what it used may go, as soon as the host has read the result. */
void rc_hook_end(void);

/** A copy in the arena, with a NUL after it. */
rc_text rc_copy(const void *data, size_t size);

/** The text itself if it is UTF-8, otherwise a copy with U+FFFD in place of what is not: only UTF-8 may leave. */
rc_text rc_utf8(rc_text text);

/** A copy with the letters of ASCII in lower case, as names of headers are. */
rc_text rc_lower_case(rc_text text);

/** The value of the first header of this name, in whatever case the name is given; none without one. */
rc_text rc_find_header(const rc_header *headers, size_t count, rc_text name);

/** The value of a hexadecimal digit; -1 for anything else. */
int rc_hex_digit(char c);

/** How many bytes from the start are UTF-8. */
size_t rc_utf8_size(rc_text text);

/** From the two halves of an id that the host gives. */
rc_connection rc_connection_of(uint64_t high, uint64_t low);

/** The first and the second half of an id, for the host. */
uint64_t rc_connection_half(rc_connection connection, size_t half);

/** The request of the hook that begins, by the host's handle. */
rc_request rc_request_begin(int32_t handle);

/** The hook has returned: the request goes back to the host, and can no longer be read. */
void rc_request_end(void);

/**
 * What is sent of an answer that refuses. A failure is written to the log here, and its text kept from the client.
 */
rc_answer rc_refusal(rc_answer answer);

/**
 * A text that the host has given. `rc_arena_allocate` has put a NUL after it (see cabi_realloc), except for an empty
 * one, whose pointer may be anything.
 */
static inline rc_text rc_lifted(const void *data, size_t size) {
    return (rc_text){size > 0 ? (const char *)data : "", size};
}

/* The bindings have types of their own for the same things; these go between. */
#define RC_LIFT(string) rc_lifted((string).ptr, (string).len)
#define RC_LIFT_OPTION(option) ((option).is_some ? RC_LIFT((option).val) : RC_NONE)
#define RC_LIFT_CONNECTION(id) rc_connection_of((id).high, (id).low)

#define RC_LOWER(type, text) ((type){(uint8_t *)(text).data, (text).size})
#define RC_LOWER_CONNECTION(type, connection) \
    ((type){rc_connection_half((connection), 0), rc_connection_half((connection), 1)})
#define RC_LOWER_RETRY(type, event) ((type){(event).retry_ms != 0, (event).retry_ms})
#define RC_LOWER_OPTION(option_type, type, text) \
    ((option_type){!rc_is_none(text), RC_LOWER(type, text)})

#endif
