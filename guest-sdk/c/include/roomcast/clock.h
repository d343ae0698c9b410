/**
 * The time. In `roomcast test` it stands still, and moves by `advance`; `time` and `clock_gettime` of libc do the same, but add
 * about 40 KB of WASI to the component.
 */
#ifndef ROOMCAST_CLOCK_H
#define ROOMCAST_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The time of day: milliseconds since 1970-01-01 UTC. It may be set back. */
int64_t rc_now(void);

/** Milliseconds since some moment. It never goes back; only differences mean something, and only within one instance. */
int64_t rc_monotonic(void);

#ifdef __cplusplus
}
#endif
#endif
