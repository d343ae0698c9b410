//! `/v1/plugins`: how they are doing, and replacing them.

use hyper::http::request::Parts;
use hyper::{StatusCode, header};

use super::{Answer, Api, Problem, json};
use crate::http::request;
use crate::plugin::{BadVersion, ReloadError, StateChoice};

/// What can be done with a plugin.
const VERBS: [&str; 4] = ["reload", "promote", "abandon", "rollback"];

pub(super) fn is_verb(segment: &str) -> bool {
    VERBS.contains(&segment)
}

impl Api {
    pub(super) fn show_plugin(&self, name: &str) -> Answer {
        let all = self.chain.describe();
        match all.iter().find(|plugin| plugin.name == name) {
            Some(plugin) => Ok(json(StatusCode::OK, plugin)),
            None => Err(Problem::new(StatusCode::NOT_FOUND, format!("there is no plugin `{name}`"))),
        }
    }

    pub(super) async fn change_plugin(&self, name: &str, verb: &str, parts: &Parts) -> Answer {
        let known: &[&str] = if verb == "reload" { &["fresh", "force"] } else { &[] };
        if let Some(unknown) = request::names(parts).find(|name| !known.contains(&&**name)) {
            return Err(Problem::bad_request(format!("`{verb}` has no query parameter `{unknown}`")));
        }
        let done = match verb {
            "promote" => self.reloader.promote(name).await,
            "abandon" => self.reloader.abandon(name).await,
            "rollback" => self.reloader.roll_back(name).await,
            _ => {
                let fresh = flag(parts, "fresh")?;
                let state = if fresh { StateChoice::Fresh } else { StateChoice::HandOver };
                let bad = if flag(parts, "force")? { BadVersion::Allow } else { BadVersion::Refuse };
                self.reloader.reload(name, state, bad).await
            }
        };
        Ok(json(StatusCode::OK, &done?))
    }
}

/// `?force=true`.
fn flag(parts: &Parts, key: &str) -> Result<bool, Problem> {
    match request::parameters(parts, key).next().as_deref() {
        None | Some("false") => Ok(false),
        Some("true" | "") => Ok(true),
        Some(_) => Err(Problem::bad_request(format!("query parameter `{key}` is true or false"))),
    }
}

impl From<ReloadError> for Problem {
    fn from(why: ReloadError) -> Self {
        let status = match why {
            ReloadError::NoSuchPlugin { .. } => StatusCode::NOT_FOUND,
            ReloadError::Failed(_) => StatusCode::UNPROCESSABLE_ENTITY,
            ReloadError::MarkedBad { .. } | ReloadError::NoCanary { .. } | ReloadError::NothingBefore { .. } => {
                StatusCode::CONFLICT
            }
            ReloadError::Busy | ReloadError::Ended => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut problem = Self::new(status, why.to_string());
        if status == StatusCode::SERVICE_UNAVAILABLE {
            problem.headers.push((header::RETRY_AFTER.to_string(), "5".into()));
        }
        problem
    }
}
