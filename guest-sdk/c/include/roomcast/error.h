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
    /** A bound was reached; `subject` is its configuration key, for example `limits.timers`. */
    RC_LIMIT_EXCEEDED,
    /** The operator has not granted the capability `subject`. */
    RC_NOT_PERMITTED,
    /** The store refused; `reason` says why and what to do. */
    RC_STORE,
    /** A setting cannot be read; `subject` is its key. */
    RC_CONFIG,
    /** A fetch's destination turned out to be one that is not granted; `reason` says which. */
    RC_DENIED,
    /** A fetch found no such host, or it does not let itself be reached: name, network, TLS. */
    RC_UNREACHABLE,
    /** The other side of a fetch broke off, or what it said is not HTTP. */
    RC_BROKEN,
    /** The connection that a fetch was for has ended. */
    RC_CONNECTION_CLOSED,
    /** The instance that started a fetch is gone, and so is its state. */
    RC_INTERRUPTED,
    /** A fetch ended for a reason that this version of the SDK has no name for. */
    RC_OTHER_FAILURE,
} rc_error_kind;

/**
 * Why the host refused a call, in which case nothing was done; or why a fetch did not end well. Valid until the hook
 * returns. An answer of this type that
 * is not looked at is a warning; `(void)rc_send(...)` says that it does not matter.
 */
typedef struct __attribute__((warn_unused_result)) rc_error {
    /** `RC_OK` when there is none. */
    rc_error_kind kind;
    /** What it is about; none for some kinds. */
    rc_text subject;
    /** What is wrong, what is allowed, what to do; none for some kinds. */
    rc_text reason;
} rc_error;

/** The error in words, for people. */
rc_text rc_error_text(rc_error error);

/** In a hook that answers `rc_answer`: on an error, answer it (400 if an argument was wrong, otherwise 503). */
#define RC_TRY(...)                                                    \
    do {                                                               \
        rc_error rc_error_here = (__VA_ARGS__);                        \
        if (rc_error_here.kind != RC_OK) return rc_fail_with(rc_error_here); \
    } while (0)

/** Log a failed call as a warning; for `RC_WARN`. True when it went well. */
bool rc_warn_of(const char *call, rc_error error);

/** On an error, write the call and the reason to the log, and go on. True when it went well. */
#define RC_WARN(...) rc_warn_of(#__VA_ARGS__, (__VA_ARGS__))

#ifdef __cplusplus
}
#endif
#endif
