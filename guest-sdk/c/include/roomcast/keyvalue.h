/**
 * The plugin's own store: keys with their values, which outlive the instance.
 *
 * The operator grants it, with `[plugins.capabilities.keyvalue]`; without that each call answers `RC_NOT_PERMITTED`. It
 * survives traps and reloads, and with `persist = "disk"` restarts of the server. A key is at most 1 KiB long, and all
 * of it together is bounded by a quota. A plugin that calls none of this does not import it.
 */
#ifndef ROOMCAST_KEYVALUE_H
#define ROOMCAST_KEYVALUE_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The value of a key; none when it is not there. */
rc_error rc_store_get(rc_text key, rc_text *value);

/** Give a key a value, any bytes, in place of one that it may have. */
rc_error rc_store_set(rc_text key, rc_text value);

/** Take a key out. No error when it is not there. */
rc_error rc_store_delete(rc_text key);

/** Whether a key is there. */
rc_error rc_store_exists(rc_text key, bool *exists);

/** All keys, in no promised order. */
rc_error rc_store_keys(rc_texts *keys);

/** Add to a number, which is kept as decimal text; a key that is not there counts as 0. `sum` may be NULL. */
rc_error rc_store_increment(rc_text key, int64_t delta, int64_t *sum);

#ifdef __cplusplus
}
#else
#define rc_store_get(key, value) (rc_store_get)(RC_TEXT(key), value)
#define rc_store_set(key, value) (rc_store_set)(RC_TEXT(key), RC_TEXT(value))
#define rc_store_delete(key) (rc_store_delete)(RC_TEXT(key))
#define rc_store_exists(key, exists) (rc_store_exists)(RC_TEXT(key), exists)
#define rc_store_increment(key, delta, sum) (rc_store_increment)(RC_TEXT(key), delta, sum)
#endif
#endif
