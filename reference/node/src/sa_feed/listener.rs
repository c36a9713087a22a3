//! The HA's end of the socket.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use proto::sa::SecurityAssociation;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{info, warn};

use super::line;

/// A bound socket of mode 0600; its file goes with this value.
pub struct FeedListener {
    listener: UnixListener,
    path: PathBuf,
}

impl FeedListener {
    /// Listens at `path`. A file that a dead HA left there is replaced.
    ///
    /// # Errors
    /// Another HA listens there, or the system refuses.
    pub fn bind(path: &Path) -> io::Result<Self> {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        // Made in a folder that nobody else can enter, so that there is no moment with a wider mode.
        let mut nursery = path.as_os_str().to_owned();
        nursery.push(format!(".{}", std::process::id()));
        let nursery = PathBuf::from(nursery);
        DirBuilder::new().mode(0o700).create(&nursery)?;
        let bound = bind_inside(&nursery, path);
        fs::remove_dir_all(&nursery)?;
        Ok(Self { listener: bound?, path: path.into() })
    }

    /// Takes associations from any number of HACs until the receiver of `associations` is gone.
    pub async fn serve(self, associations: mpsc::Sender<Box<SecurityAssociation>>) {
        let mut hacs = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let associations = associations.clone();
                        hacs.spawn(async move {
                            if let Err(error) = take_all(stream, &associations).await {
                                warn!(%error, "a HAC's feed ended badly");
                            }
                        });
                    }
                    Err(error) => {
                        warn!(%error, "the feed cannot accept any more");
                        return;
                    }
                },
                Some(_) = hacs.join_next() => {}
                () = associations.closed() => return,
            }
        }
    }
}

impl Drop for FeedListener {
    fn drop(&mut self) {
        // Gone already, or somebody else's by now: either way nothing is left to do.
        let _ = fs::remove_file(&self.path);
    }
}

fn bind_inside(nursery: &Path, path: &Path) -> io::Result<UnixListener> {
    let newborn = nursery.join("s");
    let listener = UnixListener::bind(&newborn)?;
    fs::set_permissions(&newborn, Permissions::from_mode(0o600))?;
    fs::rename(&newborn, path)?;
    Ok(listener)
}

async fn take_all(
    stream: UnixStream,
    associations: &mpsc::Sender<Box<SecurityAssociation>>,
) -> io::Result<()> {
    info!("a HAC feeds us");
    let mut stream = BufReader::new(stream);
    loop {
        let mut text = Vec::new();
        (&mut stream).take(line::LONGEST as u64).read_until(b'\n', &mut text).await?;
        if text.is_empty() {
            return Ok(());
        }
        let answer = match line::decode(&text) {
            Ok(association) => {
                let spi = association.spi.get();
                if associations.send(Box::new(association)).await.is_err() {
                    return Ok(());
                }
                format!("{{\"installed\":{spi}}}\n")
            }
            Err(error) => {
                warn!(%error, "a line of the feed was refused");
                format!("{}\n", serde_json::json!({ "refused": error.to_string() }))
            }
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}
