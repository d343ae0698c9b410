/**
 * HTTP requests whose answers arrive in chunks, such as those of a language model. A call starts a fetch and returns; the
 * host delivers the answer through `on_fetch_response`, `on_fetch_chunk` and `on_fetch_end`, between other calls. The
 * operator grants destinations and limits in `[plugins.capabilities.http]`. A plugin that does not use fetches does not
 * import them.
 *
 * Fetches follow the state, as timers do: at a reload the new version gets the rest of the answer. After a trap, an instance
 * that starts without state gets `on_fetch_end` with `RC_INTERRUPTED` for each.
 */
#ifndef ROOMCAST_FETCH_H
#define ROOMCAST_FETCH_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The request to make. Leave out what you do not need: `(rc_fetch_request){.url = RC("https://example.org/")}`. */
typedef struct rc_fetch_request {
    /** The absolute URL, for example `https://api.example.org/v1/chat`. */
    rc_text url;
    /** For example `POST`; none means `GET`. */
    rc_text method;
    /** Headers to send. The host refuses those that it controls itself, such as `content-length`. */
    const rc_header *headers;
    size_t header_count;
    /** The body, any bytes; none for a request without one. */
    rc_text body;
    /**
     * The connection that the answer is for, or NULL. The host reads the answer no faster than this connection takes what the
     * plugin sends to it, and the fetch ends when the connection does.
     */
    const rc_connection *connection;
    /** The time limit for the whole fetch; 0 for the operator's limit, which also applies if it is shorter. */
    uint32_t timeout_ms;
} rc_fetch_request;

/** A fetch. */
typedef struct rc_fetch {
    uint64_t id;
} rc_fetch;

/**
 * Start a fetch. Its hooks are called with `token` (at most 1 KiB). Refused if the destination is not granted, too many
 * fetches are in flight, the connection is not open, or none of the fetch hooks is in `RC_HOOKS`. Later failures are reported
 * by `on_fetch_end`. `fetch` may be NULL.
 */
rc_error rc_fetch_start(rc_fetch_request request, rc_text token, rc_fetch *fetch);

/** Cancel a fetch: none of its hooks is called afterwards. False if it has already ended. */
bool rc_fetch_cancel(rc_fetch fetch);

/** The head of an answer. */
typedef struct rc_fetch_response {
    /** Any status; redirects are not followed. */
    uint16_t status;
    const rc_header *headers;
    size_t header_count;
} rc_fetch_response;

/** The first header of this name, ignoring case; none if there is none. */
rc_text rc_fetch_header_of(const rc_fetch_response *response, rc_text name);

#ifdef __cplusplus
}
#else
#define rc_fetch_start(request, token, fetch) (rc_fetch_start)(request, RC_TEXT(token), fetch)
#define rc_fetch_header_of(response, name) (rc_fetch_header_of)(response, RC_TEXT(name))
#endif
#endif
