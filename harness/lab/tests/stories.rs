//! Every story: MN, HAC and HA with their TUN devices over real kernels, and what was sent arrives.

use std::path::PathBuf;

use lab::{Dissected, Plan, Programs, Verdict, missing_for, play, reference_programs};

/// Plays a lab; `None` if it cannot be played here, with the reason on standard output.
///
/// # Panics
/// When something is not as the story has it, or nothing may be skipped.
fn played(text: &str) -> Option<Verdict> {
    let plan = Plan::parse(text).expect("our own plan is legal");
    let lab = PathBuf::from(env!("CARGO_BIN_EXE_mip6-lab"));
    let lacks = |reason: String| {
        assert!(std::env::var_os("CI").is_none(), "skipped, but CI is set: {reason}");
        println!("skipped: {reason}");
    };
    if let Some(reason) = missing_for(&plan) {
        lacks(reason);
        return None;
    }
    let reference = reference_programs().map_err(lacks).ok()?;
    let verdict =
        play(plan, &Programs { reference, lab, keep: None }).unwrap_or_else(|trouble| panic!("{trouble}"));
    println!("{verdict}");
    if let Ok(seen) = &verdict.capture {
        assert!(seen.tunnelled > 0, "{seen}");
        assert_eq!((seen.naked, seen.forged), (0, 0), "{seen}");
        assert!(seen.verified > 0, "{seen}");
        assert_ne!(seen.dissected, Dissected::Objected, "{seen}");
    }
    Some(verdict)
}

fn count(verdict: &Verdict, role: &str, field: &str) -> u64 {
    let (_, counted) = verdict.statistics.iter().find(|(own, _)| *own == role).expect("both have statistics");
    counted[field].as_u64().unwrap_or_else(|| panic!("no {field} in {counted}"))
}

#[test]
fn handover_a_stream_of_50_mb_survives_two_moves() {
    let Some(verdict) = played(include_str!("../labs/handover.toml")) else { return };
    assert_eq!((verdict.octets, verdict.moves), (50_000_000, 2));
    assert_eq!(count(&verdict, "ha", "deregistrations"), 1);
}

#[test]
fn outer6_carries_both_families() {
    let Some(verdict) = played(include_str!("../labs/outer6.toml")) else { return };
    assert_eq!(verdict.octets, 6_000_000);
}

#[test]
fn outer4_carries_both_families() {
    let Some(verdict) = played(include_str!("../labs/outer4.toml")) else { return };
    assert_eq!(verdict.octets, 6_000_000);
}

#[test]
fn nat44_hides_the_mobile_node_and_nothing_breaks() {
    let Some(verdict) = played(include_str!("../labs/nat44.toml")) else { return };
    assert_eq!(verdict.octets, 5_000_000);
}

#[test]
fn rebind_a_nat_forgets_its_mapping_while_a_stream_runs() {
    let Some(verdict) = played(include_str!("../labs/rebind.toml")) else { return };
    assert_eq!(verdict.octets, 8_000_000);
    assert!(count(&verdict, "ha", "registrations") > 1, "{verdict}");
}

#[test]
fn neighbours_get_nothing_but_their_own() {
    let Some(verdict) = played(include_str!("../labs/neighbours.toml")) else { return };
    assert_eq!(verdict.octets, 6_000_000);
    assert_eq!(verdict.to_neighbours, [5, 5], "the replies to their own five echo requests");
    assert_eq!(count(&verdict, "ha", "associations"), 3);
}

#[test]
fn across_families_a_stream_survives_moves_between_ipv6_and_ipv4() {
    let Some(verdict) = played(include_str!("../labs/families.toml")) else { return };
    assert_eq!((verdict.octets, verdict.moves), (20_000_000, 2));
}

#[test]
fn everything_goes_through_the_tunnel_but_the_tunnel() {
    let Some(verdict) = played(include_str!("../labs/everything.toml")) else { return };
    assert_eq!((verdict.octets, verdict.moves), (12_000_000, 2));
}

#[test]
fn rekey_while_a_stream_runs() {
    let Some(verdict) = played(include_str!("../labs/rekey.toml")) else { return };
    assert_eq!(verdict.octets, 9_000_000);
    let (given, taken) = (count(&verdict, "mn", "bootstraps"), count(&verdict, "ha", "associations"));
    assert!(given >= 2 && given <= taken, "{given} {taken}");
}

#[test]
fn narrow_paths_are_no_black_holes() {
    let Some(verdict) = played(include_str!("../labs/narrow.toml")) else { return };
    assert_eq!(verdict.octets, 6_000_000);
}

#[test]
fn two_mtus_are_told_apart_by_who_sends_to_both() {
    let Some(verdict) = played(include_str!("../labs/two_mtus.toml")) else { return };
    assert_eq!(verdict.octets, 10_000_000);
    assert!(count(&verdict, "ha", "too_big") >= 2, "{verdict}");
}

#[test]
fn loss_delay_and_reordering_cost_time_only() {
    let Some(verdict) = played(include_str!("../labs/loss.toml")) else { return };
    assert_eq!(verdict.octets, 1_000_000);
}
