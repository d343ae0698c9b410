/**
 * The plugin's own key-value store, which outlives the instance.
 *
 * The operator grants it with `[plugins.capabilities.keyvalue]`; otherwise each call returns `RC_NOT_PERMITTED`. It survives
 * traps and reloads; with `persist = "disk"` also restarts of the server. A key is at most 1 KiB, and a quota limits the total
 * size. A plugin that does not use the store does not import it.
 */
#ifndef ROOMCAST_KEYVALUE_H
#define ROOMCAST_KEYVALUE_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The value of a key; none if it is missing. */
rc_error rc_store_get(rc_text key, rc_text *value);

/** Set the value of a key, any bytes, replacing any previous one. */
rc_error rc_store_set(rc_text key, rc_text value);

/** Delete a key. A missing key is ignored. */
rc_error rc_store_delete(rc_text key);

/** Whether a key exists. */
rc_error rc_store_exists(rc_text key, bool *exists);

/** All keys, in no particular order. */
rc_error rc_store_keys(rc_texts *keys);

/** Add to a number stored as decimal text; a missing key counts as 0. `sum` may be NULL. */
rc_error rc_store_increment(rc_text key, int64_t delta, int64_t *sum);

/** The values of at most 1,000 keys, in order; none for a missing key. */
rc_error rc_store_get_many(rc_texts keys, rc_texts *values);

/** A key with its value. */
typedef struct rc_pair {
    rc_text key;
    rc_text value;
} rc_pair;

/** Set at most 1,000 keys, in order, as one operation: after an error, no key has changed. */
rc_error rc_store_set_many(const rc_pair *pairs, size_t count);

/** Delete at most 1,000 keys. Missing keys are ignored. */
rc_error rc_store_delete_many(rc_texts keys);

/**
 * A key and its value when it was read, for compare-and-swap, since other instances of the plugin may change the key too:
 *
 *     rc_seen seen;
 *     RC_TRY(rc_store_see("best", &seen));
 *     for (bool done = false; !done;) RC_TRY(rc_store_swap(&seen, better_of(seen.value, mine), &done));
 */
typedef struct rc_seen {
    /** The value; none if the key was missing. Valid until the hook returns. */
    rc_text value;
    /** The host's compare-and-swap handle. */
    int32_t handle;
} rc_seen;

/** Read a key. Follow with `rc_store_swap` or `rc_store_forget`, in the same call of the hook. */
rc_error rc_store_see(rc_text key, rc_seen *seen);

/**
 * Set the key's value if it has not changed since it was read. If it has, `done` is false and `seen` has the current value.
 * After an error or success, `rc_store_forget` is not needed.
 */
rc_error rc_store_swap(rc_seen *seen, rc_text value, bool *done);

/** Drop the handle without a swap. */
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
