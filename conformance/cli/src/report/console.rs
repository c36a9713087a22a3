//! The console: a line before the run, a bar during it where somebody looks on, and the whole report after it.

use anstyle::Style;
use indicatif::{ProgressBar, ProgressStyle};
use suite::report::{CaseReport, Report};
use suite::runner::{Observer, Readings};

use super::page::{BOLD, Page, counted};
use super::repro::Repro;
use super::{draft, failures, summary, trouble};
use crate::output::Channel;

/// How much to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    /// The first line, a line for each red case, and the summary.
    Quiet,
    /// Everything that is not a plain pass.
    Normal,
    /// Every case, and the slowest.
    Verbose,
}

/// A run on the console.
pub(crate) struct Console {
    talk: Talk,
    channel: Channel,
    repro: Repro,
    bar: ProgressBar,
}

impl Console {
    pub(crate) fn new(talk: Talk, channel: Channel, repro: Repro) -> Self {
        let bar = if talk == Talk::Quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
        Self {
            talk,
            channel,
            repro,
            bar: bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())),
        }
    }

    /// The first line, when the profile is known.
    pub(crate) fn begin(&self, report: &Report, how_found: &str) {
        let mut page = Page::new();
        head(&mut page, report, how_found);
        self.channel.print(&page.into_text());
        self.bar.set_length(report.planned as u64);
    }

    /// Everything after the run.
    pub(crate) fn end(&self, report: &Report) {
        self.bar.finish_and_clear();
        let mut page = Page::new();
        tell(&mut page, report, &self.repro, self.talk);
        self.channel.print(&page.into_text());
    }
}

impl Observer for Console {
    fn ended(&self, report: &CaseReport) {
        self.bar.set_message(report.id.clone());
        self.bar.inc(1);
    }
}

fn head(page: &mut Page, report: &Report, how_found: &str) {
    let Report { target, profile, readings, seed, planned, .. } = report;
    let cases = counted(*planned, "case");
    let usual = readings == Readings::AsDecided.as_str();
    let readings = if usual { String::new() } else { format!(", readings {readings}") };
    page.line(&[
        (BOLD, target),
        (Style::new(), &format!("  profile {profile} ({how_found}){readings}, {cases}, seed {seed}")),
    ]);
}

fn tell(page: &mut Page, report: &Report, repro: &Repro, talk: Talk) {
    if let Some(trouble) = &report.trouble {
        trouble::tell(page, trouble);
    } else if talk != Talk::Quiet {
        summary::tell_sections(page, report);
    }
    failures::tell(page, report, repro, talk);
    if talk == Talk::Verbose {
        summary::tell_slowest(page, report);
    }
    if talk != Talk::Quiet && report.trouble.is_none() {
        draft::tell(page, report);
    }
    summary::tell(page, report);
}

#[cfg(test)]
mod tests {
    use super::super::made_up;
    use super::*;

    fn told(report: &Report, talk: Talk) -> String {
        let mut page = Page::of_width(80);
        head(&mut page, report, &report.profile_by);
        let repro = Repro::Command("mip6-conform --target 192.0.2.1:4433".to_owned());
        tell(&mut page, report, &repro, talk);
        anstream::adapter::strip_str(&page.into_text()).to_string()
    }

    #[test]
    fn all_that_is_not_a_plain_pass() {
        insta::assert_snapshot!(told(&made_up::judged(), Talk::Normal));
    }

    #[test]
    fn quiet_is_a_line_for_what_is_red() {
        insta::assert_snapshot!(told(&made_up::judged(), Talk::Quiet));
    }

    #[test]
    fn trouble_comes_first() {
        insta::assert_snapshot!(told(&made_up::not_judged(), Talk::Normal));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_but_the_one_to_copy() {
        for talk in [Talk::Quiet, Talk::Normal, Talk::Verbose] {
            let text = told(&made_up::judged(), talk);
            let wide = text.lines().find(|line| line.chars().count() > 80 && !line.contains("again"));
            assert_eq!(wide, None);
        }
    }

    #[test]
    fn no_control_character_gets_through() {
        let text = told(&made_up::judged(), Talk::Verbose);
        assert_eq!(text.chars().find(|&c| c.is_control() && c != '\n'), None);
    }
}
