//! `mip6-conform probe`: what a HAC can do, with what showed it, and what it lacks though it must have it.

use anstyle::Style;
use suite::probe::{Capability, Probe, There, Topic, probe};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::ProbeArgs;
use crate::folder::PrivateFolder;
use crate::output::{Channel, print};
use crate::report::page::{BAD, BOLD, DIM, DOUBT, GOOD, Page};
use crate::report::trouble;
use crate::setup::setup;
use crate::usage::UsageError;

pub(crate) fn command(args: &ProbeArgs) -> Ended {
    if args.subject.target.is_none() {
        return Err(UsageError::Needs { with: "probe", needs: "--target HOST:PORT" });
    }
    let visits = PrivateFolder::new()?;
    let setup = setup(&args.subject, &args.conduct, &visits)?;
    let probe = match probe(setup, args.subject.profile) {
        Ok(probe) => probe,
        Err(met) => {
            let mut page = Page::new();
            trouble::tell(&mut page, &met);
            Channel::Err.print(&page.into_text());
            return Ok(Exit::Unreachable);
        }
    };
    if args.json {
        print(&(serde_json::to_string_pretty(&probe).map_err(UsageError::own)? + "\n"));
    } else {
        print(&table(&probe));
    }
    let lacks_something = probe.missing().next().is_some();
    Ok(if lacks_something { Exit::Failed } else { Exit::Conformant })
}

fn table(probe: &Probe) -> String {
    let mut page = Page::new();
    let profile = format!("{} ({})", probe.profile, probe.profile_by);
    page.line(&[(BOLD, "Profile  "), (Style::new(), &profile)]);
    for topic in Topic::ALL {
        page.blank();
        page.line(&[(BOLD, topic.title())]);
        for capability in probe.capabilities.iter().filter(|capability| capability.topic == topic) {
            tell(&mut page, capability);
        }
    }
    page.blank();
    let missing: Vec<&Capability> = probe.missing().collect();
    for capability in &missing {
        let by = capability.mandatory_by.as_deref().unwrap_or_default();
        page.line(&[
            (BAD, "missing though mandatory: "),
            (BOLD, &capability.name),
            (DIM, &format!("  {by}")),
        ]);
    }
    if missing.is_empty() {
        page.line(&[(GOOD, "nothing mandatory is missing")]);
    }
    page.into_text()
}

fn tell(page: &mut Page, capability: &Capability) {
    let Capability { name, there, evidence, mandatory_by, .. } = capability;
    let style = match (there, mandatory_by) {
        (There::Yes, _) => GOOD,
        (There::No, Some(_)) => BAD,
        (There::No, None) => DIM,
        (There::Unknown, _) => DOUBT,
    };
    let must = if mandatory_by.is_some() { "  mandatory" } else { "" };
    page.line(&[(style, &format!("  {:<8}", there.as_str())), (Style::new(), name), (DIM, must)]);
    page.paragraph(10, evidence);
}
