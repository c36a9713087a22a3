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
            ("--cn4", subject.cn4.map(|cn| cn.to_string())),
            ("--sa", path(&subject.sa)),
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn the_line_is_the_command_again() {
        let words = [
            "mip6-conform",
            "--target",
            "[::1]:4433",
            "--ca",
            "my ca's.pem",
            "--exec",
            "./mn {hac} 'a b'",
            "--profile",
            "draft-01",
            "--timeout",
            "0.5",
        ];
        let line = |words: Vec<String>| {
            let cli = Cli::try_parse_from(words).expect("a command line");
            Repro::of(&cli.run).line(7, "rfc6618/5.1/identifier-zero").expect("a command")
        };
        let once = line(words.map(str::to_owned).to_vec());
        let again = shell_words::split(&once).expect("words of a shell");
        assert_eq!(&again[..words.len()], words, "{once}");
        assert_eq!(again[words.len()..], ["--seed", "7", "--id", "rfc6618/5.1/identifier-zero"]);
        assert_eq!(line(again), once);
    }
}
