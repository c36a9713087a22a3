//! A canary at work: its listener, its threads, and the end of them all.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use rustls::ServerConfig;
use socket2::{Domain, Socket, Type};

use crate::canary::{Canary, Door};
use crate::certificate::{Subject, issue};
use crate::connection::{Connection, Register};
use crate::tls::{Session, certified};

/// How long dropping a [`Running`] waits for its threads before it leaves them to end alone.
const PATIENCE: Duration = Duration::from_secs(5);

/// A canary that can be met at [`Running::addr`] until this value is dropped.
pub struct Running {
    canary: Canary,
    addr: SocketAddr,
    ca_pem: String,
    life: Life,
}

enum Life {
    /// Holds the port, so that nobody else starts to listen there.
    Shut {
        _port: Socket,
    },
    Open {
        register: Arc<Register>,
        threads: Receiver<Alive>,
    },
}

/// Held by every thread; nothing is ever sent. When the last holder is gone, the channel says so.
enum Alive {}

/// Why a canary could not be started: always the machine's fault, never a peer's.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// No loopback port, or no thread.
    Io(io::Error),
    /// The certificates could not be made.
    Certificate(rcgen::Error),
    /// The certificates were made but rustls does not want them.
    Tls(rustls::Error),
}

/// Starts a canary on a free port of 127.0.0.1.
///
/// # Errors
/// When the machine gives no port or thread, or certificates cannot be made.
pub fn start(canary: Canary) -> Result<Running, StartError> {
    let (ca, service) = match canary.door() {
        Door::Shut => return shut(canary),
        // A tool under test wants some --ca, even where no TLS will come.
        Door::Tcp(talk) => (issue(Subject::Loopback)?.ca_pem, Service::Tcp(talk)),
        Door::Tls(subject, talk) => {
            let issued = issue(subject)?;
            (
                issued.ca_pem.clone(),
                Service::Tls { config: certified(issued)?, talk, last_message: last(canary) },
            )
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let addr = listener.local_addr()?;
    let register = Register::new(addr);
    let (alive, threads) = mpsc::channel();
    let house = House { listener, register: Arc::clone(&register), service, alive };
    thread::Builder::new().name(format!("canary {}", canary.name())).spawn(move || house.receive())?;
    Ok(Running { canary, addr, ca_pem: ca, life: Life::Open { register, threads } })
}

fn shut(canary: Canary) -> Result<Running, StartError> {
    let port = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    port.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let addr =
        port.local_addr()?.as_socket().ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))?;
    let ca_pem = issue(Subject::Loopback)?.ca_pem;
    Ok(Running { canary, addr, ca_pem, life: Life::Shut { _port: port } })
}

fn last(canary: Canary) -> u32 {
    match canary {
        Canary::CrashesOnMessage(number) => number.get(),
        _ => u32::MAX,
    }
}

impl Running {
    /// Which one it is.
    pub fn canary(&self) -> Canary {
        self.canary
    }

    /// Where it can be met: a port of 127.0.0.1.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The certificate of the authority that issued its certificate, in PEM. Each start makes a new one.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Life::Open { register, threads } = &self.life {
            register.end();
            // Every socket is shut, so every thread is on its way out; one that hangs all the same is left behind.
            let _ = threads.recv_timeout(PATIENCE);
        }
    }
}

/// What the accepting thread owns.
struct House {
    listener: TcpListener,
    register: Arc<Register>,
    service: Service,
    alive: Sender<Alive>,
}

impl House {
    fn receive(self) {
        while !self.register.is_over() {
            match self.listener.accept() {
                // A connection that cannot be served is that peer's loss, not the end of the canary.
                Ok((stream, _peer)) => drop(self.serve(stream)),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(_) => return,
            }
        }
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let Some(connection) = self.register.admit(stream)? else {
            return Ok(());
        };
        let (service, alive) = (self.service.clone(), self.alive.clone());
        thread::Builder::new().spawn(move || {
            // A canary has no one to tell: the peer sees how its connection ends.
            let _ = service.talk(connection);
            drop(alive);
        })?;
        Ok(())
    }
}

#[derive(Clone)]
enum Service {
    Tcp(fn(Connection) -> io::Result<()>),
    Tls { config: Arc<ServerConfig>, talk: fn(Session) -> io::Result<()>, last_message: u32 },
}

impl Service {
    fn talk(self, connection: Connection) -> io::Result<()> {
        match self {
            Self::Tcp(talk) => talk(connection),
            Self::Tls { config, talk, last_message } => {
                talk(Session::open(&config, connection, last_message)?)
            }
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.canary.name(), self.addr)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "no port or thread for a canary: {error}"),
            Self::Certificate(error) => write!(f, "no certificate for a canary: {error}"),
            Self::Tls(error) => write!(f, "no TLS for a canary: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rcgen::Error> for StartError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error)
    }
}

impl From<rustls::Error> for StartError {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(error)
    }
}
