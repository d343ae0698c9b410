/**
 * Roomcast plugins in C: one file, the hooks that you need, and nothing to free.
 *
 *     #include <roomcast.h>
 *
 *     RC_HOOKS(on_connect)
 *
 *     rc_answer on_connect(rc_connection connection, const rc_request *request) {
 *         (void)request;
 *         RC_TRY(rc_send(connection, rc_event_named("greeting", "hello")));
 *         return rc_ok();
 *     }
 *
 * Three rules hold everywhere:
 *
 * 1. What you get is yours until the hook returns. Every text, list and JSON value that a hook or a call hands you lies
 *    in memory that is given back as a whole after the hook. What has to live longer you copy with `rc_keep`.
 * 2. What you give is read during the call, and never kept. So a text on your stack is fine.
 * 3. A call that can fail answers an `rc_error`; its kind is `RC_OK` (0) when it went well. `RC_TRY` hands an error on,
 *    `RC_WARN` writes it to the log.
 *
 * The host calls the hooks of one instance one after the other, never two at once, and no call of yours calls a hook.
 */
#ifndef ROOMCAST_H
#define ROOMCAST_H

#include "roomcast/text.h"
#include "roomcast/types.h"
#include "roomcast/error.h"
#include "roomcast/answer.h"
#include "roomcast/hub.h"
#include "roomcast/timers.h"
#include "roomcast/fetch.h"
#include "roomcast/event_reader.h"
#include "roomcast/config.h"
#include "roomcast/keyvalue.h"
#include "roomcast/log.h"
#include "roomcast/json.h"
#include "roomcast/hooks.h"

#endif
