//! What conversations tell, passed on. An SA that one of them hands out opens packets from there on.

use crate::association::{Association, Lesson};
use crate::conversation;
use crate::dissector::Dissector;
use crate::engine::{Counts, Event, Tell};
use crate::finding::Finding;
use crate::ledger::{Books, Moment};
use crate::line::Since;
use crate::note::{Note, Notice};

pub(crate) struct Learner<'a> {
    pub(crate) dissector: &'a mut Dissector,
    pub(crate) counts: &'a mut Counts,
    pub(crate) ports: &'a mut Vec<u16>,
    pub(crate) books: &'a mut Books,
    pub(crate) frame: u64,
    pub(crate) at: Option<Since>,
}

impl Learner<'_> {
    fn count(&mut self, finding: &Finding) {
        self.counts.finding(&finding.fault);
    }

    pub(crate) fn talked(&mut self, event: conversation::Event<'_>, tell: Tell<'_>) {
        match event {
            conversation::Event::Message(message) => {
                message.findings.iter().for_each(|finding| self.count(finding));
                self.counts.not_observable += message.unseen.len() as u64;
                if let (true, Some(mn_id)) = (message.is_first(), &message.mn_id) {
                    self.dissector.contacted(mn_id);
                }
                self.books.message(&message);
                tell(Event::Message(message));
            }
            conversation::Event::Finding(finding) => {
                self.count(&finding);
                tell(Event::Finding(finding));
            }
            conversation::Event::Unseen(remark) => {
                self.counts.not_observable += 1;
                tell(Event::Unseen(remark));
            }
            conversation::Event::Granted(granted) => self.granted(*granted, tell),
            conversation::Event::Closed { conversation, by } => self.books.closed(conversation, by),
        }
    }

    fn granted(&mut self, granted: conversation::Granted, tell: Tell<'_>) {
        if !self.ports.contains(&granted.port) {
            self.ports.push(granted.port);
        }
        let spi = granted.spi;
        let (lesson, gone) = self.dissector.learn(spi, Association::granted(granted));
        let spi = spi.get();
        let what = match lesson {
            Lesson::New | Lesson::Same => None,
            Lesson::Replaced => {
                self.books.close(spi, &gone);
                Some(Notice::Replaced { spi })
            }
            Lesson::GivenStays => Some(Notice::GivenStays { spi }),
        };
        if let Some(association) = self.dissector.associations.find(spi) {
            let moment = Moment { frame: self.frame, at: self.at };
            self.books.open(spi, association, moment);
        }
        if let Some(what) = what {
            tell(Event::Note(Note { frame: self.frame, what }));
        }
    }
}
