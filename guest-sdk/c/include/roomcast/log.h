/**
 * Logging through the host, which adds the plugin's name and the connection that the call is about. Output on the standard
 * streams is logged too, but adds about 40 KB of WASI to the component.
 */
#ifndef ROOMCAST_LOG_H
#define ROOMCAST_LOG_H

#include <stdarg.h>

#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The severity of a record. */
typedef enum rc_level {
    /** Values and control flow. */
    RC_TRACE,
    /** Details for debugging. */
    RC_DEBUG,
    /** What an operator may want to know. */
    RC_INFO,
    /** What may lead to an error. */
    RC_WARNING,
    /** What went wrong. */
    RC_ERROR,
    /** An error that the plugin cannot recover from. */
    RC_CRITICAL,
} rc_level;

/** Log one record. `context` is a free-form label that groups records; it may be none. */
void rc_log(rc_level level, rc_text context, rc_text message);

/** Log one record, formatted like printf: `rc_log_print(RC_INFO, "%s is here", name.data)`. */
void rc_log_print(rc_level level, const char *format, ...) RC_PRINTF(2, 3);

#define rc_log_trace(...) rc_log_print(RC_TRACE, __VA_ARGS__)
#define rc_log_debug(...) rc_log_print(RC_DEBUG, __VA_ARGS__)
#define rc_log_info(...) rc_log_print(RC_INFO, __VA_ARGS__)
#define rc_log_warn(...) rc_log_print(RC_WARNING, __VA_ARGS__)
#define rc_log_error(...) rc_log_print(RC_ERROR, __VA_ARGS__)
#define rc_log_critical(...) rc_log_print(RC_CRITICAL, __VA_ARGS__)

/**
 * Log this as critical and end the instance: the current call fails, the host starts a new instance, and all streams stay
 * open. For broken invariants only; answer invalid requests instead.
 */
__attribute__((noreturn)) void rc_panic(const char *format, ...) RC_PRINTF(1, 2);

/** The same, with a `va_list`. */
__attribute__((noreturn)) void rc_panic_list(const char *format, va_list arguments);

#ifdef __cplusplus
}
#endif
#endif
