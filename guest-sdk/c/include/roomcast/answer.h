/** The answers of hooks. */
#ifndef ROOMCAST_ANSWER_H
#define ROOMCAST_ANSWER_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How many headers an answer may carry. */
#define RC_ANSWER_HEADERS 8

/** What an answer says. */
typedef enum rc_answer_kind {
    /** Success: `rc_ok`. */
    RC_ANSWER_OK = 0,
    /** The answer to a message. */
    RC_ANSWER_RESPONSE,
    /** A refusal, which the client sees. */
    RC_ANSWER_REJECTION,
    /** A call of the plugin's failed: the log has the text, and the client sees only the status. */
    RC_ANSWER_FAILURE,
    /** The next plugin of the chain is asked. */
    RC_ANSWER_PASS,
} rc_answer_kind;

/**
 * The answer of most hooks. Made by the functions below.
 *
 * In `on_connect` and `on_join`, `rc_ok` accepts the client and anything else rejects it. In `on_message` it is the answer to
 * the client. In `on_init`, `on_save` and `on_restore` anything but `rc_ok` is a refusal, whose text the operator sees.
 */
typedef struct rc_answer {
    rc_answer_kind kind;
    /** An HTTP status; 0 for `rc_ok` and `rc_pass`. */
    uint16_t status;
    rc_header headers[RC_ANSWER_HEADERS];
    size_t header_count;
    rc_text body;
} rc_answer;

/** Success. As an answer to a message: 202 without a body. */
rc_answer rc_ok(void);

/** The request is invalid: 400 with this text. */
rc_answer rc_fail(const char *format, ...) RC_PRINTF(1, 2);

/**
 * A refused host call is the plugin's fault: the client gets 500 `the plugin has failed`, or 503 for a limit that was reached.
 * The log has the error and the line; the client sees neither. Check what comes from clients yourself, and `rc_fail` in words of
 * your own.
 */
#define rc_fail_with(error) rc_fail_at(__FILE_NAME__, __LINE__, error)

/** The same, for another place in the source; `file` may be NULL. */
rc_answer rc_fail_at(const char *file, int line, rc_error error);

/** Refuse with this status (400 to 599, for a stream also 204) and text. A browser does not reconnect after any of them. */
rc_answer rc_reject(uint16_t status, const char *format, ...) RC_PRINTF(2, 3);

/** 401: credentials are missing or invalid. `challenge` is the `www-authenticate` header, for example `Bearer`. */
rc_answer rc_unauthorized(rc_text challenge, const char *format, ...) RC_PRINTF(2, 3);

/** 429: too many requests, with `retry-after` in seconds. */
rc_answer rc_too_many_requests(uint32_t retry_after_seconds);

/** 503: temporarily unavailable, with `retry-after` in seconds. */
rc_answer rc_unavailable(uint32_t retry_after_seconds);

/** To a message: this status (200 to 599) and text. Without a header `content-type` it is sent as `text/plain`. */
rc_answer rc_respond(uint16_t status, rc_text body);

/**
 * To a message: this status and any bytes. Without a header `content-type`, UTF-8 is sent as `text/plain`, anything else as
 * `application/octet-stream`.
 */
rc_answer rc_respond_bytes(uint16_t status, rc_text bytes);

/** To a message: 202 without a body; results follow on the stream. */
rc_answer rc_accepted(void);

/** To a message: no answer; the next plugin of the chain gets it. */
rc_answer rc_pass(void);

/** The same answer with one more header, at most 8. The host refuses those that it controls itself, except for `connection: close`. */
rc_answer rc_with_header(rc_answer answer, rc_text name, rc_text value);

/** What to do with a published event. */
typedef struct rc_verdict {
    enum { RC_VERDICT_FORWARD, RC_VERDICT_REWRITE, RC_VERDICT_REFUSE } kind;
    /** With `RC_VERDICT_REWRITE`. */
    rc_event event;
    /** With `RC_VERDICT_REFUSE`: the answer to the publisher. */
    rc_answer refusal;
} rc_verdict;

/** Deliver the event unchanged. */
rc_verdict rc_forward(void);

/** Deliver this event instead. The next plugin of the chain gets the new one. */
rc_verdict rc_rewrite(rc_event event);

/** Do not deliver it; the answer to the publisher is 400 with this text. */
rc_verdict rc_refuse(const char *format, ...) RC_PRINTF(1, 2);

/** Do not deliver it; the answer to the publisher is a refusal, such as `rc_reject(403, "no")` or `rc_fail_with(error)`. */
rc_verdict rc_refuse_with(rc_answer refusal);

#ifdef __cplusplus
}
#else
#define rc_unauthorized(challenge, ...) (rc_unauthorized)(RC_TEXT(challenge), __VA_ARGS__)
#define rc_respond(status, body) (rc_respond)(status, RC_TEXT(body))
#define rc_with_header(answer, name, value) (rc_with_header)(answer, RC_TEXT(name), RC_TEXT(value))
#endif
#endif
