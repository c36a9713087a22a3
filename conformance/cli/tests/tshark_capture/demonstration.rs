//! What `mip6-conform demo --keep` leaves behind.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The capture of the honest half and a Wireshark profile with its SAs.
pub(crate) struct Kept {
    pub(crate) capture: PathBuf,
    pub(crate) profile: PathBuf,
    esp_sa: String,
}

/// Runs the demonstration.
pub(crate) fn keep() -> Kept {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("demonstration");
    let output =
        Command::new(env!("CARGO_BIN_EXE_mip6-conform")).args(["demo", "--keep"]).arg(&folder).output();
    let output = output.expect("cargo has built the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let esp_sa = fs::read_to_string(folder.join("honest.esp_sa")).expect("the demonstration keeps its SAs");
    let profile = folder.join("profile");
    fs::create_dir_all(&profile).expect("cargo's folder for tests can be written");
    fs::write(profile.join("esp_sa"), &esp_sa).expect("cargo's folder for tests can be written");
    Kept { capture: folder.join("honest.pcapng"), profile, esp_sa }
}

impl Kept {
    /// The words of PType and SPI under which HMAC-SHA1 and this cipher were used.
    pub(crate) fn spis_with_hmac_sha1(&self, cipher: &str) -> BTreeSet<String> {
        let spi = |line: &str| {
            let fields: Vec<_> = line.split(',').map(|field| field.trim_matches('"')).collect();
            let fits = fields.get(4) == Some(&cipher) && fields.get(6) == Some(&"HMAC-SHA-1-96 [RFC2404]");
            fits.then(|| fields.get(3).copied().unwrap_or_default().to_owned())
        };
        self.esp_sa.lines().filter_map(spi).collect()
    }
}
