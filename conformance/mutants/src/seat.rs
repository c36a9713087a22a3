//! A place for any machine of a role, honest or not.

use proto::{Machine, Timestamp, ha, hac, mn};

/// A HAC as its owner sees it.
pub type HacMachine = Box<dyn Machine<Input = hac::Input, Output = hac::Output> + Send>;
/// An HA as its owner sees it.
pub type HaMachine = Box<dyn Machine<Input = ha::Input, Output = ha::Output> + Send>;
/// An MN as its owner sees it.
pub type MnMachine = Box<dyn Machine<Input = mn::Input, Output = mn::Output> + Send>;

/// Lets a boxed machine stand where a machine is wanted.
pub(crate) struct Seat<I, O>(pub(crate) Box<dyn Machine<Input = I, Output = O> + Send>);

impl<I, O> Machine for Seat<I, O> {
    type Input = I;
    type Output = O;

    fn handle(&mut self, now: Timestamp, input: I) {
        self.0.handle(now, input);
    }

    fn poll_output(&mut self) -> Option<O> {
        self.0.poll_output()
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.0.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.0.handle_timeout(now);
    }
}
