//! The command line of `mip6-conform`.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use anstream::ColorChoice;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use suite::case::{Level, Role};
use suite::runner::Readings;
use suite::sanity::Profile;

use crate::dissect::FormArgs;
use crate::nearest::hint;
use crate::watch::{KeyArgs, WatchArgs};

/// Judges implementations of the TLS-based Mobile IPv6 security framework (RFC 6618)
#[derive(Debug, Parser)]
#[command(
    name = "mip6-conform",
    version,
    max_term_width = 110,
    args_conflicts_with_subcommands = true,
    after_help = AFTER
)]
pub(crate) struct Cli {
    /// What to do; `run` when none is named
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Colours: auto, always or never; NO_COLOR is honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    #[arg(value_parser = one_of(&COLORS))]
    pub(crate) color: ColorChoice,
}

const AFTER: &str = "\
Examples:
  mip6-conform demo
  mip6-conform provision --count 8 > ids.json
  mip6-conform --target hac.example:4433 --identities ids.json --ca ca.pem \\
               --cn 2001:db8:c0::1
  mip6-conform --exec './my-mn --hac {hac} --id {mn_id} --psk {psk_file} --ca {ca}'
  mip6-conform associations --ha 2001:db8:ffff::1 > sa.json
  mip6-conform --target ha.example:7872 --sa sa.json --cn 2001:db8:c0::1
  mip6-conform list --section 5.1,5.2 --level must
  mip6-conform explain AU-02

Exit status:
  0  conformant
  1  not conformant: some case failed
  2  the command line, a file or the selection makes no sense
  3  the target is unreachable, or an honest exchange does not work
  4  our own error
  5  the expectations do not fit
  6  incomplete: some case proved nothing";

const DISSECT_AFTER: &str = "\
Examples:
  mip6-conform dissect trace.pcapng --keylog keys.txt --psk ids.json
  mip6-conform dissect trace.pcapng -v --filter mn-id=mn1@example.com
  mip6-conform dissect trace.pcapng --format html > trace.html
  tcpdump -i eth0 -U -w - | mip6-conform dissect - --keylog keys.txt

Exit status:
  0  all was judged, and no rule is broken
  1  a rule is broken
  2  the command line or a file makes no sense
  4  our own error
  6  incomplete: something could not be judged; the last lines say what would help";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a target (the default command)
    Run(Box<RunArgs>),
    /// Judge a target and tell what the run says of every requirement
    Coverage(Box<CoverageArgs>),
    /// Find out what a HAC can do
    Probe(Box<ProbeArgs>),
    /// List the cases of a selection
    List(ListArgs),
    /// Explain a case, a requirement or a reading
    Explain(ExplainArgs),
    /// Judge the reference on loopback, then the same with one lie
    Demo(DemoArgs),
    /// Show and judge what MN, HAC and HA say in a capture
    #[command(after_help = DISSECT_AFTER)]
    Dissect(Box<DissectArgs>),
    /// Play a trace, or what MNs say in a capture, to a target and judge its answers
    Replay(Box<ReplayArgs>),
    /// Make a trace of an honest MN with one fault, for `replay`, or check one
    Trace(TraceArgs),
    /// Make identities and keys to load into a target
    Provision(ProvisionArgs),
    /// Make associations to load into an HA that is judged without a HAC
    Associations(AssociationsArgs),
    /// Print the schema of a JSON format: report, coverage or probe
    Schema(SchemaArgs),
    /// Be the reference MN; for `demo`, which needs one to judge
    #[command(hide = true, disable_help_flag = true)]
    ReferenceMn {
        /// As for mip6-mn
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Which cases.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection (each may be given more than once)")]
pub(crate) struct SelectArgs {
    /// Only cases whose id matches; `*` stands for anything, `?` for one character
    #[arg(long, value_name = "GLOB")]
    pub(crate) id: Vec<String>,
    /// Only cases of this section and what is below it: 5, 5.1
    #[arg(long, value_name = "SECTION", value_delimiter = ',')]
    pub(crate) section: Vec<String>,
    /// Only cases of this level
    #[arg(long, value_name = "LEVEL", value_delimiter = ',', ignore_case = true, value_parser = one_of(&LEVELS))]
    pub(crate) level: Vec<Level>,
    /// Only cases that judge this role
    #[arg(long, value_name = "ROLE", value_delimiter = ',', ignore_case = true, value_parser = one_of(&ROLES))]
    pub(crate) role: Vec<Role>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) conduct: ConductArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CoverageArgs {
    /// Take a run that is over, from its `--report json=FILE`, instead of judging a target
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "exec"], help_heading = "Whom to judge")]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// The table as JSON on standard output
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// Write the table as one HTML file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    /// What the target is said to have (TOML, see --declare); checked, and never believed
    #[arg(long, value_name = "FILE", help_heading = "Declared capabilities")]
    pub(crate) capabilities: Option<PathBuf>,
    /// Write what was found as a file for --capabilities
    #[arg(long, value_name = "FILE", help_heading = "Declared capabilities")]
    pub(crate) declare: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    #[command(flatten)]
    pub(crate) conduct: ConductArgs,
    /// As JSON
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// Whom to judge.
#[derive(Debug, Args)]
#[command(next_help_heading = "Whom to judge")]
pub(crate) struct SubjectArgs {
    /// The HAC under test, and with it the HA that it hands out; or an HA alone, see --sa
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) target: Option<String>,
    /// The name that its certificate must show [default: the host of the target]
    #[arg(long, value_name = "NAME")]
    pub(crate) server_name: Option<String>,
    /// MN identities and keys that the target knows (JSON, see `provision`)
    #[arg(long, value_name = "FILE")]
    pub(crate) identities: Option<PathBuf>,
    /// Authorities that vouch for its certificate (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Start the MN under test, once for each visit, with {hac} {mn_id} {psk_file} {ca} {method} filled in
    #[arg(long, value_name = "COMMAND")]
    pub(crate) exec: Option<String>,
    /// The HA, when it is not where the bootstrapping data says
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) ha: Option<SocketAddr>,
    /// A correspondent behind the HA that answers ICMPv6 echo requests; without it user data is not judged
    #[arg(long, value_name = "ADDR")]
    pub(crate) cn: Option<Ipv6Addr>,
    /// The same for ICMP echo requests inside IPv4
    #[arg(long, value_name = "ADDR")]
    pub(crate) cn4: Option<Ipv4Addr>,
    /// Associations that the HA was loaded with (JSON, see `associations`). Without --identities the target is an HA
    /// alone, at this UDP port; with them they serve the cases that need what a HAC does not give
    #[arg(long, value_name = "FILE")]
    pub(crate) sa: Option<PathBuf>,
    /// How `auth` is made [default: found out from the first response]
    #[arg(long, value_name = "PROFILE", value_parser = one_of(&PROFILES))]
    pub(crate) profile: Option<Profile>,
}

/// How to go about it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Conduct")]
pub(crate) struct ConductArgs {
    /// Cases at the same time [default: the number of cores; 8 for an MN alone]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// What other readings of the text count for: as-decided; strict, where only ours passes; or lenient, where
    /// what is our judgement alone warns
    #[arg(long, value_name = "WHICH", default_value = "as-decided", hide_possible_values = true)]
    #[arg(value_parser = one_of(&READINGS))]
    pub(crate) readings: Readings,
    /// Drives every random octet [default: drawn, and printed]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The longest wait for one answer
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub(crate) timeout: Duration,
}

/// What to tell, and where.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Write a report, json=FILE or junit=FILE; `-` is standard output. May be given more than once
    #[arg(long, value_name = "FORMAT=FILE", value_parser = wanted_report)]
    pub(crate) report: Vec<WantedReport>,
    /// Say only what is wrong, a line each, and the summary
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show every case, longer dumps, and which cases took longest
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// As JSON
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// `--report json=FILE` of a run, `coverage --json` or `probe --json`
    #[arg(value_name = "FORMAT", default_value = "report")]
    pub(crate) of: Written,
}

/// What the command writes as JSON for other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Written {
    /// What a run gave, case by case
    Report,
    /// What a run says of every requirement
    Coverage,
    /// What a HAC can do
    Probe,
    /// What `dissect --format json` tells of a capture
    Dissection,
    /// What an MN once said, for `replay`
    Trace,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A case (rfc6618/5.1/identifier-zero), a requirement (rfc6618#5.1/identifier-not-zero) or a reading (AU-02)
    pub(crate) id: String,
    /// Also show the sentence of the RFC, from rfcNNNN.txt in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) rfc_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Keep reports, identities, authorities and captures with their secrets
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DissectArgs {
    /// pcap or pcapng, also compressed with gzip or zstd; - is standard input
    #[arg(value_name = "FILE", required_unless_present = "interface", conflicts_with = "interface")]
    pub(crate) captures: Vec<PathBuf>,
    /// Listen to an interface instead, until Ctrl-C or --count; takes the rights of root
    #[arg(long, value_name = "IF")]
    pub(crate) interface: Option<String>,
    /// End after so many frames of the interface
    #[arg(long, value_name = "N", requires = "interface")]
    pub(crate) count: Option<NonZeroU64>,
    /// Write the capture to a file as it is read: frames of an interface, or what was compressed or piped in
    #[arg(short = 'w', long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
    /// Cores to use; all of them unless told
    #[arg(long, value_name = "N")]
    pub(crate) cores: Option<NonZeroUsize>,
    /// SAs that open the packets (JSON, see pcaps/README.md)
    #[arg(long, value_name = "FILE")]
    pub(crate) sa: Option<PathBuf>,
    /// SAs of plain ESP, as in Wireshark's file `esp_sa`: such packets are opened and shown, not judged
    #[arg(long, value_name = "FILE")]
    pub(crate) esp_sa: Option<PathBuf>,
    /// UDP port of an HA; 7872 unless told. Repeatable
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Vec<u16>,
    #[command(flatten)]
    pub(crate) form: FormArgs,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// A trace (JSON, see pcaps/README.md), or a capture in which MNs speak; `-` is standard input
    #[arg(value_name = "TRACE|CAPTURE")]
    pub(crate) trace: PathBuf,
    /// Only what this MN says in the capture; all of them, each in its turn, unless told
    #[arg(long, value_name = "NAI", help_heading = "Reading the capture")]
    pub(crate) mn_id: Option<String>,
    /// SAs that open the packets of the capture (JSON, see pcaps/README.md)
    #[arg(long, value_name = "FILE", help_heading = "Reading the capture")]
    pub(crate) capture_sa: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
    #[command(flatten)]
    pub(crate) conduct: ConductArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// What the trace is drawn from: the same seed makes the same trace
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) seed: u64,
    /// Which fault; drawn from the seed unless told
    #[arg(long, value_name = "NAME")]
    pub(crate) fault: Option<String>,
    /// So many traces, of this seed and those behind it; more than one needs --into
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) count: u16,
    /// Instead: the invalid requests by PSK in vectors/rfc6618/message.json
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "fault", "count"])]
    pub(crate) vectors: Option<PathBuf>,
    /// Write each trace as a file of its name
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
    /// List the faults
    #[arg(long)]
    pub(crate) faults: bool,
    /// Instead: read these traces, and tell what is in them or why they cannot be played
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["seed", "fault", "count", "vectors", "into", "faults"])]
    pub(crate) check: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProvisionArgs {
    /// How many; more than one lets cases run at the same time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) count: u16,
}

#[derive(Debug, Args)]
pub(crate) struct AssociationsArgs {
    /// The HA's IPv6 address, over which Mobility Headers have their checksum
    #[arg(long, value_name = "IPV6")]
    pub(crate) ha: Ipv6Addr,
    /// The home address of the first MN; the others have those that follow it
    #[arg(long, value_name = "IPV6", default_value = "2001:db8:6618:5a::1")]
    pub(crate) home: Ipv6Addr,
    /// The IPv4 home address of the first MN; the others have those that follow it
    #[arg(long, value_name = "IPV4", default_value = "198.18.0.1")]
    pub(crate) home_ip4: Ipv4Addr,
    /// How long they live, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "604800", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) valid: u32,
    /// How long the few live that end soon, in seconds; cases about the end of an SA need a run within this time
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(crate) soon: u32,
}

/// A report and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedReport {
    pub(crate) format: Format,
    /// None is standard output.
    pub(crate) file: Option<PathBuf>,
}

/// A report for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Junit,
}

const COLORS: [(&str, ColorChoice); 3] =
    [("auto", ColorChoice::Auto), ("always", ColorChoice::Always), ("never", ColorChoice::Never)];
const LEVELS: [(&str, Level); 3] = [("must", Level::Must), ("should", Level::Should), ("may", Level::May)];
const ROLES: [(&str, Role); 3] = [("hac", Role::Hac), ("ha", Role::Ha), ("mn", Role::Mn)];
pub(crate) const PROFILES: [(&str, Profile); 2] =
    [("rfc6618", Profile::Rfc6618), ("draft-01", Profile::Draft01)];
const READINGS: [(&str, Readings); 3] =
    [("as-decided", Readings::AsDecided), ("strict", Readings::Strict), ("lenient", Readings::Lenient)];
const FORMATS: [(&str, Format); 2] = [("json", Format::Json), ("junit", Format::Junit)];

/// The word that stands for `value` on the command line.
pub(crate) fn profile_word(value: Profile) -> Option<&'static str> {
    PROFILES.iter().find(|(_, profile)| *profile == value).map(|(word, _)| *word)
}

/// Takes one of the words of a table and gives what stands beside it.
pub(crate) fn one_of<T: Copy + Send + Sync + 'static>(
    table: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(table.iter().map(|(word, _)| *word)).try_map(|given| {
        let row = table.iter().find(|(word, _)| word.eq_ignore_ascii_case(&given));
        row.map(|(_, value)| *value).ok_or("not one of the words")
    })
}

fn wanted_report(text: &str) -> Result<WantedReport, String> {
    let (word, file) = text.split_once('=').ok_or("need json=FILE or junit=FILE")?;
    let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == word) else {
        let near = hint(word, FORMATS.iter().map(|(word, _)| *word));
        return Err(format!("no report is called {word}{near}"));
    };
    if file.is_empty() {
        return Err("the file is missing; `-` is standard output".to_owned());
    }
    Ok(WantedReport { format: *format, file: (file != "-").then(|| file.into()) })
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.01..=3600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        Ok(_) => Err("need 0.01 to 3600 seconds".to_owned()),
        Err(_) => Err("need a number of seconds".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
