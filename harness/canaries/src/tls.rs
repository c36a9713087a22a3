//! Canaries above TLS: they would pass for a HAC at first sight.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::certificate::Issued;
use crate::connection::Connection;
use crate::container::{LONGEST, header, read_request, response};

/// A TLS session after its handshake, and the number of the message at which to crash.
pub(crate) struct Session {
    stream: StreamOwned<ServerConnection, Connection>,
    last_message: u32,
}

impl Session {
    /// Does the handshake as server.
    pub(crate) fn open(
        config: &Arc<ServerConfig>,
        connection: Connection,
        last_message: u32,
    ) -> io::Result<Self> {
        let tls = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(tls, connection);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self { stream, last_message })
    }

    /// Answers every request with this content until the peer ends.
    fn answer_all(mut self, content: &[u8]) -> io::Result<()> {
        while let Some(request) = read_request(&mut self.stream)? {
            self.send(&response(request.identifier, content))?;
        }
        Ok(())
    }

    fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.write_all(octets)?;
        self.stream.flush()
    }

    fn send_slowly(&mut self, octets: impl IntoIterator<Item = u8>) -> io::Result<()> {
        for octet in octets {
            self.stream.sock.pause(BETWEEN_OCTETS)?;
            self.send(&[octet])?;
        }
        Ok(())
    }
}

/// The pace of the slow ones.
const BETWEEN_OCTETS: Duration = Duration::from_millis(300);

// A header with its own line end, then the two line ends that close a message (section 5.5.7).
const OK: &[u8] = b"status-code:200\r\n\r\n\r\n";
const BAD_REQUEST: &[u8] = b"status-code:400\r\n\r\n\r\n";

const INVALID_UTF8: &[u8] = b"mn-rand:\xc3\x28\xa0\xa1\r\n\
    auth-method:p\xffs\xfek\r\n\
    x-\xf0\x28\x8c\xbc:\xed\xa0\x80\r\n\
    status-code:40\xff\r\n\r\n\r\n";

// Clears the screen, sets the window title, colours, rings, goes back over the line, turns the direction of text.
const ESCAPES: &[u8] = b"auth-method:\x1b[2J\x1b[H\x1b[32mALL PASSED\x1b[0m\r\n\
    mn-rand:\x1b]0;owned\x07\x9b31m\x00\x08\x08\x7f\r\n\
    x-\x1b[8mhidden:\xe2\x80\xae\xe2\x81\xa6\r\n\
    status-code:\x1b[1A400\x0b\r\n\r\n\r\n";

pub(crate) fn certified(issued: Issued) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(issued.chain, issued.key)?;
    Ok(Arc::new(config))
}

pub(crate) fn close(mut session: Session) -> io::Result<()> {
    session.stream.conn.send_close_notify();
    session.stream.conn.complete_io(&mut session.stream.sock)?;
    session.stream.sock.finish_sending()?;
    // Unread octets at the close would turn the clean end into a reset.
    io::copy(&mut session.stream.sock, &mut io::sink()).map(drop)
}

pub(crate) fn accept(session: Session) -> io::Result<()> {
    session.answer_all(OK)
}

pub(crate) fn refuse(session: Session) -> io::Result<()> {
    session.answer_all(BAD_REQUEST)
}

pub(crate) fn mojibake(session: Session) -> io::Result<()> {
    session.answer_all(INVALID_UTF8)
}

pub(crate) fn paint(session: Session) -> io::Result<()> {
    session.answer_all(ESCAPES)
}

pub(crate) fn mute(mut session: Session) -> io::Result<()> {
    io::copy(&mut session.stream, &mut io::sink()).map(drop)
}

pub(crate) fn accept_slowly(mut session: Session) -> io::Result<()> {
    while let Some(request) = read_request(&mut session.stream)? {
        session.send_slowly(response(request.identifier, OK))?;
    }
    Ok(())
}

pub(crate) fn crash(mut session: Session) -> io::Result<()> {
    while let Some(request) = read_request(&mut session.stream)? {
        if session.stream.sock.count_message() >= session.last_message {
            session.stream.sock.crash();
            return Ok(());
        }
        session.send(&response(request.identifier, BAD_REQUEST))?;
    }
    Ok(())
}

pub(crate) fn flood(mut session: Session) -> io::Result<()> {
    let flood = response(1, &[b'a'; LONGEST as usize]);
    loop {
        session.send(&flood)?;
    }
}

pub(crate) fn trickle(mut session: Session) -> io::Result<()> {
    let Some(request) = read_request(&mut session.stream)? else {
        return Ok(());
    };
    session.send(&header(request.identifier, LONGEST))?;
    session.send_slowly(std::iter::repeat_n(b'a', LONGEST.into()))
}
