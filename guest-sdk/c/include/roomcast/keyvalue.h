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

/** Delete a key. A missing key is ignored. */
rc_error rc_store_delete(rc_text key);

/** Whether a key exists. */
rc_error rc_store_exists(rc_text key, bool *exists);

/** All keys, in no promised order. */
rc_error rc_store_keys(rc_texts *keys);

/** Add to a number, which is kept as decimal text; a key that is not there counts as 0. `sum` may be NULL. */
rc_error rc_store_increment(rc_text key, int64_t delta, int64_t *sum);

/** The values of several keys, at most 1,000, in their order; none for one that is not there. */
rc_error rc_store_get_many(rc_texts keys, rc_texts *values);

/** A key with its value. */
typedef struct rc_pair {
    rc_text key;
    rc_text value;
} rc_pair;

/** Give several keys values, at most 1,000, one after the other. What comes before an error stays. */
rc_error rc_store_set_many(const rc_pair *pairs, size_t count);

/** Take several keys out, at most 1,000. No error for one that is not there. */
rc_error rc_store_delete_many(rc_texts keys);

/**
 * A key as it was seen, for a change that depends on its value, while another instance of the plugin may change it too:
 *
 *     rc_seen seen;
 *     RC_TRY(rc_store_see("best", &seen));
 *     for (bool done = false; !done;) RC_TRY(rc_store_swap(&seen, better_of(seen.value, mine), &done));
 */
typedef struct rc_seen {
    /** The value; none when the key was not there. Valid until the hook returns. */
    rc_text value;
    /** The host's name for what was seen. */
    int32_t handle;
} rc_seen;

/** See a key. `rc_store_swap` it, or `rc_store_forget` it, in the same call of the hook. */
rc_error rc_store_see(rc_text key, rc_seen *seen);

/**
 * Give the key a value, if nobody has changed it since it was seen. If somebody has, `done` is false, and `seen` is how it
 * is now. After an error, and when it is done, there is nothing to forget.
 */
rc_error rc_store_swap(rc_seen *seen, rc_text value, bool *done);

/** Do not swap after all. */
void rc_store_forget(rc_seen *seen);

#ifdef __cplusplus
}
#else
#define rc_store_get(key, value) (rc_store_get)(RC_TEXT(key), value)
#define rc_store_set(key, value) (rc_store_set)(RC_TEXT(key), RC_TEXT(value))
#define rc_store_delete(key) (rc_store_delete)(RC_TEXT(key))
#define rc_store_exists(key, exists) (rc_store_exists)(RC_TEXT(key), exists)
#define rc_store_see(key, seen) (rc_store_see)(RC_TEXT(key), seen)
#define rc_store_swap(seen, value, done) (rc_store_swap)(seen, RC_TEXT(value), done)
#define rc_store_increment(key, delta, sum) (rc_store_increment)(RC_TEXT(key), delta, sum)
#endif
#endif
