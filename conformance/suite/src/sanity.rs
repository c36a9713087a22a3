//! The sanity case: can we reach the target, and does an honest exchange work? First, last, and after trouble.

use wire::param::Name;

use crate::bench::{Bench, Setup, register};
use crate::case::Role;
use crate::diagnose;
use crate::finding::{Because, Clue, Finding};
use crate::link::Parts;
use crate::player::{Answer, MnPlayer, Reply, Signer};
use crate::report::{Trouble, Why};

pub use crypto::auth::Profile;

/// When sanity is asked; each time with random values of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When<'a> {
    /// Before everything else.
    First,
    /// When this case has hung or crashed the target.
    After(&'a str),
    /// Behind everything else.
    Last,
}

impl When<'_> {
    fn id(self) -> String {
        match self {
            Self::First => "sanity".to_owned(),
            Self::After(case) => format!("sanity after {case}"),
            Self::Last => "sanity at last".to_owned(),
        }
    }
}

/// How the profile of the target became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileBy {
    /// `--profile`.
    Pinned,
    /// The `auth` of its first response fits.
    Found,
    /// The `auth` of its first response fits neither profile.
    Assumed,
}

impl ProfileBy {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Found => "found",
            Self::Assumed => "assumed",
        }
    }
}

/// The name of a profile on the command line and in reports.
#[must_use]
pub const fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Rfc6618 => "rfc6618",
        Profile::Draft01 => "draft-01",
    }
}

/// Finds out which profile the HAC speaks, from the `auth` of its first response (design decision 9).
///
/// # Errors
/// What was met when there is no response Init to look at.
pub fn find_profile(setup: &Setup) -> Result<(Profile, ProfileBy), Trouble> {
    let lease = setup.identities.lease(0);
    let mut bench = Bench::new(setup, lease.identity, "profile");
    let mut mn = bench.mn().map_err(|finding| trouble("connect to the HAC", &finding))?;
    let reply = first_response(&mut mn)?;
    let fits = |profile| reply.is_signed_by(&Signer { profile, ..mn.hac_signer() });
    Ok([Profile::Rfc6618, Profile::Draft01]
        .into_iter()
        .find(|&profile| fits(profile))
        .map_or((Profile::Rfc6618, ProfileBy::Assumed), |profile| (profile, ProfileBy::Found)))
}

fn first_response(mn: &mut MnPlayer) -> Result<Reply, Trouble> {
    let expected = "a response to an honest MHAuth-Init";
    mn.send(&mn.init()).map_err(|finding| trouble("send MHAuth-Init", &finding))?;
    let answer = mn.init_answer();
    let observed = answer.describe();
    match answer {
        Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => Ok(reply),
        Answer::Reply(reply) => {
            let mut trouble = Trouble { step: format!("get {expected}"), met: observed, clues: Vec::new() };
            if reply.raw(Name::StatusCode) == Some(b"401") {
                trouble.clues.push(Clue {
                    says: format!("the HAC does not know {} ", mn.identity.mn_id),
                    reading: None,
                    fix: "load the identities file into the HAC (`mip6-conform provision` makes one)"
                        .to_owned(),
                });
            }
            Err(trouble)
        }
        Answer::Closed(..) | Answer::Silence(_) => {
            Err(Trouble { step: format!("get {expected}"), met: observed, clues: Vec::new() })
        }
    }
}

/// An honest exchange with the HAC ends in 200 with SA data; with the HA, in an accepted Binding Update.
///
/// # Errors
/// What was met instead.
pub fn check(setup: &Setup, roles: &[Role], when: When<'_>) -> Result<(), Trouble> {
    let lease = setup.identities.lease(0);
    let mut bench = Bench::new(setup, lease.identity, &when.id());
    let has_hac = setup.target.as_deref().is_some_and(|target| target.parts() == Parts::HacAndHa);
    if has_hac && (roles.contains(&Role::Hac) || roles.contains(&Role::Ha)) {
        hac(&mut bench)?;
    }
    if roles.contains(&Role::Ha) {
        let mut tunnel =
            bench.signaling_tunnel().map_err(|finding| trouble("get an SA for the HA", &finding))?;
        register(&mut tunnel).map_err(|finding| {
            let mut trouble = trouble("register with the HA", &finding);
            trouble.clues.append(&mut tunnel.clues);
            trouble
        })?;
    }
    if roles.contains(&Role::Mn) {
        crate::visit::honest(&mut bench)
            .map_err(|finding| trouble("see the MN bootstrap and register", &finding))?;
    }
    Ok(())
}

fn hac(bench: &mut Bench<'_>) -> Result<(), Trouble> {
    let mut mn = bench.mn().map_err(|finding| trouble("connect to the HAC", &finding))?;
    let init = first_response(&mut mn)?;
    mn.send(&mn.done()).map_err(|finding| trouble("send MHAuth-Done", &finding))?;
    let answer = mn.answer();
    if matches!(&answer, Answer::Reply(reply) if reply.grants()) {
        return Ok(());
    }
    let clues = diagnose::auth(&init, &mn.hac_signer());
    Err(Trouble { step: "get SA data for an honest MHAuth-Done".to_owned(), met: answer.describe(), clues })
}

/// A step that did not work, with what was met.
pub(crate) fn trouble(step: &str, finding: &Finding) -> Trouble {
    if let Finding::Inconclusive(Because::Prerequisite(met)) = finding {
        return Trouble { step: step.to_owned(), met: met.clone(), clues: Vec::new() };
    }
    let why = Why::from(finding);
    Trouble { step: step.to_owned(), met: why.observed, clues: why.clues }
}
