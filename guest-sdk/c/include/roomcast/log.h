/**
 * Records for the host's log. The host adds the plugin's name, and the connection that the call is about. What is
 * printed to the standard streams goes there, too, but costs the component some 40 KB of WASI.
 */
#ifndef ROOMCAST_LOG_H
#define ROOMCAST_LOG_H

#include <stdarg.h>

#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How serious a record is. */
typedef enum rc_level {
    /** Values and the flow of control. */
    RC_TRACE,
    /** What helps to find a fault. */
    RC_DEBUG,
    /** What an operator may want to know. */
    RC_INFO,
    /** What may lead to an error. */
    RC_WARNING,
    /** What went wrong. */
    RC_ERROR,
    /** What the plugin cannot go on after. */
    RC_CRITICAL,
} rc_level;

/** Emit one record. `context` is a free word that groups records; it may be none. */
void rc_log(rc_level level, rc_text context, rc_text message);

/** Emit one record, as printf would print it: `rc_log_print(RC_INFO, "%s is here", name.data)`. */
void rc_log_print(rc_level level, const char *format, ...) RC_PRINTF(2, 3);

#define rc_log_trace(...) rc_log_print(RC_TRACE, __VA_ARGS__)
#define rc_log_debug(...) rc_log_print(RC_DEBUG, __VA_ARGS__)
#define rc_log_info(...) rc_log_print(RC_INFO, __VA_ARGS__)
#define rc_log_warn(...) rc_log_print(RC_WARNING, __VA_ARGS__)
#define rc_log_error(...) rc_log_print(RC_ERROR, __VA_ARGS__)
#define rc_log_critical(...) rc_log_print(RC_CRITICAL, __VA_ARGS__)

/**
 * Log this as critical and end the instance: the call that is under way fails, the host makes a new instance, and all
 * streams stay open. For what cannot happen; what a client does wrong is an answer.
 */
__attribute__((noreturn)) void rc_panic(const char *format, ...) RC_PRINTF(1, 2);

/** The same, with the arguments in a list. */
__attribute__((noreturn)) void rc_panic_list(const char *format, va_list arguments);

#ifdef __cplusplus
}
#endif
#endif
