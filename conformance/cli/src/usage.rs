//! Why a command cannot be carried out as it was given.

use std::path::{Path, PathBuf};

use suite::identity::IdentitiesError;
use suite::link::LinkError;
use suite::select::SelectError;
use suite::verdict::Exit;

/// The caller's mistake, or a file or address that is not what the caller thinks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("nothing to judge: say --target HOST:PORT or --exec COMMAND, or see it work with `mip6-conform demo`")]
    NoSubject,
    #[error("{needs} is needed with {with}")]
    Needs { needs: &'static str, with: &'static str },
    #[error("{role} cases are selected, but {needs} is not given")]
    RoleWithoutSubject { role: &'static str, needs: &'static str },
    #[error("{}: {why}", .file.display())]
    File { file: PathBuf, why: String },
    #[error("{}: {why}", .file.display())]
    Identities { file: PathBuf, why: IdentitiesError },
    #[error("{0}")]
    Select(#[from] SelectError),
    #[error("{id} is no case, requirement or reading{}", .near.as_ref().map(|n| format!("; the nearest is {n}")).unwrap_or_default())]
    UnknownId { id: String, near: Option<String> },
    #[error("{0} is not HOST:PORT")]
    Target(String),
    #[error("{0}")]
    Link(LinkError),
    #[error("our own error: {0}")]
    Own(String),
}

impl UsageError {
    pub(crate) fn file(file: &Path, why: &impl ToString) -> Self {
        Self::File { file: file.to_owned(), why: why.to_string() }
    }

    /// A name without address is an unreachable target; everything else is a matter of usage, or ours.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Link(LinkError::Unresolved { .. }) => Exit::Unreachable,
            Self::Own(_) => Exit::Harness,
            _ => Exit::Usage,
        }
    }
}
