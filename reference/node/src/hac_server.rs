//! The HAC's shell (RFC 6618 sections 5.1 to 5.3): TLS connections in front of one machine.
//!
//! One task owns the machine, one task serves each connection. A connection reads only while nothing waits to be
//! written, every wait has an end, and a peer that does not read loses its connection: memory is bounded by [`Limits`].

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crypto::channel_binding::ChannelBinding;
use proto::Machine;
use proto::hac::{ConnId, Event, Input, Output};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tracing::{debug, info, warn};
use wire::escape::Escaped;
use wire::value::Nai;

use crate::host::{now, until};
use crate::sa_feed::SaSink;
use crate::tls::ServerTls;

/// What one HAC lets its peers use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once, handshakes included; one more is closed at once.
    pub connections: usize,
    /// The longest a connection may be silent, in its handshake too.
    pub idle: Duration,
    /// The longest a connection may last; its last write and its close are not counted.
    pub total: Duration,
}

impl Default for Limits {
    /// 256 connections, 10 s of silence, 60 s in all.
    fn default() -> Self {
        Self { connections: 256, idle: Duration::from_secs(10), total: Duration::from_secs(60) }
    }
}

/// A listening HAC without its machine.
pub struct HacServer {
    listener: TcpListener,
    tls: ServerTls,
    limits: Limits,
    sink: SaSink,
}

impl HacServer {
    /// Serves on a bound listener; associations go to `sink`.
    #[must_use]
    pub fn new(listener: TcpListener, tls: ServerTls, limits: Limits, sink: SaSink) -> Self {
        Self { listener, tls, limits, sink }
    }

    /// Runs until dropped; every connection ends with it.
    pub async fn serve<M>(self, machine: Box<M>)
    where
        M: Machine<Input = Input, Output = Output> + Send + ?Sized,
    {
        let (to_driver, reports) = mpsc::channel(REPORTS);
        let driver = Driver { machine, writers: HashMap::new(), sink: self.sink };
        let front = accept_all(self.listener, self.tls, self.limits, to_driver);
        tokio::select! {
            () = front => {}
            () = driver.run(reports) => {}
        }
    }
}

// Queue lengths: reports to the machine over all connections, containers to one connection.
const REPORTS: usize = 64;
const CONTAINERS: usize = 32;

/// What a connection tells the task that owns the machine.
enum Report {
    Established { conn: ConnId, channel_binding: ChannelBinding, writer: mpsc::Sender<Order> },
    Received { conn: ConnId, octets: Vec<u8> },
    Closed { conn: ConnId },
}

/// What that task tells a connection.
enum Order {
    Write(Vec<u8>),
    Close,
}

struct Driver<M: ?Sized> {
    machine: Box<M>,
    writers: HashMap<ConnId, mpsc::Sender<Order>>,
    sink: SaSink,
}

impl<M> Driver<M>
where
    M: Machine<Input = Input, Output = Output> + Send + ?Sized,
{
    async fn run(mut self, mut reports: mpsc::Receiver<Report>) {
        loop {
            tokio::select! {
                report = reports.recv() => match report {
                    Some(report) => self.take(report),
                    None => return,
                },
                () = until(self.machine.poll_timeout()) => self.machine.handle_timeout(now()),
            }
            self.carry_out().await;
        }
    }

    fn take(&mut self, report: Report) {
        let input = match report {
            Report::Established { conn, channel_binding, writer } => {
                self.writers.insert(conn, writer);
                Input::Established { conn, channel_binding }
            }
            Report::Received { conn, octets } => Input::Received { conn, octets },
            Report::Closed { conn } => {
                self.writers.remove(&conn);
                Input::Closed { conn }
            }
        };
        self.machine.handle(now(), input);
    }

    async fn carry_out(&mut self) {
        // An answer that names an association which the HA did not take would mislead the MN.
        let mut untold = false;
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Install(association) => {
                    let spi = association.spi;
                    if let Err(error) = self.sink.install(association).await {
                        warn!(%spi, %error, "the HA did not take the association: no answer, connection closed");
                        untold = true;
                    }
                }
                Output::Send { conn, .. } if untold => self.order(conn, Order::Close),
                Output::Send { conn, octets } => self.order(conn, Order::Write(octets)),
                Output::Close { conn } => self.order(conn, Order::Close),
                Output::Event(Event::Bootstrapped { .. }) if untold => {}
                Output::Event(event) => log(&event),
            }
        }
    }

    fn order(&mut self, conn: ConnId, order: Order) {
        let Some(writer) = self.writers.get(&conn) else { return };
        if writer.try_send(order).is_err() {
            // Its queue is full, so its peer does not read; without a writer the connection ends itself.
            self.writers.remove(&conn);
        }
    }
}

fn log(event: &Event) {
    match event {
        Event::Bootstrapped { conn, mn_id, spi, suite, scope } => {
            let mn_id = Escaped(mn_id.as_str().as_bytes());
            info!(conn = conn.0, %mn_id, %spi, suite = suite.name(), ?scope, "bootstrapped");
        }
        Event::Refused { conn, mn_id, refusal } => {
            let mn_id = Escaped(mn_id.as_ref().map_or("", Nai::as_str).as_bytes());
            info!(conn = conn.0, %mn_id, %refusal, "refused");
        }
        Event::Abandoned { conn, unread } => info!(conn = conn.0, unread, "abandoned by its peer"),
    }
}

async fn accept_all(listener: TcpListener, tls: ServerTls, limits: Limits, to_driver: mpsc::Sender<Report>) {
    let slots = std::sync::Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    let mut next = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Usually no file descriptor is left: the queue of the kernel holds the peers meanwhile.
                warn!(%error, "cannot accept");
                tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
                continue;
            }
        };
        let Ok(slot) = std::sync::Arc::clone(&slots).try_acquire_owned() else {
            warn!(%peer, limit = limits.connections, "too many connections: closed at once");
            continue;
        };
        next += 1;
        let connection =
            Connection { conn: ConnId(next), tls: tls.clone(), limits, to_driver: to_driver.clone() };
        connections.spawn(async move {
            connection.run(stream, peer).await;
            drop(slot);
        });
    }
}

const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// Why a connection was closed.
enum End {
    Finished,
    Silent,
    TooLong,
}

struct Connection {
    conn: ConnId,
    tls: ServerTls,
    limits: Limits,
    to_driver: mpsc::Sender<Report>,
}

impl Connection {
    async fn run(self, stream: TcpStream, peer: SocketAddr) {
        let conn = self.conn.0;
        debug!(conn, %peer, "connected");
        match self.talk(stream).await {
            Ok(End::Finished) => debug!(conn, "closed"),
            Ok(End::Silent) => info!(conn, %peer, limit = ?self.limits.idle, "closed: silent for too long"),
            Ok(End::TooLong) => info!(conn, %peer, limit = ?self.limits.total, "closed: lasted too long"),
            Err(error) => info!(conn, %peer, %error, "connection lost"),
        }
        // The machine forgets connections that it never heard of.
        let _ = self.to_driver.send(Report::Closed { conn: self.conn }).await;
    }

    async fn talk(&self, stream: TcpStream) -> io::Result<End> {
        let deadline = tokio::time::sleep(self.limits.total);
        tokio::pin!(deadline);
        stream.set_nodelay(true)?;
        let idle = self.limits.idle;
        let mut stream = timeout(idle, self.tls.accept(stream)).await??;
        let (writer, mut orders) = mpsc::channel(CONTAINERS);
        let channel_binding = self.tls.channel_binding().clone();
        self.report(Report::Established { conn: self.conn, channel_binding, writer }).await?;

        let mut buffer = vec![0; READ_AT_ONCE];
        let mut peer_speaks = true;
        let end = loop {
            tokio::select! {
                biased;
                () = &mut deadline => break End::TooLong,
                order = orders.recv() => match order {
                    Some(Order::Write(octets)) => timeout(idle, write(&mut stream, &octets)).await??,
                    Some(Order::Close) | None => break End::Finished,
                },
                read = timeout(idle, stream.read(&mut buffer)), if peer_speaks => match read {
                    Err(_) => break End::Silent,
                    Ok(Ok(0)) => {
                        // Answers to what came before are still on their way; the machine's side ends them.
                        peer_speaks = false;
                        self.report(Report::Closed { conn: self.conn }).await?;
                    }
                    Ok(length) => {
                        let octets = buffer.get(..length?).unwrap_or_default().to_vec();
                        self.report(Report::Received { conn: self.conn, octets }).await?;
                    }
                },
            }
        };
        timeout(idle, close(stream)).await??;
        Ok(end)
    }

    async fn report(&self, report: Report) -> io::Result<()> {
        self.to_driver.send(report).await.map_err(|_| io::Error::other("the HAC is stopping"))
    }
}

// One TLS record's worth.
const READ_AT_ONCE: usize = 16 * 1024;

async fn write(stream: &mut TlsStream<TcpStream>, octets: &[u8]) -> io::Result<()> {
    stream.write_all(octets).await?;
    stream.flush().await
}

/// close_notify, then FIN, then whatever the peer still sends: unread octets would turn our FIN into a reset that can
/// overtake the last answer.
async fn close(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    stream.shutdown().await?;
    let (mut socket, _) = stream.into_inner();
    let mut nowhere = tokio::io::sink();
    if timeout(LINGER, tokio::io::copy(&mut socket, &mut nowhere)).await.is_err() {
        debug!("the peer goes on sending after the close");
    }
    Ok(())
}

const LINGER: Duration = Duration::from_secs(1);
