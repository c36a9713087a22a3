//! The command line of `mip6-conform`.

use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Judges implementations of the TLS-based Mobile IPv6 security framework (RFC 6618).
#[derive(Debug, Parser)]
#[command(
    name = "mip6-conform",
    version,
    max_term_width = 110,
    args_conflicts_with_subcommands = true,
    after_help = AFTER
)]
pub(crate) struct Cli {
    /// What to do; `run` when none is named.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Colours: on a terminal, always, or never (NO_COLOR is honoured).
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

const AFTER: &str = "\
Examples:
  mip6-conform demo
  mip6-conform provision --count 8 > ids.json
  mip6-conform --target hac.example:4433 --identities ids.json --ca ca.pem --cn 2001:db8:c0::1
  mip6-conform run --exec './my-mn --hac {hac} --id {mn_id} --psk {psk_file} --ca {ca}'
  mip6-conform run --target [::1]:4433 --identities ids.json --ca ca.pem --id 'rfc6618/5.1/*' --report junit=out.xml
  mip6-conform explain AU-02

Exit status:
  0 conformant   1 failed   2 usage   3 target unreachable or not sane   4 our own error
  5 surprising expectations   6 incomplete: some case proved nothing";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a target (the default command).
    Run(Box<RunArgs>),
    /// List the cases of a selection.
    List(ListArgs),
    /// Explain a case, a requirement or a reading.
    Explain(ExplainArgs),
    /// Judge the reference on loopback, then the same with one lie.
    Demo(DemoArgs),
    /// Make identities and keys to load into a target.
    Provision(ProvisionArgs),
    /// Print the JSON schema of `--report json=FILE`.
    Schema,
    /// Be the reference MN; for `demo`, which needs one to judge.
    #[command(hide = true, disable_help_flag = true)]
    ReferenceMn {
        /// As for mip6-mn.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Which cases.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectArgs {
    /// Only cases whose id matches; `*` stands for anything. Repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(crate) id: Vec<String>,
    /// Only cases of this section or below it. Repeatable.
    #[arg(long, value_name = "SECTION")]
    pub(crate) section: Vec<String>,
    /// Only cases of this level. Repeatable.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Vec<LevelWord>,
    /// Only cases that judge this role. Repeatable.
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Vec<RoleWord>,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunArgs {
    /// The HAC under test.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) target: Option<String>,
    /// The name that its certificate must show; the host of the target unless told.
    #[arg(long, value_name = "NAME", requires = "target")]
    pub(crate) server_name: Option<String>,
    /// MN identities and keys that the target knows (JSON, see `provision`).
    #[arg(long, value_name = "FILE")]
    pub(crate) identities: Option<PathBuf>,
    /// Authorities that vouch for its certificate (PEM).
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Start the MN under test, once for each visit, with {hac} {mn_id} {psk_file} {ca} filled in.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) exec: Option<String>,
    /// The HA, when it is not where the bootstrapping data says.
    #[arg(long, value_name = "ADDR:PORT", requires = "target")]
    pub(crate) ha: Option<SocketAddr>,
    /// A correspondent behind the HA that answers ICMPv6 echo requests.
    #[arg(long, value_name = "ADDR", requires = "target")]
    pub(crate) cn: Option<Ipv6Addr>,
    /// Judge by this profile instead of finding it out.
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<ProfileWord>,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Cases at the same time; the number of cores unless told.
    #[arg(long, value_name = "N", help_heading = "Conduct")]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,
    /// Drives every random octet; drawn and printed unless told.
    #[arg(long, value_name = "N", help_heading = "Conduct")]
    pub(crate) seed: Option<u64>,
    /// The longest wait for one answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds, help_heading = "Conduct")]
    pub(crate) timeout: Option<f64>,
    /// Write a report: json=FILE or junit=FILE, `-` for standard output. Repeatable.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_target, help_heading = "Output")]
    pub(crate) report: Vec<ReportTarget>,
    /// Say nothing but the summary.
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Show every case, and which took longest.
    #[arg(short, long, help_heading = "Output")]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The id of a case (rfc6618/5.1/identifier-zero), a requirement (rfc6618#5.1/identifier-not-zero) or a reading (AU-02).
    pub(crate) id: String,
    /// Also show the sentence of the RFC, from rfcNNNN.txt in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) rfc_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Keep reports, identities, authorities and a capture with its secrets.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProvisionArgs {
    /// How many; as many as jobs are useful.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) count: u16,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelWord {
    Must,
    Should,
    May,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleWord {
    Hac,
    Ha,
    Mn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileWord {
    Rfc6618,
    #[value(name = "draft-01")]
    Draft01,
}

/// A report and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTarget {
    pub(crate) format: ReportFormat,
    pub(crate) file: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Json,
    Junit,
}

fn report_target(text: &str) -> Result<ReportTarget, String> {
    let (format, file) = text.split_once('=').ok_or("say json=FILE or junit=FILE")?;
    let format = match format {
        "json" => ReportFormat::Json,
        "junit" => ReportFormat::Junit,
        other => return Err(format!("no report is called {other}; there are json and junit")),
    };
    if file.is_empty() {
        return Err("the file is missing; - is standard output".to_owned());
    }
    Ok(ReportTarget { format, file: file.into() })
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.01..=3600.0).contains(&seconds) => Ok(seconds),
        Ok(_) => Err("a time-out is 0.01 to 3600 seconds".to_owned()),
        Err(_) => Err("not a number of seconds".to_owned()),
    }
}
