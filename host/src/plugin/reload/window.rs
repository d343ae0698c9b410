//! The window after a takeover in which the new version can be rolled back.

use std::time::Duration;

use tokio::time::Instant;

/// How long a new version is not judged yet, at most: those for whom it works have to have the time to call it.
const SETTLING: Duration = Duration::from_secs(5);

/// When a new version is judged, and until when.
pub(super) struct Window {
    /// When it is judged for the first time; none once it is.
    settles: Option<Instant>,
    ends: Instant,
}

impl Window {
    /// It begins now.
    pub(super) fn open(length: Duration) -> Self {
        let now = Instant::now();
        Self { settles: Some(now + SETTLING.min(length / 2)), ends: now + length }
    }

    /// When something is to be done next.
    pub(super) fn next_deadline(&self) -> Instant {
        self.settles.unwrap_or(self.ends)
    }

    /// Whether the version is to be judged for the first time now. Answers so once.
    pub(super) fn settles(&mut self, now: Instant) -> bool {
        self.settles.take_if(|at| *at <= now).is_some()
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.ends <= now
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_version_settles_once_and_then_its_window_ends() {
        let (mut window, began) = (Window::open(Duration::from_secs(60)), Instant::now());
        assert_eq!(window.next_deadline(), began + SETTLING);
        assert!(!window.settles(Instant::now()));
        advance(SETTLING).await;
        assert_eq!([window.settles(Instant::now()), window.settles(Instant::now())], [true, false]);
        assert_eq!(window.next_deadline(), began + Duration::from_secs(60));
        assert!(!window.is_over(Instant::now()));
        advance(Duration::from_secs(55)).await;
        assert!(window.is_over(Instant::now()));
    }

    #[tokio::test(start_paused = true)]
    async fn in_a_short_window_half_of_it_is_for_judging() {
        let window = Window::open(Duration::from_secs(2));
        assert_eq!(window.next_deadline(), Instant::now() + Duration::from_secs(1));
    }
}
