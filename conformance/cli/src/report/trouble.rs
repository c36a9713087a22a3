//! Why the target could not be judged, told before everything else: which step, what was met, what to do.

use anstyle::Style;
use suite::report::Trouble;

use super::page::{BAD, Page};

/// What helps, by the step that did not work and a word in what was met; the first row that fits is told.
const ADVICE: &[(&str, &str, &str)] = &[
    ("connect", "has no address", "look at the host in --target"),
    ("connect", "refused", "start the HAC, or look at host and port in --target"),
    ("connect", "nothing answers", "look at host and port in --target, and at packet filters on the way"),
    ("connect", "not valid for", "name the HAC as its certificate does: --server-name NAME"),
    ("connect", "UnknownIssuer", "give the authority that issued the HAC's certificate: --ca FILE"),
    ("connect", "xpired", "renew the HAC's certificate, or look at the clocks"),
    ("connect", "no handshake in time", "what listens there speaks no TLS, or is slower than --timeout"),
    ("connect", "no TLS session", "the HAC must speak TLS 1.2 or 1.3 from the first octet on (see its log)"),
    (
        "connect",
        "channel binding",
        "the signature algorithm of the certificate must name a hash (RFC 5929 4.1)",
    ),
    ("MHAuth-Init", "in time", "see the HAC's log; --timeout SECONDS gives it more time"),
    ("MHAuth-Init", "", "see the HAC's log: it has to answer mn-id and auth-method with a signed response"),
    ("MHAuth-Done", "", "see the HAC's log: keys of the identities file, channel binding, `explain AU-02`"),
    ("SA for the HA", "", "see the HAC's log: it has to hand out SA data and the address of an HA"),
    ("register with", "", "see the HA's log: it must know the SA at once; --ha ADDR:PORT says where it is"),
    ("MN", "No such file", "look at the program in --exec"),
    ("MN", "closed", "see the MN's log; one that speaks the draft needs --profile draft-01"),
    ("MN", "", "start the MN by hand with the words of --exec; --timeout SECONDS gives it more time"),
];

/// Puts it on the page.
pub(crate) fn tell(page: &mut Page, trouble: &Trouble) {
    page.blank();
    page.line(&[(BAD, "The target cannot be judged."), (Style::new(), " This did not work:")]);
    page.term(2, "step", &trouble.step);
    page.term(2, "met", &trouble.met);
    for clue in &trouble.clues {
        super::failures::tell_clue(page, 2, clue);
    }
    if trouble.clues.is_empty() {
        let fits = |row: &&(&str, &str, &str)| trouble.step.contains(row.0) && trouble.met.contains(row.1);
        if let Some((_, _, advice)) = ADVICE.iter().find(fits) {
            page.term(2, "try", advice);
        }
    }
}
