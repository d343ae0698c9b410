/**
 * Timers: have `on_timer` called later. They belong to the host, and go where the state goes: to the new version at a
 * reload. A plugin has at most 1,000 at once, and has to have `on_timer` in `RC_HOOKS`.
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

/** Have `on_timer` called once with `token` (at most 1 KiB) after so many milliseconds, at least 1. `timer` may be NULL. */
rc_error rc_after(uint32_t milliseconds, rc_text token, rc_timer *timer);

/** Have `on_timer` called every so many milliseconds, until it is cancelled. A firing that falls behind is skipped. */
rc_error rc_every(uint32_t milliseconds, rc_text token, rc_timer *timer);

/** Cancel a timer. False when it is gone already. */
bool rc_cancel(rc_timer timer);

#ifdef __cplusplus
}
#else
#define rc_after(milliseconds, token, timer) (rc_after)(milliseconds, RC_TEXT(token), timer)
#define rc_every(milliseconds, token, timer) (rc_every)(milliseconds, RC_TEXT(token), timer)
#endif
#endif
