//! The honest HAC behind a TLS server that may have one fault.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use crypto::auth::Profile;
use crypto::channel_binding::ChannelBinding;
use crypto::keys::Psk;
use mutants::seat::HacMachine;
use mutants::subject::Secrets;
use proto::Timestamp;
use proto::hac::{ConnId, Hac, Input, Output, Policy};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sim::SeededRandom;
use suite::bench::{Bench, Setup};
use suite::identity::Identities;
use suite::link::tls::TlsTarget;
use suite::verdict::Verdict;
use suite::{cases, judge};
use wire::value::Nai;

/// Far above what any step needs.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

/// Where a HAC listens, and the authorities that stand behind its certificates.
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    pub(crate) ca_pem: String,
    /// How long the suite waits for it.
    pub(crate) wait: Duration,
}

/// The channel binding that the HAC uses on a session.
pub(crate) type Bind = Box<dyn Fn(&ServerConnection) -> ChannelBinding + Send + Sync>;

/// Serves every connection by `serve`, for as long as the test process lasts.
pub(crate) fn listen(
    ca_pem: String,
    serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> Door {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
    let address = listener.local_addr().expect("it is bound");
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            // A client that gives up is what some of the tests are about.
            thread::spawn(move || stream.set_read_timeout(Some(WAIT)).and_then(|()| serve(stream)));
        }
    });
    Door { address, ca_pem, wait: WAIT }
}

/// The honest machine behind that server, with that idea of the channel binding.
pub(crate) fn hac(ca_pem: String, tls: ServerConfig, bind: Bind) -> Door {
    behind(ca_pem, tls, bind, Desk::new())
}

/// Some machine behind that server.
pub(crate) fn behind(ca_pem: String, tls: ServerConfig, bind: Bind, desk: Desk) -> Door {
    let tls = Arc::new(tls);
    listen(ca_pem, move |stream| {
        let mut connection = ServerConnection::new(Arc::clone(&tls)).map_err(io::Error::other)?;
        let mut stream = stream;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        let binding = bind(&connection);
        desk.serve(StreamOwned::new(connection, stream), binding)
    })
}

/// A binding that is the same on every session.
pub(crate) fn always(binding: &[u8]) -> Bind {
    let binding = binding.to_vec();
    Box::new(move |_| ChannelBinding::new(binding.clone()))
}

/// The machine, shared by all connections.
pub(crate) struct Desk {
    hac: Mutex<HacMachine>,
    opened: AtomicU64,
}

fn identities() -> Identities {
    Identities::provision(1, |psk| psk.fill(7)).expect("more than none")
}

impl Desk {
    /// With the honest machine.
    pub(crate) fn new() -> Self {
        Self::with(|honest, _| Box::new(honest))
    }

    /// With what `make` makes of the honest machine.
    pub(crate) fn with(make: impl FnOnce(Hac, Secrets) -> HacMachine) -> Self {
        let identities = identities();
        let known = identities.all().iter().map(|known| {
            let mn_id = Nai::parse(known.mn_id.as_bytes()).expect("the suite makes NAIs");
            (mn_id, Psk::new(known.psk.clone()).expect("the suite makes keys"))
        });
        let hac = Hac::new(Policy::default(), known.collect(), Box::new(SeededRandom::new(1, 1)));
        let secrets = Secrets { profile: Profile::Rfc6618, identities: identities.all().to_vec() };
        Self { hac: Mutex::new(make(hac, secrets)), opened: AtomicU64::new(0) }
    }

    /// One session, from the end of its handshake.
    pub(crate) fn serve(
        &self,
        mut stream: StreamOwned<ServerConnection, TcpStream>,
        channel_binding: ChannelBinding,
    ) -> io::Result<()> {
        let conn = ConnId(self.opened.fetch_add(1, Ordering::Relaxed));
        self.tell(Input::Established { conn, channel_binding });
        let mut octets = vec![0; 16 * 1024];
        loop {
            let n = match stream.read(&mut octets) {
                Ok(0) | Err(_) => {
                    self.tell(Input::Closed { conn });
                    return Ok(());
                }
                Ok(n) => n,
            };
            for output in self.tell(Input::Received { conn, octets: octets[..n].to_vec() }) {
                match output {
                    Output::Send { octets, .. } => stream.write_all(&octets)?,
                    Output::Close { .. } => {
                        stream.conn.send_close_notify();
                        return stream.flush();
                    }
                    Output::Install(_) | Output::Event(_) => {}
                }
            }
            stream.flush()?;
        }
    }

    /// What the machine wants done; all of it concerns the connection that spoke.
    fn tell(&self, input: Input) -> Vec<Output> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut hac = self.hac.lock().unwrap_or_else(PoisonError::into_inner);
        hac.handle(Timestamp(now), input);
        core::iter::from_fn(|| hac.poll_output()).collect()
    }
}

impl Door {
    /// What one case says, before its level is considered.
    pub(crate) fn verdict(&self, id: &str) -> Verdict {
        self.verdict_under(id, Profile::Rfc6618)
    }

    pub(crate) fn verdict_under(&self, id: &str, profile: Profile) -> Verdict {
        let target =
            TlsTarget::new(self.address, "localhost", &self.ca_pem, self.wait, None).expect("an authority");
        let setup = Setup {
            target: Some(Box::new(target)),
            launcher: None,
            profile,
            correspondent: None,
            correspondent4: None,
            associations: suite::sa_file::SaPool::default(),
            ha: None,
            wait: self.wait,
            seed: 1,
            recorder: None,
            identities: identities(),
        };
        let lease = setup.identities.lease(0);
        let mut bench = Bench::new(&setup, lease.identity, id);
        let case = cases::find(id).unwrap_or_else(|| panic!("{id} is no case"));
        let outcome = judge::run(&case.check, &mut bench);
        if let Err(finding) = &outcome {
            println!("{id}: {finding:?}");
        }
        outcome.map_or_else(|finding| finding.verdict(), |_| Verdict::Pass)
    }

    /// Each of these cases is a pass.
    pub(crate) fn passes(&self, ids: &[&str]) {
        for id in ids {
            assert_eq!(self.verdict(id), Verdict::Pass, "{id}");
        }
    }
}
