//! The command that runs one case again.

use suite::runner::Readings;

use crate::args::{RunArgs, profile_word};

/// How a reader can see a failure again.
#[derive(Debug, Clone)]
pub(crate) enum Repro {
    /// This command, with seed and case added.
    Command(String),
    /// The target is gone with the process.
    Never,
}

impl Repro {
    /// The command line of a run, without what chooses cases, reports and speed.
    pub(crate) fn of(args: &RunArgs) -> Self {
        let (subject, timeout) = (&args.subject, args.conduct.timeout.as_secs_f64());
        let readings = args.conduct.readings;
        let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let flags = [
            ("--target", subject.target.clone()),
            ("--server-name", subject.server_name.clone()),
            ("--identities", path(&subject.identities)),
            ("--ca", path(&subject.ca)),
            ("--exec", subject.exec.clone()),
            ("--ha", subject.ha.map(|ha| ha.to_string())),
            ("--cn", subject.cn.map(|cn| cn.to_string())),
            ("--profile", subject.profile.and_then(profile_word).map(str::to_owned)),
            ("--readings", (readings != Readings::AsDecided).then(|| readings.as_str().to_owned())),
            ("--timeout", (timeout != 2.0).then(|| timeout.to_string())),
        ];
        let mut command = "mip6-conform".to_owned();
        for (flag, value) in flags {
            if let Some(value) = value {
                command.push_str(&format!(" {flag} {}", shell_words::quote(&value)));
            }
        }
        Self::Command(command)
    }

    /// The line to type for one case.
    pub(crate) fn line(&self, seed: u64, id: &str) -> Option<String> {
        match self {
            Self::Command(command) => {
                Some(format!("{command} --seed {seed} --id {}", shell_words::quote(id)))
            }
            Self::Never => None,
        }
    }
}
