//! The SAs of a run as `dissect` reads them.

use serde_json::{Value, json};
use suite::evidence::Association;
use wire::message::KeyOctets;
use wire::value::hex;

use super::honest_run::HonestRun;

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
