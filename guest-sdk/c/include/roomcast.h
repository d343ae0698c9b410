/**
 * Roomcast plugins in C: one file with the hooks that you need, and no memory to free.
 *
 *     #include <roomcast.h>
 *
 *     RC_HOOKS(on_connect)
 *
 *     rc_answer on_connect(rc_connection connection, rc_request request) {
 *         (void)request;
 *         RC_TRY(rc_send(connection, rc_event_named("greeting", "hello")));
 *         return rc_ok();
 *     }
 *
 * Three rules apply everywhere:
 *
 * 1. Values that you get are valid until the hook returns. Every text, list and JSON value from a hook's arguments or a call
 *    is in an arena that is freed after the hook. Copy what must live longer with `rc_keep`.
 * 2. Values that you pass are read during the call and never kept. So a text on your stack is fine.
 * 3. A call that can fail returns an `rc_error`; its kind is `RC_OK` (0) on success. `RC_TRY` returns an error from the hook,
 *    `RC_WARN` logs it.
 *
 * Calls into one instance are serial, and none of your calls triggers a hook.
 */
#ifndef ROOMCAST_H
#define ROOMCAST_H

#include "roomcast/text.h"
#include "roomcast/types.h"
#include "roomcast/request.h"
#include "roomcast/error.h"
#include "roomcast/answer.h"
#include "roomcast/hub.h"
#include "roomcast/timers.h"
#include "roomcast/clock.h"
#include "roomcast/fetch.h"
#include "roomcast/event_reader.h"
#include "roomcast/config.h"
#include "roomcast/keyvalue.h"
#include "roomcast/log.h"
#include "roomcast/json.h"
#include "roomcast/hooks.h"

#endif
