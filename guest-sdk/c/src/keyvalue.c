#include "internal.h"
#include "../bindings/capabilities.h"

typedef wasi_keyvalue_store_error_t store_error;

static capabilities_string_t text_of(rc_text text) {
    text = rc_utf8(text);
    return RC_LOWER(capabilities_string_t, text);
}

static rc_error error_of(bool ok, const store_error *error) {
    if (ok) return (rc_error){0};
    switch (error->tag) {
    case WASI_KEYVALUE_STORE_ERROR_ACCESS_DENIED: return (rc_error){.kind = RC_NOT_PERMITTED, .subject = RC("keyvalue")};
    case WASI_KEYVALUE_STORE_ERROR_NO_SUCH_STORE: return (rc_error){.kind = RC_STORE, .reason = RC("there is no such store")};
    default: return (rc_error){.kind = RC_STORE, .reason = RC_LIFT(error->val.other)};
    }
}

/** The one bucket, opened at the first call; a refusal is asked for again each time. */
static bool open(wasi_keyvalue_store_borrow_bucket_t *bucket, store_error *error) {
    static wasi_keyvalue_store_own_bucket_t opened;
    static bool is_open = false;
    if (!is_open) {
        capabilities_string_t name = {(uint8_t *)"default", 7};
        is_open = wasi_keyvalue_store_open(&name, &opened, error);
    }
    if (is_open) *bucket = wasi_keyvalue_store_borrow_bucket(opened);
    return is_open;
}

#define IN_BUCKET                                   \
    store_error error;                              \
    wasi_keyvalue_store_borrow_bucket_t bucket;     \
    if (!open(&bucket, &error)) return error_of(false, &error)

rc_error (rc_store_get)(rc_text key, rc_text *value) {
    IN_BUCKET;
    capabilities_string_t name = text_of(key);
    capabilities_option_list_u8_t found;
    bool ok = wasi_keyvalue_store_method_bucket_get(bucket, &name, &found, &error);
    if (ok) *value = RC_LIFT_OPTION(found);
    return error_of(ok, &error);
}

rc_error (rc_store_set)(rc_text key, rc_text value) {
    IN_BUCKET;
    capabilities_string_t name = text_of(key);
    capabilities_list_u8_t bytes = RC_LOWER(capabilities_list_u8_t, value);
    return error_of(wasi_keyvalue_store_method_bucket_set(bucket, &name, &bytes, &error), &error);
}

rc_error (rc_store_delete)(rc_text key) {
    IN_BUCKET;
    capabilities_string_t name = text_of(key);
    return error_of(wasi_keyvalue_store_method_bucket_delete(bucket, &name, &error), &error);
}

rc_error (rc_store_exists)(rc_text key, bool *exists) {
    IN_BUCKET;
    capabilities_string_t name = text_of(key);
    return error_of(wasi_keyvalue_store_method_bucket_exists(bucket, &name, exists, &error), &error);
}

rc_error rc_store_keys(rc_texts *keys) {
    IN_BUCKET;
    rc_text *list = NULL;
    size_t count = 0;
    wasi_keyvalue_store_key_response_t page = {0};
    do {
        capabilities_string_t cursor = page.cursor.val;
        bool more = page.cursor.is_some;
        if (!wasi_keyvalue_store_method_bucket_list_keys(bucket, more ? &cursor : NULL, &page, &error)) {
            return error_of(false, &error);
        }
        list = rc_arena_grow(list, count * sizeof(rc_text), (count + page.keys.len) * sizeof(rc_text));
        for (size_t index = 0; index < page.keys.len; index++) list[count++] = RC_LIFT(page.keys.ptr[index]);
    } while (page.cursor.is_some);
    *keys = (rc_texts){list, count};
    return (rc_error){0};
}

rc_error (rc_store_increment)(rc_text key, int64_t delta, int64_t *sum) {
    IN_BUCKET;
    int64_t ignored;
    capabilities_string_t name = text_of(key);
    return error_of(
        wasi_keyvalue_atomics_increment(bucket, &name, delta, sum == NULL ? &ignored : sum, &error), &error);
}

static capabilities_list_string_t list_of(rc_texts texts) {
    capabilities_list_string_t list = {rc_allocate(texts.count * sizeof(capabilities_string_t)), texts.count};
    for (size_t index = 0; index < texts.count; index++) list.ptr[index] = text_of(texts.list[index]);
    return list;
}

rc_error rc_store_get_many(rc_texts keys, rc_texts *values) {
    IN_BUCKET;
    capabilities_list_string_t names = list_of(keys);
    capabilities_list_option_tuple2_string_list_u8_t found;
    bool ok = wasi_keyvalue_batch_get_many(bucket, &names, &found, &error);
    if (ok) {
        rc_text *list = rc_allocate(found.len * sizeof(rc_text));
        for (size_t index = 0; index < found.len; index++) {
            if (found.ptr[index].is_some) list[index] = RC_LIFT(found.ptr[index].val.f1);
        }
        *values = (rc_texts){list, found.len};
    }
    return error_of(ok, &error);
}

rc_error rc_store_set_many(const rc_pair *pairs, size_t count) {
    IN_BUCKET;
    capabilities_list_tuple2_string_list_u8_t list = {
        rc_allocate(count * sizeof(capabilities_tuple2_string_list_u8_t)), count};
    for (size_t index = 0; index < count; index++) {
        list.ptr[index].f0 = text_of(pairs[index].key);
        list.ptr[index].f1 = RC_LOWER(capabilities_list_u8_t, pairs[index].value);
    }
    return error_of(wasi_keyvalue_batch_set_many(bucket, &list, &error), &error);
}

rc_error rc_store_delete_many(rc_texts keys) {
    IN_BUCKET;
    capabilities_list_string_t names = list_of(keys);
    return error_of(wasi_keyvalue_batch_delete_many(bucket, &names, &error), &error);
}

static wasi_keyvalue_atomics_own_cas_t cas_of(const rc_seen *seen) {
    return (wasi_keyvalue_atomics_own_cas_t){seen->handle};
}

/** What a handle sees now. */
static rc_error look(wasi_keyvalue_atomics_own_cas_t cas, rc_seen *seen) {
    store_error error;
    capabilities_option_list_u8_t value;
    if (!wasi_keyvalue_atomics_method_cas_current(wasi_keyvalue_atomics_borrow_cas(cas), &value, &error)) {
        wasi_keyvalue_atomics_cas_drop_own(cas);
        return error_of(false, &error);
    }
    *seen = (rc_seen){RC_LIFT_OPTION(value), cas.__handle};
    return (rc_error){0};
}

rc_error (rc_store_see)(rc_text key, rc_seen *seen) {
    IN_BUCKET;
    capabilities_string_t name = text_of(key);
    wasi_keyvalue_atomics_own_cas_t cas;
    if (!wasi_keyvalue_atomics_static_cas_new(bucket, &name, &cas, &error)) return error_of(false, &error);
    return look(cas, seen);
}

rc_error (rc_store_swap)(rc_seen *seen, rc_text value, bool *done) {
    capabilities_list_u8_t bytes = RC_LOWER(capabilities_list_u8_t, value);
    wasi_keyvalue_atomics_cas_error_t why;
    *done = wasi_keyvalue_atomics_swap(cas_of(seen), &bytes, &why);
    if (*done) return (rc_error){0};
    if (why.tag == WASI_KEYVALUE_ATOMICS_CAS_ERROR_CAS_FAILED) return look(why.val.cas_failed, seen);
    return error_of(false, &why.val.store_error);
}

void rc_store_forget(rc_seen *seen) { wasi_keyvalue_atomics_cas_drop_own(cas_of(seen)); }
