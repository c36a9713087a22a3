//! The MN's connection to its HAC (RFC 6618 section 5): one task for each attempt, so that waiting for it can be given up at any
//! time without losing octets.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crypto::channel_binding::ChannelBinding;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::tls::{ClientTls, Secured, TlsError};

/// Where an MN finds its HAC, and with which patience.
#[derive(Clone)]
pub struct HacAccess {
    /// TCP addresses of the HAC, the best first; at least one.
    pub addresses: Vec<SocketAddr>,
    /// Trust anchors and the name to meet.
    pub tls: ClientTls,
    /// The longest wait for the TCP and TLS handshakes together.
    pub patience: Duration,
}

impl HacAccess {
    /// A TLS session with the first address that answers, and this node's address on it.
    async fn connect(self) -> Result<(Secured, IpAddr), LinkError> {
        let within = self.patience;
        let deadline = Instant::now() + within;
        let silent = |what| move |_| LinkError::Silent { what, within };
        let socket = timeout_at(deadline, TcpStream::connect(&*self.addresses))
            .await
            .map_err(silent("the TCP handshake"))?;
        let socket = socket.map_err(|source| LinkError::Unreachable { to: self.addresses, source })?;
        socket.set_nodelay(true).map_err(LinkError::Broken)?;
        let local = socket.local_addr().map_err(LinkError::Broken)?.ip();
        let secured =
            timeout_at(deadline, self.tls.connect(socket)).await.map_err(silent("the TLS handshake"))??;
        Ok((secured, local))
    }
}

/// An attempt to talk to the HAC; ends with this value.
pub(crate) struct HacLink {
    orders: mpsc::UnboundedSender<Order>,
    reports: mpsc::Receiver<Report>,
    task: JoinHandle<()>,
}

/// What happens on the connection.
#[derive(Debug)]
pub(crate) enum Report {
    /// TCP and TLS are up.
    Established {
        /// The hash of the certificate that the HAC sent.
        channel_binding: ChannelBinding,
        /// This node's address on the way to the HAC.
        local: IpAddr,
    },
    /// Octets of the HAC.
    Received(Vec<u8>),
    /// Nothing comes any more.
    Closed(Result<(), LinkError>),
}

/// Why the connection failed.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Nobody listens there.
    #[error("cannot reach the HAC at {to:?}: {source}")]
    Unreachable {
        /// Where the HAC should be.
        to: Vec<SocketAddr>,
        /// What the system said.
        source: io::Error,
    },
    /// No answer to the TCP or TLS handshake.
    #[error("the HAC did not finish {what} within {} s", .within.as_secs_f32())]
    Silent {
        /// Which handshake.
        what: &'static str,
        /// How long it had.
        within: Duration,
    },
    /// No TLS session with the right HAC.
    #[error("{0}")]
    Tls(#[from] TlsError),
    /// The connection broke later.
    #[error("connection to the HAC: {0}")]
    Broken(io::Error),
}

enum Order {
    Write(Vec<u8>),
    Close,
}

impl HacLink {
    /// Starts to connect.
    pub(crate) fn open(hac: HacAccess) -> Self {
        let (orders, to_task) = mpsc::unbounded_channel();
        let (reporter, reports) = mpsc::channel(REPORTS);
        let task = tokio::spawn(async move {
            let end = talk(hac, to_task, &reporter).await;
            // Nobody listens if the node gave the attempt up.
            let _ = reporter.send(Report::Closed(end)).await;
        });
        Self { orders, reports, task }
    }

    /// The next thing that happens; `None` after [`Report::Closed`].
    pub(crate) async fn next(&mut self) -> Option<Report> {
        self.reports.recv().await
    }

    /// Writes octets; they are lost if the connection is.
    pub(crate) fn write(&self, octets: Vec<u8>) {
        let _ = self.orders.send(Order::Write(octets));
    }

    /// Closes TLS and TCP after what was written.
    pub(crate) fn close(&self) {
        let _ = self.orders.send(Order::Close);
    }
}

impl HacLink {
    /// Closes and waits for the end, but no longer than `patience`.
    pub(crate) async fn finish(mut self, patience: Duration) {
        self.close();
        let end = async { while self.next().await.is_some() {} };
        // Whoever waits longer than this for a close is not waited for.
        let _ = timeout(patience, end).await;
    }
}

impl Drop for HacLink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

// The HAC cannot make us keep more than this many reads.
const REPORTS: usize = 4;
const READ_AT_ONCE: usize = 16 * 1024;

async fn talk(
    hac: HacAccess,
    mut orders: mpsc::UnboundedReceiver<Order>,
    reporter: &mpsc::Sender<Report>,
) -> Result<(), LinkError> {
    let (Secured { mut stream, channel_binding }, local) = hac.connect().await?;
    report(reporter, Report::Established { channel_binding, local }).await?;

    let mut buffer = vec![0; READ_AT_ONCE];
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => match order {
                Some(Order::Write(octets)) => {
                    stream.write_all(&octets).await.map_err(LinkError::Broken)?;
                    stream.flush().await.map_err(LinkError::Broken)?;
                }
                Some(Order::Close) | None => return stream.shutdown().await.map_err(LinkError::Broken),
            },
            read = stream.read(&mut buffer) => match read.map_err(LinkError::Broken)? {
                0 => return Ok(()),
                length => {
                    let octets = buffer.get(..length).unwrap_or_default().to_vec();
                    report(reporter, Report::Received(octets)).await?;
                }
            },
        }
    }
}

async fn report(reporter: &mpsc::Sender<Report>, report: Report) -> Result<(), LinkError> {
    reporter.send(report).await.map_err(|_| LinkError::Broken(io::ErrorKind::ConnectionAborted.into()))
}
