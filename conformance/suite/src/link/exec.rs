//! `--exec`: an MN under test as a child process, one for each visit, and the sockets at which we await it.

use core::time::Duration;
use std::collections::VecDeque;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use shared_child::SharedChild;
use wire::value::hex;

use super::signal::uninterrupted;
use super::tls_server::Certificate;
use super::{Accepted, Arrived, Invitation, Launched, Launcher, LinkError};
use crate::evidence::{Recorder, What};

/// The words in braces that a command may contain.
pub const PLACEHOLDERS: [&str; 5] = ["{hac}", "{mn_id}", "{psk_file}", "{ca}", METHOD];

const METHOD: &str = "{method}";

/// Starts the MN by a command line.
pub struct ExecLauncher {
    words: Vec<String>,
    certificate: Arc<Certificate>,
    folder: PathBuf,
    visits: AtomicU64,
    recorder: Option<Arc<Recorder>>,
}

impl ExecLauncher {
    /// `command` is split into words as a shell would, without a shell; then `{hac}` becomes address:port,
    /// `{mn_id}` the NAI, `{psk_file}` a file with the key in hex, `{ca}` a PEM file, and `{method}` psk or
    /// eap-gpsk; without it the MN is asked for PSK only. The files lie in `folder`, which must be ours alone.
    ///
    /// # Errors
    /// [`LinkError::Own`] when the command has no word or an unknown `{word}`, or the folder cannot be written.
    pub fn new(command: &str, folder: PathBuf, recorder: Option<Arc<Recorder>>) -> Result<Self, LinkError> {
        let words =
            shell_words::split(command).map_err(|error| LinkError::Own(format!("--exec: {error}")))?;
        if words.is_empty() {
            return Err(LinkError::Own("--exec names no command".to_owned()));
        }
        if !words.iter().any(|word| word.contains("{hac}")) {
            return Err(LinkError::Own("--exec must say {hac}: where the MN finds the HAC".to_owned()));
        }
        let certificate = Arc::new(Certificate::make(recorder.clone())?);
        fs::write(folder.join("ca.pem"), &certificate.ca_pem)
            .map_err(|error| LinkError::Own(error.to_string()))?;
        Ok(Self { words, certificate, folder, visits: AtomicU64::new(0), recorder })
    }

    fn command(&self, hac: SocketAddr, invitation: &Invitation) -> std::io::Result<Command> {
        let visit = self.visits.fetch_add(1, Ordering::Relaxed);
        let psk_file = self.folder.join(format!("psk-{visit}"));
        fs::write(&psk_file, hex::encode(&invitation.psk))?;
        let values = [
            hac.to_string(),
            invitation.mn_id.clone(),
            psk_file.display().to_string(),
            self.folder.join("ca.pem").display().to_string(),
            invitation.method.as_str().to_owned(),
        ];
        let mut words = self.words.iter().map(|word| {
            PLACEHOLDERS
                .iter()
                .zip(&values)
                .fold(word.clone(), |word, (name, value)| word.replace(name, value))
        });
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command)
    }
}

impl Launcher for ExecLauncher {
    fn tells_the_method(&self) -> bool {
        self.words.iter().any(|word| word.contains(METHOD))
    }

    fn launch(&self, invitation: &Invitation) -> Result<Box<dyn Launched>, LinkError> {
        let own = |error: std::io::Error| LinkError::Own(error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(own)?;
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(own)?;
        let (hac, ha) = (listener.local_addr().map_err(own)?, socket.local_addr().map_err(own)?);
        let mut command = self.command(hac, invitation).map_err(own)?;
        let child = SharedChild::spawn(&mut command)
            .map_err(|error| LinkError::Own(format!("{}: {error}", self.words[0])))?;
        let child = Arc::new(child);
        let (sender, events) = channel();
        watch_child(Arc::clone(&child), sender.clone());
        watch_listener(listener, sender.clone());
        watch_socket(socket.try_clone().map_err(own)?, sender);
        let (certificate, recorder) = (Arc::clone(&self.certificate), self.recorder.clone());
        let pending = VecDeque::new();
        Ok(Box::new(Running { child, hac, ha, socket, events, pending, exited: None, certificate, recorder }))
    }
}

enum Happened {
    Connected(TcpStream),
    Datagram(SocketAddr, Vec<u8>),
    Exited(Option<i32>),
}

fn watch_child(child: Arc<SharedChild>, events: Sender<Happened>) {
    thread::spawn(move || {
        let code = child.wait().ok().and_then(|status| status.code());
        // Nobody listens when the visit is over.
        let _ = events.send(Happened::Exited(code));
    });
}

fn watch_listener(listener: TcpListener, events: Sender<Happened>) {
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            if events.send(Happened::Connected(stream)).is_err() {
                return;
            }
        }
    });
}

fn watch_socket(socket: UdpSocket, events: Sender<Happened>) {
    thread::spawn(move || {
        let mut octets = vec![0; 65535];
        while let Ok((n, from)) = uninterrupted(|| socket.recv_from(&mut octets)) {
            if events.send(Happened::Datagram(from, octets[..n].to_vec())).is_err() {
                return;
            }
        }
    });
}

struct Running {
    child: Arc<SharedChild>,
    hac: SocketAddr,
    ha: SocketAddr,
    socket: UdpSocket,
    events: Receiver<Happened>,
    pending: VecDeque<Happened>,
    exited: Option<Option<i32>>,
    certificate: Arc<Certificate>,
    recorder: Option<Arc<Recorder>>,
}

impl Running {
    /// The next thing that happened and is wanted; others are kept for later.
    fn next(&mut self, wait: Duration, wanted: fn(&Happened) -> bool) -> Option<Happened> {
        if let Some(at) = self.pending.iter().position(wanted) {
            return self.pending.remove(at);
        }
        let deadline = Instant::now() + wait;
        while self.exited.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            let happened = self.events.recv_timeout(left).ok()?;
            if let Happened::Exited(code) = happened {
                self.exited = Some(code);
                // What it sent before it ended is still to be read.
                self.pending.extend(self.events.try_iter());
                let at = self.pending.iter().position(wanted);
                return at.and_then(|at| self.pending.remove(at)).or(Some(happened));
            }
            if wanted(&happened) {
                return Some(happened);
            }
            self.pending.push_back(happened);
        }
        self.exited.map(Happened::Exited)
    }
}

impl Launched for Running {
    fn accept(&mut self, wait: Duration) -> Accepted {
        match self.next(wait, |happened| matches!(happened, Happened::Connected(_))) {
            Some(Happened::Connected(stream)) => {
                match self.certificate.accept(stream, wait, self.recorder.clone()) {
                    Ok(session) => Accepted::Session(session),
                    Err(error) => Accepted::Refused(error),
                }
            }
            Some(Happened::Exited(code)) => Accepted::Exited(code),
            Some(Happened::Datagram(..)) | None => Accepted::Silence,
        }
    }

    fn ha(&self) -> SocketAddr {
        self.ha
    }

    fn send(&mut self, to: SocketAddr, octets: &[u8]) -> Result<(), LinkError> {
        if let Some(recorder) = &self.recorder {
            recorder.record(self.ha, to, What::Datagram(octets.to_vec()));
        }
        uninterrupted(|| self.socket.send_to(octets, to))
            .map_err(|error| LinkError::Own(error.to_string()))?;
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> Arrived {
        match self.next(wait, |happened| matches!(happened, Happened::Datagram(..))) {
            Some(Happened::Datagram(from, octets)) => {
                if let Some(recorder) = &self.recorder {
                    recorder.record(from, self.ha, What::Datagram(octets.clone()));
                }
                Arrived::Datagram { from, octets }
            }
            Some(Happened::Exited(code)) => Arrived::Exited(code),
            Some(Happened::Connected(_)) | None => Arrived::Silence,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself. A word to each watcher lets it see that nobody listens any more.
        let _ = self.child.kill();
        let _ = TcpStream::connect(self.hac);
        let _ = self.socket.send_to(&[], self.ha);
    }
}
