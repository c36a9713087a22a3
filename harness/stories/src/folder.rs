//! A story's folder in `pcaps/captures`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dissect::conversation::Watch;
use dissect::{Associations, Options, Report, report};
use serde_json::{Value, json};
use suite::evidence::Association;
use wire::message::KeyOctets;
use wire::value::hex;

use crate::make::{HOME6, Made};
use crate::plan::Plan;

/// What is made in a story's folder. The trace beside them comes from `mip6-conform dissect --trace`.
pub const FILES: [&str; 5] = ["capture.pcapng", "sa.json", "identities.json", "msk.txt", "expected.txt"];

/// What lies in a folder, or shall.
pub struct Folder {
    /// Names and contents, in the order of [`FILES`]; `msk.txt` only where an EAP method made an MSK.
    pub files: Vec<(&'static str, Vec<u8>)>,
}

/// Why a folder cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system's word.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The dissection is not what the story says.
    #[error("findings: need {need:?}, have {have:?}\n{text}")]
    Findings {
        /// As in the story.
        need: Vec<String>,
        /// As found.
        have: Vec<String>,
        /// The dissection.
        text: String,
    },
}

impl Folder {
    /// Everything that comes of a story.
    ///
    /// # Errors
    /// The dissection finds other faults than the story names.
    pub fn of(plan: &Plan, made: &Made) -> Result<Self, FolderError> {
        let mut capture = Vec::new();
        suite::capture::write_pcapng(&made.tape, &mut capture).expect("a Vec takes all");
        let sa = sa_json(made);
        let (mn_id, psk) = &made.identity;
        let report = report(&capture, &options(made, &sa));
        let text = report.to_string();
        let have = found(&report);
        if have != plan.findings {
            return Err(FolderError::Findings { need: plan.findings.clone(), have, text });
        }
        let identities = json!({ "identities": [{ "mn_id": mn_id, "psk": hex::encode(psk) }] });
        let mut files = vec![
            ("capture.pcapng", capture),
            ("sa.json", sa.into_bytes()),
            ("identities.json", pretty(&identities).into_bytes()),
        ];
        files.extend(
            made.msk.as_ref().map(|msk| ("msk.txt", format!("{mn_id} {}\n", hex::encode(msk)).into_bytes())),
        );
        files.push(("expected.txt", text.into_bytes()));
        Ok(Self { files })
    }

    /// Writes the files over those that are there.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, to: &Path) -> Result<(), FolderError> {
        self.files.iter().try_for_each(|(name, octets)| {
            let path = to.join(name);
            fs::write(&path, octets).map_err(|error| FolderError::Io { path, error })
        })
    }

    /// The files that are not in the folder as they should be.
    #[must_use]
    pub fn differing(&self, from: &Path) -> Vec<&'static str> {
        let differs =
            |(name, octets): &&(&str, Vec<u8>)| fs::read(from.join(name)).ok().as_ref() != Some(octets);
        self.files.iter().filter(differs).map(|(name, _)| *name).collect()
    }
}

fn options(made: &Made, sa: &str) -> Options {
    let associations = Associations::from_json(sa).expect("SAs that were granted are legal");
    let mut watch = Watch::default();
    let (mn_id, psk) = &made.identity;
    watch.credentials.add_psk(mn_id.as_bytes(), psk.clone());
    if let Some(msk) = &made.msk {
        watch.credentials.add_msk(mn_id.as_bytes(), msk.clone());
    }
    Options { associations, watch, ..Options::default() }
}

fn found(report: &Report) -> Vec<String> {
    report.findings().map(|finding| finding.fault.requirement()).map(str::to_owned).collect()
}

/// The SAs as `dissect` reads them.
fn sa_json(made: &Made) -> String {
    let home = made.home_address.map(|home| home.to_string());
    let one = |Association { sa, .. }: &Association| {
        json!({
            "spi": sa.spi.get(),
            "suite": sa.suite.name(),
            "ha": HOME6.to_string(),
            "home": home,
            "mn_to_ha": keys(&sa.mn_to_ha),
            "ha_to_mn": keys(&sa.ha_to_mn),
        })
    };
    let associations: Vec<_> = made.tape.associations.iter().map(one).collect();
    pretty(&json!({ "associations": associations }))
}

fn keys(keys: &KeyOctets) -> Value {
    let ikey = hex::encode(&keys.ikey);
    match &keys.ekey {
        Some(ekey) => json!({ "ikey": ikey, "ekey": hex::encode(ekey) }),
        None => json!({ "ikey": ikey }),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("strings and numbers are JSON") + "\n"
}
