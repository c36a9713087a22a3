//! From the HAC to the HA (RFC 6618 section 4.3 leaves the format open): in one process a channel, on one host a Unix
//! domain socket.
//!
//! The HA listens on the socket, which only its own user can open. A HAC connects and writes one association as one
//! JSON line; the HA answers each line with `{"installed":SPI}` once its machine is the next to see it, or with
//! `{"refused":"why"}`. The HAC answers an MN only after that, so that the first Binding Update always finds its keys.

mod client;
mod line;
mod listener;

use proto::sa::SecurityAssociation;
use tokio::sync::mpsc;

pub use client::FeedClient;
pub use line::LineError;
pub use listener::FeedListener;

/// Where a HAC's associations go.
pub enum SaSink {
    /// To an HA in the same process.
    Channel(mpsc::Sender<Box<SecurityAssociation>>),
    /// To an HA on the same host.
    Socket(FeedClient),
    /// Nowhere: somebody reads them from the HAC's events, or nobody at all.
    Nowhere,
}

impl SaSink {
    /// Hands one association over; it is there when this returns.
    ///
    /// # Errors
    /// The HA is gone, is silent, or refused it.
    pub async fn install(&mut self, association: Box<SecurityAssociation>) -> Result<(), FeedError> {
        match self {
            Self::Channel(channel) => channel.send(association).await.map_err(|_| FeedError::Stopped),
            Self::Socket(client) => client.install(&association).await,
            Self::Nowhere => Ok(()),
        }
    }
}

/// Why an association did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The HA of this process has ended.
    #[error("the HA has stopped")]
    Stopped,
    /// The socket does not work.
    #[error("feed: {0}")]
    Io(#[from] std::io::Error),
    /// The HA did not answer in time.
    #[error("feed: need an answer within {}, have none", .0.as_secs_f32())]
    Silent(std::time::Duration),
    /// The HA answered something else.
    #[error("feed: need {{\"installed\":{need}}}, have {}", wire::escape::Escaped(.have))]
    Answer {
        /// The SPI that was handed over.
        need: u32,
        /// The line that came.
        have: Vec<u8>,
    },
}
