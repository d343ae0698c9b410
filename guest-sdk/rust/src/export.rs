//! The [`export!`] macro: from traits to a component's exports.

/// Export a plugin as a component, with exactly the named hooks (and `lifecycle`, which calls
/// [`Plugin::new`](crate::Plugin::new)).
///
/// ```
/// use roomcast_sdk::prelude::*;
///
/// #[derive(Default)]
/// struct Quiet;
///
/// impl OnConnect for Quiet {
///     fn on_connect(&mut self, _: Connection, _: &Request) -> Result<(), Rejection> {
///         Err(Rejection::forbidden("closed"))
///     }
/// }
///
/// roomcast_sdk::export!(Quiet: OnConnect);
/// ```
///
/// A hook that is named but not implemented does not compile:
///
/// ```compile_fail,E0277
/// # #[derive(Default)] struct Quiet;
/// roomcast_sdk::export!(Quiet: OnTimer);
/// ```
///
/// The names are `OnConnect`, `OnDisconnect`, `Rooms`,
/// `OnPublish`, `OnMessage`, `OnTimer`, `OnFetch` and `State`. Use it once in a crate of type `cdylib`.
#[macro_export]
macro_rules! export {
    ($plugin:ty: $($hook:ident),+ $(,)?) => {
        const _: () = {
            #[cfg(not(target_family = "wasm"))]
            impl $crate::testing::Hooks for $plugin {
                $($crate::__hook!($hook);)+
            }

            #[cfg(target_family = "wasm")]
            const _: () = {
                ::std::thread_local! {
                    static PLUGIN: ::std::cell::RefCell<::std::option::Option<$plugin>> =
                        const { ::std::cell::RefCell::new(::std::option::Option::None) };
                }

                struct Instance;

                impl $crate::__private::Slot for Instance {
                    type Plugin = $plugin;

                    fn with<R>(work: impl ::std::ops::FnOnce(&mut ::std::option::Option<$plugin>) -> R) -> R {
                        PLUGIN.with_borrow_mut(work)
                    }
                }

                $crate::__component!(@lifecycle, Instance);
                $($crate::__component!($hook, Instance);)+
            };
        };
    };
    ($plugin:ty $(:)?) => {
        ::std::compile_error!("name at least one hook, for example `roomcast_sdk::export!(Chat: OnConnect);`");
    };
}

/// One hook of a native plugin, for [`FakeHub`](crate::testing::FakeHub).
#[doc(hidden)]
#[macro_export]
macro_rules! __hook {
    (OnConnect) => {
        const CONNECT: $crate::testing::Connect<Self> = Some(<Self as $crate::OnConnect>::on_connect);
    };
    (OnDisconnect) => {
        const DISCONNECT: $crate::testing::Disconnect<Self> = Some(<Self as $crate::OnDisconnect>::on_disconnect);
    };
    (Rooms) => {
        const JOIN: $crate::testing::Join<Self> = Some(<Self as $crate::Rooms>::on_join);
        const LEAVE: $crate::testing::Leave<Self> = Some(<Self as $crate::Rooms>::on_leave);
    };
    (OnPublish) => {
        const PUBLISH: $crate::testing::Publish<Self> = Some(<Self as $crate::OnPublish>::on_publish);
    };
    (OnMessage) => {
        const MESSAGE: $crate::testing::Message<Self> = Some(<Self as $crate::OnMessage>::on_message);
    };
    (OnTimer) => {
        const TIMER: $crate::testing::Timer<Self> = Some(<Self as $crate::OnTimer>::on_timer);
    };
    (OnFetch) => {
        const RESPONSE: $crate::testing::FetchResponse<Self> = Some(<Self as $crate::OnFetch>::on_response);
        const CHUNK: $crate::testing::FetchChunk<Self> = Some(<Self as $crate::OnFetch>::on_chunk);
        const END: $crate::testing::FetchEnd<Self> = Some(<Self as $crate::OnFetch>::on_end);
    };
    (State) => {
        const SAVE: $crate::testing::Save<Self> = Some(<Self as $crate::State>::save);
        const RESTORE: $crate::testing::Restore<Self> = Some(<Self as $crate::State>::restore);
    };
    ($other:ident) => {
        $crate::__no_such_hook!($other);
    };
}

/// One hook of a component.
#[doc(hidden)]
#[macro_export]
macro_rules! __component {
    (OnConnect, $instance:ident) => {
        $crate::__component!(@connect, $instance);
    };
    (OnDisconnect, $instance:ident) => {
        $crate::__component!(@disconnect, $instance);
    };
    (Rooms, $instance:ident) => {
        $crate::__component!(@room, $instance);
    };
    (OnPublish, $instance:ident) => {
        $crate::__component!(@publish, $instance);
    };
    (OnMessage, $instance:ident) => {
        $crate::__component!(@message, $instance);
    };
    (OnTimer, $instance:ident) => {
        $crate::__component!(@timer, $instance);
    };
    (OnFetch, $instance:ident) => {
        $crate::__component!(@fetch_events, $instance);
    };
    (State, $instance:ident) => {
        $crate::__component!(@state, $instance);
    };
    (@$interface:ident, $instance:ident) => {
        $crate::__private::$interface::export!($instance with_types_in $crate::__private::$interface);
    };
    ($other:ident, $instance:ident) => {
        $crate::__no_such_hook!($other);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __no_such_hook {
    ($other:ident) => {
        ::std::compile_error!(::std::concat!(
            "there is no hook `",
            ::std::stringify!($other),
            "`; the hooks are OnConnect, OnDisconnect, Rooms, OnPublish, OnMessage, OnTimer, OnFetch and State",
        ));
    };
}
