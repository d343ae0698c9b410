/** Requests of clients. */
#ifndef ROOMCAST_REQUEST_H
#define ROOMCAST_REQUEST_H

#include "json.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The head of a client's HTTP request, lent to a hook until it returns. What you do not read costs nothing. Reading it later
 * writes an error to the log, and gives an empty text or none: copy what you need with `rc_keep`.
 */
typedef struct rc_request {
    /** Private: which call it belongs to. */
    uint64_t call;
} rc_request;

/** The method, for example `GET`. */
rc_text rc_method(rc_request request);

/** The path without the query, for example `/sse`. */
rc_text rc_path(rc_request request);

/** What follows the `?`, percent-encoded; none if there is none. `rc_parameter` reads it. */
rc_text rc_query(rc_request request);

/** The address of the peer, for example `127.0.0.1:51234`. */
rc_text rc_peer(rc_request request);

/** The id of the last event that a reconnecting client has seen; none otherwise. */
rc_text rc_last_event_id(rc_request request);

/** The first header of this name, ignoring case; none if there is none. */
rc_text rc_header_of(rc_request request, rc_text name);

/** All headers in the order received, names in lower case. */
void rc_headers_of(rc_request request, const rc_header **headers, size_t *count);

/**
 * The first query parameter of this name, decoded: `+` is a space, `%XX` is a byte, and invalid UTF-8 becomes
 * U+FFFD. None if there is none.
 */
rc_text rc_parameter(rc_request request, rc_text name);

/** All query parameters in order; names and values are decoded as by `rc_parameter`. */
void rc_parameters(rc_request request, const rc_header **parameters, size_t *count);

/** The body of a message, or a chunk of a fetch's answer. */
typedef struct rc_body {
    /** The bytes, as they were sent. */
    rc_text bytes;
} rc_body;

/** The body as text; none if the bytes are not UTF-8. */
rc_text rc_body_text(rc_body body);

/** The body as text, with U+FFFD in place of what is not UTF-8. */
rc_text rc_body_text_lossy(rc_body body);

/** The body as JSON, see `rc_json_read`. */
const rc_json *rc_body_json(rc_body body, rc_text *problem);

#ifdef __cplusplus
}
#else
#define rc_header_of(request, name) (rc_header_of)(request, RC_TEXT(name))
#define rc_parameter(request, name) (rc_parameter)(request, RC_TEXT(name))
#endif
#endif
