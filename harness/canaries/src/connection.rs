//! One accepted TCP connection that its canary can cut at any time, and the register of all of them.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::SockRef;

/// What all connections of one canary share.
pub(crate) struct Register {
    addr: SocketAddr,
    open: Mutex<Open>,
    cut: Condvar,
    messages: AtomicU32,
}

#[derive(Default)]
struct Open {
    over: bool,
    next: u64,
    streams: HashMap<u64, TcpStream>,
}

impl Register {
    pub(crate) fn new(addr: SocketAddr) -> Arc<Self> {
        Arc::new(Self { addr, open: Mutex::default(), cut: Condvar::new(), messages: AtomicU32::new(0) })
    }

    /// Takes a connection in, or refuses it once everything is over.
    pub(crate) fn admit(self: &Arc<Self>, stream: TcpStream) -> io::Result<Option<Connection>> {
        let mut open = self.lock();
        if open.over {
            return Ok(None);
        }
        let id = open.next;
        open.next += 1;
        open.streams.insert(id, stream.try_clone()?);
        Ok(Some(Connection { stream, id, register: Arc::clone(self) }))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.lock().over
    }

    /// Ends every connection and the listening; a second call changes nothing.
    pub(crate) fn end(&self) {
        self.finish(|stream| stream.shutdown(Shutdown::Both));
    }

    /// As [`Register::end`], but every peer gets a reset.
    fn crash(&self) {
        self.finish(|stream| {
            SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
            stream.shutdown(Shutdown::Read)
        });
    }

    fn finish(&self, part: impl Fn(&TcpStream) -> io::Result<()>) {
        let mut open = self.lock();
        if open.over {
            return;
        }
        open.over = true;
        for (_, stream) in open.streams.drain() {
            // The peer may have gone first; then there is nothing left to part from.
            let _ = part(&stream);
        }
        drop(open);
        self.cut.notify_all();
        // The acceptor waits in accept(): one more knock lets it look at `over`.
        let _ = TcpStream::connect(self.addr);
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection with its peer. Dropping it closes it.
pub(crate) struct Connection {
    stream: TcpStream,
    id: u64,
    register: Arc<Register>,
}

impl Connection {
    /// Waits so long, or less if the canary is stopped meanwhile, which is an error.
    pub(crate) fn pause(&self, length: Duration) -> io::Result<()> {
        let open = self.register.lock();
        let (open, _) = self
            .register
            .cut
            .wait_timeout_while(open, length, |open| !open.over)
            .unwrap_or_else(PoisonError::into_inner);
        if open.over { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Counts one message and returns its number, from 1, over all connections of the canary.
    pub(crate) fn count_message(&self) -> u32 {
        self.register.messages.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Resets all connections, this one too, and stops listening.
    pub(crate) fn crash(&self) {
        self.register.crash();
    }

    /// Says that nothing more will be sent; the peer may still send.
    pub(crate) fn finish_sending(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for Connection {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.stream.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.register.lock().streams.remove(&self.id);
    }
}
