//! Writes a story of `pcaps/captures` from an honest run: capture, SAs, and the dissection that must come out.

use std::fs;
use std::path::Path;

use dissect::conversation::Watch;
use dissect::{Associations, Options, report};
use serde_json::{Value, json};
use suite::evidence::Association;
use wire::message::KeyOctets;
use wire::value::{Ciphersuite, hex};

use super::honest_run::{HonestRun, Ports, honest_run};

const STORY: &str = "bootstrap-psk-and-register";

/// Writes the story over the one that is there. What it happens to be about stands in its story.toml.
pub(crate) fn write() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/captures").join(STORY);
    fs::create_dir_all(&folder).expect("the checkout can be written");
    let run = honest_run(&[Ciphersuite::Aes128Sha], Ports::Registered);
    let mut capture = Vec::new();
    suite::capture::write_pcapng(&run.tape, &mut capture).expect("a Vec takes all");
    let sa = sa_json(&run);
    let associations = Associations::from_json(&sa).expect("SAs that were granted are legal");
    let mut watch = Watch::default();
    let known = &run.identities;
    known.all().iter().for_each(|known| watch.credentials.add_psk(known.mn_id.as_bytes(), known.psk.clone()));
    let expected = report(&capture, &Options { associations, watch, ..Options::default() });
    assert_eq!(expected.findings().count(), 0, "{expected}");
    let save =
        |name, octets: &[u8]| fs::write(folder.join(name), octets).expect("the checkout can be written");
    save("capture.pcapng", &capture);
    save("sa.json", sa.as_bytes());
    let bootstrapped = known.all().first().expect("one suite, one MN");
    let identity = json!({ "mn_id": bootstrapped.mn_id, "psk": hex::encode(&bootstrapped.psk) });
    save("identities.json", pretty(&json!({ "identities": [identity] })).as_bytes());
    save("expected.txt", expected.to_string().as_bytes());
}

/// The SAs of a run as `dissect` reads them.
pub(crate) fn sa_json(run: &HonestRun) -> String {
    let associations: Vec<_> = run.tape.associations.iter().map(association).collect();
    pretty(&json!({ "associations": associations }))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("strings and numbers are JSON") + "\n"
}

fn association(Association { sa, .. }: &Association) -> Value {
    json!({
        "spi": sa.spi.get(),
        "suite": sa.suite.name(),
        "mn_to_ha": keys(&sa.mn_to_ha),
        "ha_to_mn": keys(&sa.ha_to_mn),
    })
}

fn keys(keys: &KeyOctets) -> Value {
    let ikey = hex::encode(&keys.ikey);
    match &keys.ekey {
        Some(ekey) => json!({ "ikey": ikey, "ekey": hex::encode(ekey) }),
        None => json!({ "ikey": ikey }),
    }
}
