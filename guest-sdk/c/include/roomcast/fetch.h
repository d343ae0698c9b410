/**
 * Requests over HTTP whose answers come piece by piece, as those of a language model do. The host does the work: a call
 * starts a fetch and returns, and the answer comes through `on_fetch_response`, `on_fetch_chunk` and `on_fetch_end` while
 * everything else goes on. Where requests may go, and the bounds, are granted by the operator in
 * `[plugins.capabilities.http]`. A plugin that calls none of this does not import it.
 *
 * Fetches go where the state goes, as timers do: at a reload the new version gets what is still to come. An instance that
 * starts from nothing after a trap gets `on_fetch_end` with `RC_INTERRUPTED` for each.
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
    /** Headers to send. The host sets those that govern the connection, such as `content-length`, and refuses them here. */
    const rc_header *headers;
    size_t header_count;
    /** The body, any bytes; none for a request without. */
    rc_text body;
    /**
     * The connection that the answer is for, or NULL. The answer is read no faster than this connection takes what it is
     * sent, and the fetch ends when the connection does.
     */
    const rc_connection *connection;
    /** How long it may take in all; 0 for as long as the operator lets it, whose bound holds if it is shorter. */
    uint32_t timeout_ms;
} rc_fetch_request;

/** A fetch. */
typedef struct rc_fetch {
    uint64_t id;
} rc_fetch;

/**
 * Start a fetch. Its events carry `token` (at most 1 KiB). Refused when the destination is not granted, when too many are
 * under way, when the connection is not open, and when no hook for it is in `RC_HOOKS`. What goes wrong afterwards comes
 * through `on_fetch_end`. `fetch` may be NULL.
 */
rc_error rc_fetch_start(rc_fetch_request request, rc_text token, rc_fetch *fetch);

/** Break a fetch off: no event of it comes any more. False when it is over already. */
bool rc_fetch_cancel(rc_fetch fetch);

/** The head of an answer. */
typedef struct rc_fetch_response {
    /** Any status is an answer; redirects are yours to follow. */
    uint16_t status;
    const rc_header *headers;
    size_t header_count;
} rc_fetch_response;

/** The first header of this name, in whatever case the name is given; none without one. */
rc_text rc_fetch_header_of(const rc_fetch_response *response, rc_text name);

#ifdef __cplusplus
}
#else
#define rc_fetch_start(request, token, fetch) (rc_fetch_start)(request, RC_TEXT(token), fetch)
#define rc_fetch_header_of(response, name) (rc_fetch_header_of)(response, RC_TEXT(name))
#endif
#endif
