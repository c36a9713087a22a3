//! Mistakes of the caller: exit status 2, and the nearest right word.

use crate::place::{Folder, Said, say};

/// Refused with 2, nothing on standard output, and these words on standard error.
fn refused(words: &[&str], told: &[&str]) {
    let Said { out, err, exit } = say(words);
    assert_eq!(exit, 2, "{words:?}: {err}");
    assert_eq!(out, "", "{words:?}");
    for word in told {
        assert!(err.contains(word), "{words:?} does not say {word:?}: {err}");
    }
}

#[test]
fn nothing_to_judge_points_at_the_demo() {
    refused(&[], &["--target", "--exec", "mip6-conform demo"]);
    refused(&["run"], &["mip6-conform demo"]);
}

#[test]
fn unknown_words_of_the_command_line() {
    refused(&["--tarhet", "x:1"], &["--tarhet", "--target"]);
    refused(&["lst"], &["lst", "list"]);
    refused(&["list", "--level", "mast"], &["mast", "must"]);
    refused(&["list", "--role", "hc"], &["hc", "hac"]);
    refused(&["run", "--profile", "rfc6681"], &["rfc6681", "rfc6618"]);
    refused(&["--color", "alway"], &["always"]);
    refused(&["run", "--report", "jsn=out"], &["jsn", "json"]);
    refused(&["run", "--report", "json"], &["json=FILE"]);
    refused(&["run", "--timeout", "soon"], &["seconds"]);
    refused(&["run", "--jobs", "0"], &["--jobs"]);
    refused(&["provision", "--count", "0"], &["--count"]);
}

#[test]
fn selections_that_match_nothing() {
    refused(&["list", "--id", "rfc6618/5.1/identifer-zero"], &["nearest", "rfc6618/5.1/identifier-zero"]);
    refused(&["list", "--section", "5.11"], &["5.11", "nearest", "5.1"]);
    refused(&["list", "--section", "5.1", "--id", "rfc6618/6.*"], &["no case"]);
    refused(&["explain", "AU-99"], &["AU-99", "nearest", "AU-0"]);
    refused(&["explain", "identifier-zer"], &["nearest", "identifier-zero"]);
}

#[test]
fn what_a_run_lacks() {
    refused(&["--target", "127.0.0.1:1"], &["--identities", "provision"]);
    let folder = Folder::new("what_a_run_lacks");
    let ids = folder.write("ids.json", &say(&["provision", "--count", "1"]).out);
    refused(&["--target", "127.0.0.1:1", "--identities", &ids], &["--ca"]);
    refused(&["run", "--exec", "./mn {hac}", "--role", "hac"], &["hac", "--target"]);
    refused(&["--target", "127.0.0.1:1", "--role", "mn"], &["mn", "--exec"]);
    refused(&["run", "--exec", "./mn {hc}"], &["{hc}", "{hac}"]);
}

#[test]
fn files_that_are_no_use() {
    let folder = Folder::new("files_that_are_no_use");
    let target = ["--target", "127.0.0.1:1"];
    let with = |ids: &str, ca: &str, told: &[&str]| {
        refused(&[&target[..], &["--identities", ids, "--ca", ca]].concat(), told);
    };
    let ca = folder.write("ca.pem", "nothing\n");
    let ids = folder.write("ids.json", &say(&["provision", "--count", "2"]).out);
    with(&folder.path("idz.json"), &ca, &["idz.json", "nearest", "ids.json"]);
    with(&ids, &folder.path("cb.pem"), &["cb.pem", "nearest", "ca.pem"]);
    with(&ids, &ca, &["ca.pem", "no certificate"]);

    let wrong_key = folder.write("key.json", r#"{"identities":[{"mn_idd":"a@b.example","psk":"00"}]}"#);
    with(&wrong_key, &ca, &["key.json", "mn_idd", "mn_id"]);
    let wrong_hex = folder.write("hex.json", r#"{"identities":[{"mn_id":"a@b.example","psk":"0"}]}"#);
    with(&wrong_hex, &ca, &["hex.json", "a@b.example", "hex"]);
    let nobody = folder.write("nobody.json", r#"{"identities":[]}"#);
    with(&nobody, &ca, &["nobody.json", "provision"]);
    let escapes = folder.write("escapes.json", "{\"\u{1b}[2J\": 1}");
    let said = say(&[&target[..], &["--identities", &escapes, "--ca", &ca]].concat());
    assert_eq!(said.exit, 2);
    assert!(!said.err.contains('\u{1b}'), "{:?}", said.err);
}

#[test]
fn targets_that_are_none() {
    let folder = Folder::new("targets_that_are_none");
    let ids = folder.write("ids.json", &say(&["provision", "--count", "1"]).out);
    for (target, told) in
        [("127.0.0.1", "HOST:PORT"), ("localhost:port", "HOST:PORT"), (":4433", "HOST:PORT")]
    {
        refused(&["--target", target, "--identities", &ids, "--ca", &ids], &[target, told]);
    }
}
