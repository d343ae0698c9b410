/** Why the host refused a call. */
#ifndef ROOMCAST_ERROR_H
#define ROOMCAST_ERROR_H

#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What kind of refusal. */
typedef enum rc_error_kind {
    /** No error. */
    RC_OK = 0,
    /** No open connection has this id. */
    RC_NO_SUCH_CONNECTION,
    /** The connection is closing and takes no more events. */
    RC_CLOSED,
    /** An argument is invalid; `subject` is its name, for example `event.id`. */
    RC_INVALID_ARGUMENT,
    /** A limit was reached; `subject` is its configuration key, for example `limits.timers`. */
    RC_LIMIT_EXCEEDED,
    /** The operator has not granted the capability `subject`. */
    RC_NOT_PERMITTED,
    /** The store refused; `reason` says why and what to do. */
    RC_STORE,
    /** A setting cannot be read; `subject` is its key. */
    RC_CONFIG,
    /** A fetch's destination is not granted; `reason` names it. */
    RC_DENIED,
    /** A fetch could not reach the host: name resolution, network or TLS failed. */
    RC_UNREACHABLE,
    /** A fetch's peer closed the connection early, or its answer is not valid HTTP. */
    RC_BROKEN,
    /** The fetch's connection has ended. */
    RC_CONNECTION_CLOSED,
    /** The instance that started a fetch is gone, and so is its state. */
    RC_INTERRUPTED,
    /** Something that this version of the SDK does not name; `reason` has the words. */
    RC_OTHER,
} rc_error_kind;

/**
 * Why the host refused a call, which then has no effect, or why a fetch failed. Valid until the hook returns. Ignoring a
 * result of this type is a compiler warning; `(void)rc_send(...)` suppresses it.
 */
typedef struct __attribute__((warn_unused_result)) rc_error {
    /** `RC_OK` if there is no error. */
    rc_error_kind kind;
    /** The argument, key or capability; none for some kinds. */
    rc_text subject;
    /** What is wrong and what to do; none for some kinds. */
    rc_text reason;
} rc_error;

/** The error as a text for people. */
rc_text rc_error_text(rc_error error);

/** In a function that returns `rc_answer`: return an error as the answer, see `rc_fail_with`. */
#define RC_TRY(...)                                                    \
    do {                                                               \
        rc_error rc_error_here = (__VA_ARGS__);                        \
        if (rc_error_here.kind != RC_OK) return rc_fail_with(rc_error_here); \
    } while (0)

/** Log a failed call as a warning; for `RC_WARN`. True on success. */
bool rc_warn_of(const char *call, rc_error error);

/** On an error, log the call and the reason, and continue. True on success. */
#define RC_WARN(...) rc_warn_of(#__VA_ARGS__, (__VA_ARGS__))

#ifdef __cplusplus
}
#endif
#endif
