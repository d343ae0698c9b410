/** Texts: bytes and their length. In general not NUL-terminated, but see `rc_text`. */
#ifndef ROOMCAST_TEXT_H
#define ROOMCAST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RC_PRINTF(string, first) __attribute__((__format__(__printf__, string, first)))

/**
 * A text, or any bytes. `data` is NULL for "none", which differs from an empty text.
 *
 * A text from the host or from a function of this SDK is NUL-terminated, so `%s` and the functions of string.h can read it.
 * Clients' data may contain further NULs: use `size` there.
 *
 * Texts for the host must be UTF-8: invalid bytes are replaced by U+FFFD.
 */
typedef struct rc_text {
    const char *data;
    size_t size;
} rc_text;

/** Several texts. */
typedef struct rc_texts {
    const rc_text *list;
    size_t count;
} rc_texts;

/** A literal as a text: `RC("hello")`. */
#define RC(literal) ((rc_text){"" literal, sizeof(literal) - 1})

/** No text. */
#define RC_NONE ((rc_text){0, 0})

/** The text of a C string; none for NULL. It is not copied. */
rc_text rc_text_of(const char *string);

/** The same text: what `RC_TEXT` needs. */
static inline rc_text rc_text_self(rc_text text) { return text; }

/** Whether there is no text. */
static inline bool rc_is_none(rc_text text) { return text.data == NULL; }

/** Whether there is no text, or an empty one. */
static inline bool rc_is_empty(rc_text text) { return text.size == 0; }

/** Print into a new text: `rc_format("hello %s", name.data)`. Valid until the hook returns. */
rc_text rc_format(const char *format, ...) RC_PRINTF(1, 2);

/** A copy that you own: a C string, to be released with `free`. NULL for none. */
char *rc_keep(rc_text text);

/** Whether two texts have the same bytes. None equals none only. */
bool rc_equal(rc_text one, rc_text other);

/** Whether a text begins with another. */
bool rc_starts_with(rc_text text, rc_text beginning);

/** Less than, equal to, or greater than 0, by byte order. */
int rc_compare(rc_text one, rc_text other);

/** The text without leading and trailing Unicode white space. Valid until the hook returns. */
rc_text rc_trim(rc_text text);

/** The number of characters (code points). */
size_t rc_characters(rc_text text);

/** Whether it contains a control character: U+0000 to U+001F, U+007F to U+009F. */
bool rc_has_control(rc_text text);

/** Zeroed memory that is freed after the hook. Never NULL: the instance ends if memory runs out. */
void *rc_allocate(size_t size);

#ifdef __cplusplus
}
#else

/** A text from a text or from a C string. The functions below take either. */
#define RC_TEXT(value) \
    _Generic((value), rc_text: rc_text_self, char *: rc_text_of, const char *: rc_text_of)(value)

#define rc_keep(text) (rc_keep)(RC_TEXT(text))
#define rc_equal(one, other) (rc_equal)(RC_TEXT(one), RC_TEXT(other))
#define rc_starts_with(text, beginning) (rc_starts_with)(RC_TEXT(text), RC_TEXT(beginning))
#define rc_compare(one, other) (rc_compare)(RC_TEXT(one), RC_TEXT(other))
#define rc_trim(text) (rc_trim)(RC_TEXT(text))

#endif
#endif
