//! What becomes of an [`Error`] that a hook hands on with `?`.

use std::panic::Location;

use crate::{Error, Rejection};

/// Status 500, since the plugin has asked for something that the host refuses; or 503 when that was a bound. The log tells the
/// error and the line, and the client neither. Catch an error that is the client's fault, and say so in words of your own.
impl From<Error> for Rejection {
    #[track_caller]
    fn from(error: Error) -> Self {
        let place = Location::caller();
        crate::log::error!("{error}, at {}:{}", place.file(), place.line());
        match error {
            Error::LimitExceeded { .. } => Self::new(503, "the server is busy: try again later"),
            _ => Self::new(500, "the plugin has failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use crate::testing::FakeHub;

    /// Joins the room that its query names, whatever that is.
    #[derive(Default)]
    struct Careless;

    impl OnConnect for Careless {
        fn on_connect(&mut self, connection: Connection, request: &Request) -> Result<(), Rejection> {
            Ok(connection.join(&request.query().unwrap_or_default())?)
        }
    }

    crate::export!(Careless: OnConnect);

    #[test]
    fn an_error_that_is_handed_on_is_logged_with_its_place_and_not_shown() {
        let mut hub = FakeHub::<Careless>::start().expect("starts");
        let rejection = hub.connect("/sse").expect_err("no room has an empty name");
        assert_eq!((rejection.status, &*rejection.body), (500, "the plugin has failed"));
        let logged = hub.logs().remove(0).message;
        assert!(logged.contains("must not be empty, at ") && logged.contains("uncaught.rs:"), "{logged}");
        let limit = Error::LimitExceeded { key: "limits.timers".into(), reason: "1000 is reached".into() };
        assert_eq!(Rejection::from(limit).status, 503);
    }
}
