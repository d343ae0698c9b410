// Commands that use the store. The SDK has the bucket `default` and no other, and goes through all pages of keys itself:
// `kv-page` and other buckets it has not.
#include "probe.h"

// The store's interface has names of its own for errors.
static rc_text refused(rc_error error) {
    return error.kind == RC_NOT_PERMITTED ? RC("{\"error\":{\"kind\":\"access-denied\"}}") : failed(error);
}

static rc_text stored(rc_error error, rc_text done) { return error.kind == RC_OK ? done : refused(error); }

// Gives the key a value that somebody else may have changed meanwhile, once.
static rc_text swap(rc_text key, rc_text value, rc_text meanwhile) {
    rc_seen seen;
    rc_error error = rc_store_see(key, &seen);
    if (error.kind != RC_OK) return refused(error);
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    rc_json_put(&json, "seen", seen.value);
    if (!rc_is_none(meanwhile)) error = rc_store_set(key, meanwhile);
    bool is_done = false;
    if (error.kind == RC_OK) error = rc_store_swap(&seen, value, &is_done);
    if (error.kind == RC_OK && !is_done) {
        rc_json_put(&json, "then", seen.value);
        error = rc_store_swap(&seen, value, &is_done);
    }
    rc_json_end_object(&json);
    return stored(error, ok_json(rc_json_done(&json)));
}

static rc_text get_many(rc_texts keys) {
    rc_texts values = {0};
    rc_error error = rc_store_get_many(keys, &values);
    rc_json_writer json = {0};
    rc_json_begin_array(&json, RC_NONE);
    for (size_t at = 0; at < values.count; at++) {
        if (rc_is_none(values.list[at])) {
            rc_json_put(&json, RC_NONE, RC_NONE);
            continue;
        }
        rc_header pair = {keys.list[at], values.list[at]};
        rc_json_begin_array(&json, RC_NONE);
        rc_json_put(&json, RC_NONE, pair.name);
        rc_json_put(&json, RC_NONE, pair.value);
        rc_json_end_array(&json);
    }
    rc_json_end_array(&json);
    return stored(error, ok_json(rc_json_done(&json)));
}

static rc_text set_many(rc_texts keys, rc_text value) {
    rc_pair *pairs = rc_allocate(keys.count * sizeof(rc_pair));
    for (size_t at = 0; at < keys.count; at++) pairs[at] = (rc_pair){keys.list[at], value};
    return stored(rc_store_set_many(pairs, keys.count), ok_null());
}

static rc_text fill(uint32_t count, rc_text value) {
    uint32_t taken = 0;
    while (taken < count && rc_store_set(rc_format("fill%05u", (unsigned)taken), value).kind == RC_OK) taken++;
    return ok_number(taken);
}

static rc_text increment(rc_text key, const rc_json *delta) {
    int64_t sum = 0;
    rc_error error = rc_store_increment(key, rc_json_integer(delta, 0), &sum);
    return stored(error, ok_number(sum));
}

rc_text store_call(rc_text op, arguments *given) {
    if (!rc_starts_with(op, "kv-") || rc_equal(op, "kv-page") || rc_equal(op, "kv-open")) return RC_NONE;
    rc_text value = repeated_text(given, "value");
    if (rc_equal(op, "kv-keys")) {
        rc_texts keys = {0};
        rc_error error = rc_store_keys(&keys);
        return stored(error, ok_texts(keys));
    }
    if (rc_equal(op, "kv-fill")) return fill(number_of(given, "fill"), value);
    bool is_many = rc_equal(op, "kv-get-many") || rc_equal(op, "kv-set-many") || rc_equal(op, "kv-delete-many");
    rc_texts keys = is_many ? texts_of(given, "keys") : (rc_texts){0};
    rc_text key = is_many ? RC_NONE : text_of(given, "key");
    if (has_problem(given)) return RC("");
    if (rc_equal(op, "kv-get-many")) return get_many(keys);
    if (rc_equal(op, "kv-set-many")) return set_many(keys, value);
    if (rc_equal(op, "kv-delete-many")) return stored(rc_store_delete_many(keys), ok_null());
    if (rc_equal(op, "kv-get")) {
        rc_text found = RC_NONE;
        rc_error error = rc_store_get(key, &found);
        return stored(error, ok_text(found));
    }
    if (rc_equal(op, "kv-set")) return stored(rc_store_set(key, value), ok_null());
    if (rc_equal(op, "kv-delete")) return stored(rc_store_delete(key), ok_null());
    if (rc_equal(op, "kv-exists")) {
        bool exists = false;
        rc_error error = rc_store_exists(key, &exists);
        return stored(error, ok_bool(exists));
    }
    if (rc_equal(op, "kv-increment")) return increment(key, rc_json_get(given->command, "delta"));
    if (rc_equal(op, "kv-swap")) return swap(key, value, optional_text(given, "meanwhile"));
    return RC_NONE;
}
