/** JSON: enough to parse a client's message, to write an event, and to save the state. */
#ifndef ROOMCAST_JSON_H
#define ROOMCAST_JSON_H

#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A parsed JSON value. Valid until the hook returns. NULL means "missing", and every function accepts it, so a path needs no
 * checks in between: `rc_json_text(rc_json_get(rc_json_get(value, "user"), "name"))`.
 */
typedef struct rc_json rc_json;

/** The kind of a value. */
typedef enum rc_json_kind {
    RC_JSON_MISSING,
    RC_JSON_NULL,
    RC_JSON_BOOL,
    RC_JSON_NUMBER,
    RC_JSON_TEXT,
    RC_JSON_ARRAY,
    RC_JSON_OBJECT,
} rc_json_kind;

/**
 * Parse a JSON text. Returns NULL if it is invalid; then `problem`, unless it is NULL itself, says what is wrong and where.
 * Arrays and objects may be nested at most 128 deep.
 */
const rc_json *rc_json_read(rc_text text, rc_text *problem);

/** The kind of a value: `RC_JSON_MISSING` for NULL. */
rc_json_kind rc_json_kind_of(const rc_json *value);

/** The value of a key in an object; NULL if the value is not an object or has no such key. */
const rc_json *rc_json_get(const rc_json *object, rc_text key);

/** The first member of an array or object; NULL if there is none. */
const rc_json *rc_json_first(const rc_json *value);

/** The member after this one; NULL after the last. */
const rc_json *rc_json_next(const rc_json *member);

/** The key of an object's member; none for that of an array. */
rc_text rc_json_key(const rc_json *member);

/** The number of members of an array or object. */
size_t rc_json_count(const rc_json *value);

/** The text of a string value; none if the value is not a string. */
rc_text rc_json_text(const rc_json *value);

/** A number, or `otherwise`. */
double rc_json_number(const rc_json *value, double otherwise);

/** A 64-bit integer, written without fraction and exponent; or `otherwise`. */
int64_t rc_json_integer(const rc_json *value, int64_t otherwise);

/** A bool, or `otherwise`. */
bool rc_json_bool(const rc_json *value, bool otherwise);

/**
 * A writer of a JSON text. Zero-initialize it; the result is valid until the hook returns.
 *
 *     rc_json_writer json = {0};
 *     rc_json_begin_object(&json, RC_NONE);
 *     rc_json_put(&json, "name", name);
 *     rc_json_begin_array(&json, "people");
 *     rc_json_put(&json, RC_NONE, "Ada");
 *     rc_json_end_array(&json);
 *     rc_json_end_object(&json);
 *     rc_send(connection, rc_event_named("welcome", rc_json_done(&json)));
 *
 * In an object each member needs a key; in an array and at the top level the key is `RC_NONE`.
 */
typedef struct rc_json_writer {
    char *data;
    size_t size;
    size_t capacity;
    bool comma;
} rc_json_writer;

void rc_json_begin_object(rc_json_writer *json, rc_text key);
void rc_json_end_object(rc_json_writer *json);
void rc_json_begin_array(rc_json_writer *json, rc_text key);
void rc_json_end_array(rc_json_writer *json);

/** A text; none becomes `null`. */
void rc_json_put(rc_json_writer *json, rc_text key, rc_text text);

void rc_json_put_number(rc_json_writer *json, rc_text key, int64_t number);
void rc_json_put_bool(rc_json_writer *json, rc_text key, bool value);

/** A JSON text, inserted unchanged. */
void rc_json_put_json(rc_json_writer *json, rc_text key, rc_text text);

/** The result. */
rc_text rc_json_done(rc_json_writer *json);

#ifdef __cplusplus
}
#else
#define rc_json_read(text, problem) (rc_json_read)(RC_TEXT(text), problem)
#define rc_json_get(object, key) (rc_json_get)(object, RC_TEXT(key))
#define rc_json_begin_object(json, key) (rc_json_begin_object)(json, RC_TEXT(key))
#define rc_json_begin_array(json, key) (rc_json_begin_array)(json, RC_TEXT(key))
#define rc_json_put(json, key, text) (rc_json_put)(json, RC_TEXT(key), RC_TEXT(text))
#define rc_json_put_json(json, key, text) (rc_json_put_json)(json, RC_TEXT(key), RC_TEXT(text))
#define rc_json_put_number(json, key, number) (rc_json_put_number)(json, RC_TEXT(key), number)
#define rc_json_put_bool(json, key, value) (rc_json_put_bool)(json, RC_TEXT(key), value)
#endif
#endif
