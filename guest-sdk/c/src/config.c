#include "internal.h"
#include "../bindings/imports.h"

static rc_error error_of(bool ok, rc_text key, const wasi_config_store_error_t *error) {
    if (ok) return (rc_error){0};
    bool io = error->tag == WASI_CONFIG_STORE_ERROR_IO;
    return (rc_error){RC_CONFIG, key, io ? RC_LIFT(error->val.io) : RC_LIFT(error->val.upstream)};
}

static rc_error find(rc_text key, rc_text *value) {
    rc_text name = rc_utf8(key);
    imports_string_t asked = RC_LOWER(imports_string_t, name);
    imports_option_string_t found;
    wasi_config_store_error_t error;
    bool ok = wasi_config_store_get(&asked, &found, &error);
    *value = ok ? RC_LIFT_OPTION(found) : RC_NONE;
    return error_of(ok, key, &error);
}

static rc_error wrong(rc_text key, rc_text value, const char *why) {
    return (rc_error){RC_CONFIG, key, rc_format("\"%s\" %s", value.data, why)};
}

rc_error (rc_config)(rc_text key, rc_text *value) {
    rc_text found;
    rc_error error = find(key, &found);
    if (!rc_is_none(found)) *value = found;
    return error;
}

rc_error (rc_config_number)(rc_text key, int64_t *value) {
    rc_text found;
    rc_error error = find(key, &found);
    if (rc_is_none(found)) return error;
    bool negative = (rc_starts_with)(found, RC("-"));
    if (found.size == (size_t)negative) return wrong(key, found, "is no whole number");
    int64_t number = 0;
    for (size_t at = negative; at < found.size; at++) {
        int digit = found.data[at] - '0';
        if (digit < 0 || digit > 9) return wrong(key, found, "is no whole number");
        bool over = __builtin_mul_overflow(number, 10, &number);
        if (over || __builtin_add_overflow(number, negative ? -digit : digit, &number)) {
            return wrong(key, found, "is too large a number");
        }
    }
    *value = number;
    return error;
}

rc_error (rc_config_switch)(rc_text key, bool *value) {
    rc_text found;
    rc_error error = find(key, &found);
    if (rc_is_none(found)) return error;
    bool on = (rc_equal)(found, RC("true"));
    if (!on && !(rc_equal)(found, RC("false"))) return wrong(key, found, "is neither true nor false");
    *value = on;
    return error;
}

rc_error rc_config_all(const rc_header **settings, size_t *count) {
    imports_list_tuple2_string_string_t list;
    wasi_config_store_error_t error;
    bool ok = wasi_config_store_get_all(&list, &error);
    if (ok) {
        rc_header *all = rc_allocate(list.len * sizeof(rc_header));
        for (size_t index = 0; index < list.len; index++) {
            all[index] = (rc_header){RC_LIFT(list.ptr[index].f0), RC_LIFT(list.ptr[index].f1)};
        }
        *settings = all;
        *count = list.len;
    }
    return error_of(ok, RC("*"), &error);
}
