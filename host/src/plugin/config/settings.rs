//! The table `[plugins.config]`: what a plugin reads is text, and an operator need not put numbers in quotes for that.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use toml::Value;

/// Keys and values of a plugin's own. Numbers and truth values become text as TOML writes them.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let values = BTreeMap::<String, Value>::deserialize(from)?;
    let text = |(key, value)| match text(value) {
        Ok(text) => Ok((key, text)),
        Err(kind) => Err(D::Error::custom(format!(
            "`{key}` of a plugin's `config` is {kind}: a value is a text, a number or true or false"
        ))),
    };
    values.into_iter().map(text).collect()
}

/// What a plugin gets; the kind of what is none of the kinds that can be text.
fn text(value: Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => Ok(value.to_string()),
        Value::Datetime(_) => Err("a date or a time"),
        Value::Array(_) => Err("an array"),
        Value::Table(_) => Err("a table"),
    }
}

#[cfg(test)]
mod tests {
    use crate::plugin::config::PluginConfig;

    fn plugin(config: &str) -> Result<PluginConfig, String> {
        toml::from_str(&format!("path = 'x'\n[config]\n{config}")).map_err(|why| why.to_string())
    }

    #[test]
    fn numbers_and_truth_values_become_text() {
        let all = "text = '05'\nwhole = 5\nless = -7\nhex = 0xff\nfloat = 0.25\nround = 2.0\nyes = true\nno = false";
        let plugin = plugin(all).expect("valid");
        let told =
            ["text", "whole", "less", "hex", "float", "round", "yes", "no"].map(|key| plugin.config[key].as_str());
        assert_eq!(told, ["05", "5", "-7", "255", "0.25", "2.0", "true", "false"]);
        let again: PluginConfig = toml::from_str(&toml::to_string(&plugin).expect("serialisable")).expect("valid");
        assert_eq!(again.config, plugin.config);
    }

    #[test]
    fn values_that_are_no_scalars_are_refused_with_their_key() {
        for (config, kind) in
            [("hosts = ['a']", "an array"), ("hosts.a = 1", "a table"), ("hosts = 1979-05-27", "a date or a time")]
        {
            let why = plugin(config).expect_err("refused");
            assert!(why.contains("`hosts`") && why.contains(kind), "{why}");
        }
    }
}
