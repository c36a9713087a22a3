//! The HAC's end of the socket.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use proto::sa::SecurityAssociation;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::{FeedError, line};

/// Connects when there is something to hand over, and again after every fault.
pub struct FeedClient {
    path: PathBuf,
    connection: Option<BufReader<UnixStream>>,
}

/// How long the HA may take to acknowledge; the HAC serves nobody else meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

impl FeedClient {
    /// A client of the HA that listens, or will listen, at `path`.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, connection: None }
    }

    /// Hands one association over and waits until the HA has it.
    ///
    /// # Errors
    /// The HA is gone, is silent, or refused it.
    pub async fn install(&mut self, association: &SecurityAssociation) -> Result<(), FeedError> {
        let text = line::encode(association);
        // An HA that was started anew since the last time shows itself only when the old connection is used.
        let reused = self.connection.is_some();
        let mut answer = self.exchange(&text).await;
        if reused && matches!(answer, Err(FeedError::Io(_))) {
            answer = self.exchange(&text).await;
        }
        let need = association.spi.get();
        let have = answer?;
        if have == format!("{{\"installed\":{need}}}\n").into_bytes() {
            return Ok(());
        }
        Err(FeedError::Answer { need, have })
    }

    async fn exchange(&mut self, text: &str) -> Result<Vec<u8>, FeedError> {
        // Taken out, so that a connection that fails is not used again.
        let connection = self.connection.take();
        let talk = async {
            let mut connection = match connection {
                Some(connection) => connection,
                None => BufReader::new(UnixStream::connect(&self.path).await?),
            };
            connection.write_all(text.as_bytes()).await?;
            let mut answer = Vec::new();
            (&mut connection).take(line::LONGEST as u64).read_until(b'\n', &mut answer).await?;
            if answer.last() != Some(&b'\n') {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
            Ok((connection, answer))
        };
        let (connection, answer) =
            timeout(PATIENCE, talk).await.map_err(|_| FeedError::Silent(PATIENCE))??;
        self.connection = Some(connection);
        Ok(answer)
    }
}
