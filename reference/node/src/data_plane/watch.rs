//! Changes of this host's links, addresses and routes, as the kernel announces them.

use std::io;
use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use rtnetlink::MulticastGroup;
use tokio::task::JoinHandle;

/// Tells that something changed; what it means is found out by asking again.
pub struct Watch {
    announcements: Pin<Box<dyn Stream<Item = ()> + Send>>,
    connection: JoinHandle<()>,
}

impl Watch {
    /// Begins to watch; takes a tokio runtime.
    ///
    /// # Errors
    /// The system refuses.
    pub fn begin() -> io::Result<Self> {
        let (connection, _, announcements) = rtnetlink::new_multicast_connection(&[
            MulticastGroup::Link,
            MulticastGroup::Ipv4Ifaddr,
            MulticastGroup::Ipv6Ifaddr,
            MulticastGroup::Ipv4Route,
            MulticastGroup::Ipv6Route,
        ])?;
        let announcements = Box::pin(announcements.map(drop));
        Ok(Self { announcements, connection: tokio::spawn(connection) })
    }

    /// Waits for the next change, and takes those that came with it. May be dropped while it waits.
    pub async fn changed(&mut self) {
        if self.announcements.next().await.is_none() {
            // The connection ended: nothing will ever be announced.
            return std::future::pending().await;
        }
        while let Some(Some(())) = futures_util::FutureExt::now_or_never(self.announcements.next()) {}
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.connection.abort();
    }
}
