/** The plugin's own settings: the table `[plugins.config]` of its entry in `roomcast.toml`. */
#ifndef ROOMCAST_CONFIG_H
#define ROOMCAST_CONFIG_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The first three write the variable only if the key is set, so initialize it with the default:
 *
 *     int64_t interval = 1000;
 *     RC_TRY(rc_config_number("interval_ms", &interval));
 *
 * An error names the key and the value: return it from `on_init`, which reports it to the operator.
 */

/** The value of a key. Valid until the hook returns: `rc_keep` it. */
rc_error rc_config(rc_text key, rc_text *value);

/** The value of a key, which must be an integer. */
rc_error rc_config_number(rc_text key, int64_t *value);

/** The value of a key, which must be `true` or `false`. */
rc_error rc_config_switch(rc_text key, bool *value);

/** All keys with their values. */
rc_error rc_config_all(const rc_header **settings, size_t *count);

#ifdef __cplusplus
}
#else
#define rc_config(key, value) (rc_config)(RC_TEXT(key), value)
#define rc_config_number(key, value) (rc_config_number)(RC_TEXT(key), value)
#define rc_config_switch(key, value) (rc_config_switch)(RC_TEXT(key), value)
#endif
#endif
