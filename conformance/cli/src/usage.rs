//! Why a command cannot be carried out as it was given.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use suite::declaration::DeclarationError;
use suite::identity::IdentitiesError;
use suite::link::LinkError;
use suite::sa_file::SaFileError;
use suite::select::SelectError;
use suite::verdict::Exit;

use crate::nearest::file_hint;

/// The caller's mistake, or a file or address that is not what the caller thinks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("nothing to judge: say --target HOST:PORT or --exec COMMAND, or try `mip6-conform demo`")]
    NoSubject,
    #[error("{with} needs {needs}")]
    Needs { with: &'static str, needs: &'static str },
    #[error("--role {role} needs {needs}")]
    RoleWithoutSubject { role: &'static str, needs: &'static str },
    #[error("{}: {why}", .file.display())]
    File { file: PathBuf, why: String },
    #[error("{}: {why}", .file.display())]
    Identities { file: PathBuf, why: IdentitiesError },
    #[error("{}: {why}", .file.display())]
    Associations { file: PathBuf, why: SaFileError },
    #[error("--target {target}: {why}")]
    Nowhere { target: String, why: LinkError },
    #[error("{}, --server-name {name}: {why}", .ca.display())]
    Trust { ca: PathBuf, name: String, why: String },
    #[error("--target {0}: not HOST:PORT")]
    Target(String),
    #[error("{0}")]
    Exec(String),
    #[error("{0}{1}")]
    Select(SelectError, &'static str),
    #[error("{id} is no case, requirement or reading{near}")]
    UnknownId { id: String, near: String },
    #[error("{fault} is no fault that a trace can be given{near}; `trace --faults` lists them")]
    UnknownFault { fault: String, near: String },
    #[error("{}: {why}", .file.display())]
    Declaration { file: PathBuf, why: DeclarationError },
    #[error("two reports cannot both go to standard output")]
    TwoOnStandardOutput,
    #[error("{}: {why}", .file.display())]
    Report { file: PathBuf, why: String },
    #[error("our own error: {0}")]
    Own(String),
}

impl UsageError {
    /// A file that cannot be read or written, with the nearest name if it is not there.
    pub(crate) fn file(file: &Path, error: &io::Error) -> Self {
        let hint = if error.kind() == io::ErrorKind::NotFound { file_hint(file) } else { String::new() };
        Self::File { file: file.to_owned(), why: format!("{error}{hint}") }
    }

    pub(crate) fn own(error: impl Display) -> Self {
        Self::Own(error.to_string())
    }

    /// Everything is a matter of usage but our own errors.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Own(_) => Exit::Harness,
            _ => Exit::Usage,
        }
    }
}

impl From<SelectError> for UsageError {
    fn from(error: SelectError) -> Self {
        Self::Select(error, "")
    }
}
