/**
 * Timers, which call `on_timer`. They belong to the host and follow the state: at a reload to the new version. A plugin has at
 * most 1,000, and needs `on_timer` in `RC_HOOKS`.
 */
#ifndef ROOMCAST_TIMERS_H
#define ROOMCAST_TIMERS_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A timer. */
typedef struct rc_timer {
    uint64_t id;
} rc_timer;

/** Call `on_timer` once with `token` (at most 1 KiB) after this many milliseconds, at least 1. `timer` may be NULL. */
rc_error rc_after(uint32_t milliseconds, rc_text token, rc_timer *timer);

/** Call `on_timer` at this interval in milliseconds, until it is cancelled. Late firings are skipped. */
rc_error rc_every(uint32_t milliseconds, rc_text token, rc_timer *timer);

/** Cancel a timer. False if it has already ended. */
bool rc_cancel(rc_timer timer);

#ifdef __cplusplus
}
#else
#define rc_after(milliseconds, token, timer) (rc_after)(milliseconds, RC_TEXT(token), timer)
#define rc_every(milliseconds, token, timer) (rc_every)(milliseconds, RC_TEXT(token), timer)
#endif
#endif
